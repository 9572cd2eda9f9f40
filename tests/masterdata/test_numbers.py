"""Exact numbers: rounding, scrap, splits and document numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterdata.models import Company, Currency
from masterdata.numbering import next_numbers
from masterdata.numbers import allocate, gross_for_scrap, money, round_up

D = Decimal


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("1.005", "1.01"), ("-1.005", "-1.01"), ("2.674999", "2.67"), ("0.5", "0.50")],
)
def test_money_rounds_half_up_away_from_zero(amount: str, rounded: str) -> None:
    assert money(D(amount)) == D(rounded)
    assert money(D("1234.5"), decimals=0) == D("1235")


@pytest.mark.parametrize(
    ("quantity", "step", "rounded"),
    [("2.1", "1", "3"), ("2", "1", "2"), ("0.0004", "0.001", "0.001"), ("7", "5", "10"), ("100", "1", "100")],
)
def test_quantities_round_up_to_the_units_step(quantity: str, step: str, rounded: str) -> None:
    assert round_up(D(quantity), D(step)) == D(rounded)


def test_what_scrap_eats_goes_in_on_top() -> None:
    """95 good pieces at 5 % scrap: 95 / 0.95 = 100. 1 / 0.97 = 1.030928 to six decimals."""
    assert gross_for_scrap(D(95), D(5)) == D(100)
    assert gross_for_scrap(D(1), D(3)) == D("1.030928")


def test_the_largest_remainder_gets_the_cent() -> None:
    """10.00 over 3 equal parts: 3.333 each; one cent is left and goes to the first. 0.05 over 1 : 1 : 2: exact parts
    0.0125, 0.0125, 0.025 give 0.01, 0.01, 0.02; the cent left goes to the largest remainder, 0.005 of the third.
    """
    assert allocate(D(10), [D(1)] * 3) == [D("3.34"), D("3.33"), D("3.33")]
    assert allocate(D("0.05"), [D(1), D(1), D(2)]) == [D("0.01"), D("0.01"), D("0.03")]
    assert allocate(D("-10"), [D(1)] * 3) == [D("-3.34"), D("-3.33"), D("-3.33")]
    assert allocate(D(7), [D(0), D(0)], decimals=0) == [D(4), D(3)]


@given(
    total=st.decimals(min_value=-10_000, max_value=10_000, places=2),
    weights=st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=12),
)
def test_parts_sum_to_the_whole_and_none_is_off_by_a_cent(total: Decimal, weights: list[Decimal]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    scale = sum(weights)
    if scale:
        assert all(abs(part - total * weight / scale) < D("0.01") for part, weight in zip(parts, weights, strict=True))


@pytest.mark.django_db
def test_numbers_of_a_kind_and_year_count_up() -> None:
    company = Company.objects.create(
        code="C", name="Company", currency=Currency.objects.create(code="EUR", name="Euro")
    )
    assert next_numbers(company=company, kind="WO", year=2026, count=2) == ["WO-2026-00001", "WO-2026-00002"]
    assert next_numbers(company=company, kind="WO", year=2026) == ["WO-2026-00003"]
    assert next_numbers(company=company, kind="WO", year=2027) == ["WO-2027-00001"]
    assert next_numbers(company=company, kind="INV", year=2026) == ["INV-2026-00001"]
