"""Versions of what orders are expected to cost, written when plan, machine or material changes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from erp.cost.models import CostEstimate, Element
from erp.cost.services import write_estimates
from erp.production.selectors.expected import expected_costs, order_named, orders_to_estimate
from masterdata.causes import Cause
from masterdata.numbers import allocate

FIRST_PLANNED = "Planned for the first time"


@transaction.atomic
def reestimate_costs(*, plant_id: int, cause: Cause, now: dt.datetime | None = None) -> list[CostEstimate]:
    """A new estimate version for each open order of the plant whose expected total has changed, naming the cause.

    An order is no cause of its own change: what its first plan changes says so.
    """
    ids = orders_to_estimate(plant_id)
    own = order_named(ids, cause.text)
    written = estimate_orders(order_ids=own, cause=replace(cause, text=FIRST_PLANNED), now=now)
    return written + estimate_orders(order_ids=[pk for pk in ids if pk not in own], cause=cause, now=now)


@transaction.atomic(savepoint=False)
def estimate_quoted(*, order_id: int, total: Decimal, cause: Cause, now: dt.datetime) -> list[CostEstimate]:
    """What the quotation said that the order costs, as its first version; split as its elements are expected now."""
    (expected,) = expected_costs([order_id], now)
    parts = expected.elements if expected.total else expected.elements | {Element.MATERIAL: Decimal(1)}
    split: dict[str, Any] = dict(zip(parts, allocate(total, list(parts.values())), strict=True))
    return write_estimates(estimates=[replace(expected, **split)], cause=cause, now=now)


@transaction.atomic(savepoint=False)
def estimate_orders(*, order_ids: Collection[int], cause: Cause, now: dt.datetime | None = None) -> list[CostEstimate]:
    """The same for these orders only: `confirm_order` writes the first version with it."""
    if not order_ids:
        return []
    moment = now or timezone.now()
    return write_estimates(estimates=expected_costs(order_ids, moment), cause=cause, now=moment)
