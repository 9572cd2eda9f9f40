"""An answer survives its way over the broker without losing a digit."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

from masterdata.errors import InvalidInput
from suite.asks import answers, computing

D = Decimal
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def reply() -> answers.OfferReply:
    victim = answers.OfferVictim(order_line_id=7, order_number="SO-2026-00001", old_end_at=NOON, new_end_at=NOON)
    choice = answers.OfferChoice(
        key="C",
        label="As early as possible",
        is_possible=True,
        deliver_at=NOON,
        ends_at=NOON - dt.timedelta(hours=1),
        cause="ASM-01 is busy until then",
        setup_min=5,
        machine_min=120,
        cost=D("80.10"),
        extra_cost=D("0.00"),
        margin_percent=D("33.25"),
        victims=(victim,),
        offer_key=uuid.UUID(int=1),
    )
    return answers.OfferReply(
        question=answers.OfferQuestion(
            material_id=3, quantity=D("2.500000"), plant_id=1, wanted_on=dt.date(2026, 11, 30), now=NOON
        ),
        options=(choice,),
        material_cost=D("50.10"),
        labour_cost=D("30.00"),
        machine_cost=D("0.00"),
        overhead_cost=D("0.00"),
        cost=D("80.10"),
        price=D("120.00"),
        margin=D("39.90"),
        currency="EUR",
        plan_no=3,
        input_version="3.7",
        source="warm",
        computed_ms=12,
    )


def test_reply_is_the_same_after_json() -> None:
    travelled = json.loads(json.dumps(answers.reply_to_json(reply())))
    assert answers.reply_from_json(travelled) == reply()
    assert travelled["cost"] == "80.10"
    assert travelled["options"][0]["deliver_at"] == "2026-11-24T12:00:00+00:00"


def test_question_is_the_same_after_json() -> None:
    question = answers.OfferQuestion(
        material_id=3, quantity=D("2.500000"), plant_id=1, wanted_on=dt.date(2026, 11, 30), now=NOON, keep=True
    )
    assert answers.question_from_json(json.loads(json.dumps(answers.question_to_json(question)))) == question


def test_refusal_keeps_sentence_code_status_and_field() -> None:
    travelled = answers.refusal_to_json(InvalidInput("Enter a quantity above zero.", field="quantity", least=D(1)))
    refusal = answers.AskRefused(**json.loads(json.dumps(travelled)))
    assert (refusal.sentence, refusal.code, refusal.status, refusal.field, refusal.values) == (
        "Enter a quantity above zero.",
        "invalid_input",
        400,
        "quantity",
        {"least": "1"},
    )


def test_margin_is_a_share_of_the_price() -> None:
    """(120 - 80.10) / 120 = 33.25 %; nothing is said without a price."""
    assert computing.margin_percent(D("120"), D("80.10")) == D("33.25")
    assert computing.margin_percent(D(0), D("80.10")) is None
