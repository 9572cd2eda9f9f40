"""One small example per thing that the model knows; the best plan is worked by hand in each docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aps.engine.objective import objective
from aps.engine.portfolio import plan
from aps.engine.problem import (
    Fixed,
    Machine,
    Operation,
    Option,
    Order,
    Overlap,
    Plan,
    Problem,
    Resource,
    State,
    Weights,
)
from tests.engine.shops import always, chain, kinds, pinned, times

MAKESPAN = Weights(lateness=0, completion=0, setup=0, moved=0, machine=0, makespan=1)


def best(problem: Problem, moves: int = 300) -> Plan:
    """The portfolio's plan, which must be legal."""
    found = plan(problem, moves=moves, exact_effort=1.0).plan
    assert kinds(problem, found) == set()
    return found


def job(name: str, machine: str, minutes: int, **more: object) -> Operation:
    """An order of one operation."""
    return replace(chain(name, [(machine, minutes)])[0], **more)  # type: ignore[arg-type]


def shop(machines: Sequence[Machine], operations: Sequence[Operation], **more: object) -> Problem:
    """A problem that counts the makespan, an order for each that the operations name."""
    orders = [Order(name) for name in dict.fromkeys(str(one.order) for one in operations)]
    return Problem(machines, operations, orders, **{"weights": MAKESPAN, **more})  # type: ignore[arg-type]


def test_one_operator_at_two_machines_is_at_one_of_them_at_a_time() -> None:
    """Two saws, each with a job of 60, one sawyer for both: one job after the other, 120 instead of 60."""
    operations = [job("A", "saw 1", 60, needs=("sawing",)), job("B", "saw 2", 60, needs=("sawing",))]
    machines = [Machine("saw 1", always()), Machine("saw 2", always())]
    found = best(shop(machines, operations, resources=[Resource("Ann", always(), ["sawing"])]))
    assert sorted(place.start for place in found.values()) == [0, 60]
    assert {place.resources for place in found.values()} == {("Ann",)}
    two = shop(machines, operations, resources=[Resource(name, always(), ["sawing"]) for name in ("Ann", "Ben")])
    assert sorted(place.start for place in best(two).values()) == [0, 0]


def test_work_rests_while_its_operator_is_off() -> None:
    """The saw runs round the clock, Ann from 0 to 50 and from 100 on: 60 min of work last from 0 to 50 and from 100 to
    110. Work that may not rest waits for 100.
    """
    ann = Resource("Ann", [(0, 50), (100, 2000)], ["sawing"])
    machines = [Machine("saw", always())]
    split = best(shop(machines, [job("A", "saw", 60, needs=("sawing",))], resources=[ann]))
    assert times(split) == {"A.1": ("saw", 0, 110)}
    whole = best(shop(machines, [job("A", "saw", 60, needs=("sawing",), splittable=False)], resources=[ann]))
    assert times(whole) == {"A.1": ("saw", 100, 160)}


def test_skills_decide_who_can_do_it() -> None:
    """Ann saws and drills, Ben drills. Both jobs of 60 at once only when Ben drills and Ann saws."""
    operations = [job("A", "drill", 60, needs=("drilling",)), job("B", "saw", 60, needs=("sawing",))]
    people = [Resource("Ann", always(), ["sawing", "drilling"]), Resource("Ben", always(), ["drilling"])]
    found = best(shop([Machine("drill", always()), Machine("saw", always())], operations, resources=people))
    assert {key: (place.start, place.resources) for key, place in found.items()} == {
        "A.1": (0, ("Ben",)),
        "B.1": (0, ("Ann",)),
    }


def test_a_tool_is_wanted_beside_the_operator() -> None:
    """Two benches, two people, one jig that both jobs of 30 need: one after the other."""
    operations = [job(name, f"bench {name}", 30, needs=("fitting", "jig")) for name in ("A", "B")]
    things = [Resource("Ann", always(), ["fitting"]), Resource("Ben", always(), ["fitting"])]
    things.append(Resource("J1", always(), ["jig"]))
    found = best(shop([Machine("bench A", always()), Machine("bench B", always())], operations, resources=things))
    assert sorted(place.start for place in found.values()) == [0, 30]


def test_a_setup_waits_for_whoever_sets_up() -> None:
    """Two saws, a job of 100 on each with 20 min of setup, one setter: the setups follow each other, 0 to 20 and 20 to
    40, so the runs are 20 to 120 and 40 to 140. The runs themselves need nobody.
    """
    operations = [
        replace(one, family=name) for name in ("A", "B") for one in chain(name, [(f"saw {name}", 100)], setup=20)
    ]
    machines = [Machine(f"saw {name}", always(), setter="setting") for name in ("A", "B")]
    found = best(shop(machines, operations, resources=[Resource("Sue", always(), ["setting"])]))
    assert sorted((place.setup_start, place.start, place.end) for place in found.values()) == [
        (0, 20, 120),
        (20, 40, 140),
    ]
    assert {place.resources for place in found.values()} == {("Sue",)}


def test_what_may_not_rest_does_not_join_a_batch_that_does() -> None:
    """An oven open from 0 to 30 and from 50 on. A and B (60) are of one family, A is pinned to 0 and rests until 80. B
    may not rest: alone from 80 on, the batch would have ended it at 80.
    """
    oven = Machine("oven", [(0, 30), (50, 2000)], capacity=2)
    first = pinned(job("A", "oven", 60, family="oak"), "oven", 0)
    found = best(shop([oven], [first, job("B", "oven", 60, family="oak", splittable=False)]))
    assert times(found) == {"A.1": ("oven", 0, 80), "B.1": ("oven", 80, 140)}


