"""`manage.py bench sales`: every part answers with figures, what --quick leaves out is named. Never how fast it is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from suite.stack import places


@pytest.mark.long
def test_the_quick_benchmark_answers_with_figures_and_names_the_rest() -> None:
    command = [sys.executable, "manage.py", "bench", "sales", "--quick", "--json"]
    done = subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout)
    told = " ".join(figures)
    for part in ("live quote, one line", "live quote, 8 lines", "accept and schedule", "undo"):
        assert part in told
    assert len(figures["left_out"]) == 2
    assert all(one["met"] is None for name, one in figures.items() if name != "left_out")
