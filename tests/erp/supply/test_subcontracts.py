"""Subcontracting: components go to the supplier, stay ours, and come back in what he makes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import (
    ComponentDemand,
    JournalLine,
    MaterialValue,
    PurchaseOrder,
    ReceiptLine,
    Reservation,
    StockBalance,
    SubcontractNote,
    SubcontractPlace,
    SuppliedComponent,
)
from masterdata.errors import InvalidInput
from masterdata.models import Location, MaterialCategory
from suite import audit
from tests.erp.shop import NOW, Shop

D = Decimal


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


class Job:
    """Ten tables ordered of the timber yard for 5.00 each; one takes 4 legs at 2.00 and 0.5 tops, of which 20 % break.

    So ten take 40 legs and 5 / 0.8 = 6.25 tops, in whole pieces 7. 50 legs and 10 tops at 30.00 are there.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.table, self.leg, self.top = shop.make("TABLE"), shop.buy("LEG"), shop.buy("TOP")
        shop.bom(self.table, (self.leg, "4"), (self.top, "0.5", "20"))
        for material, quantity, cost in ((self.leg, "50", "2"), (self.top, "10", "30")):
            row = erp.OpeningStock(material.pk, shop.shelf.pk, D(quantity), D(cost))
            erp.receive_opening(rows=[row], now=NOW)
        line = erp.PurchaseLineInput(self.table.pk, D(10), D(5), NOW + dt.timedelta(days=9))
        self.order: PurchaseOrder = erp.create_purchase_order(
            plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW
        )
        self.line = self.order.lines.get()

    def supply(self) -> None:
        self.legs, self.tops = erp.supply_components(line_id=self.line.pk, now=NOW)

    def send(self, legs: str | None = None) -> None:
        parts = None if legs is None else [erp.ComponentPart(component_id=self.legs.pk, quantity=D(legs))]
        erp.send_components(order_id=self.order.pk, parts=parts, now=NOW)

    def receive(self, quantity: str) -> ReceiptLine:
        receipt = erp.receive_purchase(purchase_order_id=self.order.pk, lines=[(self.line.pk, D(quantity))], now=NOW)
        return receipt.lines.get()

    def at_supplier(self) -> dict[str, Decimal]:
        rows = StockBalance.objects.filter(location__kind=Location.Kind.SUBCONTRACTOR)
        return dict(rows.values_list("material__code", "on_hand"))


@pytest.fixture
def job(shop: Shop) -> Job:
    return Job(shop)


def broken() -> list[str]:
    return [str(finding) for finding in audit.findings() if not finding.holds]


def account(role: str) -> Decimal:
    return sum((line.amount for line in JournalLine.objects.filter(account__role=role)), D(0))


def test_components_stay_ours_at_the_supplier(job: Job) -> None:
    """40 legs and 7 tops leave the shelf; stock is worth as much as before, 50 x 2 + 10 x 30 = 400."""
    job.supply()
    job.send()
    assert job.at_supplier() == {"LEG": D(40), "TOP": D(7)}
    assert SubcontractPlace.objects.get().location.name == "At Timber yard"
    assert sum(MaterialValue.objects.values_list("value", flat=True)) == account("inventory") == D(400)
    assert erp.lock_free_stock(plant_id=job.shop.plant.pk, material_ids=[job.leg.pk])[job.leg.pk][0].free == D(10)
    with pytest.raises(erp.NoComponents, match="has all that he needs"):
        job.send()
    assert broken() == []


def test_a_receipt_uses_them_and_is_worth_them_and_the_fee(job: Job) -> None:
    """Four tables: 16 legs (32.00), 2 / 0.8 = 2.5, so 3 tops (90.00) and a fee of 20.00: worth 142.00, to pay 20.00.

    The other six: 24 legs (48.00), 7 - 3 = 4 tops (120.00), 30.00: 198.00. In all 340.00 for ten.
    """
    job.supply()
    job.send()
    first = job.receive("4")
    assert (first.value, first.move.value) == (D(20), D(142))
    assert sorted(first.component_uses.values_list("quantity", "value")) == [(D(3), D(90)), (D(16), D(32))]
    assert account("grni") == D(-20)
    second = job.receive("6")
    assert (second.value, second.move.value) == (D(30), D(198))
    assert MaterialValue.objects.get(material=job.table).value == D(340)
    assert sum(job.at_supplier().values()) == 0
    assert account("inventory") == D(450)
    assert broken() == []


