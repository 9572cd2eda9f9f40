"""Times are exact: shifts, breaks, setups, levels, material, holes, started and pinned work."""

from __future__ import annotations

import pytest

from aps.engine.portfolio import plan
from aps.engine.problem import HorizonTooShortError, Machine, Operation, Option, Order, Placement, Plan, Problem
from aps.engine.repair import right_shift
from tests.engine.shops import always, chain, day_shift, kinds, pinned, started, times

SAW = Machine("saw", day_shift())
ROUND = Machine("saw", always())


def test_work_rests_over_the_break_when_it_may() -> None:
    """300 minutes from 0: 240 before the break (0-240), 60 behind it (270-330)."""
    problem = Problem([SAW], chain("A", [("saw", 300)]), [Order("A")])
    result = plan(problem).plan
    assert times(result) == {"A.1": ("saw", 0, 330)}
    assert kinds(problem, result) == set()


def test_work_in_one_piece_waits_for_a_window_that_holds_it() -> None:
    """A takes 0-60; B's 200 minutes do not fit into 60-240 (180) and start behind the break: 270-470."""
    operations = chain("A", [("saw", 60)]) + chain("B", [("saw", 200)], splittable=False, behind=["A.1"])
    problem = Problem([SAW], operations, [Order("A"), Order("B")])
    result = plan(problem).plan
    assert times(result)["B.1"] == ("saw", 270, 470)
    assert kinds(problem, result) == set()


def test_setup_is_saved_within_a_family_and_taken_in_working_time() -> None:
    """Setup 30 before the first of oak (0-30), 100 each: 30-130, 130-230 without setup; red: 10 of its 30 setup minutes
    before the break (230-240), 20 behind it (270-290), so it runs 290-390.
    """
    operations = [
        *chain("A", [("saw", 100)], setup=30, family="oak"),
        *chain("B", [("saw", 100)], setup=30, family="oak", behind=["A.1"]),
        *chain("C", [("saw", 100)], setup=30, family="red", behind=["B.1"]),
    ]
    problem = Problem([SAW], operations, [Order("A"), Order("B"), Order("C")])
    result = plan(problem).plan
    assert times(result) == {"A.1": ("saw", 30, 130), "B.1": ("saw", 130, 230), "C.1": ("saw", 290, 390)}
    assert (result["B.1"].setup_min, result["C.1"].setup_min, result["C.1"].setup_start) == (0, 30, 230)
    assert kinds(problem, result) == set()


def test_a_machine_already_set_up_for_the_family_needs_no_setup() -> None:
    """The saw stands on oak: A starts at 0; without it the 30 minutes come first."""
    operations = chain("A", [("saw", 100)], setup=30, family="oak")
    ready = Problem([Machine("saw", always(), family="oak")], operations, [Order("A")])
    other = Problem([Machine("saw", always(), family="red")], operations, [Order("A")])
    assert times(plan(ready).plan)["A.1"] == ("saw", 0, 100)
    assert times(plan(other).plan)["A.1"] == ("saw", 30, 130)


def test_a_setup_matrix_overrides_the_option() -> None:
    """From red to oak takes 7 minutes instead of 30: A runs 7-107."""
    operations = chain("A", [("saw", 100)], setup=30, family="oak")
    machine = Machine("saw", always(), family="red")
    problem = Problem([machine], operations, [Order("A")], setups={("red", "oak"): 7})
    result = plan(problem).plan
    assert times(result)["A.1"] == ("saw", 7, 107)
    assert kinds(problem, result) == set()


def test_assembly_waits_for_all_its_component_orders_and_the_lag() -> None:
    """Top 0-100 on the saw; legs 0-80 on the lathe and 40 minutes of drying; assembly at max(100, 80 + 40) = 120."""
    machines = [Machine(name, always()) for name in ("saw", "lathe", "bench")]
    table = Operation("T.1", "T", [Option("bench", 0, 50)], [("top.1", 0), ("legs.1", 40)])
    operations = [*chain("top", [("saw", 100)]), *chain("legs", [("lathe", 80)]), table]
    problem = Problem(machines, operations, [Order("top"), Order("legs"), Order("T", 500)])
    result = plan(problem).plan
    assert times(result)["T.1"] == ("bench", 120, 170)
    assert kinds(problem, result) == set()


