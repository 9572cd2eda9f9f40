"""Offers for an order that is not in the plan yet: earliest with nobody moved (A), as early as possible (C)."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import transaction

from aps import offering, warm
from aps.engine import validate
from aps.engine.offer import Offer
from aps.engine.problem import HorizonTooShortError
from aps.minutes import time_of
from aps.models import KeptOffer, Plan, PlanWish
from aps.problem import CannotPlan, label_of
from aps.rows import Row, published_rows
from aps.services import solving
from aps.services.publication import Figures, publish_plan, started_on
from aps.services.wishes import locked_planning
from aps.warm import Live
from erp import selectors as erp_now
from erp.models import WorkOrderOperation
from erp.selectors import Explosion
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.facts import current_cause

TAKEN_WITHIN = dt.timedelta(minutes=15)
KEPT_FOR = dt.timedelta(days=7)
Plain = tuple[object, ...]


class StaleOffer(Refusal):
    """The plan changed since the offer was made."""

    code = "stale_offer"


class NoOffer(Refusal):
    """The plant cannot make it as its master data stand; the sentence says what to do."""

    code = "no_offer"


@dataclass(frozen=True)
class OfferVictim:
    """A line that the option makes late, or later than it is; ends are at the customer, transport included."""

    line_id: int
    order_number: str
    line_no: int
    old_end_at: dt.datetime
    new_end_at: dt.datetime
    late_min: int
    newly_late: bool


@dataclass(frozen=True)
class OfferOption:
    """One answer. `setup_min` is what it adds to the whole plan; `machine_min` its own run minutes by machine.

    `placements` and `moved` are as KeptOffer stores them; `figures` are those of the whole plan with it.
    """

    key: str
    ends_at: dt.datetime
    deliver_at: dt.datetime
    cause: str
    victims: tuple[OfferVictim, ...]
    moved_count: int
    setup_min: int
    machine_min: Mapping[int, int]
    placements: tuple[Plain, ...]
    moved: tuple[Plain, ...]
    figures: Figures


@dataclass(frozen=True)
class OfferAnswer:
    """Options A and C (A is missing when it fits into no gap), and the version of the plan that they rest on."""

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date | None
    input_version: str
    options: tuple[OfferOption, ...]


def offer(
    *, plant_id: int, material_id: int, quantity: Decimal, now: dt.datetime, wanted_on: dt.date | None = None
) -> OfferAnswer:
    """Answer from the live plan, which the process keeps; writes nothing. Raises NoOffer and erp's NoRouting."""
    explosion = erp_now.explode(plant_id=plant_id, material_id=material_id, quantity=quantity, now=now)
    try:
        live = warm.live(plant_id, now)
        live, found = _insert(live, explosion, wanted_on)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    options = [_option(live, one, explosion) for one in found] or _from_stock(live, explosion, now)
    return OfferAnswer(plant_id, material_id, quantity, wanted_on, live.version, tuple(options))


def _insert(live: Live, explosion: Explosion, wanted_on: dt.date | None) -> tuple[Live, list[Offer]]:
    while explosion.work_orders:
        order = offering.order_of(live.snapshot, wanted_on)
        operations = offering.operations_of(live.snapshot, explosion)
        try:
            found = live.arrays.offers(order, operations, keys=("A", "C"))
        except HorizonTooShortError:
            live = warm.longer(live)
            continue
        legal = live.snapshot.problem.joined([order], operations)
        return live, [one for one in found if not validate.violations(legal, one.applied(live.plan))]
    return live, []


def _option(live: Live, one: Offer, explosion: Explosion) -> OfferOption:
    ids = {machine.code: machine.id for machine in live.snapshot.inputs.machines.values()}
    transport = live.snapshot.inputs.plant.transport_min
    return OfferOption(
        key=one.key,
        ends_at=time_of(one.end_min - transport),
        deliver_at=time_of(one.end_min),
        cause=offering.sentence_of(live, one, explosion),
        victims=_victims(live, one),
        moved_count=len(one.moved),
        setup_min=one.setup_min,
        machine_min={ids[str(code)]: spent for code, spent in one.work_min.items()},
        placements=tuple((path, step, *_plain(row)[1:]) for path, step, row in offering.new_rows(live, one)),
        moved=tuple(_plain(row) for row in offering.moved_rows(live, one)),
        figures=solving.figures_of(live.snapshot.problem, one.applied(live.plan), one.worth),
    )


def _victims(live: Live, one: Offer) -> tuple[OfferVictim, ...]:
    lines = {label_of(work): work for work in live.snapshot.inputs.work if work.line_id is not None}
    return tuple(
        OfferVictim(
            line_id=lines[str(victim.order)].line_id or 0,
            order_number=lines[str(victim.order)].order_no or "",
            line_no=lines[str(victim.order)].line_no or 0,
            old_end_at=time_of(victim.old_end),
            new_end_at=time_of(victim.new_end),
            late_min=victim.late_min,
            newly_late=victim.newly_late,
        )
        for victim in one.victims
        if str(victim.order) in lines
    )


