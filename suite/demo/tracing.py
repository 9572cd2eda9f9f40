"""Lots in the demo: stools with serial numbers, their seats, boards and oil in lots, sold to two customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import Lot, SalesOrder, SupplierPrice, WorkOrderOperation
from masterdata import services as masterdata
from masterdata.models import Material, Partner, WorkCentre
from suite.demo.factory import Demo

# Code, name, unit, price, supplier; then the lots that came: number, the supplier's, quantity, days ago.
BOUGHT = [
    ("BRD-ASH27", "Ash board 27 mm", "M2", "38.00", "HOLZ",
     [("ASH-2211", "HS-88410", 6, 9), ("ASH-2218", "HS-88462", 6, 4)]),
    ("OIL-HWX", "Hard wax oil, matt", "KG", "19.50", "TEKNOS",
     [("OIL-0907", "TK-55120", 4, 9), ("OIL-0921", "TK-55201", 4, 3)]),
]  # fmt: skip
# Code, name, tracking, components, steps: work centre, name, setup, minutes a piece.
MADE = [
    ("SEAT-ASK", "Seat Ask, ash", "lot", [("BRD-ASH27", "0.14")],
     [("SAW", "Cut", 6, 2.2), ("CNC", "Mill the seat", 8, 5.5), ("SAND", "Sand", 4, 4.0)]),
    ("STL-ASK", "Stool Ask, ash, oiled", "serial", [("SEAT-ASK", "1"), ("LEG-SOF", "3"), ("OIL-HWX", "0.06")],
     [("ASM", "Assemble", 5, 9.0), ("PACK", "Pack", 3, 3.0)]),
]  # fmt: skip
ORDERS = [("NORDHAUS", 6, 7), ("HARBOUR", 4, 5), ("BRUN", 6, 1)]  # customer, stools, days ago; the last is in work


def tell(demo: Demo) -> None:
    """Two orders shipped, the third half made: a lot of oil can be followed to both customers and into the hall."""
    _masters(demo)
    _receive(demo)
    for number, (customer, pieces, ago) in enumerate(ORDERS, 1):
        at = demo.now - dt.timedelta(days=ago)
        order = _order(demo, customer, pieces, at)
        _make(order, at + dt.timedelta(hours=2), is_whole=number < len(ORDERS))
        if number < len(ORDERS):
            shipment = erp.pack_shipment(order_id=order.pk, now=at + dt.timedelta(hours=9))
            erp.ship(shipment_id=shipment.pk, now=at + dt.timedelta(hours=10))


def _masters(demo: Demo) -> None:
    like, plant = demo.materials["SIDE-OAK"], demo.plants["DG"]
    units = {row.unit.code: row.unit for row in Material.objects.select_related("unit")}
    for code, name, unit, price, supplier, _lots in BOUGHT:
        material = Material.objects.create(
            code=code, name=name, category=like.category, unit=units[unit], supply="buy", tracking="lot",
            standard_cost=Decimal(price), tax_code=like.tax_code,
        )  # fmt: skip
        partner = Partner.objects.get(code=supplier)
        SupplierPrice.objects.create(
            supplier=partner, material=material, unit=units[unit], price=Decimal(price), lead_time_days=6
        )
        demo.materials[code] = material
    centres = {row.code: row.pk for row in WorkCentre.objects.filter(plant=plant)}
    for code, name, tracking, lines, steps in MADE:
        material = Material.objects.create(
            code=code, name=name, category=like.category, unit=like.unit, supply="make", tracking=tracking,
            standard_cost=Decimal(12), list_price=Decimal(149), tax_code=like.tax_code,
            is_sellable=code == "STL-ASK",
        )  # fmt: skip
        demo.materials[code] = material
        parts = [masterdata.BomLineInput(demo.materials[part].pk, Decimal(quantity)) for part, quantity in lines]
        bom = masterdata.write_bom(material_id=material.pk, lines=parts)
        masterdata.freeze_bom(bom_id=bom.pk, now=demo.now)
        operations = [
            masterdata.OperationInput(10 * at, step, centres[centre], Decimal(str(run)), Decimal(setup))
            for at, (centre, step, setup, run) in enumerate(steps, 1)
        ]
        routing = masterdata.write_routing(material_id=material.pk, plant_id=plant.pk, operations=operations)
        masterdata.freeze_routing(routing_id=routing.pk, now=demo.now)


def _receive(demo: Demo) -> None:
    plant = demo.plants["DG"]
    for code, _name, _unit, price, supplier, lots in BOUGHT:
        for number, theirs, quantity, ago in lots:
            at = demo.now - dt.timedelta(days=ago)
            line = erp.PurchaseLineInput(demo.materials[code].pk, Decimal(quantity), Decimal(price), at)
            partner = Partner.objects.get(code=supplier)
            order = erp.create_purchase_order(plant=plant, supplier=partner, lines=[line], now=at)
            came = erp.Delivered(
                line_id=order.lines.get().pk, quantity=Decimal(quantity), lot=number, supplier_lot=theirs
            )
            erp.receive_purchase(
                purchase_order_id=order.pk, lines=[came], delivery_note=f"DN-{theirs}", now=at,
                location_id=demo.stock["DG"].pk,
            )  # fmt: skip


def _order(demo: Demo, customer: str, pieces: int, at: dt.datetime) -> SalesOrder:
    line = erp.OrderLineInput(
        plant_id=demo.plants["DG"].pk, material_id=demo.materials["STL-ASK"].pk, quantity=Decimal(pieces),
        unit_price=Decimal(149), wanted_on=at.date() + dt.timedelta(days=14),
    )  # fmt: skip
    order = erp.create_order(
        company=demo.company, customer=Partner.objects.get(code=customer), currency=demo.company.currency,
        lines=[line], now=at,
    )  # fmt: skip
    return erp.confirm_order(order_id=order.pk, now=at)


def _make(order: SalesOrder, at: dt.datetime, *, is_whole: bool) -> None:
    """Seats first, then stools; of the last order only the seats and half of the stools' first step."""
    rows = WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order).select_related(
        "work_order__material", "work_centre"
    )
    for step in sorted(rows, key=lambda row: (-row.work_order.path.count("."), row.work_order.path, row.sequence)):
        good = step.work_order.quantity
        if not is_whole and step.work_order.material.code == "STL-ASK":
            if step.sequence > 10:
                return
            good = good // 2
        machine = step.work_centre.machines.filter(is_active=True).order_by("code")[0]
        minutes = step.setup_min + step.run_min_per_unit * good
        at += dt.timedelta(minutes=float(minutes))
        erp.start_operation(operation_id=step.pk, machine_id=machine.pk, now=at)
        erp.report_operation(
            operation_id=step.pk, machine_id=machine.pk, good_qty=good, scrap_qty=Decimal(0), now=at,
            worked_min=round(minutes, 3), consumed=_scanned(step, good),
        )  # fmt: skip


def _scanned(step: WorkOrderOperation, good: Decimal) -> list[erp.Consumed]:
    """The oil's lot is scanned at the assembly: always the older tin."""
    if step.work_order.material.code != "STL-ASK" or step.sequence > 10:
        return []
    oil = Lot.objects.get(number="OIL-0907")
    return [erp.Consumed(material_id=oil.material_id, lot_id=oil.pk, quantity=Decimal("0.06") * good)]
