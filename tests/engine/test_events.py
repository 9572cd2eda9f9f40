"""Events change the problem as the shop would tell it."""

from __future__ import annotations

import pytest

from aps.engine.events import MachineDown, MachineUp, MaterialLate, OperationFinished, after
from aps.engine.problem import Fixed, Machine, Order, Placement, Plan, Problem, ProblemError, State
from aps.engine.repair import right_shift
from tests.engine.shops import chain, day_shift, kinds, times

SAW = Machine("saw", ((0, 1000),))


def _two() -> tuple[Problem, Plan]:
    """A 0-100 and B 100-150 on the saw."""
    problem = Problem([SAW], chain("A", [("saw", 100)]) + chain("B", [("saw", 50)]), [Order("A"), Order("B")])
    return problem, Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 150)})


def test_a_machine_that_is_down_does_not_work_meanwhile() -> None:
    """A rests from 40 to 70 and ends at 130, B follows until 180."""
    problem, plan = _two()
    problem = after(problem, plan, MachineDown("saw", 40, 70))
    assert times(right_shift(problem, plan)) == {"A.1": ("saw", 0, 130), "B.1": ("saw", 130, 180)}


def test_a_machine_that_is_up_again_ends_only_the_hole_it_was_in() -> None:
    problem, plan = _two()
    for down in (MachineDown("saw", 40, 500), MachineDown("saw", 600, 700)):
        problem = after(problem, plan, down)
    problem = after(problem, plan, MachineUp("saw", 90))
    assert problem.machines[0].holes == ((40, 90), (600, 700))
    with pytest.raises(ProblemError, match="machine saw: expected to be down at 300"):
        after(problem, plan, MachineUp("saw", 300))


def test_a_finished_operation_is_done_where_it_was_planned() -> None:
    """A ends at 60, known at 60: B keeps its published 100."""
    problem, plan = _two()
    problem = after(problem, plan, OperationFinished("A.1", 60, now_min=60))
    assert problem.now_min == 60
    assert problem.operations[0].fixed == Fixed("saw", 0, 60)
    assert times(right_shift(problem, plan)) == {"A.1": ("saw", 0, 60), "B.1": ("saw", 100, 150)}


def test_late_material_moves_the_operation() -> None:
    problem, plan = _two()
    problem = after(problem, plan, MaterialLate("B.1", 300))
    assert times(right_shift(problem, plan))["B.1"] == ("saw", 300, 350)


def test_with_a_later_now_the_shop_has_done_what_the_plan_says() -> None:
    """Shift 0-240 and 270-480. A (200) is done at 200, B (100: 200-240, 270-330) has 60 of its minutes left at 250, C
    has not begun. The machine stops from 280 to 300: B ends at 350.
    """
    operations = chain("A", [("saw", 200)]) + chain("B", [("saw", 100)]) + chain("C", [("saw", 50)])
    problem = Problem([Machine("saw", day_shift())], operations, [Order("A"), Order("B"), Order("C")])
    plan = Plan(
        {
            "A.1": Placement("saw", 0, 200),
            "B.1": Placement("saw", 200, 330),
            "C.1": Placement("saw", 330, 380),
        }
    )
    problem = after(problem, plan, MachineDown("saw", 280, 300, now_min=250))
    assert [one.state for one in problem.operations] == [State.DONE, State.STARTED, State.FREE]
    assert problem.operations[1].fixed == Fixed("saw", 200, remaining_min=60)
    result = right_shift(problem, plan)
    assert times(result) == {"A.1": ("saw", 0, 200), "B.1": ("saw", 200, 350), "C.1": ("saw", 350, 400)}
    assert kinds(problem, result) == set()


def test_what_is_not_there_is_refused() -> None:
    problem, plan = _two()
    with pytest.raises(ProblemError, match="machine lathe: expected a known machine"):
        after(problem, plan, MachineDown("lathe", 0, 9))
    with pytest.raises(ProblemError, match=r"operation Z.1: expected a known operation"):
        after(problem, plan, MaterialLate("Z.1", 9))
