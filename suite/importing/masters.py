"""Writers of master data: the plant with its books, units, materials, partners, work centres, locations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from erp import services as erp
from erp.models import SupplierPrice
from masterdata import services as masters
from masterdata.models import (
    Calendar,
    Company,
    Currency,
    Location,
    Machine,
    Material,
    MaterialCategory,
    MaterialPlant,
    Partner,
    Plant,
    Shift,
    Unit,
    UnitConversion,
    Warehouse,
    WorkCentre,
)
from masterdata.numbers import allocate
from suite.importing.arguments import main_warehouse
from suite.importing.changes import Report, write
from suite.importing.contract import rounding_of
from suite.importing.staging import Staged

FIRST_SHIFT = 6 * 60
SHIFT_MIN = 8 * 60
DAY_MIN = 24 * 60


@dataclass
class Target:
    """The plant that takes everything, and the rows written so far by code."""

    plant: Plant
    warehouse: Warehouse
    units: dict[str, Unit] = field(default_factory=dict)
    materials: dict[str, Material] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    work_centres: dict[str, WorkCentre] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)


def target(plant_code: str, years: set[int]) -> Target:
    """The plant with this code; made with company, main warehouse, locations and open books when it is absent."""
    plant = Plant.objects.filter(code=plant_code).select_related("company", "calendar").first()
    if plant is None:
        dollar, _ = Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        company, _ = Company.objects.get_or_create(
            code=plant_code, defaults={"name": plant_code.title(), "currency": dollar}
        )
        plant = Plant.objects.create(
            company=company, code=plant_code, name=f"Plant {plant_code}", calendar=calendar_of(Decimal(168))
        )
        erp.open_buying(plant=plant)
    warehouse = Warehouse.objects.filter(plant=plant, is_main=True).first()
    if warehouse is None:
        warehouse = Warehouse.objects.create(
            plant=plant, code=main_warehouse(plant.code), name=f"{plant.name}, main warehouse", is_main=True
        )
    masters.add_default_locations(plant=plant, warehouse=warehouse)
    for year in sorted(years):
        erp.open_books(company=plant.company, year=year)
    return Target(plant=plant, warehouse=warehouse)


def calendar_of(weekly_hours: Decimal) -> Calendar:
    """A calendar of so many hours a week from Monday 06:00, in shifts of eight hours (80: two shifts on five days).

    Five working days up to 120 hours, else seven; minutes that do not divide go to the first days.
    """
    code = f"H{weekly_hours.normalize():f}".replace(".", "-")
    calendar, made = Calendar.objects.get_or_create(
        code=code, defaults={"name": f"{weekly_hours.normalize():f} hours a week"}
    )
    if made:
        days = 5 if weekly_hours <= 120 else 7
        total = (weekly_hours * 60).to_integral_value()
        per_day = allocate(total, [Decimal(1)] * days, decimals=0)
        Shift.objects.bulk_create(
            shift for day, minutes in enumerate(per_day) for shift in _shifts(calendar, day, int(minutes))
        )
    return calendar


def _shifts(calendar: Calendar, weekday: int, minutes: int) -> list[Shift]:
    shifts: list[Shift] = []
    start = FIRST_SHIFT
    while minutes > 0:
        length = min(SHIFT_MIN, minutes)
        day = (weekday + start // DAY_MIN) % 7
        shifts.append(
            Shift(
                calendar=calendar,
                name=f"Shift {len(shifts) + 1}",
                weekday=day,
                starts=_clock(start),
                ends=_clock(start + length),
            )
        )
        start, minutes = start + length, minutes - length
    return shifts


def _clock(minute: int) -> dt.time:
    return dt.time(minute % DAY_MIN // 60, minute % 60)


def write_units(staged: Staged, to: Target, report: Report) -> None:
    """Units; those that measure are divisible to a thousandth, the others count whole things."""
    rows = staged.rows["units"]
    wanted = {
        row["code"]: {
            "code": row["code"],
            "name": row["name"],
            "rounding": rounding_of(row["code"]),
        }
        for row in rows
    }
    to.units = write(Unit, wanted, Unit.objects.all(), lambda unit: unit.code, report.entity("units", len(rows)))


def write_materials(staged: Staged, to: Target, report: Report) -> None:
    """Categories, materials and their planning parameters in the plant."""
    rows = staged.rows["materials"]
    names = {row["category"] for row in rows}
    categories = write(
        MaterialCategory,
        {name: {"code": name, "name": name} for name in sorted(names)},
        MaterialCategory.objects.all(),
        lambda category: category.code,
        report.entity("categories", len(names)),
    )
    wanted = {
        row["code"]: {
            "code": row["code"],
            "name": row["name"],
            "category_id": categories[row["category"]].pk,
            "unit_id": to.units[row["unit"]].pk,
            "supply": row["supply"],
            "standard_cost": row["standard_cost"],
            "list_price": row["list_price"],
            "colour": row["colour"],
            "weight_kg": row["weight_kg"],
            "is_sellable": row["sellable"],
        }
        for row in rows
    }
    count = report.entity("materials", len(rows))
    to.materials = write(Material, wanted, Material.objects.all(), lambda material: material.code, count)
    planning = {
        to.materials[row["code"]].pk: {
            "material_id": to.materials[row["code"]].pk,
            "plant_id": to.plant.pk,
            "safety_stock": row["safety_stock"],
            "reorder_point": row["reorder_point"],
            "lead_time_days": row["make_lead_time_days"],
        }
        for row in rows
    }
    existing = MaterialPlant.objects.filter(plant=to.plant)
    write(MaterialPlant, planning, existing, lambda one: one.material_id, report.entity("material_plants", len(rows)))


def write_conversions(staged: Staged, to: Target, report: Report) -> None:
    """How many base units a purchase unit of one material holds."""
    rows = staged.rows["unit_conversions"]
    wanted = {}
    for row in rows:
        material, unit = to.materials[row["material_code"]], to.units[row["unit"]]
        wanted[material.pk, unit.pk] = {
            "material_id": material.pk,
            "unit_id": unit.pk,
            "base_units_per_unit": row["base_units_per_unit"],
        }
    existing = UnitConversion.objects.filter(material__isnull=False)
    count = report.entity("unit_conversions", len(rows))
    write(UnitConversion, wanted, existing, lambda one: (one.material_id, one.unit_id), count)


def write_partners(staged: Staged, to: Target, report: Report) -> None:
    """Suppliers and customers; one partner may be both."""
    suppliers, customers = staged.rows["suppliers"], staged.rows["customers"]
    count = report.entity("suppliers", len(suppliers))
    wanted = {
        row["code"]: {
            "code": row["code"],
            "name": row["name"],
            "is_supplier": True,
            "credit_rating": row["credit_rating"],
            "is_preferred": row["preferred"],
            "is_active": row["active"],
        }
        for row in suppliers
    }
    write(Partner, wanted, Partner.objects.all(), lambda partner: partner.code, count)
    wanted = {
        row["code"]: {"code": row["code"], "name": row["name"], "kind": row["kind"], "is_customer": True}
        for row in customers
    }
    count = report.entity("customers", len(customers))
    to.partners = write(Partner, wanted, Partner.objects.all(), lambda partner: partner.code, count)


def write_work_centres(staged: Staged, to: Target, report: Report) -> None:
    """Work centres with their calendar and rate, and as many machines as the file says."""
    rows = staged.rows["work_centres"]
    wanted = {
        row["code"]: {
            "plant_id": to.plant.pk,
            "code": row["code"],
            "name": row["name"],
            "machine_rate": row["cost_per_hour"],
            "calendar_id": calendar_of(row["weekly_hours_per_machine"]).pk,
        }
        for row in rows
    }
    existing = WorkCentre.objects.filter(plant=to.plant)
    count = report.entity("work_centres", len(rows))
    to.work_centres = write(WorkCentre, wanted, existing, lambda centre: centre.code, count)
    machines = {
        f"{row['code']}-{number:02d}": {
            "work_centre_id": to.work_centres[row["code"]].pk,
            "code": f"{row['code']}-{number:02d}",
            "name": f"{row['name']} {number}",
        }
        for row in rows
        for number in range(1, row["machines"] + 1)
    }
    here = Machine.objects.filter(work_centre__plant=to.plant)
    write(Machine, machines, here, lambda machine: machine.code, report.entity("machines", len(machines)))


def write_locations(staged: Staged, to: Target, report: Report) -> None:
    """Storage locations of the main warehouse, and the bins that the stock file names as their children."""
    rows = staged.rows["locations"]
    values = {"plant_id": to.plant.pk, "warehouse_id": to.warehouse.pk, "kind": Location.Kind.STOCK}
    wanted = {row["code"]: {**values, "code": row["code"], "name": row["name"]} for row in rows}
    here = Location.objects.filter(plant=to.plant)
    to.locations = write(Location, wanted, here, lambda one: one.code, report.entity("locations", len(rows)))
    named = set(wanted)
    places = {(row["location"], row["bin"]) for row in staged.rows["stock"] if row["bin"]}
    bins = {(parent, code) for parent, code in places if f"{parent}/{code}" not in named}
    wanted = {
        f"{parent}/{code}": {
            **values,
            "code": f"{parent}/{code}",
            "name": f"{to.locations[parent].name[:90]}, bin {code}",
            "parent_id": to.locations[parent].pk,
        }
        for parent, code in sorted(bins)
    }
    here = Location.objects.filter(plant=to.plant)
    to.locations = write(Location, wanted, here, lambda one: one.code, report.entity("bins", len(bins)))


def write_prices(staged: Staged, to: Target, report: Report) -> None:
    """Supplier prices per purchase unit."""
    rows = staged.rows["supplier_prices"]
    wanted = {}
    for row in rows:
        supplier, material = to.partners[row["supplier_code"]], to.materials[row["material_code"]]
        wanted[supplier.pk, material.pk] = {
            "supplier_id": supplier.pk,
            "material_id": material.pk,
            "unit_id": to.units[row["unit"]].pk,
            "price": row["price"],
            "lead_time_days": row["lead_time_days"],
            "min_quantity": row["min_quantity"],
            "max_quantity": row["max_quantity"] or None,
        }
    existing = SupplierPrice.objects.filter(from_quantity=0, valid_from=None, valid_until=None)
    count = report.entity("supplier_prices", len(rows))
    write(SupplierPrice, wanted, existing, lambda one: (one.supplier_id, one.material_id), count)
