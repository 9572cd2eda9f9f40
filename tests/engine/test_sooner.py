"""What would make an order earlier: each change is a plan that the judge passes, with nobody else later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine.portfolio import plan as planned
from aps.engine.problem import Machine, Order, Placement, Plan, Problem, ProblemError, Resource
from aps.engine.sooner import Change, sooner
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, pinned, random_factory

Told = dict[str, tuple[int, int]]


def told(found: list[Change]) -> Told:
    """End and gain by sentence."""
    return {one.said(): (one.end_min, one.gain_min) for one in found}


def test_overtime_and_an_order_that_goes_behind() -> None:
    """The saw works 0-200 and 500-900. A takes 0-150, B needs 100: 150-200 and, over the break, 500-550. 50 minutes of
    overtime behind the first shift end it at 250, 50 before the second at 500. First on the saw it ends at 100, and A
    rests over the break: 100-200, 500-550, due at 300.
    """
    problem = Problem(
        [Machine("saw", ((0, 200), (500, 900)))],
        chain("A", [("saw", 150)]) + chain("B", [("saw", 100)]),
        [Order("A", 300), Order("B")],
    )
    plan = Plan({"A.1": Placement("saw", 0, 150), "B.1": Placement("saw", 150, 550)})
    found = sooner(problem, plan, "B")
    assert told(found) == {
        "if A goes behind it on saw": (100, 450),
        "if saw works overtime from 200 to 250": (250, 300),
        "if saw works overtime from 450 to 500": (500, 50),
    }
    (late,) = found[0].delayed
    assert (late.order, late.old_end, late.new_end, late.late_min) == ("A", 150, 550, 250)
    assert not found[1].delayed


def test_material_and_a_machine_that_is_down() -> None:
    """The saw is down until 70, then A is sawn until 110. The bench has its material at 300 and ends at 330: with the
    material at once 140. The saw up at once brings the bench nothing, so nothing is said of it.
    """
    saw, bench = Machine("saw", always(), holes=((0, 70),)), Machine("bench", always())
    work = chain("A", [("saw", 40), ("bench", 30)])
    late = Problem([saw, bench], [work[0], replace(work[1], release_min=300)], [Order("A")])
    plan = Plan({"A.1": Placement("saw", 70, 110), "A.2": Placement("bench", 300, 330)})
    assert told(sooner(late, plan, "A")) == {"if the material of A.2 is there at once instead of at 300": (140, 190)}
    plan = Plan({"A.1": Placement("saw", 70, 110), "A.2": Placement("bench", 110, 140)})
    found = sooner(Problem([saw, bench], work, [Order("A")]), plan, "A")
    assert told(found) == {"if saw works again at once instead of at 70": (70, 70)}


def test_work_that_rests_on_the_broken_machine_ends_earlier_with_it() -> None:
    """B begins at 0, rests while the saw is down from 20 to 80 and ends at 100; A follows until 130. Never down, B ends
    at 40 and A at 70; B begins when it did.
    """
    work = chain("A", [("saw", 30)]) + chain("B", [("saw", 40)])
    problem = Problem([Machine("saw", always(), holes=((20, 80),))], work, [Order("A"), Order("B")])
    plan = Plan({"B.1": Placement("saw", 0, 100), "A.1": Placement("saw", 100, 130)})
    found = {one.kind: one for one in sooner(problem, plan, "A")}
    assert (found["up"].end_min, found["up"].plan["B.1"]) == (70, Placement("saw", 0, 40))
    assert found["up"].said() == "if saw does not stand still from 20 to 80"


def test_a_person_the_way_the_lorry_and_a_pin() -> None:
    """A is sawn in the north until 10, an hour on its way, and fitted in the south by Anna, 70-100. It leaves at 360
    and is there at 480: leaving when it is done at 220, fetched at 360; nothing else helps, as the lorry leaves at 360.
    With Anna at B until 80 and no lorry it ends at 110: with one more person at 100.
    """
    machines = [Machine(name, always(), site=site) for name, site in (("saw", "north"), ("X", "south"), ("Y", "south"))]
    sawn, fitted = chain("A", [("saw", 10), ("X", 30)])
    other = chain("B", [("Y", 50)])[0]
    work = [sawn, replace(fitted, needs=("fitting",)), replace(other, needs=("fitting",))]
    lorry = [Order("A", transport_min=120, shipping=((360, 420),)), Order("B")]
    people = [Resource("Anna", always(), ("fitting",))]
    problem = Problem(machines, work, lorry, resources=people, transports={("north", "south"): 60})
    plan = Plan(
        {
            "A.1": Placement("saw", 0, 10),
            "A.2": Placement("X", 70, 100, resources=("Anna",)),
            "B.1": Placement("Y", 0, 50, resources=("Anna",)),
        }
    )
    assert told(sooner(problem, plan, "A")) == {
        "if A leaves as soon as it is done": (220, 260),
        "if the way of A to the customer takes no time": (360, 120),
    }
    busy = replace(problem, orders=[Order("A"), Order("B")])
    busy = replace(busy, operations=[*work[:2], replace(work[2], options=chain("B", [("Y", 80)])[0].options)])
    longer = Plan(
        {**plan, "A.2": Placement("X", 80, 110, resources=("Anna",)), "B.1": Placement("Y", 0, 80, None, 0, ("Anna",))}
    )
    assert told(sooner(busy, longer, "A")) == {
        "if there is one more for fitting, with the hours of Anna": (100, 10),
        "if B goes behind it": (100, 10),
    }
    alone = replace(problem, orders=lorry[1:], operations=work[2:])
    pin = replace(pinned(chain("B", [("Y", 50)])[0], "Y", 30), needs=("fitting",))
    held = replace(alone, operations=[pin])
    found = sooner(held, Plan({"B.1": Placement("Y", 30, 80, resources=("Anna",))}), "B")
    assert told(found) == {"if B.1 need not stay where it is pinned": (50, 30)}


def test_gaps_and_the_frozen_window() -> None:
    """The saw is free from 0 but A stands at 100: moved into the gap it ends at 40. Frozen for three hours it stays."""
    problem = Problem([Machine("saw", always())], chain("A", [("saw", 40)]), [Order("A")])
    plan = Plan({"A.1": Placement("saw", 100, 140)})
    assert told(sooner(problem, plan, "A")) == {"if A is moved into gaps that are free": (40, 100)}
    frozen = replace(problem, frozen_min=180)
    assert told(sooner(frozen, plan, "A")) == {"if A may move in the frozen window": (40, 100)}


def test_component_orders_are_moved_with_it_and_changes_that_bring_nothing_are_said_so() -> None:
    """A's lid is sawn when its material is there, at 50, and A follows until 80: with the lid's material at once 30.
    Where all is done at once there is nothing to try; an order without work is refused.
    """
    lid, whole = chain("lid", [("saw", 10)], release=50), chain("A", [("saw", 20)], behind=["lid.1"])
    problem = Problem([Machine("saw", always())], lid + whole, [Order("lid"), Order("A"), Order("empty")])
    plan = Plan({"lid.1": Placement("saw", 50, 60), "A.1": Placement("saw", 60, 80)})
    assert told(sooner(problem, plan, "A")) == {"if the material of lid.1 is there at once instead of at 50": (30, 50)}
    done = Problem([Machine("saw", always())], chain("A", [("saw", 20)]), [Order("A")])
    assert sooner(done, Plan({"A.1": Placement("saw", 0, 20)}), "A") == []
    with pytest.raises(ProblemError, match="order empty: expected operations in the plan"):
        sooner(problem, plan, "empty")


def test_when_nothing_helps_what_was_tried_is_said() -> None:
    """A waits for two materials, B.1 and C.1, until 50: neither alone brings anything."""
    parts = chain("B", [("saw", 10)], release=50) + chain("C", [("mill", 10)], release=50)
    last = replace(chain("A", [("bench", 10)])[0], predecessors=[("B.1", 0), ("C.1", 0)])
    machines = [Machine(name, always()) for name in ("saw", "mill", "bench")]
    problem = Problem(machines, [*parts, last], [Order("A"), Order("B"), Order("C")])
    rows = {"B.1": ("saw", 50), "C.1": ("mill", 50), "A.1": ("bench", 60)}
    plan = Plan({key: Placement(machine, start, start + 10) for key, (machine, start) in rows.items()})
    assert [(one.kind, one.gain_min, one.plan) for one in sooner(problem, plan, "A")] == [("material", 0, plan)]


@pytest.mark.parametrize("factory", [random_factory, rich_factory])
@pytest.mark.parametrize("seed", range(6))
def test_every_change_is_legal_and_makes_nobody_else_later(factory: object, seed: int) -> None:
    """Whatever the factory: the end is the plan's, others begin when they did, whoever is delayed is named."""
    problem: Problem = factory(seed)  # type: ignore[operator]
    plan = planned(problem).plan
    for order in problem.orders:
        for one in sooner(problem, plan, order.id):
            assert kinds(one.problem, one.plan) == set()
            assert one.gain_min >= 0
            behind = {late.order for late in one.delayed}
            assert one.kind == "behind" or not behind
            assert order.id not in behind
            moved = {o.order for o in problem.operations if plan[o.id].start < one.plan[o.id].start}
            assert one.kind == "behind" or moved <= parts_of(problem, order.id)


def parts_of(problem: Problem, order: object) -> set[object]:
    """The order and all orders whose work it waits for."""
    found = {order}
    by_id = {one.id: one for one in problem.operations}
    for _ in problem.orders:
        found |= {by_id[key].order for one in problem.operations if one.order in found for key, _ in one.predecessors}
    return found