def test_what_he_cannot_have_used_is_refused(job: Job) -> None:
    """With 8 legs there, two tables are the most; of the tops there are none: the sentence says what to send."""
    job.supply()
    job.send("8")
    with pytest.raises(
        erp.ComponentsMissing, match="Timber yard has 8 of LEG, and what came has used 12: send 4 to him"
    ):
        job.receive("3")
    assert job.at_supplier() == {"LEG": D(8)}
    assert broken() == []


def test_unused_components_come_back(job: Job) -> None:
    """Of 40 legs 16 are used; 24 are there, 25 can't come back, 24 can."""
    job.supply()
    job.send()
    job.receive("4")
    part = erp.ComponentPart(component_id=job.legs.pk, quantity=D(25))
    with pytest.raises(erp.ComponentsMissing, match="has 24 of LEG for this line: take back at most that"):
        erp.take_back_components(order_id=job.order.pk, parts=[part], now=NOW)
    part = erp.ComponentPart(component_id=job.legs.pk, quantity=D(24))
    note = erp.take_back_components(order_id=job.order.pk, parts=[part], now=NOW)
    assert (note.is_return, note.number[:2]) == (True, "SN")
    row = SuppliedComponent.objects.get(pk=job.legs.pk)
    assert (row.sent_qty, row.used_qty, row.returned_qty) == (D(40), D(16), D(24))
    assert StockBalance.objects.get(material=job.leg, location=job.shop.shelf).on_hand == D(34)
    assert broken() == []


def test_together_no_more_comes_back_than_lies_there(job: Job) -> None:
    """40 legs are there: 25 of one lot and 25 of any are refused, and nothing moves."""
    job.supply()
    job.send()
    parts = [erp.ComponentPart(component_id=job.legs.pk, quantity=D(25), lot_id=lot) for lot in (1, None)]
    with pytest.raises(erp.ComponentsMissing, match="has 40 of LEG for this line: take back at most that"):
        erp.take_back_components(order_id=job.order.pk, parts=parts, now=NOW)
    assert job.at_supplier()["LEG"] == 40


def test_half_a_leg_cannot_have_been_used(job: Job) -> None:
    job.supply()
    job.send()
    used = [erp.ComponentPart(component_id=job.legs.pk, quantity=D("0.5"))]
    with pytest.raises(InvalidInput, match="steps of 1 EA"):
        erp.receive_purchase(purchase_order_id=job.order.pk, lines=[(job.line.pk, D(1))], used=used, now=NOW)
    assert job.at_supplier()["LEG"] == 40


def test_reserved_or_missing_pieces_are_not_sent(job: Job) -> None:
    """More than the 50 that are free."""
    job.supply()
    with pytest.raises(erp.ComponentsMissing, match="Only 50 of LEG are kept for it or free"):
        job.send("51")


def test_what_lies_there_moves_only_by_its_order(job: Job) -> None:
    """Neither moved nor scrapped from the stockroom; goods with our components don't go back as bought ones."""
    job.supply()
    job.send()
    balance = StockBalance.objects.get(location__kind=Location.Kind.SUBCONTRACTOR, material=job.leg)
    with pytest.raises(InvalidInput, match="take it back on its purchase order"):
        erp.transfer_stock(pieces=[erp.Piece(balance.pk, D(1))], target_id=job.shop.shelf.pk, now=NOW)
    line = job.receive("1")
    with pytest.raises(erp.OverReturn, match="holds components that we supplied"):
        erp.return_to_supplier(
            receipt_id=line.receipt_id, lines=[(line.pk, D(1))], reason="Bent", is_replaced=True, now=NOW
        )


