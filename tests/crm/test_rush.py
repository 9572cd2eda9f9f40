"""Rush requests: one answer at a time is open, and one option of it is taken."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from crm import selectors as crm_now
from crm import services as crm
from crm.models import RushOption, RushRequest
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord
from tests.crm.orders import NOW, at, confirmed, line_of
from tests.flows.workshop import Workshop

D = Decimal


def asked(shop: Workshop, **change: object) -> RushRequest:
    given = {
        "customer_id": shop.other_customer.pk,
        "material_id": shop.materials["STOOL"].pk,
        "quantity": D(2),
        "plant_id": shop.plant.pk,
        "wanted_on": dt.date(2026, 11, 24),
        "unit_price": D(120),
        "now": NOW,
    }
    return crm.open_rush(**(given | change))  # type: ignore[arg-type]


def card(key: str, *victims: crm.RushVictimInput) -> crm.RushOptionInput:
    return crm.RushOptionInput(
        key=key,
        label=key,
        is_possible=True,
        deliver_at=at(24, 12),
        cause="ASM-01 is busy until then",
        extra_cost=D("5.00"),
        cost=D("80.00"),
        margin_percent=D("66.67"),
        offer_key=uuid.uuid4(),
        victims=victims,
    )


def test_request_has_a_number_and_the_list_price_when_none_is_given(shop: Workshop) -> None:
    request = asked(shop, unit_price=None)
    assert (request.number, request.unit_price, request.state) == ("RR-2026-00001", D(100), "open")


def test_quantity_of_nothing_is_refused_at_its_field(shop: Workshop) -> None:
    with pytest.raises(InvalidInput) as refusal:
        asked(shop, quantity=D(0))
    assert (refusal.value.field, refusal.value.sentence) == ("quantity", "Enter a quantity above zero.")


def test_quantity_that_breaks_the_units_step_is_refused_at_its_field(shop: Workshop) -> None:
    unit = shop.materials["STOOL"].unit
    with pytest.raises(InvalidInput) as refusal:
        asked(shop, quantity=D("1.5"))
    assert refusal.value.field == "quantity"
    assert refusal.value.sentence == f"STOOL is counted in steps of 1 {unit.code}: enter 1 or 2."
    assert not RushRequest.objects.exists()


def test_new_answer_makes_the_older_options_stale(shop: Workshop) -> None:
    request = asked(shop)
    crm.answer_rush(request_id=request.pk, input_version="3.7", options=[card("A"), card("C")], now=NOW)
    crm.answer_rush(request_id=request.pk, input_version="4.8", options=[card("A")], now=NOW)
    request.refresh_from_db()
    assert (request.answer_no, request.input_version) == (2, "4.8")
    states = request.options.order_by("answer_no", "key").values_list("answer_no", "key", "state")
    assert list(states) == [(1, "A", "stale"), (1, "C", "stale"), (2, "A", "open")]


def test_an_answer_says_how_it_was_computed_until_the_next_one(shop: Workshop) -> None:
    request = asked(shop)
    crm.answer_rush(request_id=request.pk, input_version="3.7", options=[card("A")], now=NOW, note="Computed here")
    assert crm_now.rush_answer(request_id=request.pk)["note"] == "Computed here"
    crm.answer_rush(request_id=request.pk, input_version="4.8", options=[card("A")], now=NOW)
    assert crm_now.rush_answer(request_id=request.pk)["note"] == ""


def test_answer_reads_back_as_plain_data_with_its_victims(shop: Workshop) -> None:
    hurt = confirmed(shop)
    request = asked(shop)
    victim = crm.RushVictimInput(line_of(hurt).pk, at(24, 10), at(24, 12))
    crm.answer_rush(request_id=request.pk, input_version="3.7", options=[card("C", victim)], now=NOW)
    answer = crm_now.rush_answer(request_id=request.pk)
    (option,) = answer["options"]
    assert (answer["number"], answer["answer_no"], answer["input_version"]) == ("RR-2026-00001", 1, "3.7")
    assert (option["deliver_at"], option["cost"], option["extra_cost"]) == (
        "2026-11-24T12:00:00+00:00",
        "80.0000",
        "5.0000",
    )
    assert option["victims"] == [
        {
            "order_line_id": line_of(hurt).pk,
            "order_number": hurt.number,
            "old_end_at": "2026-11-24T10:00:00+00:00",
            "new_end_at": "2026-11-24T12:00:00+00:00",
        }
    ]


def test_taking_one_option_closes_the_others_and_states_it_once(shop: Workshop) -> None:
    request = asked(shop)
    crm.answer_rush(request_id=request.pk, input_version="3.7", options=[card("A"), card("C")], now=NOW)
    order = confirmed(shop, 2, other=True)
    calm, fast = request.options.order_by("key")
    taken = crm.mark_rush_taken(option_id=fast.pk, order=order, now=NOW)
    assert (taken.kind, taken.payload) == ("RushTaken", {"request_id": request.pk, "order_id": order.pk})
    assert list(request.options.order_by("key").values_list("state", flat=True)) == ["stale", "taken"]
    with pytest.raises(crm.RushNotOpen) as refusal:
        crm.mark_rush_taken(option_id=calm.pk, order=order, now=NOW)
    assert refusal.value.sentence == f"RR-2026-00001 is taken already, as order {order.number}."
    assert FactRecord.objects.filter(kind="RushTaken").count() == 1


def test_dropped_request_is_not_answered_again(shop: Workshop) -> None:
    request = asked(shop)
    crm.drop_rush(request_id=request.pk, now=NOW)
    with pytest.raises(crm.RushNotOpen) as refusal:
        crm.answer_rush(request_id=request.pk, input_version="3.7", options=[card("A")], now=NOW)
    assert refusal.value.sentence == "RR-2026-00001 was dropped: ask again with a new request."
    assert not RushOption.objects.exists()
