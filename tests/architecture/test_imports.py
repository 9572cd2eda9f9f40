"""Imports keep the contracts of .importlinter, and each contract is shown a violation that it must catch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from suite.stack import places

PACKAGES = ("suite", "crm", "aps", "mes", "erp", "masterdata")

# contract, file that gets the line, line
VIOLATIONS = [
    ("Storeys", "erp/sales/services/__init__.py", "from crm import services as _v"),
    ("Storeys", "crm/selectors/__init__.py", "from mes import selectors as _v"),
    ("Packages of erp", "erp/ledger/models/journal.py", "from erp.stock import models as _v"),
    ("Packages of erp", "erp/supply/models/planned.py", "from erp.production import models as _v"),
    ("Inside an app", "mes/models/runs.py", "from mes import services as _v"),
    ("The planning engine", "aps/engine/problem.py", "import django.db as _v"),
    ("The planning engine", "aps/engine/problem.py", "from erp import selectors as _v"),
    ("The validator", "aps/engine/validate/judge.py", "from aps.engine import decode as _v"),
    ("Flows, asks and deeds", "suite/flows/breakdown.py", "from aps import models as _v"),
    ("No circles", "masterdata/numbers.py", "from masterdata import numbering as _v\nimport masterdata.numbers as _w"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree."""
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_imports_keep_the_contracts() -> None:
    answer = lint(places.ROOT)
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-2000:]


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_each_contract_catches_a_violation(contract: str, file: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(
            places.ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("static", "__pycache__", "templates"),
        )
    shutil.copy(places.ROOT / ".importlinter", tmp_path)
    target = tmp_path / file
    if contract == "No circles":
        (tmp_path / "masterdata" / "numbering.py").write_text("from masterdata import numbers as _n\n")
    target.write_text(f"{target.read_text()}\n{line}\n")
    answer = lint(tmp_path)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    broken = [row for row in answer.stdout.splitlines() if "BROKEN" in row]
    assert any(row.startswith(contract) for row in broken), answer.stdout
