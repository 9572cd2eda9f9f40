"""A small workshop that makes tables to order: one plant, four work centres, a two-level BOM, round-the-clock shifts.

TABLE = 1 TOP + 4 LEG; TOP = 2 BOARD. BOARD and LEG are bought from TIMBER, LEG for 3.00 with one day of lead time.
Rates per hour, machine and labour: SAW 60 and 30, EDGE 30 and 30, ASM 0 and 36, PACK 0 and 24. Money in EUR, tax 19 %.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from crm import services as crm
from erp import services as erp
from erp.models import SupplierPrice
from masterdata import services as masterdata
from masterdata.models import (
    Bom,
    BomLine,
    Calendar,
    Company,
    Currency,
    Employee,
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

ROUTINGS = {
    "TOP": [(10, "Saw", "SAW", 5, 10), (20, "Edge", "EDGE", 0, 5)],
    "TABLE": [(10, "Assemble", "ASM", 0, 20), (20, "Pack", "PACK", 0, 5)],
    "STOOL": [(10, "Assemble", "ASM", 0, 60)],
}
BOMS = {"TOP": [("BOARD", 2)], "TABLE": [("TOP", 1), ("LEG", 4)], "STOOL": [("LEG", 3)]}
RATES = {"SAW": (60, 30), "EDGE": (30, 30), "ASM": (0, 36), "PACK": (0, 24)}


@dataclass
class Workshop:
    """The rows that stories need, by code."""

    plant: Plant
    company: Company
    customer: Partner
    other_customer: Partner
    operator: Employee
    stock: Location
    materials: dict[str, Material] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)

    def quantity(self, code: str, number: int | str) -> None:
        """Put free stock at its standard cost into the warehouse."""
        erp.receive_opening(
            rows=[
                erp.OpeningStock(
                    material_id=self.materials[code].pk,
                    location_id=self.stock.pk,
                    quantity=Decimal(number),
                    unit_cost=self.materials[code].standard_cost,
                )
            ],
            now=dt.datetime.now(dt.UTC),
        )

    def by_the_hour(self) -> Workshop:
        """Both customers take deliveries by the hour: a move of an hour is told, not only one to another day."""
        for customer in (self.customer, self.other_customer):
            crm.set_notice_wish(customer_id=customer.pk, tone="formal", has_hours=True)
        return self


def build(code: str = "MAIN", *, machines: dict[str, int] | None = None) -> Workshop:
    """Everything above; `machines` says how many machines a work centre has (one by default)."""
    year = dt.datetime.now(dt.UTC).year
    euro = Currency.objects.create(code="EUR", name="Euro")
    tax = TaxCode.objects.create(code="VAT19", name="VAT 19 %", rate_percent=19)
    company = Company.objects.create(code="TL", name="Throughline Tables", currency=euro)
    for books in (year - 1, year, year + 1):
        erp.open_books(company=company, year=books)
    always = Calendar.objects.create(code="ALWAYS", name="Round the clock")
    Shift.objects.bulk_create(
        Shift(calendar=always, name="Day and night", weekday=day, starts=dt.time(0), ends=dt.time(0))
        for day in range(7)
    )
    plant = Plant.objects.create(company=company, code=code, name="Main plant", calendar=always, transport_min=60)
    erp.open_buying(plant=plant)
    warehouse = Warehouse.objects.create(plant=plant, code=f"{code}-W", name="Main warehouse", is_main=True)
    stock = locations(plant, warehouse)
    term = PaymentTerm.objects.create(code="30", name="30 days", days=30)
    shop = Workshop(
        plant=plant,
        company=company,
        customer=Partner.objects.create(
            code="NORD", name="Nordhaus", is_customer=True, currency=euro, payment_term=term, tax_code=tax
        ),
        other_customer=Partner.objects.create(
            code="HARB", name="Harbour Homes", is_customer=True, currency=euro, payment_term=term, tax_code=tax
        ),
        operator=Employee.objects.create(code="E1", name="Li Wei", badge="B-1", plant=plant),
        stock=stock,
    )
    _materials(shop, tax)
    _work_centres(shop, always, machines or {})
    WorkCentre.objects.update(is_tended_together=True)  # Li Wei alone does everything
    _engineering(shop)
    return shop


def locations(plant: Plant, warehouse: Warehouse) -> Location:
    """The places of a plant; the one for stock."""
    kinds = Location.Kind
    for kind in (kinds.SUPPLIER, kinds.CUSTOMER, kinds.PRODUCTION, kinds.LOSS):
        Location.objects.create(plant=plant, code=kind.upper(), name=kind.label, kind=kind, is_default=True)
    return Location.objects.create(
        plant=plant, warehouse=warehouse, code="STOCK", name="Stock", kind=kinds.STOCK, is_default=True
    )


def _materials(shop: Workshop, tax: TaxCode) -> None:
    piece = Unit.objects.create(code="PC", name="Piece", rounding=1)
    goods = MaterialCategory.objects.create(code="ALL", name="Everything")
    rows = [
        ("TABLE", "Table Rive", "make", 0, 300),
        ("STOOL", "Stool Rive", "make", 0, 100),
        ("TOP", "Table top", "make", 0, 0),
        ("BOARD", "Oak board", "buy", "12.50", 0),
        ("LEG", "Leg", "buy", "2.00", 0),
    ]
    for code, name, supply, cost, price in rows:
        shop.materials[code] = Material.objects.create(
            code=code,
            name=name,
            category=goods,
            unit=piece,
            supply=supply,
            standard_cost=Decimal(cost),
            list_price=Decimal(price),
            tax_code=tax,
            is_sellable=bool(price),
        )
    timber = Partner.objects.create(code="TIMBER", name="Timber Trade", is_supplier=True, is_preferred=True)
    for code, price in (("BOARD", "12.50"), ("LEG", "3.00")):
        SupplierPrice.objects.create(
            supplier=timber, material=shop.materials[code], unit=piece, price=Decimal(price), lead_time_days=1
        )


def _work_centres(shop: Workshop, calendar: Calendar, machines: dict[str, int]) -> None:
    for code, (machine_rate, labour_rate) in RATES.items():
        centre = WorkCentre.objects.create(
            plant=shop.plant,
            code=code,
            name=code.title(),
            calendar=calendar,
            machine_rate=machine_rate,
            labour_rate=labour_rate,
        )
        for number in range(1, machines.get(code, 1) + 1):
            name = f"{code}-{number:02d}"
            shop.machines[name] = Machine.objects.create(work_centre=centre, code=name, name=name.title())


def _engineering(shop: Workshop) -> None:
    for code, components in BOMS.items():
        bom = Bom.objects.create(material=shop.materials[code])
        for number, (component, quantity) in enumerate(components, start=1):
            part = shop.materials[component]
            BomLine.objects.create(bom=bom, line_no=number, component=part, quantity=quantity, unit=part.unit)
        masterdata.freeze_bom(bom_id=bom.pk, now=dt.datetime.now(dt.UTC))
    for code, operations in ROUTINGS.items():
        routing = Routing.objects.create(material=shop.materials[code], plant=shop.plant)
        for sequence, name, centre, setup, run in operations:
            RoutingOperation.objects.create(
                routing=routing,
                sequence=sequence,
                name=name,
                work_centre=WorkCentre.objects.get(plant=shop.plant, code=centre),
                setup_min=setup,
                run_min_per_unit=run,
                setup_family=code,
            )
        masterdata.freeze_routing(routing_id=routing.pk, now=dt.datetime.now(dt.UTC))
