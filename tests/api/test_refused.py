"""What nobody can mean is refused over REST, at its field, with a sentence that says what to do."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from erp import services as erp
from erp.models import Invoice, Payment, PurchaseOrder, SalesOrder, WorkOrderOperation
from masterdata.models import Plant, ReasonCode
from mes.models import Alarm, MachineEvent
from tests.api.test_stories import Shop, done
from tests.flows import workshop

D = Decimal


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop(workshop.build(), {})


def ordered(shop: Shop, quantity: str = "2", now: dt.datetime | None = None) -> SalesOrder:
    """A confirmed order of stools; 3 legs each are bought."""
    at = now or timezone.now()
    stool = shop.shop.materials["STOOL"]
    order = erp.create_order(
        company=shop.shop.company,
        customer=shop.shop.customer,
        currency=shop.shop.company.currency,
        lines=[erp.OrderLineInput(shop.shop.plant.pk, stool.pk, D(quantity), D(100), at.date() + dt.timedelta(20))],
        now=at,
    )
    return erp.confirm_order(order_id=order.pk, now=at)


def made(shop: Shop, order: SalesOrder, now: dt.datetime) -> None:
    """Its pieces are made; legs that lack are owed."""
    operation = WorkOrderOperation.objects.get(work_order__sales_order_line__order=order)
    machine = shop.shop.machines["ASM-01"]
    erp.start_operation(operation_id=operation.pk, machine_id=machine.pk, now=now)
    erp.report_operation(
        operation_id=operation.pk,
        machine_id=machine.pk,
        good_qty=operation.work_order.quantity,
        scrap_qty=D(0),
        worked_min=D(10),
        now=now,
    )


def invoiced(shop: Shop, now: dt.datetime) -> Invoice:
    order = ordered(shop, now=now)
    made(shop, order, now)
    shipment = erp.pack_shipment(order_id=order.pk, now=now)
    erp.ship(shipment_id=shipment.pk, now=now)
    return erp.post_invoice(order_id=order.pk, now=now)


def refused(answer: Any, field: str, status: int = 400) -> str:
    """The sentence at the field."""
    told = answer.json()
    assert answer.status_code == status, told
    (error,) = told["errors"]
    assert error["field"] == field, told
    sentence: str = error["detail"]
    return sentence


# Pieces --------------------------------------------------------------------------------------------------------------


def test_a_fraction_of_a_piece_is_refused_wherever_pieces_are_said(shop: Shop) -> None:
    """Bought 1.5, received 0.333333 of 6, reported 1.5 good or 0.333333 scrap of 2, packed 0.5 of 2."""
    order = ordered(shop)
    purchase = PurchaseOrder.objects.get()
    leg = purchase.lines.get()
    line = {"material": leg.material_id, "quantity": "1.5", "unit_price": "3", "due_at": timezone.now().isoformat()}
    bought = {"plant": purchase.plant_id, "supplier": purchase.supplier_id, "lines": [line]}
    sentence = refused(shop.by("buyer").post("erp/purchase-orders/", bought), "lines.0.quantity")
    assert sentence == "LEG is counted in steps of 1 PC: enter 1 or 2."

    warehouse = shop.by("warehouse")
    came = {"lines": [{"line": leg.pk, "quantity": "0.333333"}]}
    sentence = refused(warehouse.post(f"erp/purchase-orders/{purchase.pk}/receive/", came), "lines.0.quantity")
    assert sentence == "LEG is counted in steps of 1 PC: enter 1."

    operation = WorkOrderOperation.objects.get()
    event = {"machine": shop.shop.machines["ASM-01"].pk, "happened_at": timezone.now().isoformat()}
    operator, address = shop.by("operator"), f"mes/operations/{operation.pk}"
    done(operator.post(f"{address}/start/", event | {"event_id": str(uuid.uuid4())}, key=""))
    for name, value in (("good_qty", "1.5"), ("scrap_qty", "0.333333")):
        said = event | {"event_id": str(uuid.uuid4()), name: value, "happened_at": timezone.now().isoformat()}
        if name == "scrap_qty":
            said["reason"] = ReasonCode.objects.create(code="SCR", name="Scratched", kind="scrap").pk
        assert "STOOL is counted in steps of 1 PC" in refused(operator.post(f"{address}/report/", said, key=""), name)

    made(shop, order, timezone.now())
    pack = {"lines": [{"line": order.lines.get().pk, "quantity": "0.5"}]}
    sentence = refused(warehouse.post(f"erp/sales-orders/{order.pk}/pack/", pack), "lines.0.quantity")
    assert sentence == "STOOL is counted in steps of 1 PC: enter 1."


# Money ---------------------------------------------------------------------------------------------------------------


def test_money_comes_neither_in_the_future_nor_before_the_invoice(shop: Shop) -> None:
    """Invoiced three days ago. The day of the invoice and today are taken: 100.00 each of 238.00."""
    at = timezone.now()
    invoice = invoiced(shop, at - dt.timedelta(days=3))
    accountant, address = shop.by("accountant"), f"erp/invoices/{invoice.pk}/payments/"

    def pay(on: dt.date) -> Any:
        return accountant.post(address, {"amount": "100.00", "received_on": on.isoformat()})

    for day in (dt.date(2035, 1, 1), at.date() + dt.timedelta(days=2)):
        assert "has not come yet" in refused(pay(day), "received_on")
    issued = invoice.issued_on
    for day in (dt.date(2000, 1, 1), issued - dt.timedelta(days=1)):
        sentence = refused(pay(day), "received_on")
        assert sentence.endswith(f"{issued.day} {issued:%B %Y}: enter that day or a later one.")
    assert not Payment.objects.exists()
    done(pay(issued), 201)
    done(pay(at.date()), 201)


def test_an_invoice_before_shipping_says_that_nothing_was_shipped(shop: Shop) -> None:
    order = ordered(shop)
    answer = shop.by("accountant").post(f"erp/sales-orders/{order.pk}/invoice/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_invoice")
    assert answer.json()["detail"] == (
        f"Nothing of {order.number} has been shipped yet: pack and ship it, then invoice it."
    )


# Wishes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"material": "LEG"}, "material"),
        ({"wanted_on": "2001-01-01"}, "wanted_on"),
        ({"quantity": "999999999999"}, "quantity"),
        ({"unit_price": "999999999999", "quantity": "2"}, "unit_price"),
    ],
)
def test_a_wish_that_nobody_can_mean_is_refused_in_quotation_order_and_rush(
    shop: Shop, change: dict[str, str], field: str
) -> None:
    """LEG is not sold; 999,999,999,999 twice is more than a line's money holds."""
    sales, line = shop.by("sales"), shop.line("STOOL", "1", "100.00") | change
    if field == "material":
        line["material"] = shop.shop.materials["LEG"].pk
    body = {"customer": shop.shop.customer.pk, "lines": [line]}
    refused(sales.post("crm/quotations/", body), f"lines.0.{field}")
    refused(sales.post("erp/sales-orders/", body), f"lines.0.{field}")
    refused(sales.post("crm/rush-requests/", line | {"customer": shop.shop.customer.pk}), field)


