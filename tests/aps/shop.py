"""A small shop for planning tests: rows written directly, so that each figure can be worked out by hand.

One plant, round the clock unless said otherwise, work centres with machines, and orders whose lines have work orders
with operations. Monday 23 Nov 2026, 09:14 UTC is NOW.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from aps import services as aps
from erp.models import SalesOrder, SalesOrderLine, WorkOrder, WorkOrderOperation
from masterdata.models import (
    Calendar,
    Company,
    Currency,
    FactRecord,
    Machine,
    Material,
    MaterialCategory,
    Partner,
    Plant,
    Shift,
    Unit,
    WorkCentre,
)

NOW = dt.datetime(2026, 11, 23, 9, 14, tzinfo=dt.UTC)
_number = itertools.count(1)


def at(clock: str, day: int = 23) -> dt.datetime:
    """The time of a November day, UTC."""
    hours, minutes = clock.split(":")
    return dt.datetime(2026, 11, day, int(hours), int(minutes), tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    """So many minutes."""
    return dt.timedelta(minutes=count)


def fact(kind: str = "Told", stated_at: dt.datetime = NOW) -> FactRecord:
    """Something that happened, as a flow hands it on."""
    return FactRecord.objects.create(id=uuid.uuid4(), kind=kind, payload={}, stated_at=stated_at)


@dataclass
class Shop:
    """The rows by code."""

    plant: Plant
    customer: Partner
    material: Material
    machines: dict[str, Machine] = field(default_factory=dict)

    def order(
        self,
        work: Sequence[tuple[str, int]],
        wanted_on: dt.date = dt.date(2026, 11, 30),
        *,
        family: str = "",
        setup: int = 0,
        promised_at: dt.datetime | None = None,
        is_splittable: bool = True,
        quantity: int = 1,
        is_wanted: bool = True,
    ) -> list[WorkOrderOperation]:
        """A confirmed order of one line, one work order, operations (work centre, run minutes in all); wants a plan."""
        number = f"SO-{next(_number)}"
        order = SalesOrder.objects.create(
            number=number,
            company=self.plant.company,
            customer=self.customer,
            currency=self.plant.company.currency,
            ordered_on=NOW.date(),
            confirmed_at=NOW,
        )
        line = SalesOrderLine.objects.create(
            order=order,
            line_no=10,
            plant=self.plant,
            material=self.material,
            quantity=quantity,
            unit_price=100,
            net_amount=100 * quantity,
            wanted_on=wanted_on,
            promised_at=promised_at,
        )
        made = WorkOrder.objects.create(
            number=f"WO-{number}",
            plant=self.plant,
            material=self.material,
            sales_order_line=line,
            path="1",
            state=WorkOrder.State.FIRM,
            quantity=quantity,
        )
        operations = [
            WorkOrderOperation.objects.create(
                work_order=made,
                sequence=10 * step,
                name=f"Step {step}",
                work_centre=WorkCentre.objects.get(plant=self.plant, code=centre),
                setup_min=setup,
                run_min_per_unit=Decimal(run) / quantity,
                setup_family=family,
                is_splittable=is_splittable,
                is_last=step == len(work),
            )
            for step, (centre, run) in enumerate(work, start=1)
        ]
        if is_wanted:
            aps.want_plan(plant_id=self.plant.pk, reason="order", text=f"Order {number}", fact=fact("OrderConfirmed"))
        return operations

    def start(self, operation: WorkOrderOperation, machine: str, started_at: dt.datetime) -> None:
        """The floor has begun it."""
        WorkOrderOperation.objects.filter(pk=operation.pk).update(started_at=started_at, machine=self.machines[machine])

    def finish(self, operation: WorkOrderOperation, finished_at: dt.datetime) -> None:
        """The floor has finished it."""
        WorkOrderOperation.objects.filter(pk=operation.pk).update(
            started_at=finished_at - minutes(1), finished_at=finished_at, good_qty=operation.work_order.quantity
        )


def build(
    machines: Sequence[str] = ("SAW-1",),
    *,
    code: str = "MAIN",
    time_zone: str = "UTC",
    shifts: Sequence[tuple[int, str, str]] | None = None,
    transport_min: int = 0,
) -> Shop:
    """A plant with machines "SAW-1" of work centre SAW and so on; `shifts` are (weekday, from, to), else always."""
    euro, _ = Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    company, _ = Company.objects.get_or_create(code="TL", defaults={"name": "Tables", "currency": euro})
    calendar = Calendar.objects.create(code=f"{code}-CAL", name="Shifts", time_zone=time_zone)
    week = [(day, "00:00", "00:00") for day in range(7)] if shifts is None else shifts
    Shift.objects.bulk_create(
        Shift(
            calendar=calendar,
            name="Shift",
            weekday=day,
            starts=dt.time.fromisoformat(starts),
            ends=dt.time.fromisoformat(ends),
        )
        for day, starts, ends in week
    )
    plant = Plant.objects.create(
        company=company,
        code=code,
        name=code.title(),
        calendar=calendar,
        time_zone=time_zone,
        transport_min=transport_min,
    )
    unit, _ = Unit.objects.get_or_create(code="PC", defaults={"name": "Piece", "rounding": 1})
    goods, _ = MaterialCategory.objects.get_or_create(code="ALL", defaults={"name": "Everything"})
    material, _ = Material.objects.get_or_create(
        code="TABLE", defaults={"name": "Table", "category": goods, "unit": unit, "supply": "make"}
    )
    customer, _ = Partner.objects.get_or_create(
        code="NORD", defaults={"name": "Nordhaus", "is_customer": True, "currency": euro}
    )
    shop = Shop(plant, customer, material)
    for name in machines:
        centre, _ = WorkCentre.objects.get_or_create(
            plant=plant, code=name.split("-")[0], defaults={"name": name.split("-")[0].title(), "calendar": calendar}
        )
        shop.machines[name] = Machine.objects.create(
            work_centre=centre, code=name if code == "MAIN" else f"{code}-{name}", name=name
        )
    return shop
