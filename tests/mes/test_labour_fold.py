"""The fold of hours, by hand: shares that sum to the whole, breaks, what cannot be, and any order of arrival."""

from __future__ import annotations

import datetime as dt
import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from mes.labour import Told, fold, overlapping, paid_ms, worked_ms

DAY = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)
MINUTE = 60_000
LI, WANG = 1, 2
SAW, EDGE, OVEN, OVEN2, OVEN3 = 11, 12, 21, 22, 23


def at(minute: float) -> dt.datetime:
    return DAY + dt.timedelta(minutes=minute)


def told(kind: str, minute: float, operation: int | None = None, machine: int | None = None, who: int = LI) -> Told:
    return Told(f"{kind}-{minute}-{operation}-{who}", kind, at(minute), 0, who, operation, machine)


def test_a_shift_with_a_break_and_two_jobs() -> None:
    """In at 0, job 1 from 10, break 60 to 75, leave at 100, job 2 from 110, out at 130.

    Here 130 min, of which 15 on break; job 1: 50 + 25 = 75 min; job 2: 20 min, ended by the clock-out.
    """
    hours = fold(
        [
            told("clock_in", 0),
            told("join", 10, 1, SAW),
            told("break_start", 60),
            told("break_end", 75),
            told("leave", 100, 1, SAW),
            told("start", 110, 2, EDGE),
            told("clock_out", 130),
        ],
        person_id=LI,
    )
    assert [(one.since, one.until) for one in hours.presences] == [(at(0), at(130))]
    assert [(one.since, one.until) for one in hours.presences[0].breaks] == [(at(60), at(75))]
    assert worked_ms(hours.bookings, 1, at(500)) == 75 * MINUTE
    assert worked_ms(hours.bookings, 2, at(500)) == 20 * MINUTE
    assert not hours.findings


def test_three_ovens_share_a_person_to_the_millisecond() -> None:
    """Alone at oven 1 for 10 min, with oven 2 for 10 min (5 each), with all three for 1 min 0.001 s.

    60,001 ms by three: 20,001 for the lowest job, 20,000 for the others, together 60,001.
    """
    hours = fold(
        [
            told("start", 0, 1, OVEN),
            told("start", 10, 2, OVEN2),
            told("start", 20, 3, OVEN3),
            told("clock_out", 21 + 1 / 60_000),
        ],
        person_id=LI,
        shared=[OVEN, OVEN2, OVEN3],
    )
    shares = [worked_ms(hours.bookings, job, at(60)) for job in (1, 2, 3)]
    assert shares == [15 * MINUTE + 20_001, 5 * MINUTE + 20_000, 20_000]
    assert sum(shares) == 21 * MINUTE + 1


def test_shares_sum_to_the_whole_at_any_moment() -> None:
    """Two jobs of one person from 0: at 7 ms 4 and 3, at 8 ms 4 and 4."""
    hours = fold([told("start", 0, 1, OVEN), told("start", 0, 2, OVEN2)], person_id=LI, shared=[OVEN, OVEN2])
    for ms, expected in ((7, [4, 3]), (8, [4, 4])):
        horizon = DAY + dt.timedelta(milliseconds=ms)
        assert [worked_ms(hours.bookings, job, horizon) for job in (1, 2)] == expected


def test_one_person_is_not_at_two_machines_that_want_a_whole_one() -> None:
    """The second start has no effect and is named, with the job that is in the way."""
    hours = fold([told("start", 0, 1, SAW), told("start", 5, 2, EDGE), told("finish", 30, 1, SAW)], person_id=LI)
    assert [(one.code, one.operation_id, one.machine_id) for one in hours.findings] == [("works_elsewhere", 1, SAW)]
    assert worked_ms(hours.bookings, 1, at(60)) == 30 * MINUTE
    assert worked_ms(hours.bookings, 2, at(60)) == 0


def test_a_shared_machine_and_one_of_its_own_do_not_go_together() -> None:
    """An oven may be tended with ovens; a saw wants a whole person."""
    hours = fold([told("start", 0, 1, OVEN), told("join", 5, 2, SAW)], person_id=LI, shared=[OVEN])
    assert [one.code for one in hours.findings] == ["works_elsewhere"]


