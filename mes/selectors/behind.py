"""What figures of machine time are made of: the intervals and reports behind a number, adding up to it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.models import WorkOrderOperation
from masterdata.models import Machine
from mes.losses import key_of
from mes.models import ExecutionEvent
from mes.oee import ZERO, Counted, counted, gaps
from mes.selectors.machine_time import MachineTime, Reported, Stay

BUSY = ("production", "setup", "in_order", "without_order")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes of one machine that count under `kind`, a field of mes.oee.Figures; no `stay`: nothing was told."""

    machine: Machine
    kind: str
    start: dt.datetime
    end: dt.datetime
    stay: Stay | None

    @property
    def minutes(self) -> Decimal:
        return Counted(0, self.kind, self.start, self.end).minutes

    @property
    def loss(self) -> str:
        """The key of its loss, as in mes.losses; empty when nothing was lost."""
        key = key_of(self.stay) if self.stay else None
        return key[0] if key else ""


@dataclass(frozen=True, slots=True)
class Made:
    """A report with the minutes that its machine produced for it; no `report`: production that was not reported yet."""

    machine: Machine
    report: Reported | None
    real: Decimal

    @property
    def planned(self) -> Decimal:
        return self.report.planned_run if self.report else ZERO

    @property
    def planned_good(self) -> Decimal:
        return self.report.planned_good if self.report else ZERO

    @property
    def slower(self) -> Decimal:
        """Minutes more than planned; below zero: less."""
        return self.real - self.planned


def stretches(machines: Iterable[Machine], time: MachineTime, kinds: Collection[str]) -> list[Stretch]:
    """The machines' minutes of these kinds, the newest first. Their sum is the figure's."""
    found = list[Stretch]()
    for machine in machines:
        stays, spans = time.stays.get(machine.pk, ()), time.spans(machine.pk)
        calendar, period = time.calendars.get(machine.pk, ()), (time.start, time.end)
        if "unknown" in kinds:
            found += (Stretch(machine, "unknown", *part, None) for part in gaps(spans, calendar, period))
        found += (
            Stretch(machine, one.kind, one.start, one.end, stays[one.span])
            for one in counted(spans, calendar, period)
            if one.kind in kinds
        )
    return sorted(found, key=lambda one: (one.start, one.machine.pk), reverse=True)


def made(machines: Iterable[Machine], time: MachineTime) -> list[Made]:
    """The machines' reports with planned and real minutes, the newest first, and what ran without a report yet.

    Minutes of production belong to the operation's next report on that machine. Planned minutes sum to the figures'
    planned run, real ones to their production.
    """
    found = list[Made]()
    for machine in machines:
        reports = time.reports.get(machine.pk, ())
        running = [one for one in stretches([machine], time, ("production",)) if one.stay is not None]
        real, rest = _shared(running, reports)
        found += (Made(machine, one, real[one.event_id]) for one in reports)
        if rest:
            found.append(Made(machine, None, rest))
    return sorted(found, key=_newest, reverse=True)


def _newest(one: Made) -> tuple[bool, dt.datetime, int]:
    at = one.report.at if one.report else dt.datetime.max.replace(tzinfo=dt.UTC)
    return one.report is None, at, one.machine.pk


def _shared(running: Iterable[Stretch], reports: Sequence[Reported]) -> tuple[dict[str, Decimal], Decimal]:
    """Minutes by report, and those after the last report of their operation."""
    by_operation = defaultdict[int | None, list[Reported]](list)
    for one in reports:
        by_operation[one.operation_id].append(one)
    real, rest = defaultdict[str, Decimal](Decimal), ZERO
    for stretch in running:
        since = stretch.start
        for one in by_operation[stretch.stay.operation_id if stretch.stay else None]:
            until = min(one.at, stretch.end)
            if until > since:
                real[one.event_id] += Counted(0, "production", since, until).minutes
                since = until
        if since < stretch.end:
            rest += Counted(0, "production", since, stretch.end).minutes
    return real, rest


def asked_operation(*, operation_id: int) -> tuple[WorkOrderOperation, dt.datetime] | None:
    """The operation with its work order, and when the floor first told of it; None when it never did."""
    at = ExecutionEvent.objects.filter(operation=operation_id).order_by("corrected_at").first()
    if at is None:
        return None
    return WorkOrderOperation.objects.select_related("work_order").get(pk=operation_id), at.corrected_at
