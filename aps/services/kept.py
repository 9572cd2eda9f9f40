"""Options kept for taking, and their taking: what was answered becomes the published plan, or it is stale."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import transaction

from aps.models import KeptOffer, Plan, PlanWish
from aps.rows import Row, plain, published_rows, row_from
from aps.services import overtaken
from aps.services.offers import OfferAnswer, OfferOption
from aps.services.publication import Figures, last_is_final, publish_plan, started_on
from aps.services.together import TogetherAnswer
from aps.services.wishes import locked_planning
from erp import selectors as erp_now
from erp.models import WorkOrder, WorkOrderOperation
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.facts import current_cause

TAKEN_WITHIN = dt.timedelta(minutes=15)
KEPT_FOR = dt.timedelta(days=7)


class StaleOffer(Refusal):
    """The plan changed since the offer was made."""

    code = "stale_offer"


@transaction.atomic
def keep_offer(*, answer: OfferAnswer, option: OfferOption, now: dt.datetime) -> uuid.UUID:
    """Keep an option for taking; returns its key. Offers that were kept for a week go."""
    return _keep(answer.plant_id, answer.input_version, option, now, answer.material_id, answer.quantity)


@transaction.atomic
def keep_together(*, answer: TogetherAnswer, now: dt.datetime) -> uuid.UUID | None:
    """Keep what was answered for several lines, for taking; nothing when none of them needs work."""
    return None if answer.whole is None else _keep(answer.plant_id, answer.input_version, answer.whole, now)


def _keep(
    plant_id: int,
    input_version: str,
    option: OfferOption,
    now: dt.datetime,
    material_id: int | None = None,
    quantity: Decimal | None = None,
) -> uuid.UUID:
    KeptOffer.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    kept = KeptOffer.objects.create(
        plant_id=plant_id,
        material_id=material_id,
        quantity=quantity,
        option=option.key,
        input_version=input_version,
        ends_at=option.ends_at,
        placements=option.placements,
        moved=option.moved,
        made_at=now,
        **asdict(option.figures),
    )
    return kept.key


@transaction.atomic
def take_offer(
    *,
    key: uuid.UUID,
    order_id: int,
    now: dt.datetime,
    origin: str = Plan.Origin.RUSH,
    cause: Cause | None = None,
    is_new: bool = True,
    line_ids: Sequence[int] = (),
) -> Plan:
    """Publish the kept option as the plan of the confirmed order, exactly as answered; in the caller's transaction.

    With `line_ids` it was answered for these lines alone, of whatever orders; the paths of several begin with the
    line's number in the sequence.
    Not `is_new`: the order was planned before, and its work only comes earlier. What stood where the option moves
    something is kept with it, for `give_back_offer`. Locks the planning row. Raises StaleOffer when a plan was
    published, a wish came, work of it was begun, or the order needs other work than was asked about. Nothing is written
    then.
    While a better plan is to follow an event, this one is not final either: who is late because of the event hears so
    from that plan, with its cause, not from this one.
    """
    kept = KeptOffer.objects.filter(pk=key).first()
    if kept is None:
        raise StaleOffer("This offer is too old: ask again")
    planning = locked_planning(kept.plant_id)
    current = f"{planning.plan_no}.{planning.wanted_version}"
    if current != kept.input_version:
        raise StaleOffer("The plan has changed since the offer was made: ask again", current=current)
    ground = _ground(kept)
    kept.before = [plain(row) for row in ground.published if row.operation_id in ground.moved]
    rows = _rows_to_take(kept, ground, order_id, now, line_ids) if is_new else _rows_sooner(kept, ground, order_id)
    cause = cause or Cause(PlanWish.Reason.RUSH, f"Rush order {erp_now.order_number(order_id)}", _fact_id())
    plan = publish_plan(
        plant_id=kept.plant_id,
        base_no=planning.plan_no,
        rows=rows,
        origin=origin,
        now=now,
        cause=cause,
        figures=Figures(kept.late_lines, kept.lateness_min, kept.setup_min, kept.objective),
        is_final=last_is_final(planning),
        always=True,
        known=ground.published,
    )
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    kept.taken_no = plan.number
    kept.save(update_fields=["before", "taken_no"])
    return plan


class TooLateToGiveBack(Refusal):
    """The plan went on, or the floor began work, since the option was taken."""

    code = "too_late_to_give_back"


@transaction.atomic
def give_back_offer(*, key: uuid.UUID, order_no: str, now: dt.datetime) -> Plan:
    """Publish what stood there before the option was taken; its new work leaves the plan. In the caller's transaction.

    Locks the planning row. Raises TooLateToGiveBack when another plan was published since, or work that it moved or
    made has begun.
    """
    kept = KeptOffer.objects.filter(pk=key).first()
    planning = locked_planning(kept.plant_id) if kept is not None else None
    if kept is None or planning is None or kept.taken_no != planning.plan_no:
        raise TooLateToGiveBack("The plan has gone on since it was taken: cancel the order instead.")
    before = [row_from(one) for one in kept.before]
    started = started_on(kept.plant_id)
    if any(started.get(row.operation_id) is not None or row.operation_id not in started for row in before):
        raise TooLateToGiveBack("Work that it moved has begun since: cancel the order instead.")
    by_id = {row.operation_id: row for row in [*published_rows(kept.plant_id), *before]}
    rows = [row for key_, row in by_id.items() if key_ in started]
    plan = publish_plan(
        plant_id=kept.plant_id,
        base_no=planning.plan_no,
        rows=rows,
        origin=Plan.Origin.RUSH,
        now=now,
        cause=Cause(PlanWish.Reason.RUSH, f"Rush order {order_no} given back", _fact_id()),
        is_final=last_is_final(planning),
        always=True,
    )
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    return plan


@dataclass(frozen=True)
class Ground:
    """What an offer is taken on, read once under the planning row's lock: the plan, what moves in it, what is begun."""

    published: list[Row]
    moved: dict[int, Row]
    started: dict[int, int | None]


