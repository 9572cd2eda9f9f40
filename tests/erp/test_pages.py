"""Pages of the hub, through the browser's door, as the roles that use them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Invoice, PurchaseOrder, SalesOrder, StockBalance, WorkOrder
from erp.production.words import spare_words
from erp.sales.selectors.listed import with_profit
from masterdata.models import Company, Currency, Plant
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count


def become(client: Client, role: str, plant: Plant, *, everywhere: bool = True) -> Client:
    client.force_login(person(f"{role}-{plant.code}", role, plant, everywhere=everywhere))
    return client


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    """Five tables at 100.00 of one top each, bought in at 3.00; nothing on stock."""
    table, top = shop.make("TABLE"), shop.buy("TOP", cost="3")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    return shop.order((table, "5", "100"))


@pytest.fixture
def purchase(order: SalesOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.get()


@pytest.fixture
def elsewhere(shop: Shop) -> Plant:
    """A plant of another company."""
    money = Currency.objects.create(code="USD", name="Dollar")
    other = Company.objects.create(code="X", name="Other", currency=money)
    return Plant.objects.create(company=other, code="FAR", name="Far away", calendar=shop.plant.calendar)


def make_all(order: SalesOrder, shop: Shop) -> None:
    """Receive, make and report everything."""
    for purchase in PurchaseOrder.objects.all():
        erp.receive_purchase(purchase_order_id=purchase.pk, now=NOW)
    for work_order in WorkOrder.objects.filter(sales_order_line__order=order):
        operation = work_order.operations.get()
        erp.start_operation(operation_id=operation.pk, machine_id=shop.saw_one.pk, now=NOW)
        erp.report_operation(
            operation_id=operation.pk,
            machine_id=shop.saw_one.pk,
            good_qty=work_order.quantity,
            scrap_qty=Decimal(0),
            worked_min=Decimal(20),
            now=NOW,
        )


def invoice(order: SalesOrder, shop: Shop) -> Invoice:
    make_all(order, shop)
    shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    return erp.post_invoice(order_id=order.pk, now=NOW)


# Work orders ---------------------------------------------------------------------------------------------------------


def test_the_work_orders_say_for_whom_and_what_they_wait_for(client: Client, shop: Shop, order: SalesOrder) -> None:
    page = become(client, "planner", shop.plant).get(reverse("erp:work_orders")).content.decode()
    assert order.number in page
    assert "Corner shop" in page
    assert "Saw, Saw" in page
    assert ">Material</span>" in page


def test_after_the_delivery_a_work_order_is_ready(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    erp.receive_purchase(purchase_order_id=purchase.pk, now=NOW)
    page = become(client, "planner", shop.plant).get(reverse("erp:work_orders")).content.decode()
    assert ">Ready</span>" in page


def test_a_work_order_shows_operations_materials_and_cost(client: Client, shop: Shop, order: SalesOrder) -> None:
    """Five tops at 3.00 = 15.00; 20 minutes at 60 + 30 an hour = 20.00 + 10.00; 45.00 went out with the tables."""
    make_all(order, shop)
    become(client, "planner", shop.plant)
    url = reverse("erp:work_order", args=[WorkOrder.objects.get().pk])
    assert "SAW-1" in client.get(url).content.decode()
    assert "TOP" in client.get(url + "?tab=materials").content.decode()
    page = client.get(url + "?tab=cost").content.decode()
    assert '<td>Material</td><td class="num">15.00</td><td class="num">15.00</td>' in page
    assert ">10.00<" in page
    assert "45.00 taken out" in page


def test_cost_is_hidden_from_the_floor(client: Client, shop: Shop, order: SalesOrder) -> None:
    make_all(order, shop)
    url = reverse("erp:work_order", args=[WorkOrder.objects.get().pk])
    page = become(client, "operator", shop.plant).get(url + "?tab=cost").content.decode()
    assert 'href="?tab=cost"' not in page
    assert "EUR" not in page


def test_a_planner_releases_a_work_order_and_an_operator_does_not(
    client: Client, shop: Shop, order: SalesOrder
) -> None:
    work_order = WorkOrder.objects.get()
    url = reverse("erp:work_order_release", args=[work_order.pk])
    assert become(client, "operator", shop.plant).post(url).status_code == 403
    planner = become(client, "planner", shop.plant)
    assert "What lacks now" in planner.get(url).content.decode()
    refused = planner.post(url, {"reason": ""})
    assert refused.status_code == 422
    assert "of TOP, comes" in refused.content.decode()
    planner.post(url, {"reason": "The tops are on the yard"})
    assert WorkOrder.objects.get().state == WorkOrder.State.RELEASED


def test_material_is_issued_and_given_back_by_scan(client: Client, shop: Shop, order: SalesOrder) -> None:
    """3 of 5 tops are scanned, one goes back: 2 are issued. A code that nobody knows stays in its field."""
    erp.receive_purchase(purchase_order_id=PurchaseOrder.objects.get().pk, now=NOW)
    work_order = WorkOrder.objects.get()
    store = become(client, "warehouse", shop.plant)
    issue, back = (reverse(f"erp:work_order_{name}", args=[work_order.pk]) for name in ("issue", "give_back"))
    assert "With the pieces" in store.get(issue).content.decode()
    wrong = store.post(issue, {"scan": "XYZ", "quantity": "1"})
    assert "scan a lot or a material" in wrong.content.decode()
    store.post(issue, {"scan": "top", "quantity": "3"})
    store.post(back, {"scan": "TOP", "quantity": "1", "reason": "Not used"})
    assert work_order.materials.get().issued_qty == 2


def test_spare_time_in_words() -> None:
    """Two days before the promise is spare, six hours is 0.3 days and amber, one day and a half after is late."""
    hours = dt.timedelta(hours=1)
    assert spare_words(NOW, NOW - 48 * hours) == ("c-done", "2.0 d spare")
    assert spare_words(NOW, NOW - 6 * hours) == ("c-risk", "0.3 d spare")
    assert spare_words(NOW, NOW + 36 * hours) == ("c-late", "1.5 d late")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("planner", "work_orders"),
        ("buyer", "purchase_orders"),
        ("buyer", "planned_orders"),
        ("warehouse", "stock"),
        ("warehouse", "moves"),
        ("warehouse", "shipments"),
        ("accountant", "invoices"),
        ("accountant", "order_profit"),
        ("accountant", "ledger"),
        ("accountant", "journal"),
    ],
)
def test_another_company_sees_nothing_and_reads_what_to_do(
    client: Client, shop: Shop, order: SalesOrder, elsewhere: Plant, role: str, name: str
) -> None:
    invoice(order, shop)
    answer = become(client, role, elsewhere).get(reverse(f"erp:{name}"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert order.number not in page
    assert "TOP" not in page
    assert "nothing-here" in page or name == "ledger"


@pytest.mark.parametrize("name", ["work_order", "purchase_order", "purchase_receive", "invoice", "journal_entry"])
def test_a_document_of_another_company_is_missing(
    client: Client, shop: Shop, order: SalesOrder, elsewhere: Plant, name: str
) -> None:
    posted = invoice(order, shop)
    rows = {"invoice": posted, "journal_entry": posted.entry, "work_order": WorkOrder.objects.get()}
    row = rows.get(name) or PurchaseOrder.objects.get()
    role = {"work_order": "planner", "purchase_order": "buyer", "purchase_receive": "warehouse"}.get(name, "accountant")
    assert become(client, role, elsewhere).get(reverse(f"erp:{name}", args=[row.pk])).status_code == 404
    assert become(client, role, shop.plant).get(reverse(f"erp:{name}", args=[row.pk])).status_code == 200


# Buying --------------------------------------------------------------------------------------------------------------


def test_receiving_moves_stock(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    become(client, "warehouse", shop.plant)
    line = purchase.lines.get()
    url = reverse("erp:purchase_receive", args=[purchase.pk])
    assert 'value="5"' in client.get(url).content.decode()
    client.post(url, {f"line_{line.pk}": "2", "delivery_note": "DN 77"})
    line.refresh_from_db()
    assert line.received_qty == 2
    assert StockBalance.objects.get(material=line.material, location=shop.shelf).on_hand == 2
    assert "DN 77" in client.get(reverse("erp:purchase_order", args=[purchase.pk]) + "?tab=receipts").content.decode()


def test_a_third_of_a_piece_is_not_received(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    become(client, "warehouse", shop.plant)
    line = purchase.lines.get()
    answer = client.post(reverse("erp:purchase_receive", args=[purchase.pk]), {f"line_{line.pk}": "0.333333"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "TOP is counted in steps of 1 EA: enter 1." in page
    assert f'id="id_line_{line.pk}_error"' in page


def test_receiving_too_much_is_refused_at_the_line(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    become(client, "warehouse", shop.plant)
    line = purchase.lines.get()
    answer = client.post(reverse("erp:purchase_receive", args=[purchase.pk]), {f"line_{line.pk}": "6"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "receive at most that" in page
    assert f'id="id_line_{line.pk}_error"' in page
    assert not StockBalance.objects.filter(on_hand__gt=0).exists()


def test_a_delivery_of_nothing_is_refused(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    become(client, "warehouse", shop.plant)
    answer = client.post(reverse("erp:purchase_receive", args=[purchase.pk]), {f"line_{purchase.lines.get().pk}": ""})
    assert "Nothing came?" in answer.content.decode()


def test_the_warehouse_sees_no_prices(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    url = reverse("erp:purchase_order", args=[purchase.pk])
    assert "15.00" in become(client, "buyer", shop.plant).get(url).content.decode()
    become(client, "warehouse", shop.plant)
    assert "15.00" not in client.get(url).content.decode()
    assert "15.00" not in client.get(reverse("erp:purchase_orders")).content.decode()


def test_a_buyer_notes_the_date_that_the_supplier_confirms(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    """One that has passed is refused with a sentence; one that is to come is noted."""
    line = purchase.lines.get()
    url = reverse("erp:purchase_confirm_date", args=[line.pk])
    buyer = become(client, "buyer", shop.plant)
    assert "has passed" in buyer.post(url, {"confirmed_on": "2026-03-12"}).content.decode()
    line.refresh_from_db()
    assert line.confirmed_at is None
    buyer.post(url, {"confirmed_on": "2126-03-12"})
    line.refresh_from_db()
    assert str(timezone.localdate(line.confirmed_at)) == "2126-03-12"


def test_a_need_without_a_price_names_its_problem_and_is_bought(client: Client, shop: Shop) -> None:
    table, top = shop.make("TABLE"), shop.buy("TOP")
    shop.bom(table, (top, "1"))
    order = shop.order((table, "5"))
    become(client, "buyer", shop.plant)
    page = client.get(reverse("erp:planned_orders")).content.decode()
    assert order.number in page
    need = erp_now.open_planned_orders(plant_id=shop.plant.pk).get()
    form = {"supplier": str(shop.supplier.pk), "unit_price": "4", "due_on": "2126-03-10"}
    client.post(reverse("erp:planned_order_buy", args=[need.pk]), form)
    assert PurchaseOrder.objects.get().lines.get().quantity == 5
    assert "Everything needed is ordered" in client.get(reverse("erp:planned_orders")).content.decode()


# Stock and money -----------------------------------------------------------------------------------------------------


def test_stock_says_for_whom_it_is_kept(client: Client, shop: Shop, order: SalesOrder) -> None:
    make_all(order, shop)
    page = become(client, "warehouse", shop.plant).get(reverse("erp:stock")).content.decode()
    assert "TABLE" in page
    assert order.number in page
    assert "TOP" not in page  # all used


def test_a_material_shows_its_stock_and_moves(client: Client, shop: Shop, purchase: PurchaseOrder) -> None:
    erp.receive_purchase(purchase_order_id=purchase.pk, now=NOW)
    top = purchase.lines.get().material
    page = become(client, "warehouse", shop.plant).get(reverse("erp:stock_of_material", args=[top.pk])).content.decode()
    assert "5 EA" in page
    assert purchase.number in page
    assert "moving average" not in page  # no value without the right to see cost


def test_an_invoice_shows_its_payments(client: Client, shop: Shop, order: SalesOrder) -> None:
    """500.00 net; with 19 % that the customer's tax code adds it is 595.00; 95.00 paid leaves 500.00."""
    posted = invoice(order, shop)
    erp.receive_payment(
        invoice_id=posted.pk, amount=posted.gross_amount - 500, received_on=NOW.date(), now=NOW, reference="bank 9"
    )
    become(client, "accountant", shop.plant)
    page = client.get(reverse("erp:invoice", args=[posted.pk]) + "?tab=payments").content.decode()
    assert "bank 9" in page
    assert "EUR 500.00" in page
    assert posted.number in client.get(reverse("erp:invoices") + "?open=1").content.decode()


