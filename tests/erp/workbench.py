"""Orders and work orders written down by hand, so that tests of one package do not need the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from erp import services as erp
from erp.models import CostEntry, MaterialValue, SalesOrderLine, StockBalance, WorkOrder, WorkOrderOperation
from masterdata.models import Material
from tests.factories import NOW, Factory


def order_line(shop: Factory, code: str, quantity: str, *, price: str = "100") -> SalesOrderLine:
    """A draft order with one line; what is ordered is sold."""
    Material.objects.filter(pk=shop.materials[code].pk).update(is_sellable=True)
    order = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=shop.materials[code].pk,
                quantity=Decimal(quantity),
                unit_price=Decimal(price),
                wanted_on=dt.date(2026, 12, 1),
            )
        ],
        now=NOW,
    )
    return order.lines.get()


def spec(
    shop: Factory,
    code: str,
    quantity: str,
    steps: Sequence[tuple[str, str, str]],
    needs: Sequence[tuple[str, str, int]] = (),
    *,
    line: SalesOrderLine | None = None,
    path: str = "1",
    unit_cost: str | None = None,
) -> erp.WorkOrderSpec:
    """Steps are (work centre, setup, run per piece) at 10, 20 ...; needs are (material, quantity in all, operation)."""
    return erp.WorkOrderSpec(
        plant=shop.plant,
        material_id=shop.materials[code].pk,
        quantity=Decimal(quantity),
        sales_order_line_id=line.pk if line else None,
        path=path,
        planned_unit_cost=None if unit_cost is None else Decimal(unit_cost),
        operations=[
            erp.OperationSpec(
                sequence=10 * number,
                name=centre.title(),
                work_centre_id=shop.centres[centre].pk,
                setup_min=Decimal(setup),
                run_min_per_unit=Decimal(run),
            )
            for number, (centre, setup, run) in enumerate(steps, start=1)
        ],
        materials=[
            erp.MaterialSpec(
                line_no=number,
                material_id=shop.materials[need].pk,
                unit_id=shop.materials[need].unit_id,
                operation_sequence=sequence,
                quantity=Decimal(needed),
            )
            for number, (need, needed, sequence) in enumerate(needs, start=1)
        ],
    )


def make(*specs: erp.WorkOrderSpec) -> list[WorkOrder]:
    """Create the work orders."""
    return erp.create_work_orders(specs=specs, now=NOW)


def step(order: WorkOrder, sequence: int) -> WorkOrderOperation:
    """The operation as it stands in the database."""
    return order.operations.get(sequence=sequence)


def report(
    order: WorkOrder,
    sequence: int,
    good: str = "0",
    scrap: str = "0",
    minutes: str = "0",
    *,
    finish: bool = False,
    now: dt.datetime = NOW,
) -> erp.Report:
    """Report an operation by its sequence."""
    return erp.report_operation(
        operation_id=step(order, sequence).pk,
        good_qty=Decimal(good),
        scrap_qty=Decimal(scrap),
        worked_min=Decimal(minutes),
        finish=finish,
        now=now,
    )


def worth(shop: Factory, code: str, order_id: int | None = None) -> tuple[Decimal, Decimal]:
    """Quantity and value of the material in free stock, or in an order's stock."""
    row = MaterialValue.objects.filter(plant=shop.plant, material=shop.materials[code], sales_order_id=order_id).first()
    return (row.quantity, row.value) if row else (Decimal(0), Decimal(0))


def balance(shop: Factory, code: str, order_id: int | None = None) -> StockBalance:
    """The material's only balance of that owner."""
    return StockBalance.objects.get(plant=shop.plant, material=shop.materials[code], sales_order_id=order_id)


def wip(order: WorkOrder) -> Decimal:
    """What the cost entries leave in the work order."""
    return CostEntry.objects.filter(work_order=order).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
