"""Offers: A moves nobody, C comes first and names whom it makes late; both are exact about calendar and material."""

from __future__ import annotations

from aps.engine.explain import chain as reasons
from aps.engine.offer import LivePlan, offer
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Placement, Plan, Problem
from tests.engine.shops import always, chain, day_shift, kinds, times

SAW = Machine("saw", always())


def _busy() -> tuple[Problem, Plan]:
    """A 0-100 due 100, a gap of 50, B 150-250 due 260, all on the saw."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    problem = Problem([SAW], operations, [Order("A", 100), Order("B", 260)])
    return problem, plan(problem).plan


def test_offer_a_takes_the_first_gap_that_holds_it() -> None:
    """50 minutes fit into 100-150 exactly; transport of 30 makes it 180. C runs 60-110 once its material is there, and
    A, which cannot start at 0 any more, moves to 110-210, B to 210-310.
    """
    problem, incumbent = _busy()
    found = offer(problem, incumbent, Order("N", transport_min=30), chain("N", [("saw", 50)], release=60))
    assert [(one.key, one.end_min, one.moved) for one in found] == [("A", 180, ()), ("C", 140, ("A.1", "B.1"))]
    assert times(found[0].applied(incumbent))["N.1"] == ("saw", 100, 150)
    assert (found[0].cause.kind, found[0].cause.machine, found[0].cause.orders) == ("machine", "saw", ("A",))
    assert found[0].work_min == {"saw": 50}


def test_offer_a_counts_the_setup_that_the_next_operation_would_then_need() -> None:
    """A and B are oak and save their setups. A red order of 20 with setup 20 fits 120-140 into the gap of 50, but B
    would then need 20 for oak again: 100+20+20+20 = 160 > 150. So it goes behind B: 250 + 20 setup, 270-290.
    """
    operations = [
        *chain("A", [("saw", 100)], setup=20, family="oak"),
        *chain("B", [("saw", 100)], setup=20, family="oak", release=150),
    ]
    problem = Problem([Machine("saw", always(), family="oak")], operations, [Order("A", 100), Order("B", 260)])
    incumbent = plan(problem).plan
    assert times(incumbent) == {"A.1": ("saw", 0, 100), "B.1": ("saw", 150, 250)}
    first = offer(problem, incumbent, Order("N"), chain("N", [("saw", 20)], setup=20, family="red"))[0]
    assert (first.key, first.end_min, first.moved, first.setup_min) == ("A", 290, (), 20)
    after = problem.joined([Order("N")], chain("N", [("saw", 20)], setup=20, family="red"))
    assert kinds(after, first.applied(incumbent)) == set()


def test_offer_c_comes_first_and_names_its_victims() -> None:
    """N (120) is ready at once: C runs 0-120, A moves to 120-220 and is 120 late; B (150-250) moves to 220-320 and is
    60 late. A would be 250-370.
    """
    problem, incumbent = _busy()
    gap, first = offer(problem, incumbent, Order("N"), chain("N", [("saw", 120)]))
    assert (gap.end_min, gap.moved, gap.victims) == (370, (), ())
    assert (first.key, first.end_min) == ("C", 120)
    assert [(one.order, one.old_end, one.new_end, one.late_min, one.newly_late) for one in first.victims] == [
        ("A", 100, 220, 120, True),
        ("B", 250, 320, 60, True),
    ]
    assert {key: (place.start, place.end) for key, place in first.changed.items()} == {
        "A.1": (120, 220),
        "B.1": (220, 320),
    }


def test_offers_are_exact_about_shift_and_material() -> None:
    """Material at 400, 100 minutes of work: 400-480, then the next day 1440-1460. The cause is the material."""
    problem = Problem([Machine("saw", day_shift())], [], [])
    gap, first = offer(problem, Plan(), Order("N"), chain("N", [("saw", 100)], release=400))
    assert (gap.end_min, first.end_min, gap.cause.kind, gap.cause.until) == (1460, 1460, "material", 400)


def test_a_multi_level_order_is_offered_whole() -> None:
    """Legs 0-40 on the lathe and top on the saw in the gap 100-140; the table on the lathe behind both: 140-170."""
    problem, incumbent = _busy()
    problem = Problem([*problem.machines, Machine("lathe", always())], problem.operations, problem.orders)
    legs, top = chain("legs", [("lathe", 40)]), chain("top", [("saw", 40)])
    table = chain("N", [("lathe", 30)], behind=["legs.1", "top.1"])
    first = LivePlan(problem, incumbent).offers(Order("N"), [*legs, *top, *table], [Order("legs"), Order("top")])[0]
    assert times(Plan(first.placements)) == {
        "legs.1": ("lathe", 0, 40),
        "top.1": ("saw", 100, 140),
        "N.1": ("lathe", 140, 170),
    }


def test_a_question_changes_nothing() -> None:
    """The same question twice has the same answer, and the plan is as it was."""
    problem, incumbent = _busy()
    live = LivePlan(problem, incumbent)
    ask = (Order("N"), chain("N", [("saw", 120)]))
    assert live.offers(*ask) == live.offers(*ask)
    assert live.shop.plan(live.times) == incumbent


def test_the_chain_behind_a_date_ends_at_its_root() -> None:
    """B waits for the saw behind A until 100; A waits for its material until 40 (60 minutes of work)."""
    operations = chain("A", [("saw", 60)], release=40) + chain("B", [("saw", 50), ("drill", 10)])
    problem = Problem([SAW, Machine("drill", always())], operations, [Order("A", 90), Order("B", 500)])
    incumbent = Plan(
        {
            "A.1": Placement("saw", 40, 100),
            "B.1": Placement("saw", 100, 150),
            "B.2": Placement("drill", 150, 160),
        }
    )
    links = reasons(problem, incumbent, "B.2")
    assert [(link.kind, link.operation, link.until) for link in links] == [
        ("predecessor", "B.2", 150),
        ("machine", "B.1", 100),
        ("material", "A.1", 40),
    ]
    assert links[1].sentence.format(until="Monday 07:40") == "waits for machine saw behind A until Monday 07:40"
