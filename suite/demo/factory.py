"""Builds the demo factory's masters: company, plants, calendars, machines, partners, materials, stock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from erp import services as erp
from erp.models import SupplierPrice
from masterdata import services as masterdata
from masterdata.models import (
    Address,
    Calendar,
    CalendarException,
    Company,
    Currency,
    Location,
    Machine,
    Material,
    MaterialCategory,
    Partner,
    Plant,
    ReasonCode,
    Shift,
    ShiftBreak,
    TaxCode,
    Unit,
    Warehouse,
    WorkCentre,
)
from suite.demo import addresses, registers
from suite.demo.beside import bom_of
from suite.demo.items import Catalogue, Item

UNITS = {"PC": ("Piece", "1"), "M": ("Metre", "0.01"), "M2": ("Square metre", "0.001"), "KG": ("Kilogram", "0.001")}
PLANTS = {
    "DG": ("Dongguan casegoods", "Asia/Shanghai", 24 * 60),
    "PZ": ("Poznań tables and sofas", "Europe/Warsaw", 8 * 60),
}
# plant, code, name, kind, machines, machine rate, labour rate, calendar
CENTRES = [
    ("DG", "SAW", "Panel saw", "saw", 3, 46, 24, "two"),
    ("DG", "EDGE", "Edge bander", "edge", 3, 38, 24, "two"),
    ("DG", "CNC", "Drilling and routing", "cnc", 4, 52, 26, "two"),
    ("DG", "DRILL", "Drill press", "drill", 2, 18, 24, "two"),
    ("DG", "SAND", "Sanding", "sand", 2, 16, 22, "two"),
    ("DG", "PAINT", "Paint line", "paint", 2, 64, 26, "two"),
    ("DG", "OVEN", "Curing oven", "oven", 2, 30, 12, "two"),
    ("DG", "ASM", "Assembly", "assembly", 4, 6, 25, "two"),
    ("DG", "PACK", "Packing", "pack", 3, 5, 21, "two"),
    ("DG", "KIT", "Hardware kitting", "pack", 1, 3, 20, "day"),
    ("PZ", "PSAW", "Saw", "saw", 2, 44, 28, "day"),
    ("PZ", "PCNC", "CNC mill", "cnc", 3, 55, 30, "two"),
    ("PZ", "PSAND", "Sanding", "sand", 2, 15, 26, "day"),
    ("PZ", "PLAC", "Oil and lacquer", "paint", 2, 40, 28, "day"),
    ("PZ", "PSEW", "Sewing", "sew", 3, 8, 27, "day"),
    ("PZ", "PUPH", "Upholstery", "upholstery", 3, 6, 29, "day"),
    ("PZ", "PASM", "Assembly", "assembly", 2, 6, 28, "two"),
    ("PZ", "PPACK", "Packing", "pack", 1, 5, 24, "day"),
]
CUSTOMERS = [
    ("NORDHAUS", "Nordhaus Interiors", "Hamburg", "DE"),
    ("HARBOUR", "Harbour Homes", "Rotterdam", "NL"),
    ("BRUN", "Atelier Brun", "Lyon", "FR"),
    ("LINDQVIST", "Lindqvist & Co", "Göteborg", "SE"),
    ("CASAVIVA", "Casa Viva", "Valencia", "ES"),
    ("ALPINA", "Alpina Hotels", "Innsbruck", "AT"),
    ("KESTREL", "Kestrel Living", "Leeds", "GB"),
    ("MAREBLU", "Mare Blu", "Genova", "IT"),
    ("SKOV", "Skov Møbler", "Aarhus", "DK"),
    ("PRAGA", "Praga Design", "Praha", "CZ"),
    ("BOREAL", "Boreal Contract", "Oslo", "NO"),
    ("TERRA", "Terra Casa", "Lisboa", "PT"),
]
SUPPLIERS = {
    "EGGER": "Alpen Board",
    "REHAU": "Kanten Nord",
    "BLUM": "Scharnier Vorarlberg",
    "HAFELE": "Beschlag Kontor",
    "KLEIBERIT": "Leim & Co",
    "TEKNOS": "Baltic Coatings",
    "HOLZ": "Holzhof Südtirol",
    "METALLBAU": "Metallbau Ruhr",
    "TEXTIL": "Textil Łódź",
    "KARTON": "Karton Werk",
    "GLAS": "Glas Böhm",
}
DISCOUNTS = {"EGGER", "BLUM"}  # who grant 2 % to those who pay within ten days
STANDARD = {"Small furniture"}  # kept at standard cost
REASONS = [
    ("D-MECH", "Mechanical fault", "downtime"),
    ("D-ELEC", "Electrical fault", "downtime"),
    ("D-TOOL", "Tool broken", "downtime"),
    ("D-AIR", "No air or extraction", "downtime"),
    ("S-CHIP", "Edge chipped", "scrap"),
    ("S-DIM", "Wrong dimension", "scrap"),
    ("S-SURF", "Surface fault", "scrap"),
    ("Q-CHECK", "Waits for a check", "quarantine"),
    ("Q-DAMAGE", "Damaged in transport", "quarantine"),
    ("P-BREAK", "Break", "pause"),
    ("P-MAT", "Waiting for material", "pause"),
    ("P-HELP", "Waiting for help", "pause"),
]


@dataclass
class Demo:
    """Rows made so far, by code, and the moment that counts as now."""

    now: dt.datetime
    company: Company
    plants: dict[str, Plant] = field(default_factory=dict)
    stock: dict[str, Location] = field(default_factory=dict)
    customers: list[Partner] = field(default_factory=list)
    others: dict[str, Partner] = field(default_factory=dict)
    materials: dict[str, Material] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)

    def products(self, plant: str) -> list[Item]:
        """What a plant sells, in the order of the catalogue."""
        return [item for item in self.catalogue.items.values() if item.price and item.plant == plant]


def build(catalogue: Catalogue, now: dt.datetime) -> Demo:
    """All masters and the opening stock; bulk statements, so that it takes a second or two."""
    euro = Currency.objects.create(code="EUR", name="Euro")
    company = Company.objects.create(code="FJORD", name="Fjord Home", currency=euro, **addresses.COMPANY)
    for year in (now.year - 1, now.year, now.year + 1):
        erp.open_books(company=company, year=year)
    demo = Demo(now=now, company=company, catalogue=catalogue)
    calendars = _calendars(now)
    _plants(demo, calendars)
    _machines(demo, calendars)
    _partners(demo, euro)
    _materials(demo)
    registers.write(euro, now)
    registers.open_bank(company, now)
    _engineering(demo)
    _opening(demo)
    ReasonCode.objects.bulk_create(ReasonCode(code=code, name=name, kind=kind) for code, name, kind in REASONS)
    return demo


def _calendars(now: dt.datetime) -> dict[str, Calendar]:
    """Two shifts and a day shift for each plant's zone, with breaks and the days around Christmas off."""
    shifts = {
        "two": [("Early", (6, 0), (14, 0), [(9, 30), (9, 45)]), ("Late", (14, 0), (22, 0), [(18, 0), (18, 30)])],
        "day": [("Day", (7, 0), (15, 30), [(11, 30), (12, 0)])],
    }
    calendars = {}
    for plant, (_, zone, _) in PLANTS.items():
        for kind, rows in shifts.items():
            code = f"{plant}-{kind.upper()}"
            name = f"{plant}, {'two shifts' if kind == 'two' else 'day shift'}"
            calendars[f"{plant}-{kind}"] = calendar = Calendar.objects.create(code=code, name=name, time_zone=zone)
            for weekday in range(5):
                for label, starts, ends, rest in rows:
                    shift = Shift.objects.create(
                        calendar=calendar, name=label, weekday=weekday, starts=dt.time(*starts), ends=dt.time(*ends)
                    )
                    ShiftBreak.objects.create(shift=shift, starts=dt.time(*rest[0]), ends=dt.time(*rest[1]))
            CalendarException.objects.bulk_create(
                CalendarException(calendar=calendar, on=dt.date(year, month, day), name=name)
                for year in (now.year, now.year + 1)
                for month, day, name in (
                    (12, 25, "Christmas"),
                    (12, 26, "Boxing Day"),
                    (1, 1, "New Year"),
                    (5, 1, "Labour Day"),
                )
            )
    return calendars


