"""What the demo promised in its past: what was delivered in time or late, and why; what of the open is quoted late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import F, Max

from crm.models import Promise
from crm.services import promise_versions as versions
from erp.models import SalesOrderLine, ShipmentLine, WorkOrderOperation
from masterdata.worktime import MINUTE, end_of_day
from suite.demo.factory import Demo

EVERY, FROM = 7, 3
"""Of seven lines that were delivered one was late, the fourth."""
LATE_DAYS = 5
"""So many days behind the wanted day were some orders quoted, when the plan could not promise it sooner."""
QUOTED_LATE = 4
Reason = Promise.Reason
BREAKDOWN = Reason.BREAKDOWN, "{machine} stood still for a shift: drive belt"
MATERIAL = Reason.MATERIAL, "The supplier of {material}'s panels came two days late"
SCRAP = Reason.SCRAP, "Scratched at packing and made again on {machine}"
LEFT_LATE: tuple[str | None, str] = (None, "")
CAUSES = (BREAKDOWN, MATERIAL, LEFT_LATE, BREAKDOWN, SCRAP, MATERIAL, BREAKDOWN, LEFT_LATE)


@dataclass(frozen=True)
class Arrived:
    """A line that was delivered, on which day of its plant."""

    line: SalesOrderLine
    on: dt.date
    machine: str

    def until(self, on: dt.date) -> dt.datetime:
        """The last minute of a day, as promises have it."""
        return end_of_day(on, self.line.plant.time_zone) - MINUTE


def tell(demo: Demo) -> None:
    """First promises as the quotations offered them; some were moved before they came, some left late."""
    arrived = _arrived()
    first = {one.line.pk: one.on - dt.timedelta(days=days) for one, days, _ in _late(arrived)}
    kept = {one.line.pk: max(one.line.wanted_on, one.on) for one in arrived}
    rows = [_first(one.line, one.until((kept | first)[one.line.pk])) for one in arrived]
    versions.append([*rows, *_quoted_late()], demo.now)
    for one, days, (reason, cause) in _late(arrived):
        if reason is not None:
            _move(one, one.on - dt.timedelta(days=days), reason, cause)


def _arrived() -> list[Arrived]:
    """What was delivered whole, the oldest first."""
    left = dict(
        ShipmentLine.objects.filter(shipment__shipped_at__isnull=False)
        .order_by()
        .values_list("order_line")
        .annotate(at=Max("shipment__shipped_at"))
    )
    lines = SalesOrderLine.objects.filter(pk__in=left, shipped_qty=F("quantity"))
    machines = dict(
        WorkOrderOperation.objects.filter(work_order__sales_order_line__in=left, machine__isnull=False)
        .order_by("sequence")
        .values_list("work_order__sales_order_line", "machine__code")
    )
    found = []
    for line in lines.select_related("plant", "order", "material").order_by("pk"):
        at = left[line.pk] + dt.timedelta(minutes=line.plant.transport_min)
        on = at.astimezone(ZoneInfo(line.plant.time_zone)).date()
        found.append(Arrived(line, on, machines.get(line.pk, "A machine")))
    return found


def _late(arrived: Sequence[Arrived]) -> list[tuple[Arrived, int, tuple[str | None, str]]]:
    """Those that were, by how many days and why."""
    some = arrived[FROM::EVERY]
    return [(one, 1 + number % 2, CAUSES[number % len(CAUSES)]) for number, one in enumerate(some)]


def _first(line: SalesOrderLine, promised_at: dt.datetime) -> Promise:
    given = versions.PromiseInput(line.pk, promised_at, Reason.QUOTE, "Offered in the quotation, as the plan was then")
    return versions.row_of(given, version_no=1, now=line.order.confirmed_at or line.order.made_at)


def _move(one: Arrived, first_on: dt.date, reason: str, cause: str) -> None:
    """Known in the morning of the day that was promised; what was promised then was kept."""
    text = cause.format(machine=one.machine, material=one.line.material.code)
    known_at = one.until(first_on) - dt.timedelta(hours=14)
    given = versions.PromiseInput(one.line.pk, one.until(one.on), reason, text)
    versions.append([versions.row_of(given, version_no=2, now=known_at)], known_at)


def _quoted_late() -> list[Promise]:
    """Open orders that were quoted some days behind the wanted day: now that the plan is emptier they could be there
    sooner."""
    lines = SalesOrderLine.objects.filter(
        order__confirmed_at__isnull=False, shipped_qty=0, promised_at__isnull=True, work_orders__isnull=False
    ).exclude(work_orders__operations__started_at__isnull=False)
    soonest = lines.select_related("plant", "order").distinct().order_by("wanted_on", "pk")[:QUOTED_LATE]
    return [
        _first(line, end_of_day(line.wanted_on + dt.timedelta(days=LATE_DAYS), line.plant.time_zone) - MINUTE)
        for line in soonest
    ]
