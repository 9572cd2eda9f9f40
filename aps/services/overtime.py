"""A lever: more hours on the machines that bind. It moves nobody; who works them is the planner's to ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from aps import offering, warm
from aps.engine import validate
from aps.engine.explain import Link
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Placement, Plan
from aps.minutes import minute_of, time_of
from aps.problem import CannotPlan, Snapshot
from aps.selectors import plan_weights
from aps.services.offers import OfferOption, insert, option_of
from aps.services.sooner import OwnWork, calm_of, told
from aps.warm import Live
from erp.selectors import Explosion

Span = tuple[int, int]
Hours = Mapping[Id, Sequence[Span]]
MOST_MACHINES = 3
DAY = dt.timedelta(days=1)


class Where(StrEnum):
    """Where the hours are put: behind a day's last shift, before its first, or on a day without any."""

    AFTER = "after"
    BEFORE = "before"
    FREE = "free"


@dataclass(frozen=True)
class Overtime:
    """Hours that the option uses on one machine."""

    machine_id: int
    machine_code: str
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True)
class Wanted:
    """Work that is asked about, and the plan of `arrays` into which it is put; `plan` is the same plan."""

    live: Live
    arrays: LivePlan
    plan: Plan
    order: Order
    operations: Sequence[Operation]


@dataclass(frozen=True)
class OvertimeOffer:
    """The option with these hours, and what a planner says that an hour of them costs more, in percent."""

    option: OfferOption
    hours: tuple[Overtime, ...]
    premium_percent: int


def offer_with_overtime(
    *,
    plant_id: int,
    explosion: Explosion,
    now: dt.datetime,
    wanted_on: dt.date | None = None,
    is_time_up: Callable[[], bool] = lambda: False,
) -> OvertimeOffer | None:
    """The earliest date with more hours on the machines that bind, within the plant's limit a day; writes nothing.

    Hours behind the shifts, before them, and on free days are tried, each on the machine that binds and then on up to
    two more that bind behind it. Nothing when no machine binds or none of it is earlier. When `is_time_up`, the best so
    far is offered.
    """
    rule = plan_weights(plant_id)
    if not rule.overtime_day_min:
        return None
    try:
        live, found = insert(warm.live(plant_id, now), explosion, wanted_on, ("A",))
    except CannotPlan:
        return None
    if not found:
        return None
    order = offering.order_of(live.snapshot, wanted_on)
    operations = offering.operations_of(live.snapshot, explosion.work_orders)
    wanted = Wanted(live, live.arrays, live.plan, order, operations)
    best = _best(wanted, found[0], rule.overtime_day_min, is_time_up)
    if best is None:
        return None
    return OvertimeOffer(option_of(live, best[0], explosion), best[1], rule.overtime_premium_percent)


def sooner_with_overtime(own: OwnWork, *, is_time_up: Callable[[], bool] = lambda: False) -> OvertimeOffer | None:
    """The same for the work of an order that is planned already, where it moves nobody else."""
    rule = plan_weights(own.live.snapshot.inputs.plant.pk)
    wanted = Wanted(own.live, own.arrays, own.kept, own.order, own.operations)
    calm = calm_of(own, own.operations)
    if not rule.overtime_day_min or calm is None:
        return None
    best = _best(wanted, calm, rule.overtime_day_min, is_time_up)
    return None if best is None else OvertimeOffer(told(own, best[0]), best[1], rule.overtime_premium_percent)


def _best(
    wanted: Wanted, calm: Offer, most: int, is_time_up: Callable[[], bool]
) -> tuple[Offer, tuple[Overtime, ...]] | None:
    best: tuple[Offer, Hours] = (calm, {})
    for where in Where:
        if is_time_up():
            break
        tried = _try(wanted, calm, where, most)
        best = min(best, tried, key=lambda one: one[0].end_min)
    offer, hours = best
    used = _used(wanted.live, offer, hours)
    return (offer, used) if offer.end_min < calm.end_min and used else None