def test_who_may_be_supplied(job: Job) -> None:
    """Once, by a BOM in force, and before anything has come."""
    bought = erp.PurchaseLineInput(job.leg.pk, D(4), D(2), NOW)
    other = erp.create_purchase_order(plant=job.shop.plant, supplier=job.shop.supplier, lines=[bought], now=NOW)
    with pytest.raises(erp.NoComponents, match="LEG has no BOM in force"):
        erp.supply_components(line_id=other.lines.get().pk, now=NOW)
    with pytest.raises(erp.NoComponents, match="has no components that we supply"):
        erp.send_components(order_id=other.pk, now=NOW)
    job.supply()
    with pytest.raises(erp.ComponentsFixed, match="supplied already"):
        job.supply()


def test_split_lines_are_supplied_alike_until_something_was_sent(job: Job) -> None:
    job.supply()
    day = NOW + dt.timedelta(days=5)
    erp.split_purchase_line(line_id=job.line.pk, deliveries=[(D(4), day), (D(6), day)], now=NOW)
    assert SuppliedComponent.objects.count() == 4
    job.send("1")
    with pytest.raises(erp.ComponentsFixed, match="take them back first"):
        erp.split_purchase_line(line_id=job.line.pk, deliveries=[(D(1), day), (D(3), day)], now=NOW)


def by_fee(job: Job) -> PurchaseOrder:
    """Ten more tables, now that the yard's price is known as a fee; its components are agreed and kept at once."""
    shop = job.shop
    price = shop.price(job.table, "5", days=7)
    price.is_subcontract = True
    price.save()
    line = erp.PurchaseLineInput(job.table.pk, D(10), D(5), NOW + dt.timedelta(days=9))
    return erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)


def test_bought_for_a_fee_the_components_are_agreed_and_kept(job: Job) -> None:
    """40 of the 50 legs and 7 of the 10 tops are kept, hard; the lead time of the price is the supplier's."""
    order = by_fee(job)
    legs, tops = SuppliedComponent.objects.filter(order_line__order=order)
    assert [(one.material.code, one.quantity, one.lead_days) for one in (legs, tops)] == [
        ("LEG", D(4), 7),
        ("TOP", D("0.5"), 7),
    ]
    kept = Reservation.objects.order_by("id").values_list("supplied_component", "kind", "quantity")
    assert list(kept) == [(legs.pk, "hard", D(40)), (tops.pk, "hard", D(7))]
    with pytest.raises(InvalidInput, match="change his purchase order"):
        erp.let_pieces_go(reservation_id=Reservation.objects.order_by("id")[0].pk, now=NOW)
    erp.change_purchase_line(line_id=order.lines.get().pk, quantity=D(6), now=NOW)
    left = Reservation.objects.filter(quantity__gt=0).order_by("id").values_list("quantity", flat=True)
    assert list(left) == [D(24), D(4)]
    assert broken() == []


def test_a_fee_without_a_bom_is_refused(job: Job) -> None:
    price = job.shop.price(job.leg, "1")
    price.is_subcontract = True
    price.save()
    line = erp.PurchaseLineInput(job.leg.pk, D(10), D(5), NOW + dt.timedelta(days=9))
    with pytest.raises(erp.NoComponents, match="makes LEG of what we supply, but it has no BOM in force"):
        erp.create_purchase_order(plant=job.shop.plant, supplier=job.shop.supplier, lines=[line], now=NOW)


def test_kept_pieces_are_sent_first(job: Job) -> None:
    """Of 50 legs 40 are kept for the order: 40 go, none is kept then, the other ten stay free."""
    order = by_fee(job)
    erp.send_components(order_id=order.pk, now=NOW)
    assert Reservation.objects.filter(quantity__gt=0).count() == 0
    shelf = StockBalance.objects.get(material=job.leg, location=job.shop.shelf)
    assert (shelf.on_hand, shelf.reserved) == (D(10), D(0))
    assert broken() == []


