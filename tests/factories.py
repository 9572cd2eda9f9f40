"""A small factory to test with: one company, one plant with every kind of location, and functions that add to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erp import services as erp
from masterdata.models import (
    Bom,
    BomLine,
    Calendar,
    Company,
    Currency,
    Location,
    Machine,
    Material,
    MaterialCategory,
    Partner,
    PaymentTerm,
    Plant,
    Routing,
    RoutingOperation,
    Shift,
    TaxCode,
    Unit,
    Warehouse,
    WorkCentre,
)

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)  # a Monday


@dataclass
class Factory:
    """What tests need of the factory; the rest is reached from the plant."""

    company: Company
    plant: Plant
    customer: Partner
    supplier: Partner
    tax: TaxCode
    category: MaterialCategory
    around_the_clock: Calendar
    day_shift: Calendar
    units: dict[str, Unit]
    locations: dict[str, Location]
    materials: dict[str, Material] = field(default_factory=dict)
    centres: dict[str, WorkCentre] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)


def factory(*, year: int = NOW.year, time_zone: str = "UTC", transport_min: int = 0) -> Factory:
    """A company with open books for the year, a plant, a warehouse, a default location of each kind, partners."""
    currency = Currency.objects.create(code="EUR", name="Euro")
    company = Company.objects.create(code="C1", name="Company", currency=currency)
    around_the_clock, day_shift = _calendar("247", range(7), 0, 0), _calendar("DAY", range(5), 6, 14)
    plant = Plant.objects.create(
        company=company, code="P1", name="Plant", time_zone=time_zone, calendar=day_shift, transport_min=transport_min
    )
    warehouse = Warehouse.objects.create(plant=plant, code="W1", name="Warehouse", is_main=True)
    term = PaymentTerm.objects.create(code="N30", name="30 days", days=30)
    erp.open_books(company=company, year=year)
    erp.open_buying(plant=plant)
    return Factory(
        company=company,
        plant=plant,
        customer=Partner.objects.create(
            code="CU", name="Customer", is_customer=True, currency=currency, payment_term=term
        ),
        supplier=Partner.objects.create(code="SU", name="Supplier", is_supplier=True, currency=currency),
        tax=TaxCode.objects.create(code="VAT", name="VAT 19 %", rate_percent=Decimal(19)),
        category=MaterialCategory.objects.create(code="ALL", name="All"),
        around_the_clock=around_the_clock,
        day_shift=day_shift,
        units={
            "pc": Unit.objects.create(code="pc", name="Piece", rounding=1),
            "kg": Unit.objects.create(code="kg", name="Kilogram", rounding=Decimal("0.001")),
        },
        locations={
            kind: Location.objects.create(
                plant=plant,
                warehouse=warehouse if kind in ("stock", "quarantine") else None,
                code=kind.upper(),
                name=label,
                kind=kind,
                is_default=True,
            )
            for kind, label in Location.Kind.choices
        },
    )


def _calendar(code: str, weekdays: Sequence[int], starts: int, ends: int) -> Calendar:
    calendar = Calendar.objects.create(code=code, name=code)
    Shift.objects.bulk_create(
        Shift(calendar=calendar, name=code, weekday=day, starts=dt.time(starts), ends=dt.time(ends)) for day in weekdays
    )
    return calendar


def material(
    shop: Factory,
    code: str,
    *,
    supply: str = "buy",
    unit: str = "pc",
    standard_cost: str = "0",
    list_price: str = "0",
) -> Material:
    """A material, kept in `shop.materials`."""
    shop.materials[code] = Material.objects.create(
        code=code,
        name=code.title(),
        category=shop.category,
        unit=shop.units[unit],
        supply=supply,
        standard_cost=Decimal(standard_cost),
        list_price=Decimal(list_price),
        is_sellable=supply == "make",
        tax_code=shop.tax,
    )
    return shop.materials[code]


def centre(
    shop: Factory, code: str, *, machine_rate: str = "0", labour_rate: str = "0", machines: int = 1, speed: int = 100
) -> WorkCentre:
    """A work centre that runs around the clock, with machines CODE-1, CODE-2 ... in `shop.machines`."""
    shop.centres[code] = WorkCentre.objects.create(
        plant=shop.plant,
        code=code,
        name=code.title(),
        calendar=shop.around_the_clock,
        machine_rate=Decimal(machine_rate),
        labour_rate=Decimal(labour_rate),
    )
    for number in range(1, machines + 1):
        name = f"{code}-{number}"
        shop.machines[name] = Machine.objects.create(
            work_centre=shop.centres[code], code=name, name=name, speed_percent=speed
        )
    return shop.centres[code]


def bom(shop: Factory, code: str, components: Sequence[tuple[str, str]]) -> Bom:
    """A frozen BOM of one piece: component code and quantity."""
    row = Bom.objects.create(material=shop.materials[code])
    BomLine.objects.bulk_create(
        BomLine(
            bom=row,
            line_no=number,
            component=shop.materials[component],
            quantity=Decimal(quantity),
            unit=shop.materials[component].unit,
        )
        for number, (component, quantity) in enumerate(components, start=1)
    )
    row.state, row.frozen_at = "frozen", NOW
    row.save()
    return row


def routing(shop: Factory, code: str, steps: Sequence[tuple[str, str, str]]) -> Routing:
    """A frozen routing: work centre code, setup minutes, run minutes per piece; sequences 10, 20 ..."""
    row = Routing.objects.create(material=shop.materials[code], plant=shop.plant)
    RoutingOperation.objects.bulk_create(
        RoutingOperation(
            routing=row,
            sequence=10 * number,
            name=shop.centres[place].name,
            work_centre=shop.centres[place],
            setup_min=Decimal(setup),
            run_min_per_unit=Decimal(run),
        )
        for number, (place, setup, run) in enumerate(steps, start=1)
    )
    row.state, row.frozen_at = "frozen", NOW
    row.save()
    return row


def stock(shop: Factory, code: str, quantity: str, unit_cost: str, *, now: dt.datetime = NOW) -> None:
    """Opening stock in the plant's default stock location."""
    opening = erp.OpeningStock(
        material_id=shop.materials[code].pk,
        location_id=shop.locations["stock"].pk,
        quantity=Decimal(quantity),
        unit_cost=Decimal(unit_cost),
    )
    erp.receive_opening(rows=[opening], now=now)
