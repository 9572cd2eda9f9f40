"""An offer is asked of the warm worker; whoever is missing, the question is answered all the same."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import override_settings

from masterdata import live
from masterdata.errors import InvalidInput
from suite.asks import computing, offer, warm
from suite.asks.answers import AskRefused, OfferReply, Pending
from tests.crew import Crew, until
from tests.flows import workshop

D = Decimal
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


def stocked() -> workshop.Workshop:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    return shop


def asked(shop: workshop.Workshop, quantity: str = "2") -> OfferReply | Pending:
    return offer.ask_offer(
        material_id=shop.materials["STOOL"].pk,
        quantity=D(quantity),
        plant_id=shop.plant.pk,
        wanted_on=dt.date(2026, 11, 30),
        now=NOW,
    )


def answered(given: OfferReply | Pending) -> OfferReply:
    """The reply, fetched by its token when it came too late for the first request."""

    def fetched() -> OfferReply | None:
        found = offer.answer_of(given.token) if isinstance(given, Pending) else given
        return found if isinstance(found, OfferReply) else None

    reply = until(fetched, what="an answer to the offer")
    assert reply is not None
    return reply


def check_figures(reply: OfferReply) -> None:
    """Two stools: material 2 x 3 legs at 2.00 = 12.00; labour 2 x 60 min at 36.00/h = 72.00; no machine rate.

    Cost 84.00, list price 2 x 100.00 = 200.00, margin 116.00, that is 58 %. The assembly is empty and always open: two
    hours from 08:00 end at 10:00, transport 60 min: delivered at 11:00, whoever else may move.
    """
    assert (reply.material_cost, reply.labour_cost, reply.machine_cost) == (D("12.00"), D("72.00"), D("0.00"))
    assert (reply.cost, reply.price, reply.margin, reply.currency) == (D("84.00"), D("200.00"), D("116.00"), "EUR")
    best = reply.best
    assert best is not None
    assert (best.key, best.deliver_at, best.ends_at) == (
        "A",
        dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC),
    )
    assert (best.extra_cost, best.margin_percent, best.victims) == (D("0.00"), D("58.00"), ())
    assert best.cause


def test_warm_worker_answers(workers: Crew) -> None:
    shop = stocked()
    until(warm.is_there)
    reply = answered(asked(shop))
    assert (reply.source, reply.note) == ("warm", "")
    check_figures(reply)


def test_answer_is_told_live_and_can_be_fetched_again(workers: Crew) -> None:
    shop = stocked()
    until(warm.is_there)
    hints = redis.Redis.from_url(settings.REDIS_URL).pubsub(ignore_subscribe_messages=True)
    hints.subscribe(live.CHANNEL)
    hints.get_message(timeout=1)
    token = warm.ask(question(shop))
    assert token is not None

    def told() -> dict[str, object]:
        message = hints.get_message(timeout=0.1)
        hint = json.loads(message["data"]) if message else {}
        return hint if hint.get("topic") == "ask" else {}

    assert until(told)["id"] == token
    assert answered(Pending(token=token)) == answered(Pending(token=token))
    hints.close()


def question(shop: workshop.Workshop) -> offer.OfferQuestion:
    return offer.OfferQuestion(
        material_id=shop.materials["STOOL"].pk,
        quantity=D(2),
        plant_id=shop.plant.pk,
        wanted_on=dt.date(2026, 11, 30),
        now=NOW,
    )


def test_refusal_comes_back_from_the_worker(workers: Crew) -> None:
    shop = stocked()
    until(warm.is_there)
    with pytest.raises(AskRefused) as refusal:
        answered(asked(shop, "0"))
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == ("invalid_input", 400, "quantity")


def test_without_a_worker_it_is_computed_here_and_says_so(committed: None) -> None:
    shop = stocked()
    redis.Redis.from_url(settings.REDIS_URL).delete(warm.HEARTBEAT)
    reply = asked(shop)
    assert isinstance(reply, OfferReply)
    assert (reply.source, reply.note) == ("fresh", offer.SLOWER)
    check_figures(reply)


def test_quantity_that_breaks_the_units_step_is_refused_at_its_field(committed: None) -> None:
    shop = stocked()
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"), pytest.raises(InvalidInput) as refusal:
        asked(shop, "1.5")
    assert refusal.value.field == "quantity"
    unit = shop.materials["STOOL"].unit.code
    assert refusal.value.sentence == f"STOOL is counted in steps of 1 {unit}: enter 1 or 2."


def test_without_a_broker_it_is_computed_here(committed: None) -> None:
    shop = stocked()
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        reply = asked(shop)
        with pytest.raises(InvalidInput):
            asked(shop, "0")
    assert isinstance(reply, OfferReply)
    assert reply.source == "fresh"


@pytest.mark.crash
def test_worker_that_dies_over_the_question_is_replaced_by_the_asker(workers: Crew) -> None:
    shop = stocked()
    until(warm.is_there)
    workers.kill("ask")
    pending = asked(shop)
    assert isinstance(pending, Pending)
    assert answered(pending).source == "fresh"


def test_token_of_yesterday_says_ask_again() -> None:
    with pytest.raises(offer.AskExpired) as refusal:
        offer.answer_of("0" * 32)
    assert (refusal.value.status, refusal.value.sentence) == (404, "This answer is no longer kept. Ask again.")


@pytest.mark.django_db
def test_setup_that_the_price_has_is_not_counted_twice() -> None:
    """20 min of setup are in the price. A brings 30 to the whole plan: 10 min at 36.00/h are 6.00. C saves some."""
    machine = workshop.build().machines["ASM-01"]

    def option(key: str, setup_min: int) -> Any:
        return SimpleNamespace(key=key, setup_min=setup_min, machine_min={machine.pk: 60})

    extras = computing.extra_costs([option("A", 30), option("C", 5)], D(20), 2, NOW)
    assert extras == {"A": D("6.00"), "C": D("0.00")}
