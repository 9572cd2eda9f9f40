"""Control charts, run rules and capability: figures worked by hand, and each rule at the last point that it allows."""

from __future__ import annotations

import pytest

from mes import spc


def test_means_and_ranges_of_subgroups_of_five() -> None:
    """Means 10, 12, 11 and ranges 4, 2, 6: grand mean 11, mean range 4.

    A2 0.577: limits 11 -/+ 0.577 x 4 = 2.308. D4 2.114 x 4 = 8.456. Sigma 4 / 2.326 = 1.7197.
    """
    found = spc.control([(8, 9, 10, 11, 12), (11, 12, 12, 12, 13), (8, 10, 11, 12, 14)])
    assert found.points == (10, 12, 11)
    assert found.ranges == (4, 2, 6)
    assert (found.of_points.lower, found.of_points.centre, found.of_points.upper) == pytest.approx((8.692, 11, 13.308))
    assert (found.of_ranges.lower, found.of_ranges.centre, found.of_ranges.upper) == pytest.approx((0, 4, 8.456))
    assert found.sigma == pytest.approx(1.7197, abs=1e-4)
    assert found.sigma_of_points == pytest.approx(2.308 / 3)


def test_individuals_and_moving_ranges() -> None:
    """5, 7, 6, 8, 9: mean 7, moving ranges 2, 1, 2, 1, mean 1.5; sigma 1.5 / 1.128 = 1.3298; limits 7 -/+ 3.9894.

    Of the ranges 3.267 x 1.5 = 4.9005.
    """
    found = spc.control([(5,), (7,), (6,), (8,), (9,)])
    assert found.ranges == (2, 1, 2, 1)
    assert found.sigma == pytest.approx(1.3298, abs=1e-4)
    assert (found.of_points.lower, found.of_points.upper) == pytest.approx((3.0106, 10.9894), abs=1e-4)
    assert found.of_ranges.upper == pytest.approx(4.9005)


@pytest.mark.parametrize("size", range(2, 11))
def test_limits_of_every_size(size: int) -> None:
    """Each subgroup spans 0 to 1: the mean range is 1, so the limits are the constants themselves.

    And the constants agree: A2 = 3 / (d2 x root of n), within the rounding of the tables.
    """
    a2, d3, d4, d2 = spc.CONSTANTS[size]
    group = (0.0, *([0.5] * (size - 2)), 1.0)
    found = spc.control([group, group])
    assert found.of_points.upper == pytest.approx(0.5 + a2)
    assert (found.of_ranges.lower, found.of_ranges.upper) == pytest.approx((d3, d4))
    assert found.sigma == pytest.approx(1 / d2)
    assert a2 == pytest.approx(3 / (d2 * size**0.5), abs=1e-3)


@pytest.mark.parametrize("wrong", [[], [(1, 2), (1,)], [(1,)], [tuple(range(11))]])
def test_what_makes_no_chart_is_refused(wrong: list[tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match=r"needed|values|needs"):
        spc.control(wrong)


def test_capability() -> None:
    """8, 10, 12, mean 10, deviations 4 + 0 + 4 over 2: overall sigma 2. Tolerance 4 to 13, within sigma 1.5.

    Cp 9 / 9 = 1. Cpk min(3, 6) / 4.5 = 0.667. Pp 9 / 12 = 0.75. Ppk 3 / 6 = 0.5.
    """
    found = spc.capability([8, 10, 12], sigma_within=1.5, lower=4, upper=13)
    assert (found.mean, found.sigma_overall) == (10, 2)
    assert (found.cp, found.cpk, found.pp, found.ppk) == pytest.approx((1, 2 / 3, 0.75, 0.5))


def test_capability_with_one_limit_or_no_spread() -> None:
    """Only a lower limit: no Cp, Cpk (10 - 4) / 4.5 = 1.333. No spread: nothing can be said."""
    found = spc.capability([8, 10, 12], sigma_within=1.5, lower=4)
    assert (found.cp, found.pp) == (None, None)
    assert found.cpk == pytest.approx(4 / 3)
    still = spc.capability([5, 5, 5], sigma_within=0, lower=4, upper=6)
    assert (still.cp, still.cpk, still.pp, still.ppk) == (None, None, None, None)
    with pytest.raises(ValueError, match="Two values"):
        spc.capability([5], sigma_within=1, lower=4, upper=6)


BROKEN = {
    1: [0.0, 3.1],
    2: [0.1] * 9,
    3: [-1.0, -0.5, 0.0, 0.5, 0.9, 1.4],
    4: [0.5, -0.5] * 7,
    5: [2.1, 0.0, 2.2],
    6: [1.1, 1.2, -0.3, 1.3, 1.4],
    7: [0.5, -0.5, -0.2, 0.4, 0.3, -0.6, -0.1, 0.2, 0.7, -0.8, -0.3, 0.1, 0.2, -0.4, 0.3],
    8: [1.2, -1.3, -1.1, 1.4, 1.2, -1.5, -1.2, 1.1],
}


@pytest.mark.parametrize(("rule", "points"), BROKEN.items())
def test_each_rule_breaks_at_the_point_that_completes_it(rule: int, points: list[float]) -> None:
    """In sigmas from the centre; without the last point the rule still holds."""
    one = spc.chosen([rule])
    last = len(points) - 1
    found = spc.violations(points, centre=0, sigma=1, rules=one)
    assert found == [spc.Violation(rule, last - one[0].span + 1, last)]
    assert spc.violations(points[:-1], centre=0, sigma=1, rules=one) == []


def test_points_on_a_limit_are_within_it() -> None:
    """Exactly three sigmas, the centre itself, two of three at exactly two sigmas: nothing is broken."""
    assert spc.violations([3.0], centre=0, sigma=1) == []
    assert spc.violations([0.1] * 4 + [0.0] + [0.1] * 4, centre=0, sigma=1, rules=spc.chosen([2])) == []
    assert spc.violations([2.0, 0.0, 2.0], centre=0, sigma=1, rules=spc.chosen([5])) == []


def test_both_sides_are_told_apart() -> None:
    """Two beyond two sigmas on different sides, nine that change side: no rule of one side."""
    assert spc.violations([2.1, 0.0, -2.2], centre=0, sigma=1, rules=spc.chosen([5])) == []
    assert spc.violations([0.1, -0.1] * 5, centre=0, sigma=1, rules=spc.chosen([2])) == []


def test_centre_and_spread_are_the_processes_own() -> None:
    """Around 100 with sigma 2: 106 is three sigmas and good, 106.2 is not; without spread nothing is said."""
    assert spc.violations([106.0, 106.2], centre=100, sigma=2, rules=spc.chosen([1])) == [spc.Violation(1, 1, 1)]
    assert spc.violations([1, 2, 3], centre=2, sigma=0) == []


def test_western_electric_takes_eight_points_on_one_side() -> None:
    found = spc.violations([0.1] * 8, centre=0, sigma=1, rules=spc.WESTERN_ELECTRIC)
    assert [(one.rule, one.last) for one in found] == [(4, 7)]
    assert spc.violations([0.1] * 8, centre=0, sigma=1) == []
