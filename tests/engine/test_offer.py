"""Offers: A moves nobody, C comes first and names whom it makes late; both are exact about calendar and material."""

from __future__ import annotations

import pytest

from aps.engine.explain import chain as reasons
from aps.engine.offer import LivePlan, offer
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Placement, Plan, Problem, ProblemError
from tests.engine.shops import always, chain, day_shift, kinds, times

SAW = Machine("saw", always())


def _busy() -> tuple[Problem, Plan]:
    """A 0-100 due 100, a gap of 50, B 150-250 due 260, all on the saw."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    problem = Problem([SAW], operations, [Order("A", 100), Order("B", 260)])
    return problem, plan(problem).plan


def test_offer_a_takes_the_first_gap_that_holds_it() -> None:
    """50 minutes fit into 100-150 exactly; transport of 30 makes it 180, which nothing that moves nobody beats. To be
    earlier it would have to be ahead of A, which has no minute to spare: so B is the same. C runs 60-110 once its
    material is there, and A, which cannot start at 0 any more, moves to 110-210, B to 210-310.
    """
    problem, incumbent = _busy()
    found = offer(problem, incumbent, Order("N", transport_min=30), chain("N", [("saw", 50)], release=60))
    assert [(one.key, one.end_min, one.moved) for one in found] == [
        ("A", 180, ()),
        ("B", 180, ()),
        ("C", 140, ("A.1", "B.1")),
    ]
    assert [(one.bound_min, one.proved) for one in found] == [(180, True), (None, False), (None, False)]
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
    gap, _, first = offer(problem, incumbent, Order("N"), chain("N", [("saw", 120)]))
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


def test_offer_b_moves_whom_it_leaves_in_time() -> None:
    """A 0-100 may end at 150, B 150-250 at 260. N of 40 goes first and pushes A to 40-140, B stays. N of 60 would make
    A late (160), but B has 10 minutes: 100-160. N of 61 has to wait for the end of B, as in A: 311.
    """
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    problem = Problem([SAW], operations, [Order("A", 150), Order("B", 260)])
    live = LivePlan(problem, plan(problem).plan)
    gap, patient = live.offers(Order("N"), chain("N", [("saw", 40)]), keys=("A", "B"))
    assert (gap.end_min, patient.end_min, patient.moved, patient.victims) == (140, 40, ("A.1",), ())
    assert times(Plan(patient.changed)) == {"A.1": ("saw", 40, 140)}
    for minutes, end in ((60, 160), (61, 311)):
        assert live.offers(Order("N"), chain("N", [("saw", minutes)]), keys=("B",))[0].end_min == end


def test_offer_b_takes_no_more_time_from_late_orders() -> None:
    """A is late already (due 50, ends at 100): it may not be later, so N waits for the gap behind it."""
    problem = Problem([SAW], chain("A", [("saw", 100)]), [Order("A", 50)])
    live = LivePlan(problem, plan(problem).plan)
    assert [one.end_min for one in live.offers(Order("N"), chain("N", [("saw", 10)]))] == [110, 110, 10]


def test_two_new_operations_share_the_time_that_others_have() -> None:
    """A 0-100 has 50 minutes to spare. The part of 30 that N waits for goes ahead of it; then A has 20 left, and the
    other part of 30 goes behind it: A 30-130, the other 130-160, N (drill, 200) 30-230. With nobody moved N would begin
    at 130.
    """
    machines = [SAW, Machine("drill", always())]
    problem = Problem(machines, chain("A", [("saw", 100)]), [Order("A", 150)])
    parts = chain("one", [("saw", 30)]) + chain("two", [("saw", 30)])
    news = [*parts, *chain("N", [("drill", 200)], behind=["one.1"])]
    live = LivePlan(problem, plan(problem).plan)
    gap, patient = live.offers(Order("N"), news, [Order("one"), Order("two")], keys=("A", "B"))
    assert (gap.end_min, patient.end_min, times(Plan(patient.changed))) == (330, 230, {"A.1": ("saw", 30, 130)})
    assert times(Plan(patient.placements))["two.1"] == ("saw", 130, 160)


def test_the_setup_of_whom_it_pushes_counts_against_its_time() -> None:
    """A is oak like the saw: 0-100 without setup, due 150. Red N of 20 first: 20 setup, 20-40; then A is set up again
    and runs 60-160: too late. So N goes behind: 100-120 setup, 120-140. With A due at 160 it goes first.
    """
    saw = Machine("saw", always(), family="oak")
    news = chain("N", [("saw", 20)], setup=20, family="red")
    ends = []
    for due in (150, 160):
        problem = Problem([saw], chain("A", [("saw", 100)], setup=20, family="oak"), [Order("A", due)])
        ends.append(LivePlan(problem, plan(problem).plan).offers(Order("N"), news, keys=("B",))[0].end_min)
    assert ends == [140, 40]


def test_overtime_moves_nobody() -> None:
    """A shift of 450 minutes ends at 480, and A fills it. N of 60 is done the next day, 1440-1500; with overtime until
    600 it is done 480-540. The hours in which the saw works anyway are not new.
    """
    problem = Problem([Machine("saw", day_shift())], chain("A", [("saw", 450)]), [Order("A", 480)])
    live = LivePlan(problem, plan(problem).plan)
    longer = live.with_hours({"saw": [(420, 600)]})
    ends = [one.offers(Order("N"), chain("N", [("saw", 60)]), keys=("A",))[0].end_min for one in (live, longer)]
    assert (ends, longer.extra) == ([1500, 540], {"saw": [(480, 600)]})
    with pytest.raises(ProblemError, match="machine lathe is not known"):
        live.with_hours({"lathe": [(0, 10)]})


def test_work_that_rests_over_the_night_keeps_its_times_in_overtime() -> None:
    """A of 500 takes 0-480 and 1440-1490, and rests between them: the saw cannot work for others then, nor for A, as
    its times would change. The next evening is open: N of 450 takes 1490-1680, 1710-1920 and 50 more minutes.
    """
    problem = Problem([Machine("saw", day_shift())], chain("A", [("saw", 500)]), [Order("A", 3000)])
    live = LivePlan(problem, plan(problem).plan).with_hours({"saw": [(480, 600), (1920, 2000)]})
    assert live.extra == {"saw": [(1920, 2000)]}
    assert live.offers(Order("N"), chain("N", [("saw", 450)]), keys=("A",))[0].end_min == 1970


def test_offers_are_exact_about_shift_and_material() -> None:
    """Material at 400, 100 minutes of work: 400-480, then the next day 1440-1460. The cause is the material."""
    problem = Problem([Machine("saw", day_shift())], [], [])
    gap, _, first = offer(problem, Plan(), Order("N"), chain("N", [("saw", 100)], release=400))
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


def test_the_material_is_the_cause_when_the_order_could_be_earlier_without_it() -> None:
    """The shift ends at 480, A takes 0-240. N of 100 has its material at 490: the next day, 1440-1540. The wait for
    that shift is the longest, but with its material at hand it would be done in the first: 270-370.
    """
    problem = Problem([Machine("saw", day_shift())], chain("A", [("saw", 240)]), [Order("A", 240)])
    live = LivePlan(problem, plan(problem).plan)
    gap = live.offers(Order("N"), chain("N", [("saw", 100)], release=490), keys=("A",))[0]
    assert (gap.end_min, gap.cause.kind, gap.cause.until) == (1540, "material", 490)


def test_an_order_without_work_is_refused() -> None:
    problem, incumbent = _busy()
    with pytest.raises(ProblemError, match="order N: expected at least one operation of it"):
        LivePlan(problem, incumbent).offers(Order("N"), [])


def test_offer_b_goes_first_when_that_harms_nobody() -> None:
    """A and B may end at 1000: N of 120 goes before both, 0-120, in B as in C, and nobody is late."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    problem = Problem([SAW], operations, [Order("A", 1000), Order("B", 1000)])
    _, patient, first = LivePlan(problem, plan(problem).plan).offers(Order("N"), chain("N", [("saw", 120)]))
    assert (patient.end_min, first.end_min, patient.victims) == (120, 120, ())
