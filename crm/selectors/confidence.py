"""How sure a date is, from what was observed: P50, P90, and per cent for a day that is due.

The delay of a date at level p (p of 100 outcomes are no later) adds two sources that know nothing of each other:

    work(p)   = stretch * ( sum m * (q50 - 1)  ±  sqrt( sum m² * (qp - q50)² ) )      m: planned minutes of an operation
    supply(p) = the largest of max(0, Lp - slack) over the goods that it waits for    Lp: minutes late at level p
    delay(p)  = work(50) + supply(50)  ±  sqrt( (work(p) - work(50))² + (supply(p) - supply(50))² )

(root sum of squares, as independent uncertainties combine: JCGM 100:2008, 5.1.2; minus below the median). `stretch`
is minutes of the calendar for a minute of shift; `slack` is what lies between the goods' arrival and the work that
needs them. Between two levels the delay is linear.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from crm.models import ObservedSpread
from crm.models.confidence import LEVELS
from masterdata.lateness import GRACE
from masterdata.models import Plant
from masterdata.worktime import expanded, patterns

FEWEST_WORK = 20
FEWEST_SUPPLY = 10
"""With fewer observations than this nothing is said."""
SURE_PERCENT = 85
"""In time but less sure than this is at risk."""
MEDIAN = LEVELS.index(50)
WEEK = dt.timedelta(days=7)
WEEK_MIN = 7 * 24 * 60

Curve = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """Work that has to be done before: the sum of its planned minutes, of their squares, and what is known of it."""

    minutes: float
    squares: float
    quantiles: Curve


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods that are waited for: minutes between their arrival and the work that needs them, and how late they come."""

    slack: float
    quantiles: Curve


@dataclass(frozen=True)
class Spread:
    """How far an expected date may be off. `why_unknown` says why nothing is known; then each answer is None.

    Without `works` of its own the stretch from `now` to the date counts as work of the plant, operation by operation.
    """

    now: dt.datetime
    stretch: float = 1.0
    works: tuple[Work, ...] | None = None
    any_work: tuple[float, Curve] | None = None
    goods: tuple[Goods, ...] = ()
    why_unknown: str = ""

    def p50(self, expected_at: dt.datetime) -> dt.datetime | None:
        """When it comes, as likely as not."""
        return self.at(expected_at, 50)

    def p90(self, expected_at: dt.datetime) -> dt.datetime | None:
        """When nine of ten have come."""
        return self.at(expected_at, 90)

    def at(self, expected_at: dt.datetime, level: int) -> dt.datetime | None:
        """The date at one of `LEVELS`, to the minute."""
        delays = self.delays(expected_at)
        if delays is None:
            return None
        return expected_at + dt.timedelta(minutes=round(delays[LEVELS.index(level)]))

    def sure(self, expected_at: dt.datetime, due_at: dt.datetime) -> int | None:
        """Per cent of outcomes that come by `due_at` (and the grace that is not late), from 1 to 99."""
        delays = self.delays(expected_at)
        if delays is None:
            return None
        spare = (due_at + GRACE - expected_at) / dt.timedelta(minutes=1)
        return min(max(math.floor(_level_of(spare, delays)), 1), 99)

    def delays(self, expected_at: dt.datetime) -> Curve | None:
        """Minutes of the calendar after `expected_at` at each of `LEVELS`; None: nothing is known."""
        if self.why_unknown:
            return None
        if self.works is not None:
            work = self._own_work
        elif self.any_work is not None:
            mean, quantiles = self.any_work
            minutes = max((expected_at - self.now) / dt.timedelta(minutes=1), 0) / self.stretch
            work = _work([Work(minutes, minutes * mean, quantiles)], self.stretch)
        else:
            return None
        return _together(work, _goods(self.goods))

    @cached_property
    def _own_work(self) -> Curve:
        return _work(self.works or (), self.stretch)


def _work(works: Sequence[Work], stretch: float) -> Curve:
    middle = sum(one.minutes * (one.quantiles[MEDIAN] - 1) for one in works)
    return tuple(
        stretch * (middle + _sign(level) * math.sqrt(sum(one.squares * _off(one.quantiles, n) ** 2 for one in works)))
        for n, level in enumerate(LEVELS)
    )


def _goods(goods: Sequence[Goods]) -> Curve:
    return tuple(
        max((max(0.0, one.quantiles[n] - one.slack) for one in goods), default=0.0) for n in range(len(LEVELS))
    )


def _together(work: Curve, supply: Curve) -> Curve:
    middle = work[MEDIAN] + supply[MEDIAN]
    return tuple(middle + _sign(level) * math.hypot(_off(work, n), _off(supply, n)) for n, level in enumerate(LEVELS))