def test_a_quotation_is_not_written_for_a_day_that_has_passed(shop: Shop) -> None:
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("STOOL", "1", "100.00")]}
    refused(shop.by("sales").post("crm/quotations/", body | {"valid_until": "2020-01-01"}), "valid_until")


def test_the_largest_order_can_be_accepted(shop: Shop) -> None:
    """1,000,000 stools of 3 legs and an hour each fit every column."""
    sales = shop.by("sales")
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("STOOL", "1000000", "1000000")]}
    quotation = done(sales.post("crm/quotations/", body), 201)
    done(sales.post(f"crm/quotations/{quotation['id']}/accept/"))


# Offered dates -------------------------------------------------------------------------------------------------------


def test_only_a_date_that_planning_gave_is_promised(shop: Shop) -> None:
    """The offer of the very line is taken, with its cost; a made-up date or seal and another quantity are not."""
    sales, line = shop.by("sales"), shop.line("STOOL", "2", "100.00")
    question = {name: value for name, value in line.items() if name != "unit_price"}
    best, other = done(sales.post("aps/offers/", question, key=""))["options"]
    assert (bool(best["offer"]), other["offer"]) == (True, "")

    def write(**more: str) -> Any:
        return sales.post("crm/quotations/", {"customer": shop.shop.customer.pk, "lines": [line | more]})

    assert refused(write(offered_at="2027-01-01T12:00:00Z"), "lines.0.offered_at") == "There is no such field."
    assert "is not ours" in refused(write(offer="2027-01-01"), "lines.0.offer")
    assert "is not ours" in refused(write(offer=best["offer"][:-1] + "_"), "lines.0.offer")
    assert "another plant, material, quantity" in refused(write(offer=best["offer"], quantity="3"), "lines.0.offer")
    quotation = done(write(offer=best["offer"]), 201)
    (written,) = quotation["lines"]
    assert (written["offered_at"], written["offered_cost"]) == (best["deliver_at"].replace("+00:00", "Z"), "84.0000")

    again = {"lines": [line | {"unit_price": "90", "offer": written["offer"]}]}
    rewritten = done(sales.patch(f"crm/quotations/{quotation['id']}/", again, If_Match='"1"'))
    assert rewritten["lines"][0]["offered_at"] == written["offered_at"]
    order = done(sales.post(f"crm/quotations/{quotation['id']}/accept/"))["order"]
    promised = done(sales.get(f"erp/sales-orders/{order}/"))["lines"][0]["promised_at"]
    assert promised == written["offered_at"]


