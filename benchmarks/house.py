"""The house's figures: from clone to first page, tests, real data imported and planned, and the loop over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import _adventureworks, _demo, _starting, _threelevel
from suite.stack import places, warmth

DATA = places.ROOT.parent / "shared" / "data"
FULL_ORDERS, QUICK_ORDERS = 60, 20
STARTING = "clean clone to first page, second start with the demo, test"
REAL_DATA = "AdventureWorks import, 100 orders confirmed and planned"
THREE_LEVELS = "threelevel confirm over HTTP"
DEMO = "demo load, offer, report, machine down to new dispatch"
TOO_LONG = "too long for --quick"


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Parts whose data does not lie beside the project are left out and say so."""
    figures: dict[str, Any] = {}
    left_out: list[str] = []
    _compile(say)
    if (DATA / "threelevel").is_dir():
        figures |= _threelevel.run(DATA / "threelevel", say, orders=QUICK_ORDERS if quick else FULL_ORDERS)
    else:
        left_out.append(f"{THREE_LEVELS}: {DATA / 'threelevel'} is not there")
    if quick:
        figures |= _starting.second_start_without_demo(say)
        left_out += [f"{part}: {TOO_LONG}" for part in (STARTING, REAL_DATA, DEMO)]
        return figures | {"left_out": left_out}
    figures |= _demo.run(say)
    if (DATA / "adventureworks").is_dir():
        figures |= _adventureworks.run(DATA / "adventureworks", say)
    else:
        left_out.append(f"{REAL_DATA}: {DATA / 'adventureworks'} is not there")
    figures |= _starting.of_a_clone(say)
    return figures | {"left_out": left_out}


def _compile(say: Callable[[str], None]) -> None:
    """The engine's code is compiled once per version; that is part of the first start, not of planning."""
    say("compiling the engine where it is not yet ...")
    warmth.make_sure()
