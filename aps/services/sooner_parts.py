"""Levers for an order that is planned already: the part of it that can be there on the day, and the rest behind."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation
from aps.minutes import minute_of, time_of
from aps.services.offers import OfferOption
from aps.services.parts import PartsOffer
from aps.services.sooner import NothingToHurry, OwnWork, calm_of, own_work, told
from masterdata.worktime import end_of_day


@dataclass(frozen=True)
class LinesOffer:
    """`option` has the lines that can be there on the day, `line_ids`; the others come as planned, by `rest_at`."""

    option: OfferOption
    line_ids: tuple[int, ...]
    rest_at: dt.datetime


def sooner_by_lines(
    own: OwnWork,
    *,
    order_id: int,
    wanted_on: dt.date,
    now: dt.datetime,
    is_time_up: Callable[[], bool] = lambda: False,
) -> LinesOffer | None:
    """The most lines that are there on the wanted day when their work alone comes forward; moves nobody else, and the
    other lines stay. Nothing when none of those that are late can be, or all of them."""
    due = minute_of(end_of_day(wanted_on, own.live.snapshot.inputs.plant.time_zone))
    ends = _ends_of_lines(own)
    late = sorted((key for key, end in ends.items() if end > due), key=lambda key: (ends[key], key))
    first = tuple(key for key, end in ends.items() if end <= due)
    best: tuple[OwnWork, Offer] | None = None
    chosen: tuple[int, ...] = ()
    for count in range(1, len(late) if first else len(ends)):
        found = None if is_time_up() else _there(own, order_id, now, late[:count], due)
        if found is None:
            break
        best, chosen = found, tuple(late[:count])
    rest = [ends[key] for key in late if key not in chosen]
    if best is None or not rest:
        return None
    return LinesOffer(told(*best), tuple(sorted((*first, *chosen))), time_of(max(rest)))


def _there(
    own: OwnWork, order_id: int, now: dt.datetime, line_ids: Sequence[int], due: int
) -> tuple[OwnWork, Offer] | None:
    try:
        lines = own_work(plant_id=own.live.snapshot.inputs.plant.pk, order_id=order_id, now=now, line_ids=line_ids)
    except NothingToHurry:
        return None
    found = calm_of(lines, lines.operations)
    return (lines, found) if found is not None and lines.ends_at(found.end_min) <= due else None


def _ends_of_lines(own: OwnWork) -> dict[int, int]:
    """When each line that is made is at the customer as planned now."""
    plan, transport = own.live.plan.placements, own.live.snapshot.inputs.plant.transport_min
    ends: dict[int, int] = {}
    for one in own.work:
        if one.line_id is not None and one.operation_id in plan:
            ends[one.line_id] = max(ends.get(one.line_id, 0), plan[one.operation_id].end + transport)
    return ends


def sooner_in_parts(
    own: OwnWork,
    *,
    quantity: Decimal,
    step: Decimal,
    wanted_on: dt.date,
    is_time_up: Callable[[], bool] = lambda: False,
) -> PartsOffer | None:
    """The largest part of the only line's `quantity` that is there on the wanted day when its work is split; writes
    nothing, moves nobody else. Nothing when all of it or none of it can be, or when the rest finds no place.

    The part's operations are shorter in proportion and wait for material as the whole does.
    """
    due = minute_of(end_of_day(wanted_on, own.live.snapshot.inputs.plant.time_zone))
    low, high = 0, int((quantity / step).to_integral_value())
    steps, best = high, None
    while high - low > 1 and not is_time_up():
        middle = (low + high) // 2
        found = calm_of(own, _shared(own.operations, Fraction(middle, steps)))
        fits = found is not None and own.ends_at(found.end_min) <= due
        low, high, best = (middle, high, found) if fits else (low, middle, best)
    rest_at = _rest_at(own, best, Fraction(low, steps)) if best is not None else None
    if best is None or rest_at is None:
        return None
    return PartsOffer(told(own, best), (low * step,), rest_at)


def _shared(operations: Sequence[Operation], share: Fraction) -> list[Operation]:
    """The same work for a part of the pieces; setups stay whole."""
    return [
        replace(one, options=[replace(option, run_min=math.ceil(option.run_min * share)) for option in one.options])
        for one in operations
    ]


def _rest_at(own: OwnWork, first: Offer, share: Fraction) -> dt.datetime | None:
    """When the other pieces are there, put into the plan behind the part."""
    known = {one.id for one in own.operations}
    order = replace(own.order, id=f"{own.order.id}, rest")
    rest = [
        replace(
            one,
            id=_other(one.id),
            order=order.id,
            predecessors=[(_other(key) if key in known else key, lag) for key, lag in one.predecessors],
        )
        for one in _shared(own.operations, 1 - share)
    ]
    part = own.arrays.shop.problem.joined([own.order], _shared(own.operations, share))
    try:
        found = LivePlan(part, first.applied(own.kept)).offers(order, rest, keys=("A",))
    except HorizonTooShortError:
        return None
    return time_of(own.ends_at(found[0].end_min))


def _other(key: Id) -> str:
    return f"{key} rest"
