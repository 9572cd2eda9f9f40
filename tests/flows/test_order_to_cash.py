"""Order to cash: a quotation for two tables travels from the customer's yes to the money in the bank."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum

from aps.models import PlannedOperation, PlantPlanning
from crm import services as crm
from crm.models import Notice, Promise
from erp import selectors as erp_now
from erp import services as erp
from erp.models import CostEntry, JournalLine, MaterialValue, PurchaseOrder, SalesOrder, StockBalance, WorkOrder
from masterdata.models import FlowRun, IssuedDocument
from mes.models import Dispatch
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.floor import Floor, operation
from tests.flows.havoc import Havoc

D = Decimal


def accepted_order(shop: workshop.Workshop, now: dt.datetime) -> SalesOrder:
    quotation = crm.write_quotation(
        company_id=shop.company.pk,
        customer_id=shop.customer.pk,
        lines=[
            crm.QuotationLineInput(
                plant_id=shop.plant.pk,
                material_id=shop.materials["TABLE"].pk,
                quantity=D(2),
                wanted_on=(now + dt.timedelta(days=10)).date(),
            )
        ],
        now=now,
    )
    return crm.accept_quotation(quotation_id=quotation.pk, now=now)


def flows_are_done() -> bool:
    return not FlowRun.objects.exclude(state=FlowRun.State.DONE).exists()


def planning_is_done(shop: workshop.Workshop) -> bool:
    planning = PlantPlanning.objects.filter(plant=shop.plant).first()
    return planning is not None and planning.plan_no > 0 and planning.planned_version == planning.wanted_version


def quiet(shop: workshop.Workshop) -> bool:
    """Plans are made and what follows from them is done: a flow wants a plan, a plan is followed by flows."""
    return flows_are_done() and planning_is_done(shop) and flows_are_done()


@pytest.mark.tells(
    "order_to_cash.want_plan_for_order",
    "order_to_cash.want_plan_with_material",
    "order_to_cash.follow_progress",
    "planning.spread_plan",
    "papers.issue_invoice",
)
def test_two_tables_from_quotation_to_payment(havoc: Havoc) -> None:
    """Stock before: 10 BOARD at 12.50 (125.00), 2 LEG at 2.00 (4.00).

    Two tables need 2 TOP (made), 4 BOARD (from stock) and 8 LEG: 2 from stock, 6 bought at 3.00 = 18.00.
    Material: BOARD 4 x 12.50 = 50.00; LEG all 8 take all the value, 4.00 + 18.00 = 22.00; together 72.00.
    Saw 25 min: machine 25/60 x 60 = 25.00, labour 25/60 x 30 = 12.50. Edge 10 min: 5.00 and 5.00.
    Two tops are worth 50.00 + 25.00 + 12.50 + 5.00 + 5.00 = 97.50.
    Assemble 40 min: labour 40/60 x 36 = 24.00. Pack 10 min: labour 10/60 x 24 = 4.00.
    Cost: material 72.00 + labour 45.50 + machine 30.00 = 147.50.
    Net 2 x 300.00 = 600.00, tax 19 % 114.00, gross 714.00. Margin 600.00 - 147.50 = 452.50.
    """
    shop = workshop.build()
    shop.quantity("BOARD", 10)
    shop.quantity("LEG", 2)
    now = dt.datetime.now(dt.UTC)

    order = accepted_order(shop, now)
    havoc.strike()
    until(lambda: quiet(shop), what="the order is planned and told")

    assert WorkOrder.objects.filter(sales_order_line__order=order).count() == 2
    assert PlannedOperation.objects.count() == 4
    assert Dispatch.objects.count() == 4
    line = order.lines.get()
    assert line.expected_at == PlannedOperation.objects.get(operation=operation("TABLE", 20)).ends_at + dt.timedelta(
        hours=1
    )
    assert line.promised_at is not None
    assert line.promised_at >= line.expected_at
    assert Promise.objects.filter(order_line=line).count() == 1

    bought = PurchaseOrder.objects.get()
    assert [(row.material.code, row.quantity, row.unit_price) for row in bought.lines.all()] == [("LEG", D(6), D(3))]
    erp.receive_purchase(purchase_order_id=bought.pk, lines=None, now=now)

    make(shop, order, now)
    sell(order, now)
    until(lambda: quiet(shop), what="everything that follows is done")

    stock = {row.material.code: row.on_hand for row in StockBalance.objects.filter(on_hand__gt=0)}
    assert stock == {"BOARD": D(6)}
    assert erp_cost_of(order) == {"material": D("72.00"), "labour": D("45.50"), "machine": D("30.00")}
    assert wip_of(order) == D(0)
    assert ledger() == {
        "inventory": D("75.00"),
        "grni": D("-18.00"),
        "labour_absorbed": D("-45.50"),
        "machine_absorbed": D("-30.00"),
        "cogs": D("147.50"),
        "revenue": D("-600.00"),
        "tax_payable": D("-114.00"),
        "bank": D("714.00"),
        "opening": D("-129.00"),
    }
    assert CostEntry.objects.count() == JournalLine.objects.filter(account__role="wip").count()
    cost = erp_now.order_cost(order.pk)
    assert (cost.incurred_total, cost.revenue, cost.margin) == (D("147.50"), D("600.00"), D("452.50"))
    assert all(station.percent == 100 for station in erp_now.order_status([order.pk])[order.pk].stations)
    assert Notice.objects.count() == 0
    assert list(IssuedDocument.objects.values_list("kind", "number")) == [("invoice", order.invoices.get().number)]
    havoc.check()
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def erp_cost_of(order: SalesOrder) -> dict[str, Decimal]:
    rows = CostEntry.objects.filter(sales_order=order, kind="incurred").order_by("element").values("element")
    return {row["element"]: row["total"] for row in rows.annotate(total=Sum("amount"))}


def wip_of(order: SalesOrder) -> Decimal:
    lines = JournalLine.objects.filter(account__role="wip", sales_order=order)
    assert lines.aggregate(total=Sum("amount")) == CostEntry.objects.filter(sales_order=order).aggregate(
        total=Sum("amount")
    )
    return lines.aggregate(total=Sum("amount"))["total"]


def ledger() -> dict[str, Decimal]:
    rows = JournalLine.objects.order_by("account__role").values("account__role").annotate(total=Sum("amount"))
    return {row["account__role"]: row["total"] for row in rows if row["total"]}


def make(shop: workshop.Workshop, order: SalesOrder, now: dt.datetime) -> None:
    """Every operation is reported by hand; half-way the two tops are looked at."""
    floor = Floor(shop)
    begin = now - dt.timedelta(hours=3)
    floor.make(operation("TOP", 10), "SAW-01", begin, minutes=25, good=2)
    floor.make(operation("TOP", 20), "EDGE-01", begin + dt.timedelta(minutes=30), minutes=10, good=2)
    top = MaterialValue.objects.get(material=shop.materials["TOP"])
    assert (top.sales_order_id, top.quantity, top.value) == (order.pk, D(2), D("97.50"))
    floor.make(operation("TABLE", 10), "ASM-01", begin + dt.timedelta(minutes=45), minutes=40, good=2)
    floor.make(operation("TABLE", 20), "PACK-01", begin + dt.timedelta(minutes=90), minutes=10, good=2)


def sell(order: SalesOrder, now: dt.datetime) -> None:
    """Packed, shipped, invoiced, paid."""
    shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=now)
    erp.ship(shipment_id=shipment.pk, now=now)
    invoice = erp.post_invoice(order_id=order.pk, now=now)
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (D(600), D(114), D(714))
    erp.receive_payment(invoice_id=invoice.pk, amount=D(714), received_on=now.date(), now=now)
