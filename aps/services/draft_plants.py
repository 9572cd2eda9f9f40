"""A change on the board that makes an order line in another plant: what it would mean in both plans, and doing it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from aps import warm
from aps.services.elsewhere import Elsewhere, Wish, several
from aps.services.kept import StaleOffer, take_offer
from aps.services.wishes import locked_planning
from aps.warm import Stamp
from erp import services as erp
from masterdata.causes import Cause
from masterdata.errors import Refusal

MOST_KNOWN = 200
NEVER_PLANNED = Stamp(0, None, 0, None)


@dataclass(frozen=True)
class Moved:
    """A line that is made in another plant now; without `plan_no` the next plan there places its work."""

    line_id: int
    plant_id: int
    plan_no: int | None


_known: dict[tuple[int, tuple[int, ...]], tuple[Stamp, dt.datetime, list[Elsewhere | Refusal]]] = {}


def asked(wishes: Sequence[Wish], *, now: dt.datetime) -> dict[Wish, Elsewhere | Refusal]:
    """`several`, kept for as long as the other plant's live plan is, at most two minutes: a drag asks for the same
    draft many times a second. One query when all is known.
    """
    stamps = warm.stamps({plant_id for _, plant_id in wishes}) if wishes else {}
    found: dict[Wish, Elsewhere | Refusal] = {}
    for plant_id in dict.fromkeys(plant_id for _, plant_id in wishes):
        lines = tuple(dict.fromkeys(line_id for line_id, other in wishes if other == plant_id))
        stamp, known = stamps.get(plant_id, NEVER_PLANNED), _known.get((plant_id, lines))
        if known is None or known[0] != stamp or now - known[1] > warm.GOOD_FOR:
            answers = several(wishes=[(line_id, plant_id) for line_id in lines], now=now)
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            known = _known[(plant_id, lines)] = (stamp, now, answers)
        found |= {(line_id, plant_id): one for line_id, one in zip(lines, known[2], strict=True)}
    return found


@transaction.atomic
def hold(plant_ids: Collection[int]) -> None:
    """Lock the plants' planning and dates, the smaller id first, before `apply` and whatever else is published."""
    for plant_id in sorted(set(plant_ids)):
        locked_planning(plant_id)
        erp.hold_plan_dates(plant_id=plant_id)


@transaction.atomic
def apply(*, moves: Sequence[Elsewhere], origin: str, now: dt.datetime, reason: str = "") -> list[Moved]:
    """Make the lines in their other plants, and publish those plants' plans with the places that were kept.

    In the transaction of whoever publishes the first plant's plan afterwards, which the cancelled work leaves. Kept
    places are not taken when the other plant was planned since, or gets lines that were asked for apart: its planning,
    which the fact wants, places that work. Locks as `hold`, then as `erp.move_line`, whose refusals it raises: nothing
    is moved then.
    """
    hold({one.plant_id for one in moves} | {one.from_plant_id for one in moves})
    together: dict[uuid.UUID, list[Elsewhere]] = defaultdict(list)
    for one in moves:
        erp.move_line(line_id=one.line_id, plant_id=one.plant_id, now=now, reason=reason)
        if one.key is not None:
            together[one.key].append(one)
    plan_nos = {key: _place(key, lines, origin, now) for key, lines in together.items()}
    return [Moved(one.line_id, one.plant_id, plan_nos[one.key] if one.key is not None else None) for one in moves]


def _place(key: uuid.UUID, lines: Sequence[Elsewhere], origin: str, now: dt.datetime) -> int | None:
    """The number of the other plant's plan that has their work."""
    names = ", ".join(f"line {one.line_no} of {one.order_number}" for one in lines)
    text = f"{names[0].upper()}{names[1:]} {'is' if len(lines) == 1 else 'are'} made in {lines[0].plant_name}"
    try:
        plan = take_offer(
            key=key,
            order_id=lines[0].order_id,
            line_ids=[one.line_id for one in lines],
            now=now,
            origin=origin,
            cause=Cause("order", text),
        )
    except StaleOffer:
        return None
    return plan.number
