"""Parts of the engine's benchmark that need a process of their own: memory, plain Python, CP-SAT on the whole.

`python -m benchmarks._engine_child TASK ARGUMENTS` prints one JSON object; ARGUMENTS are JSON.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from suite.stack import places, processes

MOST_BYTES = 12 << 30
"""What CP-SAT may take; its model of ten thousand operations would take more."""


class TookTooLongError(Exception):
    """The child was stopped; the message says after what."""


def ask(task: str, *, patience: float, plain: bool = False, **arguments: Any) -> dict[str, Any]:
    """Run a task in a process of its own; `plain` without numba. Raises TookTooLongError after `patience` seconds."""
    environment = dict(os.environ, PYTHONPATH=str(places.ROOT), **({"THROUGHLINE_NO_NUMBA": "1"} if plain else {}))
    command = [sys.executable, "-m", "benchmarks._engine_child", task, json.dumps(arguments)]
    try:
        done = subprocess.run(
            command,
            cwd=places.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience,
            preexec_fn=processes.die_with_parent(signal.SIGKILL),
        )
    except subprocess.TimeoutExpired:
        raise TookTooLongError(f"no answer within {patience:g} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{task}: exit code {done.returncode}: {last}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def memory(operations: int, seed: int, seconds: float) -> dict[str, Any]:
    """Peak resident megabytes of solving a factory with one worker, nothing left out."""
    from aps.engine.generate import generate
    from aps.engine.solve import solve

    found = solve(generate(operations, seed), seconds=seconds, seed=seed, clock=time.perf_counter)
    return {"mb": peak_mb(), "objective": found.objective, "moves": found.moves}


def warm() -> dict[str, Any]:
    """Compile what is not compiled yet, which takes memory of its own."""
    from aps.engine.warm import warm_up

    warm_up()
    return {"mb": peak_mb()}


def plain(operations: int, seed: int, times: int) -> dict[str, Any]:
    """Milliseconds of the first plan from arrays; compiled or not as the environment says."""
    from aps.engine.arrays import shop_of
    from aps.engine.compiled import PLAIN
    from aps.engine.construct import first_plan
    from aps.engine.generate import generate

    shop = shop_of(generate(operations, seed))
    took = []
    for _ in range(times):
        began = time.perf_counter()
        hash_ = shop.plan(first_plan(shop)).hash
        took.append(1000 * (time.perf_counter() - began))
    return {"ms": min(took), "plain": PLAIN, "hash": hash_}


def cp_whole(operations: int, seed: int, seconds: float, workers: int, hinted: bool) -> dict[str, Any]:
    """CP-SAT on a whole factory, with or without the hint of a plan: what it finds, in points of the decoded plan."""
    from benchmarks._engine_exact import solve_alone

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    return solve_alone(operations, seed, seconds, workers, hinted=hinted) | {"mb": peak_mb()}


def peak_mb() -> float:
    """The most that this process had in memory, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"memory": memory, "warm": warm, "plain": plain, "cp_whole": cp_whole}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))))
