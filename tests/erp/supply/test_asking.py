"""From a wish to an order: requisitions, requests for quotation, and how punctual suppliers are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import selectors as erp_now
from erp import services as erp
from erp.models import (
    ApprovalLimit,
    Peg,
    PlannedOrder,
    PurchaseOrder,
    PurchaseOrderLine,
    QuotationRequest,
    Requisition,
    SupplierPrice,
)
from erp.supply.selectors import compare
from masterdata.errors import InvalidInput, NotAllowed
from masterdata.models import Material, Partner, User
from tests.api.conftest import make_caller
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)
NEEDED = dt.date(2026, 3, 20)


def person(name: str) -> User:
    return User.objects.create(username=name, first_name=name.title())


def wish(shop: Shop, by: User, *lines: tuple[Material, str]) -> Requisition:
    rows = [erp.RequisitionLineInput(material.pk, D(quantity), NEEDED) for material, quantity in lines]
    return erp.request_purchase(plant=shop.plant, by=by, reason="Saw is blunt", lines=rows, now=NOW)


def test_requisition_is_agreed_to_and_ordered(shop: Shop) -> None:
    """3 blades at the price of the day, 20 each, and 2 gloves at standard cost 4: 68. Agreed to it is planned, and a
    click orders the blades; gloves have no price and stay."""
    blade, glove = shop.buy("BLADE"), shop.buy("GLOVE", cost="4")
    shop.price(blade, "20")
    paula, ines = person("paula"), person("ines")
    requisition = wish(shop, paula, (blade, "3"), (glove, "2"))
    assert (requisition.number, requisition.value) == ("RQ-2026-00001", D(68))
    with pytest.raises(NotAllowed, match="Somebody else has to agree"):
        erp.approve_requisition(requisition_id=requisition.pk, by=paula, now=NOW)
    erp.approve_requisition(requisition_id=requisition.pk, by=ines, now=NOW)
    planned = list(PlannedOrder.objects.order_by("id"))
    assert [row.problem for row in planned] == ["RQ-2026-00001 for Paula: order it"] * 2
    assert planned[0].due_at == dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
    done = erp.order_planned_together(planned_order_ids=[row.pk for row in planned], now=NOW)
    assert ([order.lines.get().quantity for order in done.orders], len(done.left)) == ([D(3)], 1)
    with pytest.raises(erp.AlreadyDecided, match="was agreed to already"):
        erp.refuse_requisition(requisition_id=requisition.pk, by=ines, because="No", now=NOW)


def test_limits_say_who_may_agree(shop: Shop) -> None:
    """Paula up to 50, Ines up to 100: 40 by Paula needs nobody, 60 needs Ines, 120 nobody may."""
    blade = shop.buy("BLADE", cost="20")
    paula, ines = person("paula"), person("ines")
    ApprovalLimit.objects.create(plant=shop.plant, approver=paula, max_value=50)
    ApprovalLimit.objects.create(plant=shop.plant, approver=ines, max_value=100)
    assert wish(shop, paula, (blade, "2")).approved_at == NOW
    larger = wish(shop, paula, (blade, "3"))
    assert larger.approved_at is None
    with pytest.raises(NotAllowed, match="ask Ines"):
        erp.approve_requisition(requisition_id=larger.pk, by=paula, now=NOW)
    erp.approve_requisition(requisition_id=larger.pk, by=ines, now=NOW)
    with pytest.raises(NotAllowed, match="nobody's limit holds it"):
        erp.approve_requisition(requisition_id=wish(shop, ines, (blade, "6")).pk, by=ines, now=NOW)
    assert PlannedOrder.objects.count() == 2


def test_refused_with_its_reason(shop: Shop) -> None:
    """A refusal without a reason is none; a refused one plans nothing."""
    requisition = wish(shop, person("paula"), (shop.buy("BLADE"), "1"))
    ines = person("ines")
    with pytest.raises(InvalidInput, match="Say why"):
        erp.refuse_requisition(requisition_id=requisition.pk, by=ines, because=" ", now=NOW)
    refused = erp.refuse_requisition(requisition_id=requisition.pk, by=ines, because="We have ten", now=NOW)
    assert (refused.refused_because, PlannedOrder.objects.count()) == ("We have ten", 0)


@pytest.fixture
def asked(shop: Shop) -> QuotationRequest:
    """23 handles for 23 doors without a price, asked of the yard and of Quick."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.order((door, "23"))
    quick = Partner.objects.create(code="S2", name="Quick", is_supplier=True)
    return erp.request_quotations(
        planned_order_ids=[PlannedOrder.objects.get().pk],
        supplier_ids=[shop.supplier.pk, quick.pk],
        answer_by=NEEDED,
        now=NOW,
    )


