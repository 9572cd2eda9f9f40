"""The tablet's pure modules do what their tests say, under node's own test runner."""

from __future__ import annotations

import subprocess
from pathlib import Path

from suite.stack import places
from tests.board.test_scripts import node

HERE = Path(__file__).parent


def test_the_tablets_modules_do_what_their_tests_say() -> None:
    files = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    assert files
    done = subprocess.run([node(), "--test", *files], cwd=places.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
