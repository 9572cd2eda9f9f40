"""Standard costs of the demo: a version in force, a question what dearer boards would do, work that cost more."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import WorkOrder
from masterdata.models import Material, MaterialPlant, User, WorkCentre
from suite.demo.factory import Demo

SHELF = "SHF-LIN-WHT"
LOT = 12


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Small furniture stands at standard cost; a dozen shelves for stock took more than planned, one was lost.
    From next month an hour of the saws costs 4 % more.
    """
    plant, today = demo.plants["DG"], demo.now.date() - dt.timedelta(days=1)
    version = erp.draft_standards(
        plant=plant, name=f"{today.year}", valid_from=today, now=demo.now, lot_qty=Decimal(LOT)
    )
    erp.release_standards(version_id=version.pk, now=demo.now, by=users["anna"])
    saws = WorkCentre.objects.get(plant=plant, code="SAW")
    next_month = (demo.now.date().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    dearer = round(saws.machine_rate * Decimal("1.04"), 2)
    erp.set_hour_rate(kind="machine", work_centre=saws, per_hour=dearer, valid_from=next_month)
    asked = erp.draft_standards(
        plant=plant, name="Boards 6 % dearer", valid_from=today + dt.timedelta(days=60), now=demo.now,
        lot_qty=Decimal(LOT),
    )  # fmt: skip
    for board in Material.objects.filter(code__startswith="BRD").order_by("code"):
        price = round(board.standard_cost * Decimal("1.06"), 2)
        erp.assume(version_id=asked.pk, kind="price", value=price, now=demo.now, material=board)
    _for_stock(demo)


def _for_stock(demo: Demo) -> None:
    """Wanted by the stock, planned, released, sawn and edged today."""
    plant, shelf = demo.plants["DG"], demo.materials[SHELF]
    MaterialPlant.objects.update_or_create(
        material=shelf, plant=plant,
        defaults={
            "policy": MaterialPlant.Policy.TO_STOCK, "safety_stock": Decimal(LOT),
            "lot_rule": MaterialPlant.LotRule.MULTIPLE, "lot_qty": Decimal(LOT),
        },
    )  # fmt: skip
    erp.plan_changes(plant_id=plant.pk, now=demo.now)
    order = WorkOrder.objects.filter(material=shelf, sales_order_line=None, plant=plant).order_by("pk")[0]
    if order.state == WorkOrder.State.PROPOSED:
        erp.firm_work_order(work_order_id=order.pk, now=demo.now)
    erp.release_work_order(work_order_id=order.pk, now=demo.now)
    extra = order.materials.select_related("material").order_by("line_no")[0]
    erp.issue_material(
        work_order_id=order.pk, material_id=extra.material_id, quantity=round(extra.quantity * Decimal("1.1"), 3),
        reason="A board was cut wrong", now=demo.now,
    )  # fmt: skip
    operations = list(order.operations.order_by("sequence"))
    for number, operation in enumerate(operations, 1):
        machine = operation.work_centre.machines.order_by("code")[0]
        minutes = (operation.setup_min + operation.run_min_per_unit * order.quantity) * Decimal("1.2")
        lost = Decimal(1) if number == len(operations) else Decimal(0)
        erp.start_operation(operation_id=operation.pk, machine_id=machine.pk, now=demo.now)
        erp.report_operation(
            operation_id=operation.pk, machine_id=machine.pk, good_qty=order.quantity - lost, scrap_qty=lost,
            worked_min=round(minutes, 3), now=demo.now,
        )  # fmt: skip