def answer(request: QuotationRequest, code: str, price: str, days: int, least: str = "0") -> None:
    supplier = Partner.objects.get(code=code)
    line = request.lines.get()
    erp.answer_quotation(
        request_id=request.pk,
        supplier_id=supplier.pk,
        answers=[erp.AnswerInput(line.pk, D(price), days, D(least))],
        now=NOW,
    )


def test_answers_are_compared_by_what_they_cost_in_all(asked: QuotationRequest) -> None:
    """The yard 0.90 but at least 40: 36.00. Quick 1.20 for 23: 27.60, and sooner. Neither is there today."""
    answer(asked, "S1", "0.90", 10, "40")
    answer(asked, "S2", "1.20", 2)
    [(_, found)] = compare(asked, NOW)
    assert [(one.answer.invitation.supplier.code, one.quantity, one.amount) for one in found] == [
        ("S2", D(23), D("27.60")),
        ("S1", D(40), D("36.00")),
    ]
    assert [(one.is_cheapest, one.is_fastest, one.is_in_time) for one in found] == [
        (True, True, False),
        (False, False, False),
    ]


def test_award_orders_and_keeps_the_price(shop: Shop, asked: QuotationRequest) -> None:
    """The yard gets it: 40 at 0.90 on day 10, 23 of them for the doors. Its old price ends yesterday."""
    handle = Material.objects.get(code="HANDLE")
    old = shop.price(handle, "1.50")
    answer(asked, "S1", "0.90", 10, "40")
    line = asked.lines.get()
    with pytest.raises(InvalidInput, match="did not answer the line"):
        erp.award_quotation(
            request_id=asked.pk, awards={line.pk: Partner.objects.get(code="S2").pk}, keep_prices=False, now=NOW
        )
    erp.award_quotation(request_id=asked.pk, awards={line.pk: shop.supplier.pk}, keep_prices=True, now=NOW)
    bought = PurchaseOrderLine.objects.get()
    assert (bought.quantity, bought.unit_price, bought.pegged_qty) == (D(40), D("0.90"), D(23))
    assert bought.due_at == NOW + 10 * DAY
    assert Peg.objects.filter(planned_order__isnull=False).count() == 0
    old.refresh_from_db()
    assert old.valid_until == NOW.date() - DAY
    assert SupplierPrice.objects.get(valid_from=NOW.date()).price == D("0.90")
    with pytest.raises(erp.RequestClosed, match="is closed"):
        answer(asked, "S2", "1", 1)


def test_dropped_requests_leave_the_need(asked: QuotationRequest) -> None:
    """Quick declines, nobody gets it: still planned."""
    erp.answer_quotation(request_id=asked.pk, supplier_id=Partner.objects.get(code="S2").pk, answers=[], now=NOW)
    assert asked.invitations.get(supplier__code="S2").declined_at == NOW
    erp.drop_quotation(request_id=asked.pk, now=NOW)
    assert PlannedOrder.objects.get().closed_at is None
    assert PurchaseOrder.objects.count() == 0


