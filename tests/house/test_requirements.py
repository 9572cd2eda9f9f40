"""What is imported is what is locked: nothing works by chance because something else brought it along."""

import ast
import re
import sys
from importlib import metadata

from suite.stack import places

OURS = {"masterdata", "erp", "crm", "aps", "mes", "suite", "benchmarks", "tests"}
PRODUCT = ("masterdata", "erp", "crm", "aps", "mes", "suite")
HANDS = ("tests", "benchmarks")  # benchmarks work with the hands of the tests: their processes, their browser
# Come with a package that is named, as one with it.
COMES_WITH = {
    "kombu": "celery",
    "billiard": "celery",
    "psycopg-pool": "psycopg",
    "asgiref": "django",
    "pluggy": "pytest",
}


def imported(*folders: str) -> dict[str, str]:
    """Third-party modules, each with one file that imports it."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in (places.ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                found |= {name.split(".")[0]: str(path.relative_to(places.ROOT)) for name in names}
    return {name: where for name, where in found.items() if name not in OURS | sys.stdlib_module_names}


def required(*files: str) -> set[str]:
    """Names of the packages that requirement files name themselves."""
    lines = [line for file in files for line in (places.ROOT / file).read_text().splitlines()]
    return {normal(match[0]) for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def normal(name: str) -> str:
    """Package names as they are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(modules: dict[str, str], packages: set[str]) -> list[str]:
    """Modules whose package is not named."""
    providers = metadata.packages_distributions()
    return [
        f"{module} ({where})"
        for module, where in sorted(modules.items())
        if not {COMES_WITH.get(normal(name), normal(name)) for name in providers.get(module, [])} & packages
    ]


def test_everything_the_product_imports_is_required() -> None:
    assert missing(imported(*PRODUCT), required("requirements.in")) == []


def test_everything_that_tests_and_benchmarks_import_is_required() -> None:
    assert missing(imported(*HANDS), required("requirements.in", "requirements-dev.in")) == []


def test_a_package_that_nobody_named_is_found() -> None:
    assert missing({"sqlparse": "suite/example.py"}, required("requirements.in")) == ["sqlparse (suite/example.py)"]


def test_lock_files_name_no_address() -> None:
    """Whoever installs chooses the registry; funding links are not needed to install."""
    npm = [places.ROOT / folder / "package-lock.json" for folder in ("", "benchmarks/npm")]
    locks = [*places.ROOT.glob("*.lock"), *npm]
    assert len(locks) == 5
    assert [(path.name, line) for path in locks for line in path.read_text().splitlines() if "://" in line] == []
