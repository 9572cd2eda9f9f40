"""OEE after ISO 22400, worked by hand; the figures of machines, centres and plants add up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from masterdata.models import Machine
from mes import selectors
from mes import services as mes
from mes.losses import losses
from mes.oee import Figures, Output, Span, measure, total
from tests.mes.hall import at, hall, step

D = Decimal
SHIFT = [(at(0), at(480))]


def spans(*told: tuple[int, int, str, bool]) -> list[Span]:
    return [Span(at(start), at(end), state, has_order) for start, end, state, has_order in told]


def test_a_shift_by_hand() -> None:
    """Eight hours: setup 30, producing 330, stopped in order 60, no order 30, of the last 30 nothing is known.

    Planned busy 30 + 330 + 60 + 30 = 450. 100 good, 5 scrap of 3 planned minutes: planned run 315, planned good 300.
    Availability 330/450 = 73.3 %, effectiveness 315/330 = 95.5 %, quality 300/315 = 95.2 %, OEE 300/450 = 66.7 %;
    known are 450 of 480 minutes, 93.75 %.
    """
    told = spans(
        (0, 30, "setup", True), (30, 200, "producing", True), (200, 260, "stopped", True),
        (260, 420, "producing", True), (420, 450, "idle", False), (450, 480, "unknown", False),
    )  # fmt: skip
    found = measure(told, [Output(D(3), D(100), D(5))], SHIFT, (at(0), at(480)))
    assert (found.production, found.setup, found.in_order, found.without_order) == (330, 30, 60, 30)
    assert (found.planned_busy, found.unknown) == (450, 30)
    assert (found.planned_run, found.planned_good, found.too_slow, found.lost_pieces) == (315, 300, 15, 15)
    shares = (found.availability, found.effectiveness, found.quality, found.oee, found.coverage)
    assert [round(one * 1000) for one in shares if one is not None] == [733, 955, 952, 667, 938]
    assert found.oee == D(300) / D(450)
    assert round(found.availability * found.effectiveness * found.quality, 20) == round(found.oee, 20)  # type: ignore[operator]


def test_effectiveness_is_never_capped_and_rework_is_no_good_piece() -> None:
    """60 minutes, 30 pieces of 3 planned minutes of which 6 go to rework: 150 %, quality 80 %, OEE 120 %."""
    found = measure(spans((0, 60, "producing", True)), [Output(D(3), D(24), D(0), D(6))], SHIFT, (at(0), at(60)))
    assert (found.effectiveness, found.quality, found.oee) == (D("1.5"), D("0.8"), D("1.2"))
    assert found.yield_ == D("0.8")


def test_work_counts_whenever_it_is_done_and_delays_only_within_the_calendar() -> None:
    """The shift ends at 480. Producing until 540 is overtime, planned by being done: 540 minutes. A job paused from 540
    over the night to 1440 and idle after that cost nothing: planned busy 540."""
    told = spans((0, 540, "producing", True), (540, 1440, "stopped", True), (1440, 1500, "idle", False))
    found = measure(told, [], SHIFT, (at(0), at(1500)))
    assert (found.planned_busy, found.production, found.in_order, found.unknown) == (540, 540, 0, 0)
    assert found.coverage == 1


def test_nothing_planned_is_not_applicable_and_unknown_time_is_never_production() -> None:
    nothing = measure([], [], [], (at(0), at(480)))
    assert (nothing.oee, nothing.availability, nothing.coverage) == (None, None, None)
    dark = measure([], [], SHIFT, (at(0), at(480)))
    assert (dark.oee, dark.coverage, dark.unknown) == (None, 0, 480)
    lost = measure(spans((0, 480, "unknown", True)), [], SHIFT, (at(0), at(480)))
    assert (lost.production, lost.unknown) == (0, 480)


def test_maintenance_is_a_hole_in_the_calendar() -> None:
    """Two hours of service, six of work: planned busy 360, availability 100 %."""
    told = spans((0, 120, "maintenance", False), (120, 480, "producing", True))
    found = measure(told, [], SHIFT, (at(0), at(480)))
    assert (found.planned_busy, found.maintenance, found.availability) == (360, 120, 1)


def test_figures_roll_up_by_sums_and_not_by_averages() -> None:
    """A: 90 of 100 minutes good (90 %). B: 100 of 400 (25 %). Together 190 of 500 = 38 %, not 57.5 %."""
    one = Figures(production=D(100), planned_run=D(90), planned_good=D(90))
    two = Figures(production=D(200), without_order=D(200), planned_run=D(100), planned_good=D(100))
    assert (one.oee, two.oee, total([one, two]).oee) == (D("0.9"), D("0.25"), D("0.38"))
    assert total([]) == Figures()


def test_a_period_cuts_what_reaches_over_its_ends() -> None:
    """Producing 0 to 100, asked for 30 to 60: 30 minutes."""
    assert measure(spans((0, 100, "producing", True)), [], SHIFT, (at(30), at(60))).production == 30


@pytest.mark.parametrize(
    ("night", "minutes"), [(dt.date(2026, 3, 28), 420), (dt.date(2026, 10, 24), 540), (dt.date(2026, 6, 1), 480)]
)
def test_a_night_with_a_clock_change_has_seven_or_nine_hours(night: dt.date, minutes: int) -> None:
    """22:00 to 06:00 in Warsaw, the whole shift without data."""
    from masterdata.worktime import WeeklyShift, WorkPattern, expand

    pattern = WorkPattern("Europe/Warsaw", (WeeklyShift(night.weekday(), dt.time(22), dt.time(6)),))
    start = dt.datetime.combine(night, dt.time(12), tzinfo=dt.UTC)
    calendar = expand(pattern, start, start + dt.timedelta(days=1))
    found = measure([], [], calendar, (start, start + dt.timedelta(days=1)))
    assert found.unknown == minutes


def test_machines_of_the_hall_over_two_hours() -> None:
    """SAW-1: sawing 0 to 60 with a stop from 20 to 30; 8 good, 1 scrap at 60 of 5 planned minutes. Idle to 120.

    Producing 50, in order 10, no order 60: planned busy 120; planned run 45, planned good 40; OEE 40/120 = 33.3 %.
    SAW-2 was never told of: 120 minutes unknown. The saws together: 40/120, coverage 120/240 = 50 %.
    """
    shop = hall()
    order = shop.shelves("9")
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    mes.pause(event=shop.event(saw, "SAW-1", 20, reason_id=shop.reasons["P-BREAK"].pk), now=at(20))
    mes.resume(event=shop.event(saw, "SAW-1", 30), now=at(30))
    shop.report(saw, "SAW-1", 60, "8", "1")
    machines = selectors.measured_machines(plant_ids=[shop.shop.plant.pk])
    time, plants = selectors.figures_of(machines=machines, start=at(0), end=at(120), now=at(120))
    saw_1 = time.figures(shop.machine("SAW-1"))
    assert (saw_1.production, saw_1.in_order, saw_1.without_order) == (50, 10, 60)
    assert (saw_1.planned_run, saw_1.planned_good, saw_1.oee) == (45, 40, D(40) / 120)
    saws = next(one for one in plants[0].parts if one.code == "SAW")
    assert (saws.figures.oee, saws.figures.coverage) == (D(40) / 120, D("0.5"))
    assert [one.figures.oee is None for one in saws.parts] == [False, True]
    stays = time.stays[shop.machine("SAW-1")]
    found = losses(stays, time.calendars[shop.machine("SAW-1")], (at(0), at(120)))
    assert [(one.kind, one.name, one.minutes, one.times) for one in found] == [
        ("idle", "", 60, 1), ("stop", "Break", 10, 1)
    ]  # fmt: skip
    assert [round(one.sum * 100) for one in found] == [86, 100]
    hours = selectors.order_hours(machine_ids=[shop.machine("SAW-1")], start=at(0), end=at(120), now=at(120))
    assert [(one.work_order, one.producing, one.stopped, one.good, one.scrap) for one in hours] == [
        (order.number, 50, 10, 8, 1)
    ]  # fmt: skip
    assert hours[0].yield_ == D(8) / 9


def test_a_fast_machine_is_planned_faster() -> None:
    """At 200 % speed a piece of 5 planned minutes takes 2.5 on it."""
    shop = hall()
    Machine.objects.filter(code="SAW-1").update(speed_percent=200)
    saw = step(shop.shelves("4"), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 20, "4")
    machines = selectors.measured_machines(plant_ids=[shop.shop.plant.pk])
    time, _plants = selectors.figures_of(machines=machines, start=at(0), end=at(60), now=at(60))
    assert time.figures(shop.machine("SAW-1")).planned_run == 10


def test_days_weeks_and_shifts_are_local() -> None:
    """Monday 23 November, 09:00 UTC, is 17:00 in Shanghai; the day there began at 16:00 UTC on Sunday."""
    found = selectors.days(at(0), at(24 * 60), "Asia/Shanghai")
    assert [end - start for start, end in found] == [dt.timedelta(hours=7), dt.timedelta(hours=17)]
    assert len(selectors.weeks(at(0), at(24 * 60), "Asia/Shanghai")) == 1
    shop = hall().shop
    names = selectors.shifts(at(-9 * 60), at(15 * 60), shop.day_shift.pk)
    assert [(name, end - start) for name, (start, end) in names] == [("06:00 to 14:00", dt.timedelta(hours=8))]