def _ground(kept: KeptOffer) -> Ground:
    moved = {row.operation_id: row for row in map(row_from, kept.moved)}
    return Ground(published_rows(kept.plant_id), moved, started_on(kept.plant_id))


def _fact_id() -> uuid.UUID | None:
    fact = current_cause()
    return fact.pk if fact else None


def _rows_to_take(
    kept: KeptOffer, ground: Ground, order_id: int, now: dt.datetime, line_ids: Sequence[int]
) -> list[Row]:
    """The published rows with those that move and the new order's; StaleOffer when they can no longer be."""
    own = WorkOrderOperation.objects.filter(work_order__plant_id=kept.plant_id)
    if line_ids:  # they may have been here before: that work is cancelled
        own = own.filter(work_order__sales_order_line__in=line_ids)
        own = own.exclude(work_order__state=WorkOrder.State.CANCELLED)
    else:
        own = own.filter(work_order__sales_order_line__order_id=order_id)
    columns = ("pk", "work_order__path", "sequence", "work_order_id", "work_order__sales_order_line_id")
    number = {line_id: str(no) for no, line_id in enumerate(line_ids, start=1)} if len(line_ids) > 1 else {}
    found = [
        (pk, ".".join([number.get(line_id, path.split(".")[0]), *path.split(".")[1:]]), sequence, work_order_id)
        for pk, path, sequence, work_order_id, line_id in own.values_list(*columns)
    ]
    operations = {(path, sequence): pk for pk, path, sequence, _ in found}
    offered = {(str(path), step): row for path, step, *row in kept.placements}
    if operations.keys() != offered.keys():
        raise StaleOffer("The order needs other work than the offer was made for: ask again")
    new = [row_from([operations[place], *kept_row]) for place, kept_row in offered.items()]
    _check_material({pk: (work_order, sequence) for pk, _, sequence, work_order in found}, new, kept.plant_id, now)
    if any(row.starts_at < now - TAKEN_WITHIN for row in new):
        raise StaleOffer("Work that the offer moves has begun: ask again")
    return _rows_with(kept, ground, new)


def _rows_sooner(kept: KeptOffer, ground: Ground, order_id: int) -> list[Row]:
    """The published rows with those that move, the order's own among them, none of which has begun meanwhile."""
    started = ground.started
    own = WorkOrderOperation.objects.filter(work_order__sales_order_line__order_id=order_id).values_list(
        "pk", flat=True
    )
    if any(key not in started or started[key] is not None for key in ground.moved.keys() & set(own)):
        raise StaleOffer("Work that the offer moves has begun: ask again")
    return _rows_with(kept, ground, [])


def _rows_with(kept: KeptOffer, ground: Ground, new: Sequence[Row]) -> list[Row]:
    started = ground.started
    if any(
        started.get(row.operation_id) is not None and row.starts_at >= kept.made_at for row in ground.moved.values()
    ):
        raise StaleOffer("Work that the offer moves has begun: ask again")
    by_id = {row.operation_id: row for row in ground.published} | ground.moved
    rows = [row for key, row in by_id.items() if key in started] + list(new)
    if overtaken.overlap(rows):
        raise StaleOffer("The shop has moved on since the offer was made: ask again")
    return rows


def _check_material(places: Mapping[int, tuple[int, int]], new: Sequence[Row], plant_id: int, now: dt.datetime) -> None:
    """StaleOffer when material of the new work comes later by now than its offered start allows."""
    ready = erp_now.ready_times(plant_id=plant_id, now=now)
    late = [row for row in new if ready.get(places[row.operation_id], row.runs_at) > row.runs_at + TAKEN_WITHIN]
    if late:
        raise StaleOffer("Material comes later than when the offer was made: ask again")
