"""Material: planning whole and by one order, whole order books, posting by many at once, confirming over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import _material_confirm, _material_orders, _material_planning, _material_posting
from suite.stack import places

DATA = places.ROOT.parent / "shared" / "data"
TOO_LONG = "confirming over HTTP, 1,000 orders made to order and AdventureWorks whole: too long for --quick"


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Parts whose data does not lie beside the project are left out and say so."""
    figures: dict[str, Any] = {}
    left_out: list[str] = []
    if not (DATA / "threelevel").is_dir():
        return {"left_out": [f"everything on threelevel: {DATA / 'threelevel'} is not there"]}
    figures |= _material_planning.run(DATA / "threelevel", say, times=3 if quick else 7)
    figures |= _material_posting.run(DATA / "threelevel", say, documents=15 if quick else 100)
    if quick:
        return figures | {"left_out": [TOO_LONG]}
    figures |= _material_confirm.run(DATA / "threelevel", say, orders=100)
    figures |= _material_orders.made_to_order(DATA / "threelevel", say)
    if (DATA / "adventureworks").is_dir():
        figures |= _material_orders.adventureworks(DATA / "adventureworks", say)
    else:
        left_out.append(f"AdventureWorks: {DATA / 'adventureworks'} is not there")
    return figures | {"left_out": left_out}
