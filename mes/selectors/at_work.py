"""What the floor knows of running operations: who is at them, and why one stands still."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from mes.models import Downtime, LabourBooking, OperationRun


@dataclass(frozen=True, slots=True)
class AtWork:
    """`people` are at it now. It stands still since `stopped_at`, because of `reason`, on a machine that is down or
    because it was paused."""

    people: tuple[str, ...] = ()
    stopped_at: dt.datetime | None = None
    reason: str = ""
    is_down: bool = False


def at_work(operation_ids: Collection[int]) -> dict[int, AtWork]:
    """Of operations that were begun and are not finished; three queries, none without operations."""
    if not operation_ids:
        return {}
    runs = OperationRun.objects.filter(operation__in=operation_ids, finished_at__isnull=True)
    found = {run.operation_id: run for run in runs.select_related("pause_reason").order_by("pk")}
    if not found:
        return {}
    people: dict[int, list[str]] = defaultdict(list)
    booked = LabourBooking.objects.filter(operation__in=found, until_at__isnull=True).order_by("since_at", "pk")
    for operation_id, name in booked.values_list("operation_id", "person__name"):
        people[operation_id].append(name)
    machines = {run.machine_id for run in found.values()}
    down = Downtime.objects.filter(machine__in=machines, until_at__isnull=True).select_related("reason").order_by("pk")
    downtimes = {one.machine_id: one for one in down}
    return {
        operation_id: _told(run, people[operation_id], downtimes.get(run.machine_id))
        for operation_id, run in found.items()
    }


def _told(run: OperationRun, people: list[str], down: Downtime | None) -> AtWork:
    if down is not None:
        return AtWork(tuple(people), down.since_at, down.reason.name if down.reason else "", is_down=True)
    if run.state == OperationRun.State.PAUSED:
        return AtWork(tuple(people), run.told_until, run.pause_reason.name if run.pause_reason else "")
    return AtWork(tuple(people))
