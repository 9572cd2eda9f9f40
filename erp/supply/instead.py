"""Substitutes in netting: what would have to be bought is not, when enough of what may be used for it lies there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from erp.supply.needs import Need
from erp.supply.sources import Key
from erp.supply.structure import Instead
from erp.supply.taking import Stores
from masterdata.numbers import ZERO, round_up

Wanted = Sequence[tuple[Need, Decimal]]


def use_instead(to_buy: Mapping[Key, Wanted], stores: Stores, now: dt.datetime) -> dict[Key, Wanted]:
    """What is still to be bought of each material after substitutes that nobody has to be asked about.

    A need is replaced whole or not at all, in the order in which they came; what it had taken of the component is then
    for those of the same component that still lack. Free stock of the substitute above its safety stock counts, nothing
    that is yet to come.
    """
    if not any(need.instead for wanted in to_buy.values() for need, _ in wanted):
        return dict(to_buy)
    found: dict[Key, Wanted] = {}
    for key, wanted in to_buy.items():
        lacking = []
        for need, missing in wanted:
            missing -= _top_up(need, missing, stores)
            if missing and not _replace(need, stores, now, [one for one in need.instead if one.by_itself]):
                lacking.append((need, missing))
        lacking = [(need, missing - _top_up(need, missing, stores)) for need, missing in lacking]
        if lacking := [(need, missing) for need, missing in lacking if missing]:
            found[key] = lacking
    return found


def use_decided(need: Need, stores: Stores) -> bool:
    """Whether what somebody decided to use instead covers the need, whose component is not all there."""
    decided = stores.structure.decided
    choices = [one for one in need.instead if (need.material_id, one.material_id) in decided]
    need.is_decided = bool(choices) and _replace(need, stores, stores.now, choices)
    return need.is_decided


def _top_up(need: Need, missing: Decimal, stores: Stores) -> Decimal:
    """What those that were replaced have given back."""
    taken = stores.take_stock(need, missing)
    return taken + stores.take_ordered(need, missing - taken)


def _replace(need: Need, stores: Stores, now: dt.datetime, choices: Sequence[Instead]) -> bool:
    for one in choices:
        quantity = round_up(need.quantity * one.ratio, stores.structure.items[one.material_id].step)
        free = stores.left.get((need.plant_id, one.material_id), ZERO)
        if _is_valid(one, need, now) and free >= quantity:
            stores.give_back(need)
            need.main = need.material_id, need.quantity
            need.material_id, need.quantity = one.material_id, quantity
            need.unit_id = stores.structure.items[one.material_id].unit_id
            stores.take_stock(need, quantity)
            return True
    return False


def _is_valid(one: Instead, need: Need, now: dt.datetime) -> bool:
    """It lies there, so the work may begin today; and it may wait until the customer's day asks for it."""
    return one.is_valid(now) and one.is_valid(max(now, need.needed_at or now))
