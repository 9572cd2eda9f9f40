"""What is bought without a click: the one rule of buying limits, for confirmed orders and for planned ones."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from erp.supply.models import BuyingLimit
from erp.supply.sources import SupplierOffer
from masterdata import shown
from masterdata.models import Material, Partner
from masterdata.numbers import ZERO, money

K = TypeVar("K", bound=Hashable)
Limits = Mapping[int, list[BuyingLimit]]  # by plant


@dataclass(frozen=True, slots=True)
class Wish:
    """`quantity` base units that are to be ordered from the offer's supplier; it has to go out at `goes_out_at`.

    `order` tells purchases of one supplier apart that go on several orders; `for_orders`: confirmed orders lack it.
    """

    plant_id: int
    material_id: int
    offer: SupplierOffer
    quantity: Decimal
    goes_out_at: dt.datetime
    order: Hashable = None
    for_orders: bool = False

    @property
    def value(self) -> Decimal:
        return self.quantity * self.offer.unit_price


def buying_limits(plant_ids: Collection[int]) -> dict[int, list[BuyingLimit]]:
    """The limits of the plants; a plant without any is left out. One query."""
    found: dict[int, list[BuyingLimit]] = defaultdict(list)
    if plant_ids:
        rows = BuyingLimit.objects.filter(plant__in=sorted(plant_ids)).select_related("plant__company__currency")
        for limit in rows.order_by("pk"):
            found[limit.plant_id].append(limit)
    return dict(found)


def held_back(*, wishes: Mapping[K, Wish], limits: Limits, now: dt.datetime) -> dict[K, str]:
    """Those of the wishes that wait for a click, each with its reason.

    The narrowest limit decides: supplier and category, supplier, category, everything; of two alike the one for
    confirmed orders alone. Wishes under one limit that go on one order stand or fall together: their sum is the value
    that is compared. No query, but for limits by category and for reasons.
    """
    categories = _categories(wishes, limits)
    names = _Names({wish.offer.supplier_id for wish in wishes.values()})
    reasons: dict[K, str] = {}
    groups: dict[tuple, list[K]] = defaultdict(list)
    for key, wish in wishes.items():
        limit = _narrowest(limits.get(wish.plant_id, []), wish, categories.get(wish.material_id))
        if reason := _alone(wish, limit, names, now):
            reasons[key] = reason
        else:
            groups[limit, wish.plant_id, wish.offer.supplier_id, wish.order].append(key)
    for (limit, _, supplier_id, _), keys in groups.items():
        currency = limit.plant.company.currency
        value = money(sum((wishes[key].value for key in keys), ZERO), currency.decimals)
        if value > limit.max_value:
            worth, most = shown.money(value, currency), shown.money(limit.max_value, currency)
            reason = f"{names[supplier_id]} would get an order of {worth}, the limit is {most}: order it by a click"
            reasons.update(dict.fromkeys(keys, reason))
    return reasons


class _Names(dict[int, str]):
    """Names of suppliers, read when the first is asked for."""

    def __init__(self, supplier_ids: Collection[int]) -> None:
        super().__init__()
        self._ids = supplier_ids

    def __missing__(self, supplier_id: int) -> str:
        self.update(Partner.objects.filter(pk__in=self._ids).values_list("pk", "name"))
        return self[supplier_id]


def _categories(wishes: Mapping[K, Wish], limits: Limits) -> dict[int, int]:
    """The materials' categories, as far as a limit asks for them."""
    if all(limit.category_id is None for found in limits.values() for limit in found):
        return {}
    ids = {wish.material_id for wish in wishes.values()}
    return dict(Material.objects.filter(pk__in=ids).values_list("pk", "category_id"))


def _narrowest(limits: Collection[BuyingLimit], wish: Wish, category_id: int | None) -> BuyingLimit | None:
    fitting = [
        limit
        for limit in limits
        if limit.supplier_id in (None, wish.offer.supplier_id)
        and limit.category_id in (None, category_id)
        and wish.for_orders >= limit.for_orders
    ]
    return min(
        fitting, key=lambda one: (one.supplier_id is None, one.category_id is None, not one.for_orders), default=None
    )


def _alone(wish: Wish, limit: BuyingLimit | None, names: _Names, now: dt.datetime) -> str:
    """Why the wish waits whatever else is ordered; empty: it need not."""
    if limit is None:
        return f"No buying limit covers {names[wish.offer.supplier_id]} here: order it by a click, or set a limit"
    if not limit.is_automatic:
        return f"What {names[wish.offer.supplier_id]} sells is ordered by a click here: look at it, then order it"
    if limit.fence_days is not None and wish.goes_out_at > now + dt.timedelta(days=limit.fence_days):
        day = wish.goes_out_at
        return f"Goes out on {day.day} {day:%B}, orders are written {limit.fence_days} days ahead: it waits"
    return ""