def test_the_trial_balance_agrees_and_leads_to_the_lines(client: Client, shop: Shop, order: SalesOrder) -> None:
    invoice(order, shop)
    become(client, "accountant", shop.plant)
    page = client.get(reverse("erp:ledger") + "?until=2026-12-31").content.decode()
    assert "Everything ties" in page
    revenue = shop.company.accounts.get(role="revenue")
    assert reverse("erp:account_card", args=[revenue.pk]) in page
    lines = client.get(reverse("erp:journal") + f"?account={revenue.pk}").content.decode()
    assert "500.00" in lines
    assert "4000 Revenue" in lines


def test_profit_in_the_list_is_what_the_order_itself_says(shop: Shop, order: SalesOrder) -> None:
    """Before anything is made, half way, and when all is shipped: the same figures as `order_cost`."""
    for deed in (lambda: None, lambda: make_all(order, shop), lambda: invoice_rest(order)):
        deed()
        row, alone = with_profit(SalesOrder.objects.filter(pk=order.pk)).get(), erp_now.order_cost(order.pk)
        assert (row.revenue, row.incurred, row.expected, row.margin, row.is_final) == (
            alone.revenue,
            alone.incurred_total,
            alone.expected,
            alone.margin,
            alone.is_final,
        )


def invoice_rest(order: SalesOrder) -> None:
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=None, now=NOW).pk, now=NOW)