def _off(quantiles: Curve, n: int) -> float:
    return quantiles[n] - quantiles[MEDIAN]


def _sign(level: int) -> int:
    return (level > 50) - (level < 50)


def _level_of(spare: float, delays: Curve) -> float:
    """The level whose delay is `spare`: linear between two, 0 below the least delay seen, 100 above the largest."""
    n = bisect_right(delays, spare)
    if n in (0, len(LEVELS)):
        return 0.0 if n == 0 else 100.0
    share = (spare - delays[n - 1]) / (delays[n] - delays[n - 1])
    return LEVELS[n - 1] + share * (LEVELS[n] - LEVELS[n - 1])


@dataclass(frozen=True)
class Observed:
    """What is known of some plants: of each work centre and supplier, or of all in the plant where that is little."""

    rows: Mapping[tuple[str, int, int | None], ObservedSpread]
    stretches: Mapping[int, float]

    def work(self, plant_id: int, work_centre_id: int | None = None) -> ObservedSpread | None:
        return self._known("work", plant_id, work_centre_id, FEWEST_WORK)

    def supply(self, plant_id: int, supplier_id: int | None = None) -> ObservedSpread | None:
        return self._known("supply", plant_id, supplier_id, FEWEST_SUPPLY)

    def seen(self, kind: str, plant_id: int, source_id: int | None = None) -> int:
        """How many observations there are, enough or not."""
        row = self.rows.get((kind, plant_id, source_id))
        return row.samples if row is not None else 0

    def _known(self, kind: str, plant_id: int, source_id: int | None, fewest: int) -> ObservedSpread | None:
        for key in ((kind, plant_id, source_id), (kind, plant_id, None)):
            row = self.rows.get(key)
            if row is not None and row.samples >= fewest:
                return row
        return None


def observed(plant_ids: Collection[int], now: dt.datetime) -> Observed:
    """What was gathered of these plants. Three queries."""
    rows = ObservedSpread.objects.filter(plant_id__in=plant_ids)
    return Observed(
        {(row.kind, row.plant_id, row.work_centre_id or row.supplier_id): row for row in rows},
        _stretches(plant_ids, now),
    )


def _stretches(plant_ids: Collection[int], now: dt.datetime) -> dict[int, float]:
    """Minutes of the calendar for a minute of shift, in the week from `now` of each plant's own calendar."""
    calendars = dict(Plant.objects.filter(pk__in=plant_ids).values_list("pk", "calendar_id"))
    known = patterns(set(calendars.values()))
    start = now.replace(minute=0, second=0, microsecond=0)
    found = {}
    for plant_id, calendar_id in calendars.items():
        worked = sum(
            (end - begin).total_seconds() / 60 for begin, end in expanded(known[calendar_id], start, start + WEEK)
        )
        found[plant_id] = WEEK_MIN / worked if worked else 1.0
    return found


def spread_of(plant_ids: Collection[int], *, now: dt.datetime, supplier_ids: Collection[int] = ()) -> Spread:
    """How far a date may be off that some plants' plan gives to something not written yet, such as an offer.

    All from now to the date is work of the slowest of these plants; with `supplier_ids` goods of theirs come just when
    the work needs them. Nothing is known with fewer than `FEWEST_WORK` finished operations, or `FEWEST_SUPPLY`
    deliveries.
    """
    known = observed(plant_ids, now)
    found = [row for plant_id in sorted(plant_ids) if (row := known.work(plant_id)) is not None]
    if not found or len(found) < len(set(plant_ids)):
        seen = min((known.seen("work", plant_id) for plant_id in plant_ids), default=0)
        return Spread(now, why_unknown=too_few_operations(seen))
    goods = []
    for supplier_id in supplier_ids:
        rows = [row for plant_id in sorted(plant_ids) if (row := known.supply(plant_id, supplier_id)) is not None]
        if not rows:
            return Spread(now, why_unknown=too_few_deliveries(0))
        goods.append(Goods(0.0, max((row.quantiles for row in rows), key=lambda curve: curve[MEDIAN])))
    slowest = max(found, key=lambda row: (row.p90, row.pk))
    stretch = known.stretches[slowest.plant_id]
    return Spread(now, stretch, any_work=(float(slowest.mean_min), slowest.quantiles), goods=tuple(goods))


def too_few_operations(seen: int) -> str:
    return f"Only {seen} finished operations with time were seen, {FEWEST_WORK} are needed."


def too_few_deliveries(seen: int) -> str:
    return f"Only {seen} deliveries were seen, {FEWEST_SUPPLY} are needed."
