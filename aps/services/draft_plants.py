"""A change on the board that makes an order line in another plant: what it would mean in both plans, and doing it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.db import transaction

from aps import warm
from aps.minutes import minute_of
from aps.models import PlannedOperation
from aps.replanting import Bar
from aps.rows import row_from
from aps.services.kept import StaleOffer, keep_offer, take_offer
from aps.services.offers import NoOffer, OfferOption, OfferVictim, offer
from aps.services.wishes import locked_planning
from aps.warm import Stamp
from erp import selectors as erp_now
from erp import services as erp
from erp.models import SalesOrderLine
from erp.selectors import Explosion
from masterdata import lateness
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import Material, Plant
from masterdata.shown import number
from masterdata.worktime import end_of_day

MINUTE = dt.timedelta(minutes=1)
MOST_KNOWN = 200
NEVER_PLANNED = Stamp(0, None, 0, None)
Wish: TypeAlias = tuple[int, int]
"""A line and the plant that is to make it."""


@dataclass(frozen=True)
class Elsewhere:
    """What making a line in another plant would mean, from the published plan of one and the live plan of the other.

    `operation_ids` leave the first plant's plan. `was_late_min` and `late_min` are the line's minutes after its due
    date, 0 in time; dates of delivery have the way from each plant in them, the first is empty while no plan has it.
    `victims` are lines that come later in the other plant: none while a gap is found for it. `setup_min` and `cost`
    are what the other plant takes more than the first, `there_setup_min` what it takes in all. `spare_min` are minutes
    from its delivery to its date, negative behind that; `bars` are its work in the other plant.
    """

    line_id: int
    line_no: int
    order_id: int
    order_number: str
    from_plant_id: int
    plant_id: int
    plant_name: str
    operation_ids: tuple[int, ...]
    was_late_min: int
    late_min: int
    was_deliver_at: dt.datetime | None
    deliver_at: dt.datetime
    victims: tuple[OfferVictim, ...]
    setup_min: int
    there_setup_min: int
    cost: Decimal
    currency: str
    cause: str
    spare_min: int
    bars: tuple[Bar, ...]
    key: uuid.UUID | None = None


@dataclass(frozen=True)
class Moved:
    """A line that is made in another plant now; without `plan_no` the next plan there places its work."""

    line_id: int
    plant_id: int
    plan_no: int | None


def elsewhere(*, line_id: int, plant_id: int, now: dt.datetime, keep: bool = False) -> Elsewhere:
    """Find the line's work a place in the other plant where nobody moves; where there is none, where nobody is late.

    Writes nothing, unless the places are to be kept for `apply`; call it in no transaction. Raises what
    `erp.check_line_move` refuses, NoRouting, NoOffer.
    """
    line, plant = erp.check_line_move(line_id=line_id, plant_id=plant_id)
    due_at = _due_at(line)
    explosion = erp_now.explode(
        plant_id=plant.pk, material_id=line.material_id, quantity=line.quantity, now=now, line_no=line.line_no
    )
    answer = offer(
        plant_id=plant.pk,
        material_id=line.material_id,
        quantity=line.quantity,
        now=now,
        wanted_on=(due_at - MINUTE).astimezone(ZoneInfo(plant.time_zone)).date(),
        explosion=explosion,
    )
    option = _calmest(answer.options, plant)
    own = PlannedOperation.objects.filter(operation__work_order__sales_order_line=line, plant=line.plant_id)
    rows = list(own.order_by("operation_id").values_list("operation_id", "ends_at", "setup_min"))
    ends_at = max((one[1] for one in rows), default=None)
    was_at = ends_at + MINUTE * line.plant.transport_min if ends_at is not None else None
    costs = [
        erp_now.price_of(plant_id=one, material_id=line.material_id, quantity=line.quantity, at=now).total
        for one in (line.plant_id, plant.pk)
    ]
    return Elsewhere(
        line_id=line.pk,
        line_no=line.line_no,
        order_id=line.order_id,
        order_number=line.order.number,
        from_plant_id=line.plant_id,
        plant_id=plant.pk,
        plant_name=plant.name,
        operation_ids=tuple(one[0] for one in rows),
        was_late_min=_late_min(due_at, was_at),
        late_min=_late_min(due_at, option.deliver_at),
        was_deliver_at=was_at,
        deliver_at=option.deliver_at,
        victims=option.victims,
        setup_min=option.setup_min - sum(one[2] for one in rows),
        there_setup_min=option.setup_min,
        cost=costs[1] - costs[0],
        currency=plant.company.currency.code,
        cause=option.cause,
        spare_min=(due_at - option.deliver_at) // MINUTE,
        bars=_bars(option, explosion),
        key=keep_offer(answer=answer, option=option, now=now) if keep and option.placements else None,
    )


_known: dict[Wish, tuple[Stamp, dt.datetime, Elsewhere | Refusal]] = {}


def asked(wishes: Collection[Wish], *, now: dt.datetime) -> dict[Wish, Elsewhere | Refusal]:
    """`elsewhere` or its refusal for each (line, plant). Kept for as long as the other plant's live plan is, at most
    two minutes: a drag asks for the same draft many times a second. One query when all is known.
    """
    stamps = warm.stamps({plant_id for _, plant_id in wishes}) if wishes else {}
    found: dict[Wish, Elsewhere | Refusal] = {}
    for wish in wishes:
        stamp, (line_id, plant_id) = stamps.get(wish[1], NEVER_PLANNED), wish
        known = _known.get(wish)
        if known is None or known[0] != stamp or now - known[1] > warm.GOOD_FOR:
            try:
                answer: Elsewhere | Refusal = elsewhere(line_id=line_id, plant_id=plant_id, now=now)
            except Refusal as refusal:
                answer = refusal
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            known = _known[wish] = (stamp, now, answer)
        found[wish] = known[2]
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

    In the transaction of whoever publishes the first plant's plan afterwards, which the cancelled work leaves. A kept
    place is not taken when the other plant was planned since, or gets a second line: its planning, which the fact
    wants, places that work. Locks as `hold`, then as `erp.move_line`, whose refusals it raises: nothing is moved then.
    """
    hold({one.plant_id for one in moves} | {one.from_plant_id for one in moves})
    done = []
    for one in moves:
        erp.move_line(line_id=one.line_id, plant_id=one.plant_id, now=now, reason=reason)
        done.append(Moved(one.line_id, one.plant_id, _place(one, origin, now)))
    return done


