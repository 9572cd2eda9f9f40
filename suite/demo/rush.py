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

MANY = (40, 80, 160)
"""Wardrobes that are asked for: the first number that takes a day longer than a dozen."""


def ask(demo: Demo, users: dict[str, User]) -> None:
    """Two wardrobes the day after tomorrow; many for the next customer by the day on which a dozen could be there: a
    part first needs a delivery more, and that an approval. Where the plan leaves no part, a limit below the dearest
    option makes that one need it."""
    _set_limit(demo, Decimal(200))
    soon = demo.now.date() + dt.timedelta(days=2)
    day = _delivered(demo, 12, soon) or soon
    many = next((one for one in MANY if (_delivered(demo, one, day) or day) > day), MANY[-1])
    asked = ((1, _question(demo, many, day)), (0, _question(demo, 2, soon)))
    requests = [_asked(demo, users["sara"], customer, question) for customer, question in asked]
    if not _ask_for_approval(requests, demo.now, users["sara"]):
        _set_limit(
            demo, max((option.extra_cost for request in requests for option in _able(request)), default=Decimal(0)) // 2
        )
        _ask_for_approval(requests, demo.now, users["sara"])


def _delivered(demo: Demo, quantity: int, wanted_on: dt.date) -> dt.date | None:
    """The day on which so many could be there."""
    best = computing.compute(_question(demo, quantity, wanted_on)).best
    if best is None or best.deliver_at is None:
        return None
    return best.deliver_at.astimezone(ZoneInfo(demo.plants["DG"].time_zone)).date()


def _able(request: crm.RushRequest) -> list[crm.RushOption]:
    """What can be taken without asking another department first."""
    return [one for one in request.options.order_by("-key") if one.is_possible and not one.ask_first]


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
        if needs := [one for one in _able(request) if crm.why_approval(one, rules)]:
            why = "They open a hotel, and sign for two more"
            crm.ask_rush_approval(option_id=needs[0].pk, why=why, now=now, by=by)
            return True
    return False
