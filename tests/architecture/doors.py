"""Which modules of an app may be named by suite's flows, asks and deeds: an allow-list, read from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CALLERS = ("suite/flows", "suite/asks", "suite/deeds")
DOOR = {"services", "selectors", "facts"}
# masterdata is everybody's language: its rows as types, its refusals, causes and numbers, and the live line.
SHARED = {"models", "errors", "causes", "numbers", "live"}
DOORS = {"erp": DOOR, "crm": DOOR, "aps": DOOR, "mes": DOOR, "masterdata": DOOR | SHARED}
BY_NAME = {"import_module", "__import__", "import_string"}


def besides_the_doors(root: Path) -> list[str]:
    """Every import below `root` that gets at an app otherwise than through a door, as "path: what"."""
    found = []
    for folder in CALLERS:
        for path in sorted((root / folder).rglob("*.py")):
            wrong = [what for node in ast.walk(ast.parse(path.read_text())) for what in _wrong(node, root)]
            found += [f"{path.relative_to(root)}: {what}" for what in wrong]
    return found


def doors_used(root: Path, app: str) -> set[str]:
    """The modules of `app` that the callers name."""
    nodes = [
        node
        for folder in CALLERS
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    inside = {node.module.split(".")[1] for node in nodes if node.module and node.module.startswith(f"{app}.")}
    return inside | {name.name for node in nodes if node.module == app for name in node.names}


def _wrong(node: ast.AST, root: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for name in node.names:
            # Without "as" the whole app is in hand: aps.warm is then one dot away.
            if not _is_door(name.name, root) or (not name.asname and _app(name.name)):
                yield f"import {name.name}"
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for name in node.names:
            if not _is_door(f"{node.module}.{name.name}", root):
                yield f"from {node.module} import {name.name}"
    elif isinstance(node, ast.Call):
        yield from _by_name(node, root)


def _by_name(node: ast.Call, root: Path) -> Iterator[str]:
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    first = node.args[0] if node.args else None
    if called in BY_NAME and isinstance(first, ast.Constant) and not _is_door(str(first.value), root):
        yield f"{called}({first.value!r})"


def _app(dotted: str) -> bool:
    return dotted.split(".")[0] in DOORS


def _is_door(dotted: str, root: Path) -> bool:
    """Is it outside the apps, a door, or a name that a door hands out? What lies behind a door is a room again."""
    app, *inside = dotted.split(".")
    if app not in DOORS:
        return True
    if not inside or inside[0] not in DOORS[app]:
        return False
    return len(inside) == 1 or (len(inside) == 2 and inside[1] != "*" and not _is_module(root.joinpath(app, *inside)))


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()
