"""Customers in a rush: two questions are open, and the company has its rules: sales decides alone up to a sum."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from crm import services as crm
from masterdata.models import User
from suite.deeds import ask_rush
from suite.demo.factory import Demo


def ask(demo: Demo, users: dict[str, User]) -> None:
    """Two wardrobes the day after tomorrow; a dozen for the next customer tomorrow, which would hurt others."""
    crm.set_rush_policy(
        company_id=demo.plants["DG"].company_id,
        holds_min=30,
        expires_days=7,
        asks_when_hurt=False,  # sales of the contract's examples takes an option that hurts somebody
        cost_above=Decimal(1000),
    )
    for customer, quantity, days in ((1, 12, 1), (0, 2, 2)):
        request = ask_rush.ask_rush(
            customer_id=demo.customers[customer].pk,
            plant_id=demo.plants["DG"].pk,
            material_id=demo.materials["WRD-FJ180-OAK"].pk,
            quantity=Decimal(quantity),
            wanted_on=demo.now.date() + dt.timedelta(days=days),
            unit_price=None,
            now=demo.now,
            by=users["sara"],
        )
        if customer:
            _ask_for_approval(request, demo.now, users["sara"])


def _ask_for_approval(request: crm.RushRequest, now: dt.datetime, by: User) -> None:
    """The option that needs one, if there is any."""
    rules = crm.rush_policy_of(request.plant.company_id)
    hurting = [one for one in request.options.order_by("key") if one.is_possible and crm.why_approval(one, rules)]
    if hurting:
        why = "They open a hotel, and sign for two more"
        crm.ask_rush_approval(option_id=hurting[-1].pk, why=why, now=now, by=by)
