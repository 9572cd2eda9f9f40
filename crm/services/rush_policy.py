"""A company's rules for rush orders: how long an answer holds, when a request expires, what needs an approval."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from crm.models import RushPolicy
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.numbers import ZERO


def rush_policy_of(company_id: int) -> RushPolicy:
    """The company's rules; the usual ones when it has set none."""
    return RushPolicy.objects.filter(company=company_id).first() or RushPolicy(company_id=company_id)


@transaction.atomic
def set_rush_policy(
    *,
    company_id: int,
    holds_min: int,
    expires_days: int,
    asks_when_hurt: bool,
    cost_above: Decimal | None,
    delivery_cost: Decimal = ZERO,
    expected_version: int | None = None,
) -> RushPolicy:
    """Say how long answers hold, when requests expire, what needs an approval and what a delivery more costs.

    Raises InvalidInput, StaleVersion.
    """
    if not 1 <= holds_min <= 1440:
        raise InvalidInput("An answer holds for 1 to 1,440 minutes.", field="holds_min")
    if not 1 <= expires_days <= 365:
        raise InvalidInput("A request waits for 1 to 365 days.", field="expires_days")
    if cost_above is not None and cost_above < 0:
        raise InvalidInput("Enter an extra cost of zero or more, or leave it empty.", field="cost_above")
    if delivery_cost < 0:
        raise InvalidInput("Enter zero or more for one more delivery.", field="delivery_cost")
    row, _ = RushPolicy.objects.get_or_create(company_id=company_id)
    row = RushPolicy.objects.select_for_update(no_key=True).order_by("pk").get(pk=row.pk)
    if expected_version not in (None, row.version):
        raise StaleVersion("Somebody changed these rules meanwhile: look at them again.", version=row.version)
    row.holds_min, row.expires_days = holds_min, expires_days
    row.asks_when_hurt, row.cost_above = asks_when_hurt, cost_above
    row.delivery_cost = delivery_cost
    row.version += 1
    row.save()
    return row
