"""Customers in a rush: two questions are open, and the company has its rules: sales decides alone up to a sum."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm import services as crm
from masterdata.models import User
from suite.asks import computing
from suite.asks.answers import OfferQuestion
from suite.deeds import ask_rush
from suite.demo.factory import Demo


def ask(demo: Demo, users: dict[str, User]) -> None:
    """Two wardrobes the day after tomorrow; forty for the next customer by the day on which a dozen could be there: a
    part first needs a delivery more, and that an approval. Where the plan leaves no part, a lower limit makes another
    option need one."""
    _set_limit(demo, Decimal(200))
    soon = demo.now.date() + dt.timedelta(days=2)
    dozen = computing.compute(_question(demo, 12, soon)).best
    day = soon
    if dozen is not None and dozen.deliver_at is not None:
        day = dozen.deliver_at.astimezone(ZoneInfo(demo.plants["DG"].time_zone)).date()
    asked = ((1, _question(demo, 40, day)), (0, _question(demo, 2, soon)))
    requests = [_asked(demo, users["sara"], customer, question) for customer, question in asked]
    if not _ask_for_approval(requests, demo.now, users["sara"]):
        _set_limit(demo, Decimal(20))
        _ask_for_approval(requests, demo.now, users["sara"])


def _set_limit(demo: Demo, cost_above: Decimal) -> None:
    crm.set_rush_policy(
        company_id=demo.plants["DG"].company_id,
        holds_min=30,
        expires_days=7,
        asks_when_hurt=False,  # sales of the contract's examples takes an option that hurts somebody
        cost_above=cost_above,
        delivery_cost=Decimal(240),
    )


def _asked(demo: Demo, by: User, customer: int, question: OfferQuestion) -> crm.RushRequest:
    return ask_rush.ask_rush(
        customer_id=demo.customers[customer].pk,
        plant_id=question.plant_id,
        material_id=question.material_id,
        quantity=question.quantity,
        wanted_on=question.wanted_on,
        unit_price=None,
        now=demo.now,
        by=by,
    )


def _question(demo: Demo, quantity: int, wanted_on: dt.date) -> OfferQuestion:
    return OfferQuestion(
        material_id=demo.materials["WRD-FJ180-OAK"].pk,
        quantity=Decimal(quantity),
        plant_id=demo.plants["DG"].pk,
        wanted_on=wanted_on,
        now=demo.now,
    )


def _ask_for_approval(requests: list[crm.RushRequest], now: dt.datetime, by: User) -> bool:
    """The first option that needs one; False when there is none."""
    for request in requests:
        rules = crm.rush_policy_of(request.plant.company_id)
        able = [one for one in request.options.order_by("-key") if one.is_possible and not one.ask_first]
        if needs := [one for one in able if crm.why_approval(one, rules)]:
            why = "They open a hotel, and sign for two more"
            crm.ask_rush_approval(option_id=needs[0].pk, why=why, now=now, by=by)
            return True
    return False
