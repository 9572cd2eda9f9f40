"""Which checks an operation needs, which of them are due now, and which are overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from masterdata import shown, statements
from mes.models import Characteristic, CheckPlan, CheckResult

Trigger = CheckPlan.Trigger

_OPERATION = """
    SELECT o.id, w.plant_id, w.material_id, o.sequence, o.work_centre_id, o.good_qty + o.scrap_qty + o.rework_qty,
        coalesce(o.quantity, CASE WHEN b.finished_at IS NOT NULL THEN b.good_qty ELSE w.quantity + w.over_qty END),
        r.started_at, o.finished_at
    FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN mes_operationrun r ON r.operation_id = o.id
    LEFT JOIN LATERAL (SELECT p.good_qty, p.finished_at FROM erp_workorderoperation p
                       WHERE p.work_order_id = o.work_order_id AND p.sequence < o.sequence AND p.mends_id IS NULL
                       ORDER BY p.sequence DESC LIMIT 1) b ON true
    WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id
"""
BLOCKING = """
    SELECT 1 FROM mes_checkplan p JOIN erp_workorderoperation o ON o.id = %s
    JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE p.state = 'active' AND p.is_blocking AND p.plant_id = w.plant_id
        AND (p.material_id IS NULL OR p.material_id = w.material_id)
        AND (p.sequence IS NULL OR p.sequence = o.sequence)
        AND (p.work_centre_id IS NULL OR p.work_centre_id = o.work_centre_id) LIMIT 1
"""
"""A row when some active plan may stop reports at the operation: asked with each report, so it is one small query."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An operation as checks see it: pieces reported so far, and how many there will be."""

    operation_id: int
    plant_id: int
    material_id: int
    sequence: int
    work_centre_id: int
    pieces: Decimal
    total: Decimal
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A check to be made now: `piece_no` is the piece to take, `since_at` since when it is due by the clock.

    `is_overdue`: the piece or the time has passed; a blocking one then stops reports.
    """

    plan: CheckPlan
    characteristics: tuple[Characteristic, ...]
    piece_no: int
    since_at: dt.datetime | None
    is_overdue: bool

    @property
    def is_blocking(self) -> bool:
        return self.plan.is_blocking

    @property
    def needs_gauge(self) -> bool:
        return any(one.needs_gauge for one in self.characteristics)

    @property
    def needs_photo(self) -> bool:
        return any(one.needs_photo for one in self.characteristics)

    @property
    def marks(self) -> list[int]:
        """Numbered marks on the drawing."""
        return [one.mark for one in self.characteristics if one.mark]

    @property
    def due(self) -> str:
        """Since when, in words."""
        if self.since_at is not None:
            return _("due since %(when)s") % {"when": shown.when(self.since_at)}
        if self.plan.trigger == Trigger.START:
            return _("due before the first piece")
        if self.plan.trigger == Trigger.END:
            return _("due with the last piece")
        return _("due on piece %(n)s") % {"n": self.piece_no}


@dataclass(frozen=True, slots=True)
class _Past:
    """Checks made by any version of a plan at the operation."""

    count: int = 0
    piece_no: int | None = None
    at: dt.datetime | None = None


def checked_operation(operation_id: int) -> Checked:
    """The operation's figures."""
    return Checked(*statements.run(_OPERATION, [[operation_id]])[0])


def plans_of(one: Checked) -> QuerySet[CheckPlan]:
    """Active plans that apply to the operation."""
    return (
        CheckPlan.objects.filter(plant=one.plant_id, state=CheckPlan.State.ACTIVE)
        .filter(Q(material=None) | Q(material=one.material_id))
        .filter(Q(sequence=None) | Q(sequence=one.sequence))
        .filter(Q(work_centre=None) | Q(work_centre=one.work_centre_id))
        .order_by("code")
    )


def check_plans(*, operation_id: int) -> QuerySet[CheckPlan]:
    """What is checked at an operation, with the characteristics."""
    return plans_of(checked_operation(operation_id)).prefetch_related("characteristics")


def due_checks(operation_id: int, now: dt.datetime) -> list[DueCheck]:
    """The checks that are due at the operation now, blocking and overdue ones first."""
    return due_at_operations([operation_id], now).get(operation_id, [])


