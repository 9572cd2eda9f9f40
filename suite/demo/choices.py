"""What planners can decide: work that another plant could make as well, and what-ifs that stand beside the plan."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count

from aps import services as aps
from aps.models import PlannedOperation
from erp import services as erp
from masterdata.models import Machine, Partner, User
from suite.demo.factory import Demo

SHELVES = (("LINDQVIST", 14), ("SKOV", 9))
"""Customers and pieces of a shelf that both plants can make."""


def order_shelves(demo: Demo) -> None:
    """Two orders for Dongguan which Poznań could make."""
    for customer, pieces in SHELVES:
        line = erp.OrderLineInput(
            plant_id=demo.plants["DG"].pk,
            material_id=demo.materials["SHF-LIN-OAK"].pk,
            quantity=Decimal(pieces),
            unit_price=Decimal(86),
            wanted_on=demo.now.date() + dt.timedelta(days=9),
        )
        order = erp.create_order(
            company=demo.company,
            customer=Partner.objects.get(code=customer),
            currency=demo.company.currency,
            lines=[line],
            now=demo.now,
        )
        erp.confirm_order(order_id=order.pk, now=demo.now)


def wonder(demo: Demo, users: dict[str, User]) -> None:
    """One more of the busiest machine in Dongguan, or none of it for two days; both are solved."""
    plant = demo.plants["DG"]
    planned = PlannedOperation.objects.filter(plant=plant).values("machine").annotate(count=Count("pk"))
    machine = Machine.objects.get(pk=planned.order_by("-count", "machine")[0]["machine"])
    until = demo.now + dt.timedelta(days=2)
    _solved(demo, users["pavel"], f"One more {machine.code}", "machine_copy", machine=machine, speed_percent=100)
    off = {"machine": machine, "from_at": demo.now, "until_at": until}
    _solved(demo, users["pavel"], f"{machine.code} stands still for two days", "machine_off", **off)


def _solved(demo: Demo, by: User, name: str, kind: str, **values: Any) -> None:
    made = aps.copy_plan(plant_id=demo.plants["DG"].pk, name=name, by=by, now=demo.now)
    aps.add_change(scenario_id=made.pk, kind=kind, values=values, now=demo.now)
    run = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=by, now=demo.now)
    aps.run_scenario(run_id=run.pk, now=demo.now)
