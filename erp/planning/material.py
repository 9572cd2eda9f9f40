"""One material of one plant, all its demands against all that comes: pegs, stock kept, lots, messages. No database.

Demands are served by day. Stock above the safety stock first, then firm supply in the order in which it comes (what
comes too late is expedited rather than ordered twice), then new lots. The safety stock is served before the demands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from erp.planning import lots
from erp.planning.days import Days
from erp.planning.rows import LINE, WORK, Demand, Item, Message, Outcome, Supply
from erp.supply.sources import SupplierOffer
from masterdata.numbers import ZERO

TOLERANCE_DAYS = 3  # a supply that comes fewer working days early than this is left where it is


def plan(
    *,
    item: Item,
    on_hand: Decimal,
    demands: Sequence[Demand],
    supplies: Sequence[Supply],
    offers: Sequence[SupplierOffer],
    days: Days,
) -> Outcome:
    """What is wanted of `item`. `on_hand` is free stock; demands and supplies count with what is open of them."""
    outcome = Outcome()
    coming = sorted(supplies, key=lambda one: (one.on, one.kind, one.id))
    left = [one.quantity for one in coming]
    missing, stock = _from_stock(outcome, item, on_hand, demands)
    short, kept = _refill(max(ZERO, max(item.safety_stock, item.reorder_point) - stock), left)
    missing = _from_supply(outcome, missing, coming, left)
    _make_lots(outcome, item, missing, short, offers, days)
    outcome.messages += supply_messages(outcome, item, coming, kept, days)
    if on_hand < item.safety_stock:
        lacks = item.safety_stock - on_hand
        outcome.messages.append(Message(item.material_id, "below_safety", lacks, None, days.today))
    return outcome


def _from_stock(
    outcome: Outcome, item: Item, on_hand: Decimal, demands: Sequence[Demand]
) -> tuple[list[tuple[Demand, Decimal]], Decimal]:
    """What is missing of each demand, by day, beyond the stock above the safety stock; and the stock that stays."""
    spare = max(ZERO, on_hand - item.safety_stock)
    missing: list[tuple[Demand, Decimal]] = []
    for demand in sorted(demands, key=lambda one: one.key):
        need = demand.open
        part = min(spare, need)
        if part > 0:
            spare -= part
            on_hand -= part
            need -= part
            _keep(outcome, demand, part)
        if need > 0:
            missing.append((demand, need))
    return missing, on_hand


def _refill(short: Decimal, left: list[Decimal]) -> tuple[Decimal, list[bool]]:
    """The safety stock (or reorder point) takes of what comes first; what it still lacks, and what it takes of."""
    kept = []
    for at, quantity in enumerate(left):
        part = min(short, quantity)
        left[at] -= part
        short -= part
        kept.append(part > 0)
    return short, kept


def _from_supply(
    outcome: Outcome, wanted: Sequence[tuple[Demand, Decimal]], coming: Sequence[Supply], left: list[Decimal]
) -> list[tuple[Demand, Decimal]]:
    """Firm supply in the order in which it comes; what is missing beyond it."""
    missing, first = [], 0
    for demand, quantity in wanted:
        need, at = quantity, first
        while need > 0 and at < len(coming):
            supply = coming[at]
            if supply.is_in_time_for(demand):
                part = min(left[at], need)
                if part > 0:
                    outcome.pegs.append((supply, demand, part))
                left[at] -= part
                need -= part
            if at == first and left[at] <= 0:
                first += 1
            if need > 0 or left[at] <= 0:
                at += 1
        if need > 0:
            missing.append((demand, need))
    return missing


def _keep(outcome: Outcome, demand: Demand, part: Decimal) -> None:
    """A proposal takes what is there without keeping it: it may go again."""
    if demand.is_proposed or demand.kind == "transfer":
        outcome.from_stock[id(demand)] = part
    else:
        outcome.reserved.append((demand, part))


def _make_lots(
    outcome: Outcome,
    item: Item,
    missing: Sequence[tuple[Demand, Decimal]],
    short: Decimal,
    offers: Sequence[SupplierOffer],
    days: Days,
) -> None:
    """Lots for what is missing (and `short` of the safety stock, today), and their pegs."""
    open_needs: list[tuple[dt.date, Decimal, Demand | None]] = [(one.on, need, one) for one, need in missing]
    if short > 0:
        open_needs.insert(0, (days.today, short, None))
    dated = [(max(day, days.today), need) for day, need, _ in open_needs]
    found, at = outcome.lots, 0
    for place, (day, need, demand) in enumerate(open_needs):
        while need > 0:
            while at < len(found) and found[at].free <= 0:
                at += 1
            if at == len(found):
                rest = [(dated[place][0], need), *dated[place + 1 :]]
                for quantity, offer in lots.quantities(item, lots.missing_together(item, rest), offers):
                    new = lots.dated(item, quantity, day, days, lead_of(item, offer))
                    new.is_subcontract = offer is not None and offer.is_subcontract
                    found.append(new)
            lot = found[at]
            part = min(lot.free, need)
            lot.free -= part
            need -= part
            if demand is not None:
                outcome.pegs.append((lot, demand, part))


def lead_of(item: Item, offer: SupplierOffer | None) -> tuple[int, bool]:
    """Days from beginning to end, and whether they are working days: a supplier's are days of any kind."""
    if item.kind == "buy" and offer is not None:
        return offer.lead_time_days, False
    return item.lead_days, True


