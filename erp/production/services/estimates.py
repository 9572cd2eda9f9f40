"""Versions of what orders are expected to cost, written when plan, machine or material changes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from erp.cost.models import CostEstimate
from erp.cost.services import write_estimates
from erp.production.selectors.expected import expected_costs, orders_to_estimate
from masterdata.causes import Cause


@transaction.atomic
def reestimate_costs(*, plant_id: int, cause: Cause, now: dt.datetime | None = None) -> list[CostEstimate]:
    """A new estimate version for each open order of the plant whose expected total has changed, naming the cause."""
    return estimate_orders(order_ids=orders_to_estimate(plant_id), cause=cause, now=now)


@transaction.atomic(savepoint=False)
def estimate_orders(*, order_ids: Collection[int], cause: Cause, now: dt.datetime | None = None) -> list[CostEstimate]:
    """The same for these orders only: `confirm_order` writes the first version with it."""
    if not order_ids:
        return []
    return write_estimates(estimates=expected_costs(order_ids), cause=cause, now=now or timezone.now())
