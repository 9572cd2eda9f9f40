"""A small furniture shop for tests of buying and selling: one plant, two work centres, a table with a two-level BOM."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import SalesOrder, SupplierPrice
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
    PaymentTerm,
    Plant,
    TaxCode,
    Unit,
    UnitConversion,
    Warehouse,
    WorkCentre,
)

NOW = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
WANTED = dt.date(2026, 3, 20)


class Shop:
    """Company, plant, people to deal with, units; `make`, `buy`, `bom` and `route` fill it."""

    def __init__(self) -> None:
        self.euro = Currency.objects.create(code="EUR", name="Euro")
        self.company = Company.objects.create(code="OAK", name="Oak and Sons", currency=self.euro)
        calendar = Calendar.objects.create(code="ALWAYS", name="Always")
        self.plant = Plant.objects.create(
            company=self.company, code="P1", name="First plant", calendar=calendar, transport_min=120
        )
        warehouse = Warehouse.objects.create(plant=self.plant, code="W1", name="Main", is_main=True)
        for kind in Location.Kind.values:
            inside = warehouse if kind in (Location.Kind.STOCK, Location.Kind.QUARANTINE) else None
            Location.objects.create(
                plant=self.plant, warehouse=inside, code=kind.upper(), name=kind, kind=kind, is_default=True
            )
        self.shelf = Location.objects.get(plant=self.plant, kind=Location.Kind.STOCK)
        self.piece = Unit.objects.create(code="EA", name="Each")
        self.kilo = Unit.objects.create(code="KG", name="Kilogram", rounding=Decimal("0.001"))
        self.box = Unit.objects.create(code="BOX", name="Box")
        self.category = MaterialCategory.objects.create(code="ALL", name="All")
        self.vat = TaxCode.objects.create(code="VAT19", name="Standard", rate_percent=Decimal(19))
        self.customer = Partner.objects.create(
            code="C1",
            name="Corner shop",
            is_customer=True,
            payment_term=PaymentTerm.objects.create(code="N14", name="14 days", days=14),
            tax_code=self.vat,
        )
        self.supplier = Partner.objects.create(code="S1", name="Timber yard", is_supplier=True)
        self.saw = WorkCentre.objects.create(
            plant=self.plant,
            code="SAW",
            name="Saw",
            calendar=calendar,
            machine_rate=Decimal(60),
            labour_rate=Decimal(30),
        )
        self.saw_one = Machine.objects.create(work_centre=self.saw, code="SAW-1", name="Saw one")
        erp.open_books(company=self.company, year=2026)
        erp.open_buying(plant=self.plant)

    def make(self, code: str, unit: Unit | None = None, *, routed: bool = True) -> Material:
        """A material that is made, with one operation of 10 + 2 minutes a piece at the saw."""
        material = self._material(code, unit, Material.Supply.MAKE)
        if routed:
            steps = [masters.OperationInput(10, "Saw", self.saw.pk, Decimal(2), Decimal(10))]
            draft = masters.write_routing(material_id=material.pk, plant_id=self.plant.pk, operations=steps)
            masters.freeze_routing(routing_id=draft.pk, now=NOW)
        return material

    def buy(self, code: str, unit: Unit | None = None, cost: str = "1") -> Material:
        """A material that is bought; without a supplier price until `price` gives it one."""
        return self._material(code, unit, Material.Supply.BUY, cost)

    def _material(self, code: str, unit: Unit | None, supply: str, cost: str = "1") -> Material:
        return Material.objects.create(
            code=code,
            name=code.title(),
            category=self.category,
            unit=unit or self.piece,
            supply=supply,
            standard_cost=Decimal(cost),
            is_sellable=True,
        )

    def price(
        self, material: Material, price: str = "1", unit: Unit | None = None, days: int = 5, least: str = "0",
        most: str | None = None, supplier: Partner | None = None,
    ) -> SupplierPrice:  # fmt: skip
        """What a supplier asks for it."""
        return SupplierPrice.objects.create(
            supplier=supplier or self.supplier,
            material=material,
            unit=unit or material.unit,
            price=Decimal(price),
            lead_time_days=days,
            min_quantity=Decimal(least),
            max_quantity=Decimal(most) if most else None,
        )

    def boxes(self, material: Material, pieces: int) -> None:
        """One box holds so many of it."""
        UnitConversion.objects.create(material=material, unit=self.box, base_units_per_unit=Decimal(pieces))

    def bom(self, parent: Material, *lines: tuple[Material, str] | tuple[Material, str, str], base: str = "1") -> None:
        """Freeze a BOM of (component, quantity, scrap percent)."""
        rows = [
            masters.BomLineInput(
                line[0].pk, Decimal(line[1]), scrap_percent=Decimal(line[2]) if len(line) > 2 else Decimal(0)
            )
            for line in lines
        ]
        draft = masters.write_bom(material_id=parent.pk, lines=rows, base_qty=Decimal(base))
        masters.freeze_bom(bom_id=draft.pk, now=NOW)

    def stock(self, material: Material, quantity: str, cost: str = "1") -> None:
        """Opening stock on the shelf."""
        erp.receive_opening(
            rows=[erp.OpeningStock(material.pk, self.shelf.pk, Decimal(quantity), Decimal(cost))], now=NOW
        )

    def safety(self, material: Material, quantity: str) -> None:
        """What has to stay on the shelf."""
        MaterialPlant.objects.create(material=material, plant=self.plant, safety_stock=Decimal(quantity))

    def draft(self, *lines: tuple[Material, str] | tuple[Material, str, str]) -> SalesOrder:
        """An order of (material, quantity, unit price), not confirmed."""
        rows = [
            erp.OrderLineInput(
                self.plant.pk, line[0].pk, Decimal(line[1]), Decimal(line[2] if len(line) > 2 else "100"), WANTED
            )
            for line in lines
        ]
        return erp.create_order(company=self.company, customer=self.customer, currency=self.euro, lines=rows, now=NOW)

    def order(self, *lines: tuple[Material, str] | tuple[Material, str, str]) -> SalesOrder:
        """A confirmed order."""
        return erp.confirm_order(order_id=self.draft(*lines).pk, now=NOW)
