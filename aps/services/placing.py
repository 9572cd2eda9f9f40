"""A confirmed order that no plan has yet: the place that its work finds between what is planned; nobody moves."""

from __future__ import annotations

import datetime as dt
from functools import partial

from aps import problem, warm
from aps.problem import CannotPlan
from aps.rows import plain as plain_row
from aps.services import solving
from aps.services.offers import NoOffer, OfferOption, plain_moves
from aps.services.together import TogetherAnswer
from aps.warm import Live
from erp.selectors import OpenOperation


def offer_place(*, plant_id: int, order_id: int, now: dt.datetime) -> TogetherAnswer:
    """Where the order's work would stand, from the live plan; writes nothing. `whole` is for keeping. Raises NoOffer.

    The live plan has a place for all that is open: what no plan has was put into its gaps, by its due date.
    """
    try:
        live = warm.live(plant_id, now)
        if not _own(live, order_id):  # it was confirmed since the plan was read
            warm.renewed(plant_id, warm.stamp_of(plant_id), now, at_least=True)
            live = warm.live(plant_id, now)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    own = _own(live, order_id)
    known = {row.operation_id: row for row in problem.rows_of(live.snapshot, live.plan)}
    rows = [known[work.operation_id] for work in own if work.operation_id in known]
    if not own or len(rows) < len(own):
        raise NoOffer("Planning found no place for all of its work: look at its work orders")
    whole = OfferOption(
        key="A",
        ends_at=max(row.ends_at for row in rows),
        deliver_at=max(row.ends_at for row in rows) + _way(live),
        cause="",
        victims=(),
        moved_count=0,
        setup_min=sum(row.setup_min for row in rows),
        machine_min={},
        placements=tuple((work.path, work.sequence, *plain_row(row)[1:]) for work, row in zip(own, rows, strict=True)),
        moves=partial(plain_moves, live, live.plan),
        figures=solving.figures(live.snapshot, live.plan),
    )
    return TogetherAnswer(plant_id, live.version, (), whole)


def _own(live: Live, order_id: int) -> list[OpenOperation]:
    return [work for work in live.snapshot.inputs.work if work.order_id == order_id]


def _way(live: Live) -> dt.timedelta:
    return dt.timedelta(minutes=live.snapshot.inputs.plant.transport_min)