def _place(one: Elsewhere, origin: str, now: dt.datetime) -> int | None:
    """The number of the other plant's plan that has its work."""
    if one.key is None:
        return None
    cause = Cause("order", f"Line {one.line_no} of {one.order_number} is made in {one.plant_name}")
    try:
        plan = take_offer(key=one.key, order_id=one.order_id, line_id=one.line_id, now=now, origin=origin, cause=cause)
    except StaleOffer:
        return None
    return plan.number


def _calmest(options: Sequence[OfferOption], plant: Plant) -> OfferOption:
    if not options:
        raise NoOffer(f"{plant.name} finds no place for it: look at its work centres and shifts")
    return options[0]


def _bars(option: OfferOption, explosion: Explosion) -> tuple[Bar, ...]:
    """Where the option puts each step, with the words that the board has for it; one query."""
    makes = {one.path: one for one in explosion.work_orders}
    titles = dict(Material.objects.filter(pk__in={one.material_id for one in makes.values()}).values_list("pk", "name"))
    found = []
    for path, sequence, *rest in option.placements:
        row, make = row_from([0, *rest]), makes[str(path)]
        name = next(step.name for step in make.steps if step.sequence == sequence)
        start, length = minute_of(row.starts_at), (row.ends_at - row.starts_at) // MINUTE
        setup = (row.runs_at - row.starts_at) // MINUTE
        title, quantity = titles[make.material_id], number(make.quantity)
        found.append(Bar(row.machine_id, start, setup, length, name, title, quantity))
    return tuple(found)


def _due_at(line: SalesOrderLine) -> dt.datetime:
    """When the customer is to have it."""
    return line.promised_at or end_of_day(line.wanted_on, line.plant.time_zone)


def _late_min(due_at: dt.datetime, deliver_at: dt.datetime | None) -> int:
    if deliver_at is None or not lateness.is_late(due_at, deliver_at):
        return 0
    return -((due_at - deliver_at) // MINUTE)