def _plants(demo: Demo, calendars: dict[str, Calendar]) -> None:
    kinds = Location.Kind
    for code, (name, zone, transport) in PLANTS.items():
        plant = Plant.objects.create(
            company=demo.company,
            code=code,
            name=name,
            time_zone=zone,
            calendar=calendars[f"{code}-day"],
            transport_min=transport,
            address=addresses.PLANTS[code],
        )
        erp.open_buying(plant=plant)
        main = Warehouse.objects.create(plant=plant, code=f"{code}-1", name=f"{name}, main store", is_main=True)
        for kind in (kinds.SUPPLIER, kinds.CUSTOMER, kinds.PRODUCTION, kinds.LOSS, kinds.TRANSIT):
            Location.objects.create(plant=plant, code=kind.upper(), name=str(kind.label), kind=kind, is_default=True)
        Location.objects.create(
            plant=plant, warehouse=main, code="QUARANTINE", name="Quarantine", kind=kinds.QUARANTINE, is_default=True
        )
        demo.plants[code] = plant
        demo.stock[code] = Location.objects.create(
            plant=plant, warehouse=main, code="STOCK", name="Main store", kind=kinds.STOCK, is_default=True
        )
    boards = Warehouse.objects.create(plant=demo.plants["DG"], code="DG-2", name="Dongguan board store")
    Location.objects.create(plant=demo.plants["DG"], warehouse=boards, code="BOARDS", name="Board racks")


