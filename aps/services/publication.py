"""Publication: one conditional update under the plant's planning row; only rows that changed are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from aps.causes import CAUSE_LENGTH, cause_between
from aps.facts import PlanPublished
from aps.models import Plan, PlannedOperation, PlantPlanning
from aps.rows import Row, published_rows
from aps.services import overtaken
from aps.services.wishes import locked_planning
from erp.models import WorkOrder, WorkOrderOperation
from masterdata import facts, live
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import FactRecord

_WRITE = """
    INSERT INTO aps_plannedoperation
        (plant_id, plan_no, operation_id, machine_id, starts_at, runs_at, ends_at, setup_min)
    SELECT %s, %s, * FROM unnest(
        %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[])
    ON CONFLICT (operation_id) DO UPDATE SET
        plan_no = excluded.plan_no, machine_id = excluded.machine_id, starts_at = excluded.starts_at,
        runs_at = excluded.runs_at, ends_at = excluded.ends_at, setup_min = excluded.setup_min
"""


class StaleLease(Refusal):
    """The worker's lease was taken over; its result must not be published."""

    code = "stale_lease"


class StalePlan(Refusal):
    """The published plan or the shop is no longer what the result started from."""

    code = "stale_plan"


@dataclass(frozen=True)
class Figures:
    """What the plan is worth, as its page shows it."""

    late_lines: int = 0
    lateness_min: int = 0
    setup_min: int = 0
    objective: int = 0


@transaction.atomic
def publish_plan(
    *,
    plant_id: int,
    base_no: int,
    rows: Sequence[Row],
    origin: str,
    now: dt.datetime,
    covers_version: int | None = None,
    is_final: bool = True,
    token: int | None = None,
    seen: Mapping[int, int | None] | None = None,
    cause: Cause | None = None,
    figures: Figures | None = None,
    always: bool = False,
    known: Sequence[Row] | None = None,
) -> Plan | None:
    """Publish `rows` as the plant's plan when nothing moved since `base_no`; state PlanPublished.

    `seen` says for each operation on which machine it had started (None: not yet). Operations finished meanwhile are
    left out. Nothing differs and the last plan was final: the wishes count as covered, no plan is made (but `always`),
    None is returned. `known` are the rows that were read with `base_no`: they need not be read again.
    Locks the planning row. Raises StaleLease, StalePlan.
    """
    planning = locked_planning(plant_id)
    check_fresh(planning, base_no, token)
    started = started_on(plant_id)
    if seen is not None:
        refuse_moved(started, seen)
    covers = planning.planned_version if covers_version is None else covers_version
    wanted = [row for row in rows if row.operation_id in started]
    gone, changed = differences(plant_id, wanted, known)
    PlannedOperation.objects.filter(operation_id__in=gone).delete()
    if not changed and not always and is_final and last_is_final(planning):
        _cover(planning, covers)
        return None
    cause = cause or cause_between(plant_id, planning.planned_version, covers)
    plan = _record(planning, covers, origin, is_final, cause, now, len(wanted), len(changed), figures or Figures())
    _write(plant_id, plan.number, changed)
    planning.plan_no = plan.number
    planning.save(update_fields=["plan_no"])
    overtaken.overtake(planning, now, f"Plan {plan.number} was published meanwhile")
    if is_final:
        _cover(planning, covers)
    with facts.because(plan.cause_fact or facts.current_cause()):
        facts.state(PlanPublished(plant_id=plant_id, plan_id=plan.pk, plan_no=plan.number, is_final=is_final))
    live.publish("plan", plant_id, plan.number, plant_id=plant_id)
    return plan


def check_fresh(planning: PlantPlanning, base_no: int, token: int | None) -> None:
    """Refuse a worker whose lease was taken over, and a result that started from another plan."""
    if token is not None and token != planning.lease_token:
        raise StaleLease("Another worker plans this plant now", token=token, current=planning.lease_token)
    if base_no != planning.plan_no:
        raise StalePlan(
            f"Plan {planning.plan_no} was published meanwhile: start from it", base=base_no, current=planning.plan_no
        )


def refuse_moved(started: Mapping[int, int | None], seen: Mapping[int, int | None]) -> None:
    """Refuse a result that has not seen what was started meanwhile, and on which machine."""
    moved = [key for key, machine in started.items() if key in seen and seen[key] != machine]
    if moved:
        raise StalePlan("Work was started while the plan was made: plan again", operations=moved)


def started_on(plant_id: int) -> dict[int, int | None]:
    """Operations still to be done in the plant, with the machine on which they have started."""
    rows = WorkOrderOperation.objects.filter(
        work_order__plant_id=plant_id,
        work_order__state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED],
        finished_at__isnull=True,
    ).values_list("pk", "started_at", "machine_id")
    return {key: machine if at is not None else None for key, at, machine in rows}


def differences(plant_id: int, rows: Sequence[Row], known: Sequence[Row] | None = None) -> tuple[list[int], list[Row]]:
    """Operations whose rows leave the published plan, and the rows that are new or differ.

    `known`: the rows as read with the plan's number. Under one number rows only leave, so their count says whether
    all of them are still there.
    """
    if known is None or len(known) != PlannedOperation.objects.filter(plant_id=plant_id).count():
        known = published_rows(plant_id)
    published = {row.operation_id: row for row in known}
    wanted = {row.operation_id for row in rows}
    return [key for key in published if key not in wanted], [
        row for row in rows if published.get(row.operation_id) != row
    ]


def _write(plant_id: int, plan_no: int, rows: Sequence[Row]) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [plant_id, plan_no, *columns])


def last_is_final(planning: PlantPlanning) -> bool:
    """Whether the plan in force is one that customers have been told of, not a shifted one with a better to follow."""
    last = Plan.objects.filter(plant_id=planning.plant_id, number=planning.plan_no).values_list("is_final", flat=True)
    return bool(last and last[0])


def _cover(planning: PlantPlanning, covers: int) -> None:
    planning.planned_version = max(planning.planned_version, covers)
    planning.discards = planning.failures = 0
    planning.retry_at = None
    planning.save(update_fields=["planned_version", "discards", "failures", "retry_at"])


def _record(
    planning: PlantPlanning,
    covers: int,
    origin: str,
    is_final: bool,
    cause: Cause,
    now: dt.datetime,
    operations: int,
    changed: int,
    figures: Figures,
) -> Plan:
    return Plan.objects.create(
        plant_id=planning.plant_id,
        number=planning.plan_no + 1,
        origin=origin,
        is_final=is_final,
        covers_version=covers,
        reason=cause.reason,
        cause=cause.text[:CAUSE_LENGTH],
        cause_fact=FactRecord.objects.filter(pk=cause.fact_id).first() if cause.fact_id else None,
        published_at=now,
        operations=operations,
        changed=changed,
        late_lines=figures.late_lines,
        lateness_min=figures.lateness_min,
        setup_min=figures.setup_min,
        objective=figures.objective,
    )