def test_what_overlaps_does_not_join_a_batch_that_ends_before_its_last_transfer() -> None:
    """B.2 may start with B.1 (100) on the saw, and ends 10 minutes behind it, so from 50 on: A.1 (60), pinned to the
    oven at 0, ends too early for it. B.2 follows at 60 and ends at 120.
    """
    one, two = chain("B", [("saw", 100), ("oven", 60)])
    two = replace(two, family="oak", overlaps={one.id: Overlap(0, 10)})
    operations = [pinned(job("A", "oven", 60, family="oak"), "oven", 0), one, two]
    found = best(shop([Machine("saw", always()), Machine("oven", always(), capacity=2)], operations))
    assert times(found)["B.2"] == ("oven", 60, 120)


def test_an_oven_bakes_a_batch_of_one_family_at_once() -> None:
    """An oven of 3, four trays of 60: two white and two oak. Alone they would take 240; a batch per family 120. A batch
    of three would mix families.
    """
    operations = [job(f"{name}{at}", "oven", 60, family=name) for name in ("white", "oak") for at in (1, 2)]
    found = best(shop([Machine("oven", always(), capacity=3)], operations))
    starts = {key: place.start for key, place in found.items()}
    assert starts["white1.1"] == starts["white2.1"]
    assert starts["oak1.1"] == starts["oak2.1"]
    assert max(place.end for place in found.values()) == 120


def test_a_batch_is_not_larger_than_the_oven() -> None:
    """An oven of 3, trays of size 2, 2 and 1 of one family: 2 and 1 together, the other alone, 120 in all."""
    operations = [job(f"T{at}", "oven", 60, family="white", size=size) for at, size in enumerate((2, 2, 1))]
    found = best(shop([Machine("oven", always(), capacity=3)], operations))
    assert sorted(place.start for place in found.values()) in ([0, 0, 60], [0, 60, 60])


def test_glue_must_be_pressed_within_its_time() -> None:
    """Gluing takes 10 and must be pressed at most 15 later. The press is busy until 100 (started work): gluing begins
    at 75, ends at 85, pressing begins at 100. As early as possible it would end at 10 and wait for 90.
    """
    glue, press = chain("A", [("bench", 10), ("press", 30)])
    press = replace(press, latest={glue.id: 15})
    running = Operation("R.1", "R", (), state=State.STARTED, fixed=Fixed("press", 0, remaining_min=100))
    found = best(shop([Machine("bench", always()), Machine("press", always())], [running, glue, press]))
    assert found["A.2"].start == 100
    assert 85 <= found["A.1"].end <= 100


def test_a_follower_starts_with_the_first_transfer_batch() -> None:
    """Ten pieces of 6 min sawn (60), then ten of 6 min drilled (60). The drill may begin when the first piece is there,
    at 6, and the last needs 6 behind the saw's end: 6 to 66 instead of 60 to 120.
    """
    saw, drill = chain("A", [("saw", 60), ("drill", 60)])
    drill = replace(drill, overlaps={saw.id: Overlap(6, 6)})
    found = best(shop([Machine("saw", always()), Machine("drill", always())], [saw, drill]))
    assert times(found) == {"A.1": ("saw", 0, 60), "A.2": ("drill", 6, 66)}


def test_a_fast_follower_does_not_overtake() -> None:
    """Sawn in 60, drilled in 20 all pieces together, the last one taking 2: the drill ends at 62 at the earliest, so it
    begins at 42, not with the first piece at 6.
    """
    saw, drill = chain("A", [("saw", 60), ("drill", 20)])
    drill = replace(drill, overlaps={saw.id: Overlap(6, 2)}, splittable=False)
    found = best(shop([Machine("saw", always()), Machine("drill", always())], [saw, drill]))
    assert times(found) == {"A.1": ("saw", 0, 60), "A.2": ("drill", 42, 62)}


def test_another_site_is_worth_its_way_only_when_it_saves_more() -> None:
    """Sawn at home by 60. Drilled at home in 50 or away in 20; the way takes 25: 110 against 105, so away. With a way
    of 40 it would be 120, so at home.
    """
    saw = chain("A", [("saw", 60)])[0]
    drill = Operation("A.2", "A", [Option("drill home", 0, 50), Option("drill away", 0, 20)], [(saw.id, 0)])
    machines = [
        Machine("saw", always(), site="home"),
        Machine("drill home", always(), site="home"),
        Machine("drill away", always(), site="away"),
    ]
    near = best(shop(machines, [saw, drill], transports={("home", "away"): 25}))
    assert times(near)["A.2"] == ("drill away", 85, 105)
    far = best(shop(machines, [saw, drill], transports={("home", "away"): 40}))
    assert times(far)["A.2"] == ("drill home", 60, 110)


def test_an_order_leaves_when_shipping_is_open() -> None:
    """A and B of 60 on one saw. A's lorry leaves between 50 and 70 or between 500 and 520, B's at any time. A first
    ends at 60 and leaves then; A second ends at 120 and leaves at 500. Due at 100 and 120, so A goes first.
    """
    operations = [job("A", "saw", 60), job("B", "saw", 60)]
    orders = [Order("A", 100, shipping=[(50, 70), (500, 520)]), Order("B", 120)]
    problem = Problem([Machine("saw", always())], operations, orders)
    found = best(problem)
    assert times(found) == {"A.1": ("saw", 0, 60), "B.1": ("saw", 60, 120)}
    assert objective(problem, found).late_min == {}
    second = replace(problem, orders=[Order("A", 30, shipping=[(500, 520)], transport_min=10), Order("B", 60)])
    assert objective(second, found).late_min == {"A": 480, "B": 60}