def test_more_or_less_used_than_the_bom_says(job: Job) -> None:
    """Four tables used 18 legs (two broke) and 2 tops: 18 x 2 + 2 x 30 + 4 x 5 = 116.00.

    The other six take by the BOM 40 - 16 = 24 legs and 7 - 3 = 4 tops. Of 40 legs only 22 are left: two more are kept
    and sent. One top is too many: it comes back.
    """
    order = by_fee(job)
    line = order.lines.get()
    legs, tops = SuppliedComponent.objects.filter(order_line=line)
    erp.send_components(order_id=order.pk, now=NOW)
    used = [
        erp.ComponentPart(component_id=legs.pk, quantity=D(18)),
        erp.ComponentPart(component_id=tops.pk, quantity=D(2)),
    ]
    receipt = erp.receive_purchase(purchase_order_id=order.pk, lines=[(line.pk, D(4))], used=used, now=NOW)
    assert receipt.lines.get().move.value == D(116)
    demand = {one.component_id: one for one in ComponentDemand.objects.filter(order=order)}
    assert (demand[legs.pk].should_have_used, demand[legs.pk].to_send) == (D(16), D(2))
    assert demand[tops.pk].to_send == D(0)
    assert Reservation.objects.get(supplied_component=legs, quantity__gt=0).quantity == D(2)
    with pytest.raises(erp.ComponentsMissing, match="has 22 of LEG, and what came has used 24: send 2"):
        erp.receive_purchase(purchase_order_id=order.pk, now=NOW)
    erp.send_components(order_id=order.pk, now=NOW)
    erp.receive_purchase(purchase_order_id=order.pk, now=NOW)
    back = [erp.ComponentPart(component_id=tops.pk, quantity=D(1))]
    erp.take_back_components(order_id=order.pk, parts=back, now=NOW)
    assert job.at_supplier() == {"LEG": D(0), "TOP": D(0)}
    assert broken() == []


def test_cancelled_the_components_come_back(job: Job) -> None:
    """Four tables came; of what lies at the yard 24 legs and 4 tops come back by a note; nothing stays kept."""
    order = by_fee(job)
    erp.send_components(order_id=order.pk, now=NOW)
    erp.receive_purchase(purchase_order_id=order.pk, lines=[(order.lines.get().pk, D(4))], now=NOW)
    erp.cancel_purchase(order_id=order.pk, now=NOW)
    note = SubcontractNote.objects.get(is_return=True)
    assert list(note.lines.values_list("component__material__code", "quantity")) == [("LEG", D(24)), ("TOP", D(4))]
    assert sum(job.at_supplier().values()) == 0
    assert Reservation.objects.filter(quantity__gt=0).count() == 0
    assert broken() == []


@pytest.mark.parametrize(("method", "worth"), [("fifo", "64"), ("standard", "68")])
def test_components_are_worth_what_their_category_says(shop: Shop, method: str, worth: str) -> None:
    """Of legs 10 came at 2.00 and 10 at 4.00; their standard is 3.00. Four tables take 16 of them, and 20.00 of fee.

    First in, first out: 10 x 2 + 6 x 4 = 44.00; by the standard 16 x 3 = 48.00. A table is averaged.
    """
    table, leg = shop.make("TABLE"), shop.buy("LEG", cost="3")
    of_legs = MaterialCategory.objects.create(code="LEGS", name="Legs", valuation=method)
    leg.category = of_legs
    leg.save()
    shop.bom(table, (leg, "4"))
    shop.stock(leg, "10", "2")
    shop.stock(leg, "10", "4")
    line = erp.PurchaseLineInput(table.pk, D(4), D(5), NOW + dt.timedelta(days=9))
    order = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)
    erp.supply_components(line_id=order.lines.get().pk, now=NOW)
    erp.send_components(order_id=order.pk, now=NOW)
    receipt = erp.receive_purchase(purchase_order_id=order.pk, now=NOW)
    assert receipt.lines.get().move.value == D(worth)
    assert broken() == []


def test_the_supplier_invoices_his_fee(job: Job) -> None:
    """Ten tables came for a fee of 50.00: that is what goods received await, and what his invoice takes away."""
    order = by_fee(job)
    erp.send_components(order_id=order.pk, now=NOW)
    erp.receive_purchase(purchase_order_id=order.pk, now=NOW)
    assert account("grni") == D(-50)
    line = erp.InvoiceLineInput(order_line_id=order.lines.get().pk, quantity=D(10), net_amount=D(50))
    invoice = erp.enter_supplier_invoice(
        company_id=job.shop.company.pk,
        supplier_id=job.shop.supplier.pk,
        reference="F-7",
        invoiced_on=NOW.date(),
        lines=[line],
        now=NOW,
    )
    assert (invoice.state, account("grni")) == ("posted", D(0))
    assert broken() == []
