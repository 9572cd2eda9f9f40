"""What making order lines in another plant would mean: places found in its live plan, one line after the other."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from aps.minutes import minute_of
from aps.models import PlannedOperation
from aps.replanting import Bar
from aps.rows import row_from
from aps.services.kept import keep_offer, keep_together
from aps.services.offers import NoOffer, OfferOption, OfferVictim, Plain, offer
from aps.services.together import WantedLine, offer_together
from erp import selectors as erp_now
from erp import services as erp
from erp.models import SalesOrderLine
from erp.selectors import Explosion
from masterdata import lateness
from masterdata.errors import Refusal
from masterdata.models import Material, Plant
from masterdata.shown import number
from masterdata.worktime import end_of_day

MINUTE = dt.timedelta(minutes=1)
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
class _Wanted:
    """A line that may go, and what has to be made for it in the other plant."""

    line: SalesOrderLine
    plant: Plant
    due_at: dt.datetime
    explosion: Explosion

    @property
    def wanted_on(self) -> dt.date:
        """The last day on which it is not late."""
        return (self.due_at - MINUTE).astimezone(ZoneInfo(self.plant.time_zone)).date()

    @property
    def name(self) -> str:
        """As planning names it."""
        return f"{self.line.order.number}/{self.line.line_no}"


def elsewhere(*, line_id: int, plant_id: int, now: dt.datetime, keep: bool = False) -> Elsewhere:
    """Find the line's work a place in the other plant where nobody moves; where there is none, where nobody is late.

    Writes nothing, unless the places are to be kept for `draft_plants.apply`; call it in no transaction. Raises what
    `erp.check_line_move` refuses, NoRouting, NoOffer.
    """
    return _alone(_wanted(line_id, plant_id, now), now, keep)


def several(*, wishes: Sequence[Wish], now: dt.datetime, keep: bool = False) -> list[Elsewhere | Refusal]:
    """The same for each wish, or its refusal. Lines that go to one plant are laid one after the other, in their
    sequence: what the first takes of stock and time the next lacks, and nobody moves; their places are kept as one.
    """
    found: dict[Wish, Elsewhere | Refusal] = {}
    for plant_id in dict.fromkeys(plant_id for _, plant_id in wishes):
        lines = dict.fromkeys(line_id for line_id, other in wishes if other == plant_id)
        found |= {(line_id, plant_id): one for line_id, one in _to_plant([*lines], plant_id, now, keep).items()}
    return [found[wish] for wish in wishes]


def _to_plant(lines: Sequence[int], plant_id: int, now: dt.datetime, keep: bool) -> dict[int, Elsewhere | Refusal]:
    found: dict[int, Elsewhere | Refusal] = {}
    wanted = []
    for line_id in lines:
        try:
            wanted.append(_wanted(line_id, plant_id, now))
        except Refusal as refusal:
            found[line_id] = refusal
    try:
        answers = [_alone(wanted[0], now, keep)] if len(wanted) == 1 else _together(wanted, now, keep)
    except Refusal as refusal:
        return found | {one.line.pk: refusal for one in wanted}
    return found | {one.line_id: one for one in answers}


def _wanted(line_id: int, plant_id: int, now: dt.datetime) -> _Wanted:
    line, plant = erp.check_line_move(line_id=line_id, plant_id=plant_id)
    explosion = erp_now.explode(
        plant_id=plant.pk, material_id=line.material_id, quantity=line.quantity, now=now, line_no=line.line_no
    )
    return _Wanted(line, plant, _due_at(line), explosion)


def _alone(one: _Wanted, now: dt.datetime, keep: bool) -> Elsewhere:
    answer = offer(
        plant_id=one.plant.pk,
        material_id=one.line.material_id,
        quantity=one.line.quantity,
        now=now,
        wanted_on=one.wanted_on,
        explosion=one.explosion,
    )
    if not answer.options:
        raise NoOffer(f"{one.plant.name} finds no place for it: look at its work centres and shifts")
    option = answer.options[0]
    key = keep_offer(answer=answer, option=option, now=now) if keep and option.placements else None
    return replace(_told(one, option, option.placements, now), key=key)


def _together(wanted: Sequence[_Wanted], now: dt.datetime, keep: bool) -> list[Elsewhere]:
    """Their paths begin with their number in the sequence, which `take_offer` knows again."""
    if not wanted:
        return []
    plant_id = wanted[0].plant.pk
    lines = [(plant_id, one.line.material_id, one.line.quantity) for one in wanted]
    exploded = erp_now.explode_lines(wanted=lines, now=now)
    asked = [WantedLine(each, one.wanted_on, one.name) for one, each in zip(wanted, exploded, strict=True)]
    answer = offer_together(plant_id=plant_id, lines=asked, now=now)
    key = keep_together(answer=answer, now=now) if keep else None
    placed = answer.whole.placements if answer.whole is not None else ()
    found = []
    for no, (one, each, option) in enumerate(zip(wanted, exploded, answer.lines, strict=True), start=1):
        own = tuple(place for place in placed if str(place[0]).partition(".")[0] == str(no))
        found.append(replace(_told(replace(one, explosion=each), option, own, now), key=key if own else None))
    return found


def _told(one: _Wanted, option: OfferOption, placements: Sequence[Plain], now: dt.datetime) -> Elsewhere:
    line, plant = one.line, one.plant
    own = PlannedOperation.objects.filter(operation__work_order__sales_order_line=line, plant=line.plant_id)
    rows = list(own.order_by("operation_id").values_list("operation_id", "ends_at", "setup_min"))
    ends_at = max((row[1] for row in rows), default=None)
    was_at = ends_at + MINUTE * line.plant.transport_min if ends_at is not None else None
    costs = [
        erp_now.price_of(plant_id=key, material_id=line.material_id, quantity=line.quantity, at=now).total
        for key in (line.plant_id, plant.pk)
    ]
    return Elsewhere(
        line_id=line.pk,
        line_no=line.line_no,
        order_id=line.order_id,
        order_number=line.order.number,
        from_plant_id=line.plant_id,
        plant_id=plant.pk,
        plant_name=plant.name,
        operation_ids=tuple(row[0] for row in rows),
        was_late_min=_late_min(one.due_at, was_at),
        late_min=_late_min(one.due_at, option.deliver_at),
        was_deliver_at=was_at,
        deliver_at=option.deliver_at,
        victims=option.victims,
        setup_min=option.setup_min - sum(row[2] for row in rows),
        there_setup_min=option.setup_min,
        cost=costs[1] - costs[0],
        currency=plant.company.currency.code,
        cause=option.cause,
        spare_min=(one.due_at - option.deliver_at) // MINUTE,
        bars=_bars(placements, one.explosion),
    )


def _bars(placements: Sequence[Plain], explosion: Explosion) -> tuple[Bar, ...]:
    """Where each step stands, with the words that the board has for it; one query."""
    makes = {one.path: one for one in explosion.work_orders}
    titles = dict(Material.objects.filter(pk__in={one.material_id for one in makes.values()}).values_list("pk", "name"))
    found = []
    for path, sequence, *rest in placements:
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
