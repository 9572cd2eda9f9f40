"""How sure a date is: from what the plant's work took before; without enough observations nobody says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm import selectors as crm_now
from masterdata import selectors as masters_now
from masterdata.models import Plant


@dataclass(frozen=True)
class Sureness:
    """What is known of the plant's dates, for cards that are wanted by `due_at`."""

    due_at: dt.datetime
    spread: crm_now.Spread

    def of(self, expected_at: dt.datetime | None) -> dict[str, Any]:
        """The columns of a card that is expected then; `sure_why` says why nothing is known."""
        if expected_at is None:
            return {}
        sure = self.spread.sure(expected_at, self.due_at)
        if sure is None:
            return {"sure_why": self.spread.why_unknown}
        return {
            "sure_percent": sure,
            "p50_at": self.spread.p50(expected_at),
            "p90_at": self.spread.p90(expected_at),
        }


def spread_for(plant_id: int, wanted_on: dt.date, now: dt.datetime) -> Sureness:
    """Of one plant, for a day that is wanted there."""
    plant = Plant.objects.get(pk=plant_id)
    due_at = masters_now.end_of_day(wanted_on, plant.time_zone)
    return Sureness(due_at, crm_now.spread_of([plant_id], now=now))