def test_order_profit_is_for_those_who_may_see_cost(client: Client, shop: Shop, order: SalesOrder) -> None:
    url = reverse("erp:order_profit")
    assert order.number in become(client, "accountant", shop.plant).get(url).content.decode()
    assert become(client, "warehouse", shop.plant).get(url).status_code == 403


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("planner", "work_orders"),
        ("buyer", "purchase_orders"),
        ("buyer", "planned_orders"),
        ("warehouse", "stock"),
        ("warehouse", "moves"),
        ("warehouse", "shipments"),
        ("accountant", "invoices"),
        ("accountant", "order_profit"),
        ("accountant", "ledger"),
        ("accountant", "journal"),
    ],
)
def test_lists_take_their_pinned_queries(client: Client, shop: Shop, order: SalesOrder, role: str, name: str) -> None:
    """With several rows of each kind, so that a query per row is seen."""
    invoice(order, shop)
    for number in range(3):
        shelf, part = shop.make(f"SHELF{number}"), shop.buy(f"PART{number}")
        shop.bom(shelf, (part, "1"), (shop.buy(f"LACK{number}"), "1"))
        shop.stock(part, "9")
        shop.order((shelf, "2"))
        shop.price(part)
        shop.order((shelf, "20"))
    become(client, role, shop.plant)
    with assert_query_count(f"erp:{name}"):
        client.get(reverse(f"erp:{name}"))


@pytest.mark.parametrize("name", ["work_order", "purchase_order", "invoice", "journal_entry"])
def test_documents_take_their_pinned_queries(client: Client, shop: Shop, order: SalesOrder, name: str) -> None:
    posted = invoice(order, shop)
    rows = {"invoice": posted, "journal_entry": posted.entry, "work_order": WorkOrder.objects.get()}
    row = rows.get(name) or PurchaseOrder.objects.get()
    become(client, "auditor", shop.plant)
    with assert_query_count(f"erp:{name}"):
        client.get(reverse(f"erp:{name}", args=[row.pk]))


def test_a_payment_of_next_year_is_refused_at_its_field(client: Client, shop: Shop, order: SalesOrder) -> None:
    """Nothing typed is lost, nothing is booked."""
    posted = invoice(order, shop)
    year = timezone.localdate().year + 4
    given = {"amount": "10", "received_on": f"{year}-01-01", "reference": "A1"}
    answer = become(client, "accountant", shop.plant).post(reverse("erp:invoice_pay", args=[posted.pk]), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"1 January {year} has not come yet" in page
    assert f'value="{year}-01-01"' in page
    assert not posted.allocations.exists()
