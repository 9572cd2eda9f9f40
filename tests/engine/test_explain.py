"""Why an operation is where it is: each wait by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine.explain import chain as reasons
from aps.engine.portfolio import plan as planned
from aps.engine.problem import Machine, Order, Placement, Plan, Problem, Resource
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain


def test_the_way_between_sites_is_named() -> None:
    """Sawn in the north until 40; the way takes 60, so the bench in the south begins at 100."""
    machines = [Machine("saw", always(), site="north"), Machine("bench", always(), site="south")]
    work = chain("A", [("saw", 40), ("bench", 30)])
    problem = Problem(machines, work, [Order("A")], transports={("north", "south"): 60})
    plan = Plan({"A.1": Placement("saw", 0, 40), "A.2": Placement("bench", 100, 130)})
    found = reasons(problem, plan, "A.2")
    assert [(link.kind, link.since, link.until, link.behind) for link in found] == [
        ("transport", 40, 100, "A.1"),
        ("now", 0, 0, None),
    ]


def test_a_busy_person_is_named_with_what_she_does() -> None:
    """Anna is at A on the first bench until 50; B on the second could begin at 0 and waits for her."""
    work = [replace(chain(name, [(f"bench {name}", 50)])[0], needs=("fitting",)) for name in ("A", "B")]
    machines = [Machine(f"bench {name}", always()) for name in ("A", "B")]
    people = [Resource("Anna", always(), ("fitting",))]
    problem = Problem(machines, work, [Order("A"), Order("B")], resources=people)
    plan = Plan(
        {
            "A.1": Placement("bench A", 0, 50, resources=("Anna",)),
            "B.1": Placement("bench B", 50, 100, resources=("Anna",)),
        }
    )
    found = reasons(problem, plan, "B.1")
    assert [(link.kind, link.since, link.until, link.behind) for link in found[:1]] == [("person", 0, 50, "A.1")]
    assert found[0].sentence == "waits for Anna, busy with A, until {until}"


def test_a_machine_that_is_down_and_a_frozen_window_are_named() -> None:
    """The saw is down until 70. With an hour of frozen window B, published at 30, stays there without need."""
    saw = Machine("saw", always(), holes=((0, 70),))
    problem = Problem([saw], chain("A", [("saw", 40)]), [Order("A")])
    (link,) = reasons(problem, Plan({"A.1": Placement("saw", 70, 110)}), "A.1")
    assert (link.kind, link.since, link.until) == ("down", 0, 70)
    calm = Problem([Machine("saw", always())], chain("B", [("saw", 40)]), [Order("B")], frozen_min=60)
    (link,) = reasons(calm, Plan({"B.1": Placement("saw", 30, 70)}), "B.1")
    assert (link.kind, link.since, link.until) == ("frozen", 0, 30)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_the_factory_waits_end_where_the_operation_starts(seed: int) -> None:
    """Rich factories: no wait is negative, each ends where its operation starts."""
    problem = rich_factory(seed)
    plan = planned(problem).plan
    for one in problem.operations:
        found = reasons(problem, plan, one.id)
        for link in found:
            assert link.since <= link.until == plan[link.operation].start
        assert [link.behind for link in found[:-1]] == [link.operation for link in found[1:]]