def due_at_operations(operation_ids: Iterable[int], now: dt.datetime) -> dict[int, list[DueCheck]]:
    """The same for many operations, in as many queries as for one; operations where nothing is due are left out."""
    operations = [Checked(*row) for row in statements.run(_OPERATION, [list(operation_ids)])]
    operations = [one for one in operations if one.finished_at is None]
    plants = {one.plant_id for one in operations}
    rows = CheckPlan.objects.filter(plant__in=plants, state=CheckPlan.State.ACTIVE).order_by("code")
    plans = list(rows.prefetch_related("characteristics")) if operations else []
    past = _past([one.operation_id for one in operations], plans)
    found = {}
    for one in operations:
        due = [
            check
            for plan in plans
            if _applies(plan, one)
            and (check := _due(plan, one, past.get((one.operation_id, plan.code), _Past()), now)) is not None
        ]
        if due:
            found[one.operation_id] = sorted(
                due, key=lambda check: (not (check.is_overdue and check.is_blocking), not check.is_overdue)
            )
    return found


def _applies(plan: CheckPlan, one: Checked) -> bool:
    return (
        plan.plant_id == one.plant_id
        and plan.material_id in (None, one.material_id)
        and plan.sequence in (None, one.sequence)
        and plan.work_centre_id in (None, one.work_centre_id)
    )


def overdue_check(operation_id: int, at: dt.datetime, *, pieces: Decimal, ends: bool) -> DueCheck | None:
    """The first blocking check that a report of `pieces` more (or the end) would pass over at that time."""
    one = checked_operation(operation_id)
    plans = list(plans_of(one).filter(is_blocking=True).prefetch_related("characteristics"))
    past = _past([operation_id], plans)
    after = one.pieces + pieces
    for plan in plans:
        before = past.get((operation_id, plan.code), _Past())
        if _passes_over(plan, one, before, after, at, ends=ends):
            piece = next_piece(plan, before.piece_no) or max(1, int(one.pieces))
            since = _due_at(plan, one, before)
            return DueCheck(plan, tuple(plan.characteristics.all()), piece, since, is_overdue=True)
    return None


def next_piece(plan: CheckPlan, last: int | None) -> int | None:
    """Which piece is checked next by count, after the last one that was: 1, 1 + n, 1 + 2n ..., else n, 2n ..."""
    first = 1 if plan.first_piece else plan.every_n
    if first is None:
        return None
    if last is None or last < first:
        return first
    return first + plan.every_n * ((last - first) // plan.every_n + 1) if plan.every_n else None


def _due(plan: CheckPlan, one: Checked, past: _Past, now: dt.datetime) -> DueCheck | None:
    characteristics = tuple(plan.characteristics.all())
    current = int(min(one.pieces + 1, one.total)) or 1
    if plan.trigger == Trigger.COUNT:
        piece = next_piece(plan, past.piece_no)
        if one.started_at is None or piece is None or piece > min(one.pieces + 1, one.total):
            return None
        return DueCheck(plan, characteristics, piece, None, is_overdue=piece <= one.pieces)
    if plan.trigger == Trigger.TIME:
        due_at = _due_at(plan, one, past)
        if due_at is None or due_at > now:
            return None
        return DueCheck(plan, characteristics, current, due_at, is_overdue=True)
    if past.count:
        return None
    if plan.trigger == Trigger.START:
        return DueCheck(plan, characteristics, 1, None, is_overdue=one.pieces > 0)
    if one.started_at is None or one.pieces + 1 < one.total:
        return None
    return DueCheck(plan, characteristics, int(one.total) or 1, None, is_overdue=one.pieces >= one.total)


def _passes_over(plan: CheckPlan, one: Checked, past: _Past, after: Decimal, at: dt.datetime, *, ends: bool) -> bool:
    if plan.trigger == Trigger.COUNT:
        piece = next_piece(plan, past.piece_no)
        is_last = ends or after >= one.total
        return piece is not None and (piece < after or (is_last and piece <= after))
    if plan.trigger == Trigger.TIME:
        due_at = _due_at(plan, one, past)
        return due_at is not None and due_at <= at
    if past.count:
        return False
    return plan.trigger == Trigger.START or ends or after >= one.total


def _due_at(plan: CheckPlan, one: Checked, past: _Past) -> dt.datetime | None:
    if plan.trigger != Trigger.TIME or one.started_at is None or plan.every_min is None:
        return None
    since = max(one.started_at, past.at) if past.at else one.started_at
    return since + dt.timedelta(minutes=plan.every_min)


def _past(operation_ids: Sequence[int], plans: Iterable[CheckPlan]) -> dict[tuple[int, str], _Past]:
    """What was checked so far, by operation and the plan's code: a new version goes on where the last one was."""
    codes = [plan.code for plan in plans]
    if not codes:
        return {}
    rows = (
        CheckResult.objects.filter(operation__in=operation_ids, is_void=False, plan__code__in=codes)
        .values("operation", code=F("plan__code"))
        .annotate(number=Count("pk"), piece=Max("piece_no"), at=Max("checked_at"))
        .order_by("operation", "code")
    )
    return {(row["operation"], row["code"]): _Past(row["number"], row["piece"], row["at"]) for row in rows}
