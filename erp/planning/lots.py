"""Lot sizing: from what is missing, with its days, to lots; the material's own scrap and the supplier's units count.

gross = net / (1 - scrap), rounded up to the unit's step at the lot; then the lot rule; a lot above the largest becomes
several. What a lot brings beyond the need is there for the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from erp.planning.days import DAY, Days
from erp.planning.rows import Item, Lot
from erp.supply.netting import lots as purchase_lots
from erp.supply.sources import SupplierOffer, best_offer
from masterdata.numbers import ZERO, gross_for_scrap, round_up


def missing_together(item: Item, missing: Sequence[tuple[dt.date, Decimal]]) -> Decimal:
    """What a lot for the first missing quantity also covers: that day's, or by the period rule the days behind it."""
    first = missing[0][0]
    days = item.period_days if item.lot_rule == "period" else 1
    end = first + days * DAY
    total = ZERO
    for day, quantity in missing:
        if day >= end:
            break
        total += quantity
    return total


def quantities(item: Item, net: Decimal, offers: Sequence[SupplierOffer]) -> list[tuple[Decimal, SupplierOffer | None]]:
    """`net` as the quantities of one or more lots, put in, each with the supplier's offer that it is bought by.

    What a supplier sells at most at once is one lot here: it becomes several lines when it is ordered.
    """
    gross = round_up(gross_for_scrap(net, item.scrap_percent) if item.scrap_percent else net, item.step)
    if item.lot_rule == "multiple":
        gross = round_up(gross, item.lot_qty)
    elif item.lot_rule == "minimum":
        gross = max(gross, item.lot_qty)
    gross = round_up(gross, item.step)
    largest = gross if item.max_lot is None else _largest(item)
    found: list[tuple[Decimal, SupplierOffer | None]] = []
    while gross > 0:
        lot = min(gross, largest)
        gross -= lot
        lot = max(lot, item.lot_qty) if item.lot_rule == "minimum" else lot
        offer = best_offer(offers, lot)
        found.append((lot if offer is None else sum(purchase_lots(lot, offer), ZERO), offer))
    return found


def _largest(item: Item) -> Decimal:
    """The largest lot that is a whole number of steps, and of multiples."""
    assert item.max_lot is not None
    step = item.lot_qty if item.lot_rule == "multiple" else item.step
    return max(step, (item.max_lot / step).to_integral_value(rounding=ROUND_FLOOR) * step)


def yields(item: Item, quantity: Decimal) -> Decimal:
    """What comes out of `quantity`: scrap taken off, whole steps; of a lot as small as a step all of it."""
    return yielded(quantity, item.scrap_percent, item.step)


def yielded(quantity: Decimal, scrap_percent: Decimal, step: Decimal) -> Decimal:
    """The same of a material with that scrap, whose quantities go by that step."""
    if not scrap_percent:
        return quantity
    out = quantity * (1 - scrap_percent / 100)
    return (out / step).to_integral_value(rounding=ROUND_FLOOR) * step or quantity


def dated(item: Item, quantity: Decimal, needed_on: dt.date, days: Days, lead: tuple[int, bool]) -> Lot:
    """A lot that is there the safety time before `needed_on`; a start that has passed is today, and it comes later.

    `lead`: how many days, and whether they are working days (own work) or any (a supplier's).
    """
    due = days.before(needed_on, item.safety_days)
    wished = start_for(due, days, lead)
    start = wished
    if wished < days.today:
        start = days.at(0)
        due = end_of(start, days, lead)
    out = yields(item, quantity)
    return Lot(item.material_id, quantity, out, due, start, wished, out)


def start_for(due: dt.date, days: Days, lead: tuple[int, bool]) -> dt.date:
    """The day on which to begin, or to order, so that it is there on the day `due`."""
    count, is_working = lead
    if is_working:
        return days.at(days.place(due) - count)
    start = due - count * DAY
    return start if start < days.today else days.at(days.place(start))


def end_of(start: dt.date, days: Days, lead: tuple[int, bool]) -> dt.date:
    """The day on which what begins at `start` is there."""
    count, is_working = lead
    return days.after(start, count) if is_working else start + count * DAY
