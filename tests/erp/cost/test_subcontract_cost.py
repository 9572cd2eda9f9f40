"""What a subcontractor asks for is an element of cost, wherever the goods go; what we supplied is material."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import (
    Account,
    CostEntry,
    JournalLine,
    MaterialValue,
    PurchaseOrderLine,
    SalesOrder,
    StockMove,
    WorkOrder,
)
from masterdata.models import Material, MaterialCategory
from suite import audit
from tests.erp.shop import NOW, Shop
from tests.erp.workbench import report

D = Decimal
Role = Account.Role


def broken() -> list[str]:
    return [str(finding) for finding in audit.findings() if not finding.holds]


class Coating:
    """Ten legs bought for 2.00 each are coated for 3.00 each: ten coated ones are worth 50.00, 30.00 of it the fee."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.raw, self.leg = self.shop.buy("RAW"), self.shop.make("LEG", routed=False)
        self.shop.bom(self.leg, (self.raw, "1"))
        self.bought = self.buy(self.raw, "2")
        self.coated = self.buy(self.leg, "3")
        erp.receive_purchase(purchase_order_id=self.bought.order_id, now=NOW)
        erp.supply_components(line_id=self.coated.pk, now=NOW)
        erp.send_components(order_id=self.coated.order_id, now=NOW)
        erp.receive_purchase(purchase_order_id=self.coated.order_id, now=NOW)
        erp.set_match_tolerance(
            company_id=self.shop.company.pk, price_percent=D(100), price_amount=None, quantity_percent=D(0)
        )

    def buy(self, material: Material, price: str) -> PurchaseOrderLine:
        line = erp.PurchaseLineInput(material.pk, D(10), D(price), NOW + dt.timedelta(days=9))
        made = erp.create_purchase_order(plant=self.shop.plant, supplier=self.shop.supplier, lines=[line], now=NOW)
        return made.lines.get()

    def table(self) -> SalesOrder:
        """A table of four coated legs is ordered."""
        table = self.shop.make("TABLE")
        self.shop.bom(table, (self.leg, "4"))
        return self.shop.order((table, "1"))

    def invoice(self, line: PurchaseOrderLine, net: str) -> None:
        """The supplier asks for so much for all ten."""
        row = erp.InvoiceLineInput(order_line_id=line.pk, quantity=D(10), net_amount=D(net))
        paper = erp.enter_supplier_invoice(
            company_id=self.shop.company.pk,
            supplier_id=self.shop.supplier.pk,
            reference=f"R-{line.pk}",
            invoiced_on=NOW.date(),
            lines=[row],
            now=NOW,
        )
        assert paper.state == "posted"

    def worth(self) -> tuple[Decimal, Decimal, Decimal]:
        """Quantity, value and fee of the coated legs in stock."""
        row = MaterialValue.objects.get(material=self.leg, sales_order=None)
        return row.quantity, row.value, row.fee

    def variance(self) -> Decimal:
        rows = JournalLine.objects.filter(account__role=Role.PRICE_VARIANCE)
        return sum((row.amount for row in rows), D(0))


@pytest.fixture
def coating(db: None) -> Coating:
    return Coating()


def cost(order: SalesOrder) -> tuple[Decimal, Decimal]:
    """Material and subcontracting that the order has incurred."""
    found = erp_now.order_cost(order.pk).incurred
    return found["material"], found["subcontract"]


def made(order: SalesOrder) -> WorkOrder:
    """Its table is sawn: 2 minutes and 10 to set up."""
    work = WorkOrder.objects.get(sales_order_line__order=order)
    erp.release_work_order(work_order_id=work.pk, despite_shortage=True, reason="Urgent", now=NOW)
    report(work, 10, "1", finish=True)
    return work


def test_an_order_pays_the_fee_as_subcontracting(coating: Coating) -> None:
    """4 of 10 legs are 20.00: 4/10 of the 30.00 fee are 12.00, the other 8.00 material, in the estimate as posted."""
    assert coating.worth() == (10, 50, 30)
    order = coating.table()
    estimate = order.cost_estimates.get()
    assert (estimate.material, estimate.subcontract) == (8, 12)
    assert estimate.total == 20 + estimate.labour + estimate.machine
    work = made(order)
    assert cost(order) == (8, 12)
    assert coating.worth() == (6, 30, 18)
    entries = CostEntry.objects.filter(work_order=work, kind="incurred").values_list("element", "amount", "quantity")
    assert sorted(entries) == [("material", 8, 4), ("subcontract", 12, None)]
    assert broken() == []


def test_goods_shipped_from_stock_carry_their_fee(coating: Coating) -> None:
    """Two legs sold as they are: 10.00, of which 6.00 were the fee."""
    order = coating.shop.order((coating.leg, "2"))
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert cost(order) == (4, 6)
    assert coating.worth() == (8, 40, 24)
    assert broken() == []


