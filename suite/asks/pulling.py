"""Looking for one lever of a question: for an order that is to be, or for one that is planned already."""

from __future__ import annotations

from collections.abc import Sequence

from masterdata.errors import Refusal
from suite.asks import levers, own_levers
from suite.asks.answers import OfferQuestion
from suite.asks.ground import Lever, NoLever, NoTime, ground_of
from suite.asks.levers import Finder

NO_TIME = "No time: the answer was to be there before this was worked out. Ask again for it."


def finders(order_id: int | None) -> Sequence[Finder]:
    """What is looked for when this order is to come earlier; None: when one is to be."""
    return levers.FINDERS if order_id is None else own_levers.FINDERS


def lever(at: int, question: OfferQuestion, until: float) -> Lever | NoLever | None:
    """Lever number `at` of `finders`, or why it brings nothing earlier; None when the day is kept without any.

    What is not found by `until`, on the monotonic clock, is not looked for any longer.
    """
    finder = finders(question.order_id)[at]
    try:
        ground = ground_of(question, until)
        if ground.is_in_time:
            return None
        found = finder.find(ground)
    except Refusal as refusal:
        found = refusal.sentence
    except NoTime:
        found = NO_TIME
    if isinstance(found, str):
        return NoLever(kind=finder.kind, key=finder.key, label=finder.label, reason=found)
    return found


def not_looked_for(at: int, order_id: int | None) -> list[NoLever]:
    """Lever number `at` and all behind it, for which the time did not do."""
    behind = finders(order_id)[at:]
    return [NoLever(kind=one.kind, key=one.key, label=one.label, reason=NO_TIME) for one in behind]
