"""`aps generate`: a furniture factory as a file."""

from __future__ import annotations

import argparse

from aps.engine.formats import problem_json
from aps.engine.generate import generate
from aps.management.engine import files
from aps.management.engine.watching import Stop


def run(chosen: argparse.Namespace, _stop: Stop) -> int:
    """Always 0."""
    files.check_writable(chosen.out)
    problem = generate(chosen.operations, chosen.seed, tightness=chosen.tightness)
    text = problem_json.written(problem)
    if chosen.out is None:
        print(text, end="")
        return 0
    files.write(chosen.out, text)
    wanted = sum(order.due_min is not None for order in problem.orders)
    sizes = f"{len(problem.operations)} operations, {wanted} customer orders, {len(problem.machines)} machines"
    print(f"{chosen.out}: {sizes}")
    return 0
