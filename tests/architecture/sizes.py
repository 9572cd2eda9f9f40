"""Measures modules, functions, templates and scripts against the sizes of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("suite", "crm", "aps", "mes", "erp", "masterdata", "tests", "benchmarks")
MODULE_LINES = 400
FUNCTION_STATEMENTS = 40
TEMPLATE_LINES = 120
SCRIPT_LINES = 250
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "part2"}


def too_large(root: Path) -> list[str]:
    """Every file or function below `root` that has outgrown its size, as "path: what"."""
    return [
        *_modules(root),
        *_functions(root),
        *_long_files(root, "*.html", TEMPLATE_LINES),
        *_long_files(root, "*.js", SCRIPT_LINES),
    ]


def vaguely_named(root: Path) -> list[str]:
    """Modules whose name says nothing of their subject."""
    return [str(path.relative_to(root)) for path in _python_files(root) if path.stem in VAGUE_NAMES]


def _python_files(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _modules(root: Path) -> Iterator[str]:
    for path in _python_files(root):
        lines = len(path.read_text().splitlines())
        if lines > MODULE_LINES:
            yield f"{path.relative_to(root)}: {lines} lines, at most {MODULE_LINES}"


def _functions(root: Path) -> Iterator[str]:
    for path in _python_files(root):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = sum(isinstance(child, ast.stmt) for child in ast.walk(node)) - 1
                if count > FUNCTION_STATEMENTS:
                    yield f"{path.relative_to(root)}: {node.name} has {count} statements, at most {FUNCTION_STATEMENTS}"


def _long_files(root: Path, pattern: str, limit: int) -> Iterator[str]:
    for folder in (*PACKAGES, "templates"):
        for path in sorted((root / folder).rglob(pattern)):
            lines = len(path.read_text().splitlines())
            if lines > limit:
                yield f"{path.relative_to(root)}: {lines} lines, at most {limit}"