@pytest.mark.parametrize(
    ("method", "worth", "costs"),
    [("fifo", (6, 30, 18), (8, 12)), ("standard", (6, 24, 18), (4, 12))],
)
def test_each_method_of_valuation_knows_the_fee(
    coating: Coating, method: str, worth: tuple[int, int, int], costs: tuple[int, int]
) -> None:
    """First in, first out as the average: 20.00 for four. At a standard of 4.00 ten are worth 40.00 with all of their
    30.00 fee, and 10.00 are a variance: four are 16.00, of which 12.00 are the fee."""
    shop = coating.shop
    category = MaterialCategory.objects.create(code=method, name=method, valuation=method)
    leg = shop.make("LEG2", routed=False)
    Material.objects.filter(pk=leg.pk).update(category=category, standard_cost=4)
    shop.bom(leg, (coating.raw, "1"))
    shop.stock(coating.raw, "10", "2")
    line = coating.buy(leg, "3")
    erp.supply_components(line_id=line.pk, now=NOW)
    erp.send_components(order_id=line.order_id, now=NOW)
    erp.receive_purchase(purchase_order_id=line.order_id, now=NOW)
    table = shop.make("TABLE")
    shop.bom(table, (leg, "4"))
    order = shop.order((table, "1"))
    made(order)
    assert cost(order) == costs
    row = MaterialValue.objects.get(material=leg, sales_order=None)
    assert (row.quantity, row.value, row.fee) == worth
    assert broken() == []


def test_a_dearer_fee_goes_to_who_used_the_goods(coating: Coating) -> None:
    """The coater asks 40.00 instead of 30.00: 4.00 more for the order, as subcontracting, 6.00 for the six in stock."""
    order = coating.table()
    made(order)
    coating.invoice(coating.coated, "40")
    assert cost(order) == (8, 16)
    assert coating.worth() == (6, 36, 24)
    assert coating.variance() == 0
    assert broken() == []


def test_dearer_components_follow_into_what_was_made_of_them(coating: Coating) -> None:
    """The timber yard asks 25.00 for the ten raw legs instead of 20.00, and all are coated: 2.00 for the order that
    used four, as material, 3.00 for the six in stock. Nothing is a variance."""
    order = coating.table()
    made(order)
    coating.invoice(coating.bought, "25")
    assert cost(order) == (10, 12)
    assert coating.worth() == (6, 33, 18)
    assert coating.variance() == 0
    assert broken() == []


def test_freight_of_components_follows_too(coating: Coating) -> None:
    """5.00 of freight for the raw legs, all ten of them coated and in stock: 55.00, the fee stays 30.00."""
    line = coating.bought.receipt_lines.get()
    erp.post_landed_cost(plant_id=coating.shop.plant.pk, receipt_line_ids=[line.pk], amount=D(5), now=NOW)
    assert coating.worth() == (10, 55, 30)
    assert coating.variance() == 0
    assert broken() == []


def test_an_issue_that_is_undone_gives_its_fee_back(coating: Coating) -> None:
    """Four legs issued by half of two tables' work and put back: ten are worth 50.00 with a fee of 30.00 again."""
    table = coating.shop.make("TABLE")
    coating.shop.bom(table, (coating.leg, "4"))
    order = coating.shop.order((table, "2"))
    work = WorkOrder.objects.get(sales_order_line__order=order)
    erp.release_work_order(work_order_id=work.pk, now=NOW)
    report(work, 10, "1")
    assert cost(order) == (8, 12)
    erp.reverse_move(move_id=StockMove.objects.get(kind="issue").pk, reason="Another leg", now=NOW)
    assert cost(order) == (0, 0)
    assert coating.worth() == (10, 50, 30)
    assert broken() == []


def test_what_is_worth_less_has_cost_less_in_fees(coating: Coating) -> None:
    """Revalued to 2.00 each, ten are worth 20.00, all of it fee; the next four cost the order 8.00 of fees."""
    values = [erp.NewValue(material_id=coating.leg.pk, unit_value=D(2))]
    erp.revalue_stock(plant_id=coating.shop.plant.pk, values=values, reason="Scratched", now=NOW)
    assert coating.worth() == (10, 20, 20)
    order = coating.table()
    made(order)
    assert cost(order) == (0, 8)
    assert broken() == []


def test_a_leg_owed_until_it_is_coated_is_split_when_it_comes(db: None) -> None:
    """A table is made before its four legs are booked: it owes them at the standard cost of 1.00. The legs come for
    5.00 each: 20.00, of which 12.00 are the fee."""
    shop = Shop()
    raw, leg, table = shop.buy("RAW"), shop.buy("LEG"), shop.make("TABLE")
    shop.bom(leg, (raw, "1"))
    shop.bom(table, (leg, "4"))
    shop.price(leg, "3")
    shop.stock(raw, "10", "2")
    order = shop.order((table, "1"))
    line = PurchaseOrderLine.objects.get()
    erp.supply_components(line_id=line.pk, now=NOW)
    erp.send_components(order_id=line.order_id, now=NOW)
    made(order)
    erp.receive_purchase(purchase_order_id=line.order_id, now=NOW)
    assert cost(order) == (8, 12)
    assert broken() == []
