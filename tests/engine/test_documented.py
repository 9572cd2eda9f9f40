"""Every example of docs/engine-format.md is what it says: problems are solved, plans judged, questions asked."""

from __future__ import annotations

import json
import re

import pytest

from aps.engine.events import after
from aps.engine.formats import jsp, plan_json, problem_json, question_json
from aps.engine.formats.instance import Instance
from aps.engine.objective import objective
from aps.engine.offer import offer
from aps.engine.repair import right_shift
from aps.engine.solve import solve
from suite.stack import places
from tests.engine.shops import kinds, times

TEXT = (places.ROOT / "docs" / "engine-format.md").read_text()
FOUND = [(match[1].strip(), match[2]) for match in re.finditer(r"```json(.*)\n([\s\S]*?)```", TEXT)]
PROBLEMS = [text for title, text in FOUND if not title]
HEADINGS = dict(zip(re.findall(r"(?m)^### (.*)$", TEXT), PROBLEMS, strict=True))


def family_example() -> Instance:
    """The shop of the later examples."""
    return problem_json.read(HEADINGS["Setups by family"], "example")


def example(title: str) -> list[str]:
    """Examples by what stands behind ```json."""
    return [text for name, text in FOUND if name == title]


@pytest.mark.parametrize("title", HEADINGS)
def test_a_problem_is_parsed_solved_and_validated(title: str) -> None:
    problem = problem_json.read(HEADINGS[title], title).problem
    plan = solve(problem, moves=200).plan
    assert kinds(problem, plan) == set()
    assert problem_json.read(problem_json.written(problem), title).problem == problem


def test_what_is_said_of_the_examples_is_so() -> None:
    def planned(title: str) -> dict[str, tuple[str, int, int]]:
        return times(solve(problem_json.read(HEADINGS[title], title).problem, moves=200).plan)

    assert planned("Shifts, breaks and holes") == {"A.1": ("saw", 60, 160)}
    assert planned("Work that may not rest") == {"A.1": ("press", 270, 330)}
    assert planned("Levels that come together, and lags")["table.1"] == ("bench", 90, 140)
    assert len({start for _, start, _ in planned("Ovens").values()}) == 2
    assert min(start for _, start, _ in planned("People and tools").values()) == 60
    assert max(end for _, _, end in planned("People and tools").values()) == 140
    assert planned("Who sets a machine up") == {"A.1": ("cnc", 45, 85)}
    assert planned("Latest starts") == {"A.1": ("glue", 70, 90), "A.2": ("press", 100, 130)}
    assert planned("Transfer batches")["A.2"] == ("drill", 25, 115)
    assert planned("Sites")["A.2"] == ("bench", 100, 130)
    assert planned("What the shop has decided")["A.2"] == ("edge", 35, 85)
    assert planned("What the shop has decided")["B.1"] == ("edge", 200, 250)


def test_the_plan_of_the_families_is_legal_and_the_best() -> None:
    instance = family_example()
    plan = plan_json.read_plan(example("plan of Setups by family")[0], "plan", instance).plan
    assert kinds(instance.problem, plan) == set()
    best = solve(instance.problem, moves=500)
    assert best.objective == objective(instance.problem, plan).total


def test_the_plan_of_a_public_instance_is_legal() -> None:
    instance = jsp.read("1 2\n0 3 1 4\n", "a.jsp")
    claimed = plan_json.read_plan(example("plan of a public instance")[0], "plan", instance)
    assert claimed.faults == ()
    assert kinds(instance.problem, claimed.plan) == set()


def test_the_order_is_offered() -> None:
    """The black lid follows C without setup, 95-115; half an hour later come 10 minutes of no family: 145-155."""
    instance = family_example()
    plan = plan_json.read_plan(example("plan of Setups by family")[0], "plan", instance).plan
    asked = question_json.read_question(example("order")[0], "order")
    found = offer(instance.problem, plan, asked.order, asked.operations, asked.parts)
    assert (found[0].key, found[0].end_min) == ("A", 155)


def test_the_events_are_understood() -> None:
    """Every kind has an example; each leaves a problem whose right-shifted plan is legal."""
    instance = family_example()
    plan = plan_json.read_plan(example("plan of Setups by family")[0], "plan", instance).plan
    asked = dict.fromkeys(example("event"), (instance.problem, plan))
    for title in ("People and tools", "Material"):
        problem = problem_json.read(HEADINGS[title], title).problem
        asked[example(f"event of {title}")[0]] = (problem, solve(problem, moves=200).plan)
    for text, (before, published) in asked.items():
        problem = after(before, published, question_json.read_event(text, "event"))
        assert kinds(problem, right_shift(problem, published)) == set()
    up = question_json.read_event(example("event after machine down")[0], "event")
    down = question_json.read_event(example("event")[0], "event")
    problem = after(after(instance.problem, plan, down), plan, up)
    assert problem.machines[0].holes == ((40, 60),)
    assert problem.now_min == 50
    named = {json.loads(text)["event"] for name, text in FOUND if name.startswith("event")}
    assert named == question_json.EVENTS.keys() - {"operator back"}
