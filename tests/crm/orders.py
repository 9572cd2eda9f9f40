"""Confirmed orders with planned operations, for tests of what customers are promised."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine, WorkOrderOperation
from tests.flows.workshop import Workshop

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
"""A Monday; the workshop's plant is in UTC and its transport takes 60 minutes."""


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A time in November 2026."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC)


def confirmed(
    shop: Workshop, quantity: int = 4, *, other: bool = False, wanted: dt.date | None = None, now: dt.datetime = NOW
) -> SalesOrder:
    """A confirmed order of stools: one work order with one operation, assembly.

    Ordered two days ago, wanted yesterday, confirmed now: no slack.
    """
    stool = shop.materials["STOOL"]
    order = erp.create_order(
        company=shop.company,
        customer=shop.other_customer if other else shop.customer,
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=stool.pk,
                quantity=Decimal(quantity),
                unit_price=stool.list_price,
                wanted_on=wanted or now.date() - dt.timedelta(days=1),
            )
        ],
        now=now - dt.timedelta(days=2),
    )
    return erp.confirm_order(order_id=order.pk, now=now)


def line_of(order: SalesOrder) -> SalesOrderLine:
    """Its only line as committed now."""
    return SalesOrderLine.objects.get(order=order)


def plan(shop: Workshop, plan_no: int, ends: dict[SalesOrder, dt.datetime]) -> None:
    """Write a plan in which each order's assembly ends at that time, an hour after its start."""
    placements = []
    for order, end in ends.items():
        operation = WorkOrderOperation.objects.get(work_order__sales_order_line__order=order)
        machine = shop.machines["ASM-01"]
        placements.append(erp.Placement(operation.pk, machine.pk, end - dt.timedelta(hours=1), end))
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=plan_no, placements=placements)