def _try(wanted: Wanted, calm: Offer, where: Where, most: int) -> tuple[Offer, Hours]:
    best: tuple[Offer, Hours] = (calm, {})
    hours: dict[Id, Sequence[Span]] = {}
    link: Link = calm.cause
    while link.kind in ("machine", "shift") and link.machine not in hours and len(hours) < MOST_MACHINES:
        hours[link.machine] = _extra(wanted.live, link.machine, where, most, time_of(calm.end_min))
        found = _with_hours(wanted, hours)
        if found is None:
            break
        if found.end_min < best[0].end_min:
            best = found, dict(hours)
        link = found.cause
    return best


def _with_hours(wanted: Wanted, hours: Hours) -> Offer | None:
    """A in the plan with these hours more; nothing when the engine's judge finds fault."""
    longer = wanted.arrays.with_hours(hours)
    try:
        found = longer.offers(wanted.order, wanted.operations, keys=("A",))
    except HorizonTooShortError:
        return None
    legal = longer.shop.problem.joined([wanted.order], wanted.operations)
    return next((one for one in found if not validate.violations(legal, one.applied(wanted.plan))), None)


def _extra(live: Live, code: Id, where: Where, most: int, until: dt.datetime) -> list[Span]:
    """Spans outside the machine's hours, `most` minutes a day until `until`.

    The engine leaves out those over which an operation rests, which would then not need to.
    """
    snap = live.snapshot
    days = _days(snap, code)
    zone = ZoneInfo(snap.inputs.plant.time_zone)
    now = minute_of(snap.inputs.now)
    found, first = [], next(iter(days.values()), None)
    day = snap.inputs.now.astimezone(zone).date()
    while day <= until.astimezone(zone).date() and first is not None:
        span = _span(days.get(day), where, most, _same_time(first[0][0], day, zone))
        day += DAY
        if span is not None and span[1] > now:
            found.append((max(span[0], now), span[1]))
    return _outside(found, [window for windows in days.values() for window in windows])


def _begin(one: Placement) -> int:
    return one.start if one.setup_start is None else one.setup_start


def _days(snap: Snapshot, code: Id) -> dict[dt.date, list[Span]]:
    """The machine's windows by the day on which they start, in the plant's zone."""
    zone = ZoneInfo(snap.inputs.plant.time_zone)
    machine = next(one for one in snap.inputs.machines.values() if one.code == code)
    found: dict[dt.date, list[Span]] = {}
    for start, end in snap.windows[machine.id]:
        found.setdefault(start.astimezone(zone).date(), []).append((minute_of(start), minute_of(end)))
    return found


def _span(windows: list[Span] | None, where: Where, most: int, usual_start: int) -> Span | None:
    if windows is None:
        return (usual_start, usual_start + most) if where is Where.FREE else None
    if where is Where.AFTER:
        return windows[-1][1], windows[-1][1] + most
    return (windows[0][0] - most, windows[0][0]) if where is Where.BEFORE else None


def _same_time(minute: int, day: dt.date, zone: ZoneInfo) -> int:
    clock = time_of(minute).astimezone(zone).time()
    return minute_of(dt.datetime.combine(day, clock, tzinfo=zone).astimezone(dt.UTC))


def _outside(spans: Sequence[Span], windows: Sequence[Span]) -> list[Span]:
    """The spans without what is worked anyway."""
    found = []
    for start, end in spans:
        for opens, closes in sorted(windows):
            if opens <= start < closes:
                start = closes
            elif start < opens < end:
                end = opens
        if start < end:
            found.append((start, end))
    return found


def _used(live: Live, offer: Offer, hours: Hours) -> tuple[Overtime, ...]:
    """From the first to the last minute that the new work is on the machine within each span."""
    ids = {machine.code: machine.id for machine in live.snapshot.inputs.machines.values()}
    found = []
    for code, spans in hours.items():
        for start, end in spans:
            parts = [
                (max(start, _begin(one)), min(end, one.end)) for one in offer.placements.values() if one.machine == code
            ]
            real = [part for part in parts if part[0] < part[1]]
            if real:
                times = time_of(min(part[0] for part in real)), time_of(max(part[1] for part in real))
                found.append(Overtime(ids[str(code)], str(code), *times))
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.machine_code)))