def supply_messages(
    outcome: Outcome, item: Item, coming: Sequence[Supply], kept: Sequence[bool], days: Days
) -> list[Message]:
    """Expedite, defer or cancel what is firm. `kept`: which the safety stock takes of."""
    first: dict[int, dt.date] = {}
    asked: dict[int, dt.date] = {}
    for supply, demand, _ in outcome.pegs:
        if isinstance(supply, Supply):
            first[id(supply)] = min(first.get(id(supply), demand.on), demand.on)
            if demand.asked_on is not None:
                asked[id(supply)] = min(asked.get(id(supply), demand.asked_on), demand.asked_on)
    found = []
    for supply, is_kept in zip(coming, kept, strict=True):
        if supply.is_beside:
            continue
        needed = _earliest(first.get(id(supply)), supply.needed_on)
        hurried = _hurry(item, supply, needed, _earliest(asked.get(id(supply)), supply.asked_on), days)
        if message := hurried or (
            None if supply.is_sent else _message(item, supply, needed, is_kept=is_kept, days=days)
        ):
            found.append(message)
    return found


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)


def _hurry(item: Item, supply: Supply, needed: dt.date | None, asked: dt.date | None, days: Days) -> Message | None:
    """Expedite what comes after it is needed. A plan waits for its material, so the day that it says is not enough.

    When the plan begins just as the supply comes, what was promised at first says whether it comes too late.
    """
    if needed is None:
        return None
    wished = max(needed, days.today)
    waits = days.place(needed) - days.place(supply.on) <= TOLERANCE_DAYS
    if supply.on <= wished and asked is not None and waits:
        wished = max(asked, days.today)
    if supply.on <= wished:
        return None
    return Message(item.material_id, "expedite", supply.whole, supply.on, wished, (supply.kind, supply.id))


def _message(item: Item, supply: Supply, needed: dt.date | None, *, is_kept: bool, days: Days) -> Message | None:
    where = supply.kind, supply.id
    if needed is None:
        if is_kept or supply.whole > supply.quantity or supply.kind not in (WORK, LINE):
            return None
        return Message(item.material_id, "cancel", supply.quantity, supply.on, None, where)
    if is_kept:
        return None
    later = days.before(needed, item.safety_days)
    if days.place(later) - days.place(supply.on) > TOLERANCE_DAYS:
        return Message(item.material_id, "defer", supply.whole, supply.on, later, where)
    return None
