"""`manage.py bench board --only`: one part of it alone. Never how fast it is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from suite.stack import places


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "bench", "board", "--json", *arguments]
    return subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_one_part_runs_alone_and_an_unknown_one_is_refused() -> None:
    done = _bench("--only", "data", "--quick")
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout)
    assert {name.partition(":")[0] for name in figures} == {"board"}
    refused = _bench("--only", "datum")
    assert refused.returncode != 0
    assert "There are: canvas, data, effect, page." in refused.stderr
