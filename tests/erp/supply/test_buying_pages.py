"""Pages of buying: each deed by a form, and the dock by a scanner that types and presses Enter."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import PlannedOrder, PurchaseOrder, QuotationRequest, Receipt, Requisition, SupplierReturn
from masterdata import accounts
from masterdata.models import Material, User
from tests.flows import workshop

D = Decimal
ROLES = ("buyer", "warehouse", "planner", "accountant")


@pytest.fixture
def shop(db: None) -> workshop.Workshop:
    return workshop.build()


@pytest.fixture
def client(shop: workshop.Workshop) -> Client:
    """Somebody with all roles of buying."""
    roles = [accounts.Role(role, shop.company) for role in ROLES]
    client = Client()
    client.force_login(accounts.create_user(username="everything", roles=roles))
    return client


def send(client: Client, name: str, *args: int, **values: object) -> str:
    """Post a form; where it leads, or what is wrong."""
    answer = client.post(reverse(f"erp:{name}", args=args), values)
    assert answer.status_code in (302, 422), answer.content
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def planned(shop: workshop.Workshop, quantity: str) -> PlannedOrder:
    due_at = timezone.now() + dt.timedelta(days=30)
    leg = shop.materials["LEG"]
    return PlannedOrder.objects.create(plant=shop.plant, material=leg, quantity=D(quantity), due_at=due_at)


def ordered(client: Client, shop: workshop.Workshop, quantity: str = "10") -> PurchaseOrder:
    send(client, "planned_orders_order", planned_orders=[planned(shop, quantity).pk])
    return PurchaseOrder.objects.get()


def test_a_click_orders_what_is_ticked(client: Client, shop: workshop.Workshop) -> None:
    """The page proposes supplier and price; what is not ticked stays."""
    first, second = planned(shop, "10"), planned(shop, "4")
    page = client.get(reverse("erp:planned_orders_order")).content.decode()
    assert f'value="{first.pk}"' in page
    assert "open=1" in send(client, "planned_orders_order", planned_orders=[first.pk])
    assert list(PlannedOrder.objects.filter(closed_at=None)) == [second]
    assert "field is required" in send(client, "planned_orders_order")


def test_a_line_is_changed_split_and_cancelled(client: Client, shop: workshop.Workshop) -> None:
    """8 instead of 10, in 5 and 3, and then not at all."""
    order = ordered(client, shop)
    line = order.lines.get()
    day = timezone.localdate() + dt.timedelta(days=40)
    send(client, "purchase_line_change", line.pk, quantity="8", unit_price="2.5", due_on=day, version=order.version)
    line.refresh_from_db()
    assert (line.quantity, line.unit_price, timezone.localdate(line.due_at)) == (D(8), D("2.5"), day)
    stale = client.post(
        reverse("erp:purchase_line_change", args=[line.pk]),
        {"quantity": "9", "unit_price": "2.5", "due_on": day, "version": 1},
    )
    assert stale.status_code == 409
    rows = {"line_count": 2, "line_0_quantity": "5", "line_0_confirmed_on": day}
    wrong = send(client, "purchase_line_split", line.pk, **rows)
    assert "Give two deliveries or more that sum to what is to come, 8" in wrong
    send(client, "purchase_line_split", line.pk, **rows, line_1_quantity="3", line_1_confirmed_on=day)
    assert sorted(order.lines.values_list("quantity", flat=True)) == [D(3), D(5)]
    send(client, "purchase_cancel", order.pk, why="is too dear")
    order.refresh_from_db()
    assert order.cancelled_at is not None


def test_the_dock_takes_scans_one_after_the_other(client: Client, shop: workshop.Workshop) -> None:
    """Number, material, 6, again the material, 2, booked with its note: one receipt of 8; then 2 go back."""
    order = ordered(client, shop)
    here = reverse("erp:receiving_order", args=[order.pk])
    assert "is no purchase order here" in send(client, "receiving", scan="4006381333931")
    assert send(client, "receiving", scan=order.number.lower()) == here
    assert "is no material of" in send(client, "receiving_order", order.pk, scan="CHAIR")
    for scan in ("leg", "6", "LEG", "2"):
        assert send(client, "receiving_order", order.pk, scan=scan) == here
    assert "+8" in client.get(here).content.decode()
    send(client, "receiving_order", order.pk, scan="LEG")
    assert "is no quantity" in send(client, "receiving_order", order.pk, scan="LEG")
    send(client, "receiving_order", order.pk, deed="back")
    booked = send(client, "receiving_order", order.pk, deed="book", delivery_note="L-7", idempotency_key="k1")
    assert booked.endswith("?tab=receipts")
    receipt = Receipt.objects.get()
    assert (receipt.delivery_note, receipt.lines.get().quantity) == ("L-7", D(8))
    assert "Nothing is on the list yet" in send(client, "receiving_order", order.pk, deed="book")
    line = receipt.lines.get()
    send(client, "receipt_send_back", receipt.pk, **{f"line_{line.pk}": "2", "reason": "Cracked", "is_replaced": "on"})
    assert SupplierReturn.objects.get().lines.get().quantity == D(2)
    assert "Cracked" in client.get(booked).content.decode()


def test_the_dock_refuses_too_much_and_keeps_the_list(client: Client, shop: workshop.Workshop) -> None:
    """11 of 10: the sentence says how much may come, the list is still there."""
    order = ordered(client, shop)
    for scan in ("LEG", "11"):
        send(client, "receiving_order", order.pk, scan=scan)
    page = send(client, "receiving_order", order.pk, deed="book", idempotency_key="k1")
    assert "has 10 to come: receive at most that" in page
    assert "+11" in page


def test_the_dock_asks_for_lots_and_serial_numbers(client: Client, shop: workshop.Workshop) -> None:
    """A lot, then its quantity; of serial numbers each scan is one piece, and none comes twice."""
    order = ordered(client, shop, "3")
    Material.objects.filter(code="LEG").update(tracking=Material.Tracking.SERIAL)
    for scan in ("LEG", "SN-1", "SN-2"):
        send(client, "receiving_order", order.pk, scan=scan)
    assert "SN-2 is on the list already" in send(client, "receiving_order", order.pk, scan="SN-2")
    send(client, "receiving_order", order.pk, scan="SN-3")
    send(client, "receiving_order", order.pk, deed="book", idempotency_key="k1")
    assert list(Receipt.objects.get().lines.values_list("lot__number", "quantity")) == [
        ("SN-1", D(1)),
        ("SN-2", D(1)),
        ("SN-3", D(1)),
    ]


def test_suppliers_are_asked_answer_and_get_the_order(client: Client, shop: workshop.Workshop) -> None:
    """One supplier answers 3.10 in 4 days, gets the order and keeps the price."""
    row = planned(shop, "10")
    supplier = shop.materials["LEG"].supplier_prices.get().supplier
    send(
        client, "quotation_ask", planned_orders=[row.pk], suppliers=[supplier.pk], answer_by=timezone.localdate()
    )  # fmt: skip
    request = QuotationRequest.objects.get()
    line, invitation = request.lines.get(), request.invitations.get()
    answer = {"line_count": 1, "line_0_line": line.pk, "line_0_unit_price": "3.1", "line_0_lead_time_days": "4"}
    send(client, "quotation_answer", invitation.pk, **answer)
    page = client.get(reverse("erp:quotation_request", args=[request.pk])).content.decode()
    assert {
        said for said in ("31.00", "3.10", "Change the answer", f"{supplier.name} answered") if said not in page
    } == set()
    send(client, "quotation_award", request.pk, **{f"award_{line.pk}": supplier.pk, "keep_prices": "1"})
    assert PurchaseOrder.objects.get().lines.get().unit_price == D("3.1")
    for name in ("quotation_requests", "supplier_prices", "punctuality"):
        assert client.get(reverse(f"erp:{name}")).status_code == 200


def test_a_requisition_is_asked_for_and_refused(client: Client, shop: workshop.Workshop) -> None:
    """With a reason; the list tells who waits."""
    day = timezone.localdate() + dt.timedelta(days=9)
    wish = {
        "plant": shop.plant.pk,
        "reason": "Spare legs",
        "line_count": 1,
        "line_0_material": shop.materials["LEG"].pk,
    }
    assert "Enter a value" in send(client, "requisition_create", **wish, line_0_quantity="2")
    send(client, "requisition_create", **wish, line_0_quantity="2", line_0_needed_on=day)
    row = Requisition.objects.get()
    assert "Spare legs" in client.get(reverse("erp:requisitions") + "?waiting=1").content.decode()
    send(client, "requisition_refuse", row.pk, because="We have plenty", version=1)
    page = client.get(reverse("erp:requisition", args=[row.pk])).content.decode()
    assert page.index("Refused", page.index("What happened")) < page.index("Asked", page.index("What happened"))
    assert "We have plenty" in page


def test_a_requisition_says_where_its_goods_are(client: Client, shop: workshop.Workshop) -> None:
    """Granted: the list of what is not ordered names it, not the safety stock. Ordered: it names the purchase order."""
    day = timezone.localdate() + dt.timedelta(days=60)
    line = erp.RequisitionLineInput(shop.materials["LEG"].pk, D(4), day)
    asker, granter = (User.objects.create(username=name) for name in ("asker", "granter"))
    wish = erp.request_purchase(plant=shop.plant, by=asker, reason="Spares", lines=[line], now=timezone.now())
    erp.approve_requisition(requisition_id=wish.pk, by=granter, now=timezone.now())
    listed = client.get(reverse("erp:planned_orders")).content.decode()
    assert (wish.number in listed, "For safety stock" in listed) == (True, False)
    send(client, "planned_orders_order", planned_orders=[wish.lines.get().planned_order_id])
    order = PurchaseOrder.objects.get()
    assert order.number in client.get(reverse("erp:requisition", args=[wish.pk])).content.decode()


def test_the_order_tells_what_happened_to_it(client: Client, shop: workshop.Workshop) -> None:
    """Quantity, price, day, a return and the cancelled rest, each with who did it; prices only for who may see them."""
    order = ordered(client, shop, "10")
    line = order.lines.get()
    erp.change_purchase_line(line_id=line.pk, quantity=D(8), unit_price=D("3.5"), now=timezone.now())
    erp.receive_purchase(purchase_order_id=order.pk, lines=[(line.pk, D(5))], now=timezone.now())
    got = Receipt.objects.get()
    erp.return_to_supplier(
        receipt_id=got.pk, lines=[(got.lines.get().pk, D(1))], reason="Bent", is_replaced=False, now=timezone.now()
    )
    send(client, "purchase_cancel", order.pk, why="Too late", version=PurchaseOrder.objects.get().version)
    page = client.get(reverse("erp:purchase_order", args=[order.pk])).content.decode()
    back = SupplierReturn.objects.get().number
    for said in (
        "8 instead of 10",
        "price 3.5 instead of 3",
        f"{back} went back",
        "the rest was cancelled",
        "Too late",
    ):
        assert said in page
    warehouse = Client()
    role = [accounts.Role("warehouse", shop.company)]
    warehouse.force_login(accounts.create_user(username="clerk", roles=role))
    seen = warehouse.get(reverse("erp:purchase_order", args=[order.pk])).content.decode()
    assert ("another price" in seen, "instead of 3" in seen) == (True, False)


def test_terms_are_entered_by_forms(client: Client, shop: workshop.Workshop) -> None:
    """A second price for the same days is refused in words; limits and tolerances are lists with a form."""
    price = shop.materials["LEG"].supplier_prices.get()
    values = {
        "supplier": price.supplier_id, "material": price.material_id, "unit": price.unit_id, "price": "2",
        "from_quantity": "0", "lead_time_days": "3", "min_quantity": "0", "pack_quantity": "1",
    }  # fmt: skip
    assert "has a price for this material" in send(client, "supplier_price_create", **values)
    send(client, "supplier_price_create", **values | {"from_quantity": "50"})
    send(client, "delivery_tolerance_create", supplier=price.supplier_id, over_percent="5", under_percent="0")
    send(client, "approval_limit_create", plant=shop.plant.pk, approver=1, max_value="100")
    for name in ("delivery_tolerances", "approval_limits", "buying_limits", "supplier_returns", "receiving"):
        assert client.get(reverse(f"erp:{name}")).status_code == 200
