"""How an order's work looks on its page: operations with their states in words, and where the order is now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from erp.production.models import WorkOrder, WorkOrderOperation
from erp.sales.selectors import LineWork, Making, OrderDetail
from erp.sales.views import beside
from masterdata import shown
from masterdata.line import OperationBar

ICONS = {"done": "check", "running": "player-play", "late": "clock-exclamation", "planned": ""}


@dataclass(frozen=True, slots=True)
class OperationShown:
    """One operation at its machine: a bar, a tone with its icon, and how far it is."""

    name: str
    machine: str
    tone: str
    said: str
    percent: int

    @property
    def icon(self) -> str:
        return ICONS[self.tone]

    @property
    def fill(self) -> str:
        return "running" if self.tone == "late" else self.tone


@dataclass(frozen=True, slots=True)
class MakingShown:
    """A work order: its operations, the same as a small rail, and what it does now."""

    work_order: WorkOrder
    operations: list[OperationShown]
    bars: list[OperationBar]
    now: OperationShown | None


@dataclass(frozen=True, slots=True)
class LineShown:
    """An order line as the page shows it; parts are listed under the product."""

    work: LineWork
    products: list[MakingShown]
    parts: list[MakingShown]

    @property
    def parts_done(self) -> int:
        return sum(1 for part in self.parts if part.now is None)


def floor_of(work: Sequence[LineWork]) -> beside.FloorNow:
    """What the floor knows of the operations that were begun."""
    made = [one for line in work for one in (*line.products, *line.parts)]
    begun = [step.pk for one in made for step in one.operations if step.started_at and not step.finished_at]
    return beside.floor(begun)


def lines_shown(work: Sequence[LineWork], now: dt.datetime, floor: beside.FloorNow) -> list[LineShown]:
    """Every line with its operations in words."""
    return [
        LineShown(
            one,
            [_making(made, now, floor) for made in one.products],
            [_making(made, now, floor) for made in one.parts],
        )
        for one in work
    ]


def now_sentence(detail: OrderDetail, work: Sequence[LineWork], now: dt.datetime, floor: beside.FloorNow) -> str:
    """Where the order is now, in one sentence; work that stands still is told first."""
    if detail.order.cancelled_at:
        return _("Cancelled.")
    if not detail.order.confirmed_at:
        return _("Not confirmed yet: nothing is reserved or planned.")
    made = [(one, step) for line in work for one in (*line.products, *line.parts) for step in one.operations]
    running = [(one, step) for one, step in made if step.started_at and not step.finished_at]
    stopped = [(one, step) for one, step in running if step.pk in floor and floor[step.pk].stopped_at]
    if running:
        made_now, step_now = max(stopped or running, key=_latest_start)
        return _running(made_now, step_now, now, floor.get(step_now.pk))
    if sentence := _goods(detail, work):
        return sentence
    planned = [(step.planned_start_at, step.pk, step) for _one, step in made if not step.finished_at]
    dated = [(start, pk, step) for start, pk, step in planned if start is not None]
    if dated:
        _start, _pk, step = min(dated)
        place = {"operation": step.name, "machine": _machine(step), "when": shown.when(step.planned_start_at)}
        return _("Next: %(operation)s at %(machine)s, %(when)s.") % place
    return _undated(made) or _to_come(work) or _money(detail)


def _undated(made: Sequence[tuple[Making, WorkOrderOperation]]) -> str:
    """Work that no plan has: the first of all, or what is made again."""
    waiting = [one for one, step in made if not step.finished_at]
    if not waiting:
        return ""
    if len(waiting) == len(made):
        return _("Waits for its first plan.")
    again = {"pieces": shown.number(waiting[0].work_order.quantity), "what": waiting[0].work_order.material.name}
    return _("To be made again: %(pieces)s × %(what)s. Waits for its plan.") % again


def _to_come(work: Sequence[LineWork]) -> str:
    """Goods that are bought: nothing is left to be made."""
    missing = sum(line.line.quantity - line.ready for line in work)
    if missing <= 0:
        return ""
    return _n("%(pieces)s piece is still to come.", "%(pieces)s pieces are still to come.", shown.how_many(missing)) % {
        "pieces": shown.number(missing)
    }


def _latest_start(pair: tuple[Making, WorkOrderOperation]) -> Any:
    return pair[1].started_at


def _running(made: Making, step: WorkOrderOperation, now: dt.datetime, seen: beside.Floor | None) -> str:
    place = {"operation": step.name, "machine": _machine(step) or _("no machine")}
    pieces = step.pieces_of(made.work_order)
    if seen is not None and seen.stopped_at is not None:
        waiting = {"left": shown.number(pieces - step.reported_qty), "what": made.work_order.material.name}
        since = shown.duration(int((now - seen.stopped_at).total_seconds() // 60))
        why = {"since": since, "reason": f" ({seen.reason})" if seen.reason else ""}
        said = (
            _("Now at %(operation)s: %(left)s %(what)s wait for %(machine)s, stopped %(since)s%(reason)s.")
            if seen.is_down
            else _("Now at %(operation)s, %(machine)s: paused %(since)s%(reason)s, %(left)s %(what)s to go.")
        )
        return said % (place | waiting | why)
    done = {"done": shown.number(step.reported_qty), "all": shown.number(pieces), "what": made.work_order.material.name}
    if seen is not None and seen.people:
        people = {"people": ", ".join(seen.people)}
        return _("Now at %(operation)s, %(machine)s: %(done)s of %(all)s %(what)s, %(people)s.") % (
            place | done | people
        )
    return _("Now at %(operation)s, %(machine)s: %(done)s of %(all)s %(what)s.") % (place | done)


def _goods(detail: OrderDetail, work: Sequence[LineWork]) -> str:
    packed = [shipment.number for shipment in detail.shipments if shipment.shipped_at is None]
    if packed:
        return _("%(number)s is packed and waits to be shipped.") % {"number": packed[0]}
    if all(line.line.shipped_qty >= line.line.quantity for line in work):
        return _money(detail)
    if to_pack := sum(line.to_pack for line in work):
        return _n(
            "%(pieces)s piece is ready to be packed.",
            "%(pieces)s pieces are ready to be packed.",
            shown.how_many(to_pack),
        ) % {"pieces": shown.number(to_pack)}
    return ""


def _money(detail: OrderDetail) -> str:
    if detail.status.percent("invoiced") < 100:
        return _("Not invoiced yet.")
    unpaid = [one for one in detail.invoices if getattr(one, "open_amount", 0) > 0]
    if not unpaid:
        return _("Delivered and paid.")
    said = {"number": unpaid[0].number, "due": shown.day(unpaid[0].next_due_on)}
    return _("Delivered; %(number)s is to be paid by %(due)s.") % said


def _making(made: Making, now: dt.datetime, floor: beside.FloorNow) -> MakingShown:
    steps = [_operation(step, made.work_order, now, floor.get(step.pk)) for step in made.operations]
    is_closed = made.work_order.state == WorkOrder.State.CLOSED
    return MakingShown(
        made.work_order,
        steps,
        [OperationBar(step.name, step.percent, step.fill) for step in steps],
        None if is_closed else next((step for step in steps if step.tone != "done"), None),
    )


def _operation(
    step: WorkOrderOperation, work_order: WorkOrder, now: dt.datetime, seen: beside.Floor | None
) -> OperationShown:
    tone, said = _state(step, work_order, now)
    if seen is not None and seen.stopped_at is not None:
        tone = "late"
        word = _("stopped") if seen.is_down else _("paused")
        said = f"{said}, {word}"
    elif seen is not None and seen.people:
        said = f"{said}, {', '.join(seen.people)}"
    percent = 100 if tone == "done" else int(100 * step.reported_qty / step.pieces_of(work_order))
    return OperationShown(step.name, _machine(step), tone, said, min(percent, 100))


def _state(step: WorkOrderOperation, work_order: WorkOrder, now: dt.datetime) -> tuple[str, str]:
    if step.finished_at:
        said = _("%(good)s good") % {"good": shown.number(step.good_qty)}
        if step.scrap_qty:
            said = _("%(said)s, %(scrap)s scrap") % {"said": said, "scrap": shown.number(step.scrap_qty)}
        return "done", said
    if step.started_at:
        done = {"done": shown.number(step.reported_qty), "all": shown.number(step.pieces_of(work_order))}
        is_behind = step.planned_end_at is not None and step.planned_end_at < now
        return ("late" if is_behind else "running"), _("%(done)s of %(all)s") % done
    if step.planned_start_at is None:
        return "planned", _("no plan yet")
    if step.planned_start_at < now:
        return "late", _("due %(when)s") % {"when": shown.when(step.planned_start_at)}
    return "planned", shown.when(step.planned_start_at)


def _machine(step: WorkOrderOperation) -> str:
    machine = step.machine or step.planned_machine
    return machine.code if machine is not None else ""