def test_two_clock_ins() -> None:
    """The second has no effect; the presence is from the first."""
    hours = fold([told("clock_in", 0), told("clock_in", 30), told("clock_out", 60)], person_id=LI)
    assert [one.code for one in hours.findings] == ["already_clocked_in"]
    assert [(one.since, one.until) for one in hours.presences] == [(at(0), at(60))]


def test_what_has_nothing_to_end_changes_nothing() -> None:
    """A clock-out, a leave and an end of a break alone: three soft findings, no hours."""
    hours = fold([told("clock_out", 1), told("leave", 2, 1, SAW), told("break_end", 3)], person_id=LI)
    assert [one.code for one in hours.findings] == ["not_clocked_in", "not_on_job", "not_on_break"]
    assert not any(one.is_hard for one in hours.findings)
    assert not hours.presences
    assert not hours.bookings


def test_a_pause_ends_the_work_of_everybody_there() -> None:
    """Wang pauses the job at which Li works too (20 min); Li takes it up again for 10 min."""
    events = [
        told("start", 0, 1, SAW, WANG),
        told("join", 0, 1, SAW, LI),
        told("pause", 20, 1, SAW, WANG),
        told("resume", 30, 1, SAW, LI),
        told("finish", 40, 1, SAW, WANG),
    ]
    assert worked_ms(fold(events, person_id=LI).bookings, 1, at(90)) == 30 * MINUTE
    assert worked_ms(fold(events, person_id=WANG).bookings, 1, at(90)) == 20 * MINUTE


def test_a_job_ends_a_break() -> None:
    """Who starts a job is back: the break is 20 min."""
    hours = fold([told("clock_in", 0), told("break_start", 10), told("start", 30, 1, SAW)], person_id=LI)
    assert [(one.since, one.until) for one in hours.presences[0].breaks] == [(at(10), at(30))]
    assert worked_ms(hours.bookings, 1, at(40)) == 10 * MINUTE


def test_the_paid_part_of_a_break() -> None:
    """480 min here, a break of 40 min of which 15 lie in the shift's paid break: 480 - 40 + 15 = 455 min."""
    hours = fold(
        [told("clock_in", 0), told("break_start", 200), told("break_end", 240), told("clock_out", 480)], person_id=LI
    )
    assert paid_ms(hours.presences[0], [(at(210), at(225))], at(999)) == 455 * MINUTE


def test_all_120_orders_of_five_events_end_the_same() -> None:
    """In, job, break, back, out."""
    events = [
        told("clock_in", 0), told("join", 5, 1, SAW), told("break_start", 60), told("break_end", 70),
        told("clock_out", 120),
    ]  # fmt: skip
    first = fold(events, person_id=LI)
    assert worked_ms(first.bookings, 1, at(999)) == 105 * MINUTE
    for order in itertools.permutations(events):
        assert fold(order, person_id=LI) == first


KINDS = [
    "clock_in",
    "clock_out",
    "break_start",
    "break_end",
    "join",
    "leave",
    "setup",
    "start",
    "resume",
    "pause",
    "finish",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(0, 90),
            st.integers(1, 4),
            st.sampled_from([LI, WANG]),
        ),
        max_size=24,
    ),
    st.randoms(use_true_random=False),
)
def test_any_events_in_any_order(given_: list[tuple[str, int, int, int]], chance: random.Random) -> None:
    """Same hours; nobody at two places; the shares of every moment sum to the time worked."""
    machines = {1: SAW, 2: EDGE, 3: OVEN, 4: OVEN2}
    events = [
        Told(str(number), kind, at(minute), 0, who, job, machines[job])
        for number, (kind, minute, job, who) in enumerate(given_)
    ]
    shuffled = chance.sample(events, len(events))
    for who in (LI, WANG):
        hours = fold(events, person_id=who, shared=[OVEN, OVEN2])
        assert fold(shuffled, person_id=who, shared=[OVEN, OVEN2]) == hours
        assert not overlapping(hours.bookings)
        spans = {(one.since, one.until) for one in hours.bookings}
        worked = sum(((until or at(100)) - since) // dt.timedelta(milliseconds=1) for since, until in spans)
        assert sum(one.worked_ms(at(100)) for one in hours.bookings) == worked
