"""How buying begins in a plant that is new."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from erp.supply.models import BuyingLimit
from masterdata.models import Plant

OPENING_VALUE = Decimal(100_000)


@transaction.atomic
def open_buying(*, plant: Plant, max_value: Decimal = OPENING_VALUE) -> BuyingLimit:
    """Let what confirmed orders lack be ordered by itself, up to `max_value` an order in the company's currency.

    What is for stock waits for a click until a buyer sets limits for it. Does nothing in a plant that has such a limit.
    """
    limit, _ = BuyingLimit.objects.get_or_create(
        plant=plant, supplier=None, category=None, for_orders=True, defaults={"max_value": max_value}
    )
    return limit
