"""The judge names the rule that is broken, and nothing else makes a plan illegal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine.portfolio import plan
from aps.engine.problem import Id, Machine, Operation, Option, Order, Placement, Plan, Problem, ProblemError
from aps.engine.validate import violations
from tests.engine.shops import always, chain, day_shift, kinds, pinned, started

SHIFT = [Machine("saw", [(-480, 0), *day_shift()]), Machine("drill", day_shift(), [(2000, 2100)])]


def _shop() -> tuple[Problem, Plan]:
    """A: saw 0-100, drill 100-150 · B: setup 20, whole, saw 120-220 · S has begun on the drill, 30 left: 0-30 · P is
    pinned to the saw at 1500, material at 1450.
    """
    operations = [
        *chain("A", [("saw", 100), ("drill", 50)]),
        *chain("B", [("saw", 100)], setup=20, family="oak", splittable=False),
        started(chain("S", [("drill", 90)])[0], "drill", -60, 30),
        pinned(chain("P", [("saw", 60)], release=1450)[0], "saw", 1500),
    ]
    problem = Problem(SHIFT, operations, [Order("A", 200), Order("B"), Order("S"), Order("P")])
    placements: dict[Id, Placement] = {
        "A.1": Placement("saw", 0, 100),
        "A.2": Placement("drill", 100, 150),
        "B.1": Placement("saw", 120, 220, 100, 20),
        "S.1": Placement("drill", -60, 30),
        "P.1": Placement("saw", 1500, 1560),
    }
    return problem, Plan(placements)


def test_a_legal_plan_has_no_violation() -> None:
    """The plan as _shop describes it."""
    assert violations(*_shop()) == []


BROKEN = [
    ("missing", "A.2", None),
    ("unknown", "X.9", Placement("saw", 700, 800)),
    ("machine", "A.2", Placement("saw", 1440, 1490)),
    ("past", "A.1", Placement("saw", -100, 0)),
    ("release", "P.1", Placement("saw", 1440, 1500)),
    ("precedence", "A.2", Placement("drill", 99, 149)),
    ("closed", "A.2", Placement("drill", 500, 1460)),
    ("duration", "A.2", Placement("drill", 100, 149)),
    ("split", "B.1", Placement("saw", 180, 310, 160, 20)),
    ("overlap", "B.1", Placement("saw", 119, 219, 99, 20)),
    ("overlap", "A.1", Placement("saw", 50, 150)),
    ("setup", "B.1", Placement("saw", 120, 220)),
    ("setup", "B.1", Placement("saw", 120, 220, 110, 20)),
    ("pinned", "P.1", Placement("saw", 1501, 1561)),
    ("started", "S.1", Placement("drill", -30, 30)),
    ("duration", "S.1", Placement("drill", -60, 20)),
]


@pytest.mark.parametrize(("kind", "operation", "place"), BROKEN)
def test_one_broken_rule_is_named(kind: str, operation: str, place: Placement | None) -> None:
    """One placement of the legal plan is changed; the judge names that rule and that operation."""
    problem, legal = _shop()
    rows = {**legal.placements}
    if place is None:
        del rows[operation]
    else:
        rows[operation] = place
    found = [one for one in violations(problem, Plan(rows)) if one.kind == kind]
    assert found
    assert all(operation in one.operations for one in found)


def test_work_in_a_hole_is_no_work() -> None:
    """The drill is down 2000-2100: 100 minutes from 1950 on end at 2150; an end at 2050 forgets the hole."""
    operation = Operation("A.1", "A", [Option("drill", 0, 100)])
    machine = Machine("drill", [(0, 5000)], [(2000, 2100)])
    problem = Problem([machine], [operation], [Order("A")])
    assert kinds(problem, Plan({"A.1": Placement("drill", 1950, 2150)})) == set()
    assert kinds(problem, Plan({"A.1": Placement("drill", 1950, 2050)})) == {"duration", "closed"}


def test_what_the_engine_plans_for_the_shop_passes() -> None:
    """The same shop planned from nothing."""
    problem, _ = _shop()
    assert kinds(problem, plan(problem).plan) == set()


@pytest.mark.parametrize(
    ("words", "build"),
    [
        ("operation A.1: expected a known machine, got lathe", lambda p: _with(p, chain("A", [("lathe", 5)]))),
        ("operation A.1: expected a known order, got Z", lambda p: _with(p, [replace(p.operations[0], order="Z")])),
        ("operation A.2: expected a known predecessor, got A.1", lambda p: _with(p, [p.operations[1]])),
        ("operation A.1: expected to be given once", lambda p: _with(p, [p.operations[0]] * 2)),
        (
            "operation A.1: expected run_min >= 1 where there are setups, people or ovens, got 0",
            lambda p: _with(p, chain("A", [("saw", 0)], setup=5)),
        ),
        ("run_min >= 0, got -1", lambda p: _with(p, chain("A", [("saw", -1)]))),
        ("machine m: expected sorted windows", lambda p: Machine("m", [(5, 9), (0, 6)])),
        ("machine m: expected at least one", lambda p: Machine("m", [])),
        ("expected no circle", lambda p: _with(p, [*chain("A", [("saw", 5)], behind=["B.1"]), *_b_behind_a()])),
    ],
)
def test_a_problem_that_cannot_be_planned_is_refused_with_the_id(words: str, build: object) -> None:
    """Each message names the id and what was expected."""
    problem, _ = _shop()
    with pytest.raises(ProblemError, match=words):
        build(problem)  # type: ignore[operator]


def _b_behind_a() -> list[Operation]:
    return chain("B", [("saw", 5)], behind=["A.1"])


def _with(problem: Problem, operations: list[Operation]) -> Problem:
    return Problem(problem.machines, operations, problem.orders)


def test_any_of_a_batch_may_lead_it() -> None:
    """Two bake from 0 to 60. One asks for a setup of 10, the other for none: it leads. Both ask: it is missing."""
    for asked, wrong in ((0, set()), (10, {"setup"})):
        operations = [
            Operation(f"{name}.1", name, [Option("oven", minutes, 60)], family="oak", splittable=False)
            for name, minutes in (("A", 10), ("B", asked))
        ]
        problem = Problem([Machine("oven", always(), capacity=3)], operations, [Order("A"), Order("B")])
        plan = Plan({"A.1": Placement("oven", 0, 60), "B.1": Placement("oven", 0, 60)})
        assert kinds(problem, plan) == wrong


def test_sums_that_would_not_be_exact_are_refused() -> None:
    """Each number is within its limits; two runs of half a million years and a heavy order are too much for 64 bits."""
    operations = chain("A", [("saw", 250_000_000_000), ("saw", 250_000_000_000)])
    with pytest.raises(ProblemError, match="weights: expected smaller times or weights"):
        Problem([Machine("saw", [(0, 1 << 39)])], operations, [Order("A", 0, weight=10**9)])