def _machines(demo: Demo, calendars: dict[str, Calendar]) -> None:
    machines = []
    for plant, code, name, kind, count, machine_rate, labour_rate, calendar in CENTRES:
        centre = WorkCentre.objects.create(
            plant=demo.plants[plant],
            code=code,
            name=name,
            kind=kind,
            calendar=calendars[f"{plant}-{calendar}"],
            machine_rate=machine_rate,
            labour_rate=labour_rate,
        )
        for number in range(1, count + 1):
            # The last machine of a large work centre is the old one: a fifth slower.
            slow = count > 2 and number == count
            label = f"{name} {number}"
            machines.append(
                Machine(work_centre=centre, code=f"{code}-{number:02d}", name=label, speed_percent=80 if slow else 100)
            )
    Machine.objects.bulk_create(machines)


def _partners(demo: Demo, euro: Currency) -> None:
    term, soon, early = registers.terms()
    tax = TaxCode.objects.create(code="VAT23", name="VAT 23 %", rate_percent=23)
    TaxCode.objects.create(code="VAT0", name="No VAT, export", rate_percent=0)
    demo.customers = Partner.objects.bulk_create(
        Partner(
            code=code,
            name=name,
            is_customer=True,
            email=f"orders@{code.lower()}.example",
            currency=euro,
            payment_term=(term, soon)[number % 2],
            tax_code=tax,
            language=addresses.LANGUAGES.get(country, ""),
        )
        for number, (code, name, _, country) in enumerate(CUSTOMERS)
    )
    demo.others = registers.special_customers(euro, tax)
    Address.objects.bulk_create(
        Address(partner=partner, line1=f"{number + 3} Harbour Street", city=city, country=country)
        for number, (partner, (_, _, city, country)) in enumerate(zip(demo.customers, CUSTOMERS, strict=True))
    )
    Partner.objects.bulk_create(
        Partner(
            code=code, name=name, is_supplier=True, is_preferred=True, currency=euro,
            payment_term=early if code in DISCOUNTS else term,
        )
        for code, name in SUPPLIERS.items()
    )  # fmt: skip
    addresses.give_suppliers(SUPPLIERS)
    registers.give_accounts()


def _materials(demo: Demo) -> None:
    units = {
        code: Unit.objects.create(code=code, name=name, rounding=Decimal(step)) for code, (name, step) in UNITS.items()
    }
    tax = TaxCode.objects.get(code="VAT23")
    names = dict.fromkeys(item.category for item in demo.catalogue.items.values())
    categories = {
        name: MaterialCategory.objects.create(
            code=name, name=name, valuation="standard" if name in STANDARD else "moving_average"
        )
        for name in names
    }
    made = Material.objects.bulk_create(
        Material(
            code=item.code,
            name=item.name,
            category=categories[item.category],
            unit=units[item.unit],
            supply="make" if item.is_made else "buy",
            standard_cost=item.cost,
            list_price=item.price,
            tax_code=tax,
            is_sellable=bool(item.price),
            colour=item.decor,
        )
        for item in demo.catalogue.items.values()
    )
    demo.materials = {material.code: material for material in made}
    suppliers = {partner.code: partner for partner in Partner.objects.filter(is_supplier=True)}
    SupplierPrice.objects.bulk_create(
        SupplierPrice(
            supplier=suppliers[item.supplier],
            material=demo.materials[item.code],
            unit=units[item.unit],
            price=item.cost,
            lead_time_days=item.lead_days,
            min_quantity=Decimal(max(1, item.stock // 20)),
        )
        for item in demo.catalogue.items.values()
        if item.supplier
    )


def _engineering(demo: Demo) -> None:
    made = [item for item in demo.catalogue.items.values() if item.is_made]
    boms = masterdata.write_boms(boms=[bom_of(item, demo.materials) for item in made])
    masterdata.freeze_boms(bom_ids=[bom.pk for bom in boms], now=demo.now)
    centres = {centre.code: centre.pk for centre in WorkCentre.objects.all()}
    routings = masterdata.write_routings(
        routings=[
            masterdata.RoutingInput(
                demo.materials[item.code].pk,
                demo.plants[plant].pk,
                [
                    masterdata.OperationInput(
                        sequence=10 * number,
                        name=name,
                        work_centre_id=centres[centre],
                        setup_min=Decimal(str(setup)),
                        run_min_per_unit=Decimal(str(run)),
                        setup_family=item.family,
                    )
                    for number, (centre, name, setup, run) in enumerate(steps, start=1)
                ],
            )
            for item in made
            for plant, steps in item.routes.items()
        ]
    )
    masterdata.freeze_routings(routing_ids=[routing.pk for routing in routings], now=demo.now)


def _opening(demo: Demo) -> None:
    """What lies in each plant when the demo begins: only what that plant's products need."""
    for code, location in demo.stock.items():
        used = {part for item in demo.catalogue.items.values() if code in item.routes for part, _ in item.lines}
        erp.receive_opening(
            rows=[
                erp.OpeningStock(
                    material_id=demo.materials[item.code].pk,
                    location_id=location.pk,
                    quantity=Decimal(item.stock),
                    unit_cost=item.cost,
                )
                for item in demo.catalogue.items.values()
                if item.stock and item.code in used
            ],
            now=demo.now - dt.timedelta(days=45),
        )