def _from_stock(live: Live, explosion: Explosion, now: dt.datetime) -> list[OfferOption]:
    """Nothing has to be made: it leaves when it is there."""
    if explosion.work_orders:
        return []
    ends_at = max(explosion.ready_at or now, now)
    deliver_at = ends_at + dt.timedelta(minutes=live.snapshot.inputs.plant.transport_min)
    wait = erp_now.material_wait(explosion, path=explosion.tops[0].path, sequence=0) if ends_at > now else None
    cause = f"It {offering.material_words(wait, live.snapshot.inputs.plant.time_zone)}" if wait else "It is in stock"
    figures = solving.figures(live.snapshot, live.plan)
    return [OfferOption(key, ends_at, deliver_at, cause, (), 0, 0, {}, (), (), figures) for key in ("A", "C")]


def _plain(row: Row) -> Plain:
    times = (row.starts_at.isoformat(), row.runs_at.isoformat(), row.ends_at.isoformat())
    return (row.operation_id, row.machine_id, *times, row.setup_min)


def _row(operation_id: int, plain: Sequence[object]) -> Row:
    machine_id, starts, runs, ends, setup = plain
    times = [dt.datetime.fromisoformat(str(one)) for one in (starts, runs, ends)]
    return Row(operation_id, int(str(machine_id)), times[0], times[1], times[2], int(str(setup)))


@transaction.atomic
def keep_offer(*, answer: OfferAnswer, option: OfferOption, now: dt.datetime) -> uuid.UUID:
    """Keep an option for taking; returns its key. Offers that were kept for a week go."""
    KeptOffer.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    kept = KeptOffer.objects.create(
        plant_id=answer.plant_id,
        material_id=answer.material_id,
        quantity=answer.quantity,
        option=option.key,
        input_version=answer.input_version,
        ends_at=option.ends_at,
        placements=option.placements,
        moved=option.moved,
        made_at=now,
        **asdict(option.figures),
    )
    return kept.key


@transaction.atomic
def take_offer(*, key: uuid.UUID, order_id: int, now: dt.datetime) -> Plan:
    """Publish the kept option as the plan of the confirmed order, exactly as answered; in the caller's transaction.

    Locks the planning row. Raises StaleOffer when a plan was published, a wish came, work of it was begun, or the order
    needs other work than was asked about. Nothing is written then.
    """
    kept = KeptOffer.objects.filter(pk=key).first()
    if kept is None:
        raise StaleOffer("This offer is too old: ask again")
    planning = locked_planning(kept.plant_id)
    current = f"{planning.plan_no}.{planning.wanted_version}"
    if current != kept.input_version:
        raise StaleOffer("The plan has changed since the offer was made: ask again", current=current)
    rows = _rows_to_take(kept, order_id, now)
    cause = Cause(PlanWish.Reason.RUSH, f"Rush order {erp_now.order_number(order_id)}", _fact_id())
    plan = publish_plan(
        plant_id=kept.plant_id,
        base_no=planning.plan_no,
        rows=rows,
        origin=Plan.Origin.RUSH,
        now=now,
        cause=cause,
        figures=Figures(kept.late_lines, kept.lateness_min, kept.setup_min, kept.objective),
        always=True,
    )
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    return plan


def _fact_id() -> uuid.UUID | None:
    fact = current_cause()
    return fact.pk if fact else None


def _rows_to_take(kept: KeptOffer, order_id: int, now: dt.datetime) -> list[Row]:
    """The published rows with those that move and the new order's; StaleOffer when they can no longer be."""
    found = WorkOrderOperation.objects.filter(
        work_order__sales_order_line__order_id=order_id, work_order__plant_id=kept.plant_id
    ).values_list("pk", "work_order__path", "sequence", "work_order_id")
    operations = {(path, sequence): pk for pk, path, sequence, _ in found}
    offered = {(str(path), step): plain for path, step, *plain in kept.placements}
    if operations.keys() != offered.keys():
        raise StaleOffer("The order needs other work than the offer was made for: ask again")
    new = [_row(operations[place], plain) for place, plain in offered.items()]
    _check_material({pk: (work_order, sequence) for pk, _, sequence, work_order in found}, new, kept.plant_id, now)
    moved = [_row(operation_id, plain) for operation_id, *plain in kept.moved]
    started = started_on(kept.plant_id)
    begun = [row for row in moved if started.get(row.operation_id) is not None and row.starts_at >= kept.made_at]
    if begun or any(row.starts_at < now - TAKEN_WITHIN for row in new):
        raise StaleOffer("Work that the offer moves has begun: ask again")
    by_id = {row.operation_id: row for row in [*published_rows(kept.plant_id), *moved]}
    rows = [row for key, row in by_id.items() if key in started] + new
    if overlap(rows):
        raise StaleOffer("The shop has moved on since the offer was made: ask again")
    return rows


def _check_material(places: Mapping[int, tuple[int, int]], new: Sequence[Row], plant_id: int, now: dt.datetime) -> None:
    """StaleOffer when material of the new work comes later by now than its offered start allows."""
    ready = erp_now.ready_times(plant_id=plant_id, now=now)
    late = [row for row in new if ready.get(places[row.operation_id], row.runs_at) > row.runs_at + TAKEN_WITHIN]
    if late:
        raise StaleOffer("Material comes later than when the offer was made: ask again")


def overlap(rows: Sequence[Row]) -> bool:
    """Whether two operations are on one machine at once."""
    in_order = sorted((row for row in rows if row.starts_at < row.ends_at), key=lambda row: (row.machine_id, row[2:5]))
    return any(
        first.machine_id == second.machine_id and second.starts_at < first.ends_at
        for first, second in itertools.pairwise(in_order)
    )
