"""Customers in a rush: two questions are open, and the company has its rules: sales decides alone up to a sum."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from crm import services as crm
from masterdata.models import User
from suite.asks import computing
from suite.asks.answers import OfferQuestion
from suite.deeds import ask_rush
from suite.demo.factory import Demo


def ask(demo: Demo, users: dict[str, User]) -> None:
    """Two wardrobes the day after tomorrow; forty for the next customer by the day on which a dozen could be there: a
    part first needs a delivery more, and that an approval."""
    crm.set_rush_policy(
        company_id=demo.plants["DG"].company_id,
        holds_min=30,
        expires_days=7,
        asks_when_hurt=False,  # sales of the contract's examples takes an option that hurts somebody
        cost_above=Decimal(200),
        delivery_cost=Decimal(240),
    )
    soon = demo.now.date() + dt.timedelta(days=2)
    dozen = computing.compute(_question(demo, 12, soon)).best
    day = dozen.deliver_at.date() if dozen is not None and dozen.deliver_at is not None else soon
    for customer, quantity, wanted_on in ((1, 40, day), (0, 2, soon)):
        question = _question(demo, quantity, wanted_on)
        request = ask_rush.ask_rush(
            customer_id=demo.customers[customer].pk,
            plant_id=question.plant_id,
            material_id=question.material_id,
            quantity=question.quantity,
            wanted_on=wanted_on,
            unit_price=None,
            now=demo.now,
            by=users["sara"],
        )
        if customer:
            _ask_for_approval(request, demo.now, users["sara"])


def _question(demo: Demo, quantity: int, wanted_on: dt.date) -> OfferQuestion:
    return OfferQuestion(
        material_id=demo.materials["WRD-FJ180-OAK"].pk,
        quantity=Decimal(quantity),
        plant_id=demo.plants["DG"].pk,
        wanted_on=wanted_on,
        now=demo.now,
    )


def _ask_for_approval(request: crm.RushRequest, now: dt.datetime, by: User) -> None:
    """The option that needs one, if there is any."""
    rules = crm.rush_policy_of(request.plant.company_id)
    able = [one for one in request.options.order_by("key") if one.is_possible and not one.ask_first]
    if needs := [one for one in able if crm.why_approval(one, rules)]:
        why = "They open a hotel, and sign for two more"
        crm.ask_rush_approval(option_id=needs[-1].pk, why=why, now=now, by=by)
