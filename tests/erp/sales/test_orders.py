"""Drafts, confirmation and the derived status of orders."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from erp import selectors as erp_now
from erp import services as erp
from erp.models import SalesOrderLine, WorkOrder, WorkOrderOperation
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.line import caption
from masterdata.models import FactRecord, Partner, PaymentTerm
from tests.api.conftest import make_caller
from tests.erp.receivables.sold import dollars
from tests.erp.shop import NOW, WANTED, Shop


def test_a_draft_has_rounded_amounts_and_the_customers_tax(shop: Shop) -> None:
    """3 at 3.335 are 10.005, half up 10.01."""
    order = shop.draft((shop.buy("LAMP"), "3", "3.335"))
    line = order.lines.get()
    assert (order.number, line.net_amount, line.tax_code) == ("SO-2026-00001", Decimal("10.01"), shop.vat)
    assert order.confirmed_at is None


def test_a_draft_refuses_what_cannot_be_meant(shop: Shop) -> None:
    """Half a piece, nothing, another company's currency."""
    lamp = shop.buy("LAMP")
    with pytest.raises(InvalidInput, match="steps of 1 EA") as refusal:
        shop.draft((lamp, "1"), (lamp, "0.5"))
    assert refusal.value.field == "lines.1.quantity"
    with pytest.raises(InvalidInput, match="above zero"):
        shop.draft((lamp, "0"))
    with pytest.raises(InvalidInput, match="at least one line"):
        shop.draft()


def test_an_order_is_confirmed_once(shop: Shop) -> None:
    """The second time is refused, nothing is made twice, one fact is stated."""
    order = shop.order((shop.make("TABLE"), "1"))
    with pytest.raises(erp.AlreadyConfirmed):
        erp.confirm_order(order_id=order.pk, now=NOW)
    assert WorkOrder.objects.count() == 1
    fact = FactRecord.objects.get(kind="OrderConfirmed")
    assert (fact.subject, fact.payload["plant_ids"]) == (f"order:{order.pk}", [shop.plant.pk])


def test_a_stale_draft_is_not_confirmed(shop: Shop) -> None:
    """Version 1 was read, version 2 is there."""
    order = shop.draft((shop.make("TABLE"), "1"))
    order.version = 2
    order.save()
    with pytest.raises(StaleVersion):
        erp.confirm_order(order_id=order.pk, now=NOW, expected_version=1)
    assert erp.confirm_order(order_id=order.pk, now=NOW, expected_version=2).version == 3


def test_each_line_gets_work_orders_of_its_own(shop: Shop) -> None:
    """Two lines of one table of one frame: paths 1, 1.1, 2, 2.1, all firm."""
    table, frame = shop.make("TABLE"), shop.make("FRAME")
    shop.bom(table, (frame, "1"))
    shop.order((table, "1"), (table, "2"))
    rows = list(WorkOrder.objects.order_by("path").values_list("path", "quantity", "state"))
    assert rows == [
        ("1", Decimal(1), "firm"),
        ("1.1", Decimal(1), "firm"),
        ("2", Decimal(2), "firm"),
        ("2.1", Decimal(2), "firm"),
    ]


def test_promises_are_written_to_their_lines(shop: Shop) -> None:
    """One by one and many at once."""
    lamp = shop.buy("LAMP")
    first, second = shop.draft((lamp, "1"), (lamp, "1")).lines.order_by("line_no")
    erp.set_promise(line_id=first.pk, promised_at=NOW)
    later = NOW + dt.timedelta(days=1)
    erp.set_promises(promises={first.pk: later, second.pk: NOW})
    assert list(SalesOrderLine.objects.order_by("line_no").values_list("promised_at", flat=True)) == [later, NOW]


def percents(order_id: int) -> dict[str, int]:
    """Every station's percentage."""
    return {station.key: int(station.percent) for station in erp_now.order_status([order_id], NOW)[order_id].stations}