def test_punctuality_compares_with_the_first_promise(shop: Shop) -> None:
    """Five deliveries due on day 5: on day 5, 4, 7, 6 (confirmed for 6, then 9, came 9) and 5: promised 5, 5, 5, 6, 5,
    so 0, -1, +2, +3 and 0 days late: 3 of 5 on time, 1 day late on average; 90 % would be kept with 3 days more."""
    bolt = shop.buy("BOLT")
    for day, confirmed in ((5, ()), (4, ()), (7, ()), (9, (6, 9)), (5, ())):
        order = erp.create_purchase_order(
            plant=shop.plant, supplier=shop.supplier, now=NOW,
            lines=[erp.PurchaseLineInput(bolt.pk, D(1), D(1), NOW + 5 * DAY)],
        )  # fmt: skip
        for promise in confirmed:
            erp.confirm_purchase_date(line_id=order.lines.get().pk, confirmed_at=NOW + promise * DAY)
        erp.receive_purchase(purchase_order_id=order.pk, now=NOW + day * DAY)
    [found] = erp_now.punctuality(plant_ids=[shop.plant.pk])
    assert (found.deliveries, found.on_time, found.share) == (5, 3, D(60))
    assert (found.mean_days_late, found.most_days_late, found.safety_days) == (D(1), 3, 3)
    [last] = erp_now.punctuality(plant_ids=[shop.plant.pk], supplier_id=shop.supplier.pk, by_material=False, last=1)
    assert (last.material_id, last.deliveries) == (None, 1)


def test_one_need_is_asked_for_once(shop: Shop, asked: QuotationRequest) -> None:
    """The handles are asked for already: a second request is refused and names the first. Dropped, they may be asked
    for again. Who sees all business reads requests; who sees no costs reads no prices."""
    need = [line.planned_order_id for line in asked.lines.all()]
    again = {"planned_order_ids": need, "supplier_ids": [shop.supplier.pk], "answer_by": NEEDED, "now": NOW}
    with pytest.raises(erp.AskedAlready, match=f"{asked.number} asks for this need of HANDLE already"):
        erp.request_quotations(**again)
    answer(asked, "S2", "0.90", 5)
    auditor, clerk = make_caller(shop.company, "auditor"), make_caller(shop.company, "warehouse")
    seen = auditor.get(f"erp/quotation-requests/{asked.pk}/").json()
    prices = [one["unit_price"] for row in seen["invitations"] for one in row["answers"]]
    assert prices == ["0.900000"]
    shown = clerk.get(f"erp/quotation-requests/{asked.pk}/").json()
    assert all("unit_price" not in one for row in shown["invitations"] for one in row["answers"])
    erp.drop_quotation(request_id=asked.pk, now=NOW)
    assert erp.request_quotations(**again).lines.count() == 1


def test_punctuality_over_rest_and_on_the_partners_page(client: Client, shop: Shop) -> None:
    """10 promised for 7 March come on the 9th: none of one on time, two days late, two days of safety time."""
    blade = shop.buy("BLADE")
    line = erp.PurchaseLineInput(blade.pk, D(10), D(1), NOW + 5 * DAY)
    order = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)
    erp.receive_purchase(purchase_order_id=order.pk, now=NOW + 7 * DAY)
    buyer = make_caller(shop.company, "buyer")
    [row] = buyer.get("erp/supplier-punctuality/?code=S1").json()["results"]
    assert (row["figures"]["on_time"], row["figures"]["percent_on_time"], row["figures"]["safety_days"]) == (
        0,
        "0.00",
        2,
    )
    [one] = buyer.get(f"erp/supplier-punctuality/{shop.supplier.pk}/materials/").json()
    assert (one["material"], one["deliveries"], one["most_days_late"]) == (blade.pk, 1, 2)
    client.force_login(buyer.user)
    page = client.get(reverse("masterdata:partner", args=[shop.supplier.pk]) + "?tab=punctuality").content.decode()
    assert reverse("erp:punctuality_of", args=[shop.supplier.pk]) in page
    assert "BLADE" in client.get(reverse("erp:punctuality_of", args=[shop.supplier.pk])).content.decode()
