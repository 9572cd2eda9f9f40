"""How figures, dates and lateness read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from masterdata import drawn, shown, states

THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("149544", 2, "149,544.00"),
        ("-2310.5", None, "−2,310.5"),
        ("48.000000", None, "48"),
        ("0.005", 2, "0.01"),
        (None, 2, "–"),
    ],
)
def test_numbers_have_thousands_a_true_minus_and_no_idle_zeros(value: str, places: int | None, text: str) -> None:
    assert shown.number(Decimal(value) if value else None, places) == text


@pytest.mark.parametrize(("value", "text"), [("4.4", "4.40"), ("3", "3.00"), ("0.01250", "0.0125"), (None, "–")])
def test_a_price_has_two_decimals_or_more(value: str | None, text: str) -> None:
    assert shown.price(Decimal(value) if value else None) == text


def test_money_and_quantity_carry_their_unit() -> None:
    assert shown.money(Decimal("149544"), "EUR") == "EUR 149,544.00"
    assert shown.quantity(Decimal("2.500000"), "m²") == "2.5 m²"


def test_days_carry_the_year_only_when_it_is_another() -> None:
    assert shown.day(THURSDAY, today=date(2026, 1, 1)) == "Thu 26 Nov"
    assert shown.day(THURSDAY, today=date(2027, 1, 1)) == "Thu 26 Nov 2026"
    at = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    assert shown.when(at, today=THURSDAY) == "Thu 26 Nov, 14:30"
    assert shown.clock_day(at, at) == "14:30"
    assert shown.clock_day(at, datetime(2026, 11, 27, 9, tzinfo=UTC)) == "Thu 26 Nov, 14:30"
    assert shown.clock_day(at, datetime(2027, 12, 31, 9, tzinfo=UTC)) == "Thu 26 Nov 2026, 14:30"


@pytest.mark.parametrize(
    ("days", "text"), [(2, "2 days late"), (1, "1 day late"), (0, "on the day"), (-3, "3 days early")]
)
def test_lateness_is_said_in_days(days: int, text: str) -> None:
    assert shown.lateness(THURSDAY, THURSDAY + timedelta(days=days)) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(5, "in 5 min"), (-88, "1 h 28 min ago"), (120, "in 2 h"), (3 * 24 * 60, "in 3 days"), (0, "now")],
)
def test_distances_are_said_in_the_unit_that_fits(minutes: int, text: str) -> None:
    now = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
    assert shown.ago(now + timedelta(minutes=minutes), now) == text


def test_every_state_has_an_icon_that_exists() -> None:
    for look in {*states.LOOKS.values(), states.UNKNOWN}:
        assert "<path" in drawn.icon(look.icon)


def test_an_unknown_state_is_shown_quietly_with_its_word() -> None:
    assert ">Half open</span>" in drawn.chip("half_open")


def test_an_empty_value_is_a_dash_with_its_reason() -> None:
    assert drawn.dash("No <date> yet").startswith('<span class="t3" title="No &lt;date&gt; yet">–')


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, "06:00"), (2, "Sat 06:00"), (6, "Wed 06:00"), (7, "Thu 3 Dec, 06:00"), (-1, "Wed 06:00")],
)
def test_a_clock_names_its_day_when_that_is_not_today(days: int, text: str) -> None:
    now = datetime(2026, 11, 26, 13, tzinfo=UTC)
    assert shown.clock_soon(datetime(2026, 11, 26, 6, tzinfo=UTC) + timedelta(days=days), now) == text


def test_the_end_of_a_span_says_its_day_only_when_it_is_another_one() -> None:
    now, start = datetime(2026, 11, 26, 13, tzinfo=UTC), datetime(2026, 11, 28, 6, tzinfo=UTC)
    assert shown.clock_from(start + timedelta(hours=2), start, now) == "08:00"
    assert shown.clock_from(start + timedelta(hours=26), start, now) == "Sun 08:00"


def test_words_are_singular_only_for_exactly_one() -> None:
    assert [shown.how_many(Decimal(value)) for value in ("0", "1.000", "1.5", "0.5", "3")] == [0, 1, 2, 2, 3]