def test_status_follows_from_quantities_at_every_step(shop: Shop) -> None:
    """4 tables of 4 legs, 8 of 16 legs in stock: material 50 %. One table reported: 1/4 produced and ready, 4 legs used
    and 4 kept are still half. Shipped and invoiced: 1/4. Half of that invoice paid: 1/8, shown as 12 %."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.stock(leg, "8")
    order = shop.draft((table, "4", "100"))
    zero = dict.fromkeys(percents(order.pk), 0)
    assert percents(order.pk) == zero | {"quoted": 100}

    erp.confirm_order(order_id=order.pk, now=NOW)
    begun = zero | {"quoted": 100, "confirmed": 100, "material": 50}
    assert percents(order.pk) == begun

    operation = WorkOrderOperation.objects.get()
    erp.apply_plan(
        plant_id=shop.plant.pk,
        plan_no=1,
        placements=[erp.Placement(operation.pk, shop.saw_one.pk, NOW, NOW + dt.timedelta(hours=1))],
    )
    assert percents(order.pk) == begun | {"scheduled": 100}
    assert order.lines.get().expected_at == NOW + dt.timedelta(hours=3)

    erp.report_operation(
        operation_id=operation.pk, good_qty=Decimal(1), scrap_qty=Decimal(0), worked_min=Decimal(12), now=NOW,
        machine_id=shop.saw_one.pk,
    )  # fmt: skip
    running = begun | {"scheduled": 100, "in_production": 25, "ready": 25}
    assert percents(order.pk) == running
    assert caption(erp_now.order_status([order.pk], NOW)[order.pk].stations) == "In production 25 %"

    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert percents(order.pk) == running | {"shipped": 25}
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    erp.receive_payment(invoice_id=invoice.pk, amount=Decimal("59.50"), received_on=NOW.date(), now=NOW)
    assert percents(order.pk) == running | {"shipped": 25, "invoiced": 25, "paid": 12}


def test_a_traded_order_is_ready_with_its_goods(shop: Shop) -> None:
    """4 lamps, 3 in stock: material and ready 75 %, nothing to schedule or produce."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "3")
    order = shop.order((lamp, "4"))
    assert percents(order.pk) == {
        "quoted": 100, "confirmed": 100, "material": 75, "scheduled": 100, "in_production": 100, "ready": 75,
        "shipped": 0, "invoiced": 0, "paid": 0,
    }  # fmt: skip


def test_a_late_line_shows_at_the_stations_ahead(shop: Shop) -> None:
    """Expected after the promise."""
    order = shop.order((shop.make("TABLE"), "1"))
    order.lines.update(promised_at=NOW, expected_at=NOW + dt.timedelta(days=1))
    late = [station.key for station in erp_now.order_status([order.pk], NOW)[order.pk].stations if station.late]
    assert late == ["in_production", "ready", "shipped"]


def test_detail_and_lists_show_what_belongs_to_the_order(shop: Shop, django_assert_max_num_queries: object) -> None:
    """One work order, one purchase order, one planned order."""
    table, leg, felt = shop.make("TABLE"), shop.buy("LEG"), shop.buy("FELT")
    shop.bom(table, (leg, "4"), (felt, "1"))
    shop.price(leg)
    order = shop.order((table, "2", "50"))
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        detail = erp_now.order_detail(order.pk)
    assert [row.path for row in detail.work_orders] == ["1"]
    assert [row.supplier for row in detail.purchase_orders] == [shop.supplier]
    assert [row.material for row in detail.planned_orders] == [felt]
    assert detail.net_amount == Decimal(100)
    assert erp_now.order_number(order.pk) == order.number


def test_people_see_the_orders_of_their_company_or_plant(shop: Shop) -> None:
    """A seller of the company and one of the plant see it, a stranger does not."""
    from masterdata.models import Membership, User

    order = shop.draft((shop.buy("LAMP"), "2", "7"))
    stranger = User.objects.create(username="stranger")
    whole = User.objects.create(username="whole")
    local = User.objects.create(username="local")
    Membership.objects.create(user=whole, role="sales", company=shop.company)
    Membership.objects.create(user=local, role="sales", company=shop.company, plant=shop.plant)
    assert not erp_now.visible_orders(stranger).exists()
    assert erp_now.visible_orders(whole).get().net_amount == Decimal(14)  # type: ignore[attr-defined]
    assert erp_now.visible_orders(local).get().wanted_on == WANTED  # type: ignore[attr-defined]
    assert order.customer == Partner.objects.get(code="C1")


def test_an_order_over_rest_has_its_own_currency_and_terms(shop: Shop) -> None:
    """1 lamp at 100 USD, a dollar at 0.90 (the day's) or at the 0.95 agreed; without terms the customer's hold."""
    dollar = dollars(shop, "0.90")
    term = PaymentTerm.objects.create(code="NET60", name="60 days", days=60)
    lamp = shop.buy("LAMP")
    wanted = (timezone.localdate() + dt.timedelta(days=10)).isoformat()
    line = {"plant": shop.plant.pk, "material": lamp.pk, "quantity": "1", "unit_price": "100", "wanted_on": wanted}
    body = {"customer": shop.customer.pk, "lines": [line]}
    sales = make_caller(shop.company, "sales")
    made = sales.post("erp/sales-orders/", body | {"currency": dollar.pk, "payment_term": term.pk}).json()
    assert (made["currency"], made["payment_term"], made["rate"]) == (dollar.pk, term.pk, "0.9000000000")
    agreed = sales.post("erp/sales-orders/", body | {"currency": dollar.pk, "rate": "0.95"}).json()
    assert (agreed["payment_term"], agreed["rate"]) == (None, "0.9500000000")
    plain = sales.post("erp/sales-orders/", body).json()
    assert (plain["currency"], plain["rate"]) == (shop.euro.pk, "1.0000000000")
    unknown = sales.post("erp/sales-orders/", body | {"payment_term": 0}).json()
    assert [error["field"] for error in unknown["errors"]] == ["payment_term"]
