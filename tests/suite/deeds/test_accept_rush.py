"""Taking a rush option: all of it or nothing, once, and never from an answer that no longer holds."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection

from aps import services as aps
from aps.models import Plan, PlantPlanning
from crm.models import Promise, RushOption, RushRequest
from erp.models import SalesOrder
from masterdata.models import FactRecord, FlowRun
from suite.deeds import accept_rush as accept
from suite.deeds import ask_rush as ask
from tests.crew import Crew, until
from tests.crm.orders import confirmed
from tests.flows import workshop

D = Decimal


def quiet(shop: workshop.Workshop) -> bool:
    """Plans are made and everything that follows from them is done."""
    planning = PlantPlanning.objects.filter(plant=shop.plant).first()
    is_planned = planning is not None and planning.plan_no > 0 and planning.planned_version == planning.wanted_version
    return is_planned and not FlowRun.objects.exclude(state=FlowRun.State.DONE).exists()


def busy_shop() -> tuple[workshop.Workshop, SalesOrder]:
    """One assembly machine with an order of six stools planned on it: 6 h of work."""
    shop = workshop.build()
    shop.quantity("LEG", 100)
    order = confirmed(shop, 6, now=dt.datetime.now(dt.UTC))
    until(lambda: quiet(shop), what="the first order is planned and promised")
    return shop, order


def rush(shop: workshop.Workshop) -> RushRequest:
    return ask.ask_rush(
        customer_id=shop.other_customer.pk,
        material_id=shop.materials["STOOL"].pk,
        quantity=D(2),
        plant_id=shop.plant.pk,
        wanted_on=dt.datetime.now(dt.UTC).date(),
        unit_price=D(120),
        now=dt.datetime.now(dt.UTC),
    )


def option(request: RushRequest, key: str) -> RushOption:
    return RushOption.objects.get(request=request, answer_no=request.answer_no, key=key)


def take(chosen: RushOption) -> SalesOrder:
    return accept.accept_rush(option_id=chosen.pk, now=dt.datetime.now(dt.UTC))


def test_options_carry_cost_margin_and_one_input_version(workers: Crew) -> None:
    """Two stools cost 84.00 (12.00 material, 72.00 labour); at 2 x 120.00 = 240.00 that leaves 65 %."""
    shop, _ = busy_shop()
    request = rush(shop)
    assert (request.number, request.answer_no, request.state) == ("RR-2026-00001", 1, "open")
    for key in ("A", "C"):
        card = option(request, key)
        assert (card.cost - card.extra_cost, card.state) == (D("84.00"), "open")
        assert card.offer_key is not None
    assert option(request, "A").margin_percent == D("65.00")


def test_stale_option_takes_nothing_and_is_answered_again(workers: Crew) -> None:
    shop, _ = busy_shop()
    request = rush(shop)
    old = option(request, "C")
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Planner asks for a new plan")
    until(lambda: quiet(shop))
    orders, plans = SalesOrder.objects.count(), Plan.objects.count()

    with pytest.raises(accept.StaleOffer) as refusal:
        take(old)
    assert (refusal.value.code, refusal.value.status) == ("stale_offer", 409)
    assert (SalesOrder.objects.count(), Plan.objects.count()) == (orders, plans)
    answer = refusal.value.values["answer"]
    request.refresh_from_db()
    assert (answer["answer_no"], request.answer_no, request.state) == (2, 2, "open")
    old.refresh_from_db()
    assert old.state == "stale"
    cards = {card["key"]: card["id"] for card in answer["options"]}  # with the levers, if they were found meanwhile
    assert (cards["A"], cards["C"]) == (option(request, "A").pk, option(request, "C").pk)
    assert set(cards.values()) <= set(request.options.filter(state="open").values_list("pk", flat=True))

    order = take(option(request, "C"))
    request.refresh_from_db()
    assert (request.state, request.order) == ("taken", order)


def test_same_option_twice_gives_the_same_order(workers: Crew) -> None:
    shop, _ = busy_shop()
    chosen = option(rush(shop), "C")
    assert take(chosen) == take(chosen)
    assert FactRecord.objects.filter(kind="RushTaken").count() == 1


def test_flows_after_it_write_no_second_version(workers: Crew) -> None:
    shop, displaced = busy_shop()
    order = take(option(rush(shop), "C"))
    plans = Plan.objects.count()
    until(lambda: quiet(shop), what="everybody knows")
    assert Plan.objects.count() == plans
    assert [row.reason for row in Promise.objects.filter(order_line__order=order)] == ["rush"]
    changed = Promise.objects.get(order_line__order=displaced, version_no=2)
    assert changed.cause == f"Rush order {order.number} for Harbour Homes was taken first"
    assert changed.fact is not None
    assert changed.fact.kind == "RushTaken"
    assert Promise.objects.filter(order_line__order=displaced).count() == 2


def test_two_threads_take_two_options_of_one_answer_and_one_wins(workers: Crew) -> None:
    shop, _ = busy_shop()
    request = rush(shop)
    start, won, lost = threading.Barrier(2), [], []

    def one(chosen: RushOption) -> None:
        try:
            start.wait(timeout=10)
            won.append(take(chosen))
        except accept.StaleOffer as refusal:
            lost.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(option(request, key),)) for key in ("A", "C")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(won), len(lost)) == (1, 1)
    assert SalesOrder.objects.filter(is_rush=True).count() == 1
    assert lost[0].values["order_id"] == won[0].pk
    assert lost[0].sentence.startswith(f"RR-2026-00001 is taken already, as order {won[0].number}.")


def test_two_people_take_the_same_hours_and_one_is_answered_again(workers: Crew) -> None:
    """Two customers are shown the same free hours first; the plan has them once. Who comes second takes nothing and has
    new cards, and one of those can be taken."""
    shop, _ = busy_shop()
    requests = [rush(shop), rush(shop)]
    start, won, lost = threading.Barrier(2), [], []

    def one(request: RushRequest) -> None:
        try:
            start.wait(timeout=10)
            won.append((request, take(option(request, "C"))))
        except accept.StaleOffer as refusal:
            lost.append((request, refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(won), len(lost)) == (1, 1)
    assert SalesOrder.objects.filter(is_rush=True).count() == 1
    second, refusal = lost[0]
    second.refresh_from_db()
    assert (second.state, second.answer_no, refusal.values["answer"]["answer_no"]) == ("open", 2, 2)
    until(lambda: quiet(shop), what="the first is spread")
    try:
        order = take(option(second, "A"))
    except accept.StaleOffer:  # a plan was published meanwhile: the newest cards hold
        second.refresh_from_db()
        order = take(option(second, "A"))
    assert order.is_rush