# Where it can be made ------------------------------------------------------------------------------------------------


def test_a_rush_in_the_wrong_plant_names_the_right_one(shop: Shop) -> None:
    given = shop.shop.plant
    away = Plant.objects.create(company=given.company, code="AWAY", name="Away", calendar=given.calendar)
    body = {name: value for name, value in shop.line("STOOL", "1", "0").items() if name != "unit_price"}
    asked = body | {"plant": away.pk, "customer": shop.shop.customer.pk}
    sentence = refused(shop.by("sales").post("crm/rush-requests/", asked), "plant", 409)
    assert sentence == "STOOL has no frozen routing in Away: choose Main plant, where it can be made."


# The floor -----------------------------------------------------------------------------------------------------------


def test_machines_do_not_stand_since_last_year_nor_since_tomorrow(shop: Shop) -> None:
    """400 days and 8 days ago are too old, two minutes ahead is too early; 6 days ago is taken."""
    gateway, machine, now = shop.by("integration"), shop.shop.machines["SAW-01"], timezone.now()
    for offset, words in (
        (dt.timedelta(days=-400), "more than 7 days old"),
        (dt.timedelta(days=-8), "more than 7 days old"),
        (dt.timedelta(minutes=2), "in the future"),
    ):
        at = (now + offset).isoformat()
        down = gateway.post(f"mes/machines/{machine.pk}/report-down/", {"since_at": at})
        assert words in refused(down, "since_at", 409)
        event = {"id": f"m{offset}", "machine": "SAW-01", "state": "fault", "time": at}
        assert words in refused(gateway.post("mes/machine-events/", event, key=""), "time", 409)
    assert not Alarm.objects.exists()
    assert not MachineEvent.objects.exists()
    week = (now - dt.timedelta(days=6)).isoformat()
    done(gateway.post(f"mes/machines/{machine.pk}/report-down/", {"since_at": week}), 201)


def test_a_machine_that_is_back_before_it_stopped_is_refused_at_the_field_of_the_body(shop: Shop) -> None:
    gateway, machine, now = shop.by("integration"), shop.shop.machines["SAW-01"], timezone.now()
    body = {"since_at": now.isoformat(), "estimated_until_at": (now - dt.timedelta(hours=1)).isoformat()}
    answer = gateway.post(f"mes/machines/{machine.pk}/report-down/", body)
    assert "cannot be back before it stopped" in refused(answer, "estimated_until_at", 409)


def test_scrap_needs_a_reason_over_rest_as_at_the_tablet(shop: Shop) -> None:
    ordered(shop)
    operation, operator = WorkOrderOperation.objects.get(), shop.by("operator")
    event = {"machine": shop.shop.machines["ASM-01"].pk}

    def send(deed: str, **more: Any) -> Any:
        said = event | {"event_id": str(uuid.uuid4()), "happened_at": timezone.now().isoformat()} | more
        return operator.post(f"mes/operations/{operation.pk}/{deed}/", said, key="")

    done(send("start"))
    for deed in ("report", "finish"):
        assert refused(send(deed, scrap_qty="1"), "reason").startswith("Choose why pieces were scrapped")
    reason = ReasonCode.objects.create(code="SCR", name="Scratched", kind="scrap")
    assert done(send("report", scrap_qty="1", reason=reason.pk))["scrap_qty"] == "1.000000"
