"""Which option of a rush answer fits best: the one that is proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from masterdata import shown


def best_fit(options: Sequence[Any], wanted_on: dt.date) -> Any | None:
    """Meets the day, moves nobody, then costs least, then comes earliest; nothing when no option has a date.

    What has to be asked of somebody first, or brings a part only, is not proposed.
    """
    possible = [one for one in options if one.is_possible and one.deliver_at is not None and not _is_less(one)]
    return min(possible, key=lambda one: _rank(one, wanted_on), default=None)


def _is_less(option: Any) -> bool:
    return bool(getattr(option, "ask_first", "")) or getattr(option, "rest_at", None) is not None


def _rank(option: Any, wanted_on: dt.date) -> tuple[Any, ...]:
    victims = option.victims.all() if hasattr(option.victims, "all") else option.victims
    is_late = (shown.days_late(wanted_on, option.deliver_at) or 0) > 0
    return is_late, bool(len(victims)), option.extra_cost, option.deliver_at, option.key
