"""Absences, scrap, early material, starts, and orders that come, change and go; figures by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aps.engine import events
from aps.engine.events import after
from aps.engine.portfolio import plan as planned
from aps.engine.problem import Fixed, Machine, Order, Placement, Plan, Problem, ProblemError, Resource, State
from aps.engine.repair import right_shift
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, times

SAW = Machine("saw", ((0, 1000),))


def _two() -> tuple[Problem, Plan]:
    """A 0-100 and B 100-150 on the saw."""
    problem = Problem([SAW], chain("A", [("saw", 100)]) + chain("B", [("saw", 50)]), [Order("A"), Order("B")])
    return problem, Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 150)})


def _shifted(problem: Problem, plan: Plan) -> dict[str, tuple[str, int, int]]:
    """The right-shifted plan, which must be legal."""
    found = right_shift(problem, plan)
    assert kinds(problem, found) == set()
    return times(found)


def _with_anna() -> tuple[Problem, Plan]:
    """As _two, with Anna at A."""
    problem, plan = _two()
    first, second = problem.operations
    problem = replace(
        problem,
        operations=[replace(first, needs=("sawing",)), second],
        resources=[Resource("Anna", ((0, 1000),), ("sawing",))],
    )
    return problem, Plan({**plan.placements, "A.1": Placement("saw", 0, 100, resources=("Anna",))})


def test_a_breakdown_without_known_end_is_assumed_and_told() -> None:
    """Known at 50, two hours assumed: A has 50 left, from 170 to 220; B until 270."""
    problem, plan = _two()
    event = events.MachineDown("saw", 50, None, now_min=50, assumed_min=120)
    problem = after(problem, plan, event)
    assert problem.machines[0].holes == ((50, 170),)
    assert event.told(problem) == ("Machine saw is down until 170: assumed, nobody knows.",)
    assert _shifted(problem, plan) == {"A.1": ("saw", 0, 220), "B.1": ("saw", 220, 270)}


def test_what_was_known_late_counts_from_when_it_happened() -> None:
    """The saw stood from 40 to 70, known at 120: A is not done but has 10 left (100 - 40 - 50), B has not begun."""
    problem, plan = _two()
    problem = after(problem, plan, events.MachineDown("saw", 40, 70, now_min=120))
    assert [one.state for one in problem.operations] == [State.STARTED, State.FREE]
    assert problem.operations[0].fixed == Fixed("saw", 0, remaining_min=10)
    assert _shifted(problem, plan) == {"A.1": ("saw", 0, 130), "B.1": ("saw", 130, 180)}


def test_begun_work_rests_while_its_operator_is_away() -> None:
    """Anna leaves at 40 until 90, known at 60: A has 60 left behind 90, until 150. Back at 70 already: until 130."""
    problem, plan = _with_anna()
    away = after(problem, plan, events.OperatorAbsent("Anna", 40, 90, now_min=60))
    assert _shifted(away, plan) == {"A.1": ("saw", 0, 150), "B.1": ("saw", 150, 200)}
    back = after(away, plan, events.OperatorBack("Anna", 70))
    assert _shifted(back, plan) == {"A.1": ("saw", 0, 130), "B.1": ("saw", 130, 180)}


def test_a_late_end_holds_up_what_stands_behind() -> None:
    """A ends at 130 instead of 100, told at 130: B has not begun, and ends at 180."""
    problem, plan = _two()
    problem = after(problem, plan, events.OperationFinished("A.1", 130))
    assert (problem.now_min, problem.operations[1].state) == (130, State.FREE)
    assert _shifted(problem, plan) == {"A.1": ("saw", 0, 130), "B.1": ("saw", 130, 180)}


def test_scrap_is_made_again_or_replaced() -> None:
    """A ends at 100 with scrap. 20 minutes again at once: A until 120, B 120-170. Replaced by 30 on the drill: B, which
    then waits for both, from 130.
    """
    problem, plan = _two()
    problem = replace(
        problem,
        machines=[SAW, Machine("drill", always())],
        operations=[problem.operations[0], replace(problem.operations[1], predecessors=(("A.1", 0),))],
    )
    again = after(problem, plan, events.OperationFinished("A.1", 100, again_min=20))
    assert _shifted(again, plan) == {"A.1": ("saw", 0, 120), "B.1": ("saw", 120, 170)}
    more = [replace(chain("A", [("drill", 30)])[0], id="A.1 again")]
    replaced = after(problem, plan, events.OperationFinished("A.1", 100, more=more))
    assert _shifted(replaced, plan) == {
        "A.1": ("saw", 0, 100),
        "A.1 again": ("drill", 100, 130),
        "B.1": ("saw", 130, 180),
    }


def test_a_start_is_where_and_when_it_was() -> None:
    """A begins at 30, known at 50: 80 left, until 130, B until 180. B has no lathe."""
    problem, plan = _two()
    begun = after(problem, plan, events.OperationStarted("A.1", 30, now_min=50))
    assert begun.operations[0].fixed == Fixed("saw", 30, remaining_min=80)
    assert _shifted(begun, plan) == {"A.1": ("saw", 30, 130), "B.1": ("saw", 130, 180)}
    with pytest.raises(ProblemError, match=r"operation B.1: expected one of its machines saw, got lathe"):
        after(problem, plan, events.OperationStarted("B.1", 0, "lathe"))
    with pytest.raises(ProblemError, match=r"operation A.1: expected not to have begun, it is started"):
        after(begun, plan, events.OperationStarted("A.1", 60))


def test_material_is_early_only_when_it_was_to_come_later() -> None:
    problem, plan = _two()
    late = after(problem, plan, events.MaterialLate("B.1", 300))
    assert after(late, plan, events.MaterialEarly("B.1", 120)).operations[1].release_min == 120
    with pytest.raises(ProblemError, match=r"its material later than 400, it is ready at 300"):
        after(late, plan, events.MaterialEarly("B.1", 400))


def test_orders_come_and_change() -> None:
    """N of 20 goes behind B. B of 15 pieces instead of 10: 75 minutes; its due date goes, its weight stays."""
    problem, plan = _two()
    added = after(problem, plan, events.OrderAdded(Order("N"), chain("N", [("saw", 20)])))
    assert _shifted(added, plan)["N.1"] == ("saw", 150, 170)
    with pytest.raises(ProblemError, match="order A: expected"):
        after(problem, plan, events.OrderAdded(Order("A"), ()))
    event = events.OrderChanged("B", None, quantity=events.Quantity(10, 15))
    changed = after(replace(problem, orders=[Order("A"), Order("B", 90, 3)]), plan, event)
    assert changed.orders[1] == Order("B", None, 3)
    assert _shifted(changed, plan)["B.1"] == ("saw", 100, 175)


@pytest.mark.parametrize(("begun", "left"), [("finish", {"A.1", "B.1"}), ("drop", {"B.1"})])
def test_a_cancelled_order_goes_and_its_begun_work_as_told(begun: str, left: set[str]) -> None:
    problem, plan = _two()
    problem = after(problem, plan, events.OrderCancelled("A", events.Begun(begun), now_min=50))
    assert {one.id for one in problem.operations} == left
    assert _shifted(problem, plan).keys() == left
    assert ("A" in [one.id for one in problem.orders]) == (begun == "finish")


def test_what_others_wait_for_is_done_all_the_same() -> None:
    """B waits for A: A stays without a due date, whatever is told of begun work, and the planner hears of it."""
    problem, plan = _two()
    behind = replace(problem.operations[1], predecessors=(("A.1", 0),))
    problem = replace(problem, operations=[problem.operations[0], behind], orders=[Order("A", 5), Order("B")])
    event = events.OrderCancelled("A", events.Begun.DROP)
    found = after(problem, plan, event)
    assert found.orders[0] == Order("A", None)
    assert _shifted(found, plan) == times(plan)
    assert event.told(found) == ("Done all the same, because other orders wait for it: A.1.",)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(st.integers(0, 10**6), st.integers(1, 2000), st.integers(0, 10**6))
def test_whatever_happens_the_shifted_plan_is_legal(seed: int, later: int, pick: int) -> None:
    """Rich factories; each event is known `later` minutes on, what stops since an hour before."""
    problem = rich_factory(seed)
    plan = planned(problem).plan
    now = problem.now_min + later
    waiting = [one for one in problem.operations if one.state in (State.FREE, State.PINNED)]
    one = waiting[pick % len(waiting)]
    person = problem.resources[pick % len(problem.resources)]
    found = [
        events.MachineDown(plan[one.id].machine, now - 60, None, now_min=now),
        events.OperatorAbsent(person.id, now - 60, None, now_min=now),
        events.OrderCancelled(one.order, events.Begun.DROP, now_min=now),
        events.OrderChanged(one.order, quantity=events.Quantity(3, 2), now_min=now),
    ]
    for event in found:
        changed = after(problem, plan, event)
        assert kinds(changed, right_shift(changed, plan)) == set()