def test_nothing_starts_before_its_material_or_before_now() -> None:
    """Now is 50: A starts at 50 and ends at 80; B's material comes at 400."""
    operations = chain("A", [("saw", 30)]) + chain("B", [("saw", 30)], release=400)
    problem = Problem([ROUND], operations, [Order("A"), Order("B")], now_min=50)
    assert times(plan(problem).plan) == {"A.1": ("saw", 50, 80), "B.1": ("saw", 400, 430)}


def test_a_hole_moves_only_what_it_touches() -> None:
    """Down 50-150: A (0-100) keeps its start and ends at 200, B moves from 100 to 200; C on the other machine stays."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 60)]) + chain("C", [("drill", 70)])
    orders = [Order("A"), Order("B"), Order("C")]
    incumbent = Plan(
        {"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 160), "C.1": Placement("drill", 0, 70)}
    )
    after = Problem([Machine("saw", always(), [(50, 150)]), Machine("drill", always())], operations, orders)
    result = right_shift(after, incumbent)
    assert times(result) == {"A.1": ("saw", 0, 200), "B.1": ("saw", 200, 260), "C.1": ("drill", 0, 70)}
    assert kinds(after, incumbent) == {"duration", "closed"}
    assert kinds(after, result) == set()


def test_started_work_stays_and_what_is_left_of_it_is_done_from_now() -> None:
    """A began at -30 with 90 minutes left at now = 20, the saw is down 60-100: 20-60, 100-150; B follows at 150."""
    operations = chain("A", [("saw", 120)]) + chain("B", [("saw", 60)])
    operations[0] = started(operations[0], "saw", -30, 90)
    machine = Machine("saw", [(-1440, 14400)], [(60, 100)])
    problem = Problem([machine], operations, [Order("A"), Order("B", 10, 9)], now_min=20)
    result = plan(problem).plan
    assert times(result) == {"A.1": ("saw", -30, 150), "B.1": ("saw", 150, 210)}
    assert kinds(problem, result) == set()


def test_a_pin_holds_and_the_rest_goes_around_it() -> None:
    """B is pinned to 100-160. A (80) fits before it, C (90) does not fit into 80-100 and follows at 160."""
    operations = [*chain("A", [("saw", 80)]), *chain("B", [("saw", 60)]), *chain("C", [("saw", 90)], behind=["A.1"])]
    operations[1] = pinned(operations[1], "saw", 100)
    problem = Problem([ROUND], operations, [Order("A"), Order("B"), Order("C")])
    result = plan(problem).plan
    assert times(result) == {"A.1": ("saw", 0, 80), "B.1": ("saw", 100, 160), "C.1": ("saw", 160, 250)}
    assert kinds(problem, result) == set()


def test_a_pin_that_its_predecessor_outruns_starts_as_soon_as_it_can() -> None:
    """A is delayed to 300-400 by its material, so B, pinned to 200, starts at 400."""
    operations = chain("A", [("saw", 100), ("drill", 50)], release=300)
    operations[1] = pinned(operations[1], "drill", 200)
    problem = Problem([ROUND, Machine("drill", always())], operations, [Order("A")])
    result = plan(problem).plan
    assert times(result)["A.2"] == ("drill", 400, 450)
    assert kinds(problem, result) == set()


def test_the_faster_machine_is_taken_until_its_queue_is_longer() -> None:
    """Two jobs, 60 on the new saw or 100 on the old: on both done at 60 and 100, on the new alone at 60 and 120."""
    options = [Option("new", 0, 60), Option("old", 0, 100)]
    operations = [Operation("A.1", "A", options), Operation("B.1", "B", options)]
    problem = Problem([Machine("new", always()), Machine("old", always())], operations, [Order("A"), Order("B")])
    assert sorted(place.end for place in plan(problem).plan.values()) == [60, 100]


def test_calendars_that_are_too_short_are_said_with_the_operation() -> None:
    """A window of 100 minutes cannot hold 101."""
    problem = Problem([Machine("saw", [(0, 100)])], chain("A", [("saw", 101)]), [Order("A")])
    with pytest.raises(HorizonTooShortError, match=r"A\.1.*101 min on saw"):
        plan(problem)
