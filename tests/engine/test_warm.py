"""The process that compiles the engine at set-up does so: without it the first planner compiles for a minute."""

from __future__ import annotations

import os
import subprocess
import sys

from suite.stack import places


def test_the_module_run_by_the_set_up_goes_through_every_hot_loop() -> None:
    """As the supervisor runs it, in plain Python, a second long; a module that only defines would say nothing."""
    command = [sys.executable, "-m", "aps.engine.warm"]
    environment = {**os.environ, "THROUGHLINE_NO_NUMBA": "1"}
    done = subprocess.run(command, cwd=places.ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "Every hot loop of the engine is compiled\n"
