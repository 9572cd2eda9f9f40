"""Why an operation is where it is: each wait by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine.explain import chain as reasons
from aps.engine.portfolio import plan as planned
from aps.engine.problem import Machine, Operation, Option, Order, Overlap, Placement, Plan, Problem, Resource
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


def told(problem: Problem, plan: Plan, operation: str) -> list[tuple[str, int, int, object]]:
    """Kind, since, until and what it is behind, of each wait."""
    return [(link.kind, link.since, link.until, link.behind) for link in reasons(problem, plan, operation)]


def test_who_sets_up_and_who_is_not_there_are_named() -> None:
    """Ben sets up X for A 0-15, then Y for B 15-30, both run for 40. Anna comes at 60, so C on the bench waits for her.
    With nobody to set it up Z takes 10 minutes before D begins.
    """
    machines = [Machine("X", always(), setter="setting"), Machine("Y", always(), setter="setting")]
    machines += [Machine("bench", always()), Machine("Z", always())]
    work = [*chain("A", [("X", 40)], setup=15), *chain("B", [("Y", 40)], setup=15), *chain("D", [("Z", 40)], setup=10)]
    work += [replace(chain("C", [("bench", 40)])[0], needs=("fitting",))]
    people = [Resource("Ben", always(), ("setting",)), Resource("Anna", ((60, 900),), ("fitting",))]
    problem = Problem(machines, work, [Order(name) for name in "ABCD"], resources=people)
    plan = Plan(
        {
            "A.1": Placement("X", 15, 55, 0, 15, ("Ben",)),
            "B.1": Placement("Y", 30, 70, 15, 15, ("Ben",)),
            "C.1": Placement("bench", 60, 100, resources=("Anna",)),
            "D.1": Placement("Z", 10, 50, 0, 10),
        }
    )
    assert told(problem, plan, "B.1") == [("person", 15, 30, "A.1"), ("setup", 0, 15, None)]
    assert reasons(problem, plan, "B.1")[0].sentence == (
        "waits for Ben to set Y up, and Ben is busy with A, until {until}"
    )
    assert told(problem, plan, "C.1") == [("absent", 0, 60, None)]
    assert reasons(problem, plan, "C.1")[0].sentence == "waits until Anna is there, {until}"
    assert told(problem, plan, "D.1") == [("setup", 0, 10, None)]


def test_ovens_overlaps_and_latest_starts_are_named() -> None:
    """A waits in the oven for B, whose material comes at 30. The drill may begin when 20 minutes are sawn and ends 15
    behind the saw, so with 90 minutes it begins at 25. The press opens at 100, glue is applied 10 before: 70-90.
    """
    oven = Machine("oven", always(), capacity=3)
    baked = [replace(chain(name, [("oven", 60)], family="hot")[0]) for name in ("A", "B")]
    problem = Problem([oven], [baked[0], replace(baked[1], release_min=30)], [Order("A"), Order("B")])
    plan = Plan({key: Placement("oven", 30, 90) for key in ("A.1", "B.1")})
    assert told(problem, plan, "A.1") == [("batch", 0, 30, "B.1"), ("material", 0, 30, None)]
    sawn, drilled = chain("A", [("saw", 100), ("drill", 90)])
    machines = [Machine("saw", always()), Machine("drill", always())]
    problem = Problem(machines, [sawn, replace(drilled, overlaps={"A.1": Overlap(20, 15)})], [Order("A")])
    plan = Plan({"A.1": Placement("saw", 0, 100), "A.2": Placement("drill", 25, 115)})
    assert told(problem, plan, "A.2") == [("overlap", 20, 25, "A.1"), ("now", 0, 0, None)]
    glued, pressed = chain("A", [("glue", 20), ("press", 30)])
    machines = [Machine("glue", always()), Machine("press", ((100, 480),))]
    problem = Problem(machines, [glued, replace(pressed, latest={"A.1": 10})], [Order("A")])
    plan = Plan({"A.1": Placement("glue", 70, 90), "A.2": Placement("press", 100, 130)})
    assert told(problem, plan, "A.1") == [("latest", 0, 70, "A.2"), ("shift", 90, 100, "A.1")]


def test_a_shift_is_blamed_before_a_machine_that_would_not_have_helped() -> None:
    """B has its material at 150, A leaves the saw at 200, when the shift ends. Had it been free B, which may not rest,
    would still have begun at 500.
    """
    work = chain("A", [("saw", 200)]) + chain("B", [("saw", 100)], release=150, splittable=False)
    problem = Problem([Machine("saw", ((0, 200), (500, 900)))], work, [Order("A"), Order("B")])
    plan = Plan({"A.1": Placement("saw", 0, 200), "B.1": Placement("saw", 500, 600)})
    assert told(problem, plan, "B.1") == [("shift", 150, 500, None)]


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


def test_nothing_waits_behind_itself() -> None:
    """The saw: A from 0 to 50, its other part from 50 to 90, B from 90: the part waits for work of its own order, B for
    A. And a step says nothing of the order whose step before it it follows, when that is its own."""
    work = [*chain("A", [("saw", 50), ("bench", 30)]), Operation("part", "A", (Option("saw", 0, 40),))]
    work += chain("B", [("saw", 40)])
    machines = [Machine(name, always()) for name in ("saw", "bench")]
    problem = Problem(machines, work, [Order("A"), Order("B")])
    plan = Plan(
        {
            "A.1": Placement("saw", 0, 50),
            "A.2": Placement("bench", 50, 80),
            "part": Placement("saw", 50, 90),
            "B.1": Placement("saw", 90, 130),
        }
    )
    own = reasons(problem, plan, "part")[0]
    assert (own.sentence, own.orders) == (
        "waits for machine saw behind other work of the same order until {until}",
        ("A",),
    )
    assert reasons(problem, plan, "B.1")[0].sentence == "waits for machine saw behind A until {until}"
    assert reasons(problem, plan, "A.2")[0].sentence == "follows the operation before it at {until}"
