"""Our JSON: what is written is read as an equal problem, and every slip is named with its path."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from aps.engine.formats import detect, fjs, plan_json, problem_json, question_json
from aps.engine.formats.errors import FormatError
from aps.engine.generate import generate
from aps.engine.problem import (
    Fixed,
    Machine,
    Operation,
    Option,
    Order,
    Placement,
    Plan,
    Problem,
    State,
    Weights,
)
from tests.engine.rich import rich_factory
from tests.engine.shops import random_factory

FULL = Problem(
    machines=(
        Machine("saw", ((0, 240), (270, 480)), ((60, 90),), "oak"),
        Machine(2, ((-30, 1000),)),
    ),
    operations=(
        Operation("A.1", "A", (Option("saw", 5, 40),), (), 0, "oak", True, State.DONE, Fixed("saw", -50, -10)),
        Operation("A.2", "A", (), (("A.1", 15),), 0, "", True, State.STARTED, Fixed(2, 3, remaining_min=20)),
        Operation("A.3", "A", (Option("saw", 0, 9), Option(2, 1, 8)), (("A.2", 0),), 30, "red", False),
        Operation(7, "B", (Option(2, 0, 8),), (), 0, "", True, State.PINNED, Fixed(2, 100)),
    ),
    orders=(Order("A", 300, 5, 60), Order("B")),
    now_min=10,
    weights=Weights(lateness=3, makespan=1),
    setups={("oak", "red"): 12, ("red", "oak"): 0},
)


def test_what_is_written_is_read_as_the_same_problem() -> None:
    assert problem_json.read(problem_json.written(FULL), "a.json").problem == FULL


@pytest.mark.parametrize("seed", range(20))
def test_so_is_any_factory(seed: int) -> None:
    problem = random_factory(seed)
    assert problem_json.read(problem_json.written(problem), "a.json").problem == problem_json.as_tuples(problem)


@pytest.mark.parametrize("seed", range(20))
def test_so_is_one_with_everything(seed: int) -> None:
    problem = rich_factory(seed)
    assert problem_json.read(problem_json.written(problem), "a.json").problem == problem_json.as_tuples(problem)


def test_a_public_instance_becomes_json_and_stays_the_same() -> None:
    problem = fjs.read("2 2\n2 1 0 3 2 0 4 1 5\n1 1 1 2\n", "a.fjs").problem
    assert detect.read(problem_json.written(problem), "a.json").problem == problem


def test_defaults_are_left_out() -> None:
    """A machine, an order and an operation that are as by default are their ids, window and option."""
    plain = Problem((Machine("saw", ((0, 9),)),), (Operation("A", "O", (Option("saw", 0, 5),)),), (Order("O"),))
    assert json.loads(problem_json.written(plain)) == {
        "format": "throughline problem",
        "version": 1,
        "machines": [{"id": "saw", "windows": [[0, 9]]}],
        "orders": [{"id": "O"}],
        "operations": [{"id": "A", "order": "O", "options": [{"machine": "saw", "run_min": 5}]}],
    }


Edit = Callable[[dict[str, Any]], Any]


def put(*path: str | int, value: Any) -> Edit:
    """Put a value at a place of the JSON."""

    def edit(whole: dict[str, Any]) -> None:
        there: Any = whole
        for step in path[:-1]:
            there = there[step]
        there[path[-1]] = value

    return edit


BAD: list[tuple[Edit, str]] = [
    (put("operations", 2, "colour", value=1), "$.operations[2]: expected only the keys id, order, options"),
    (put("operations", 2, "options", 1, "run_min", value="x"), "$.operations[2].options[1].run_min: expected a whole"),
    (
        put("operations", 2, "options", 1, "setup_min", value=-1),
        "$.operations[2].options[1].setup_min: expected a whole",
    ),
    (put("operations", 2, "options", 1, "run_min", value=2.5), "$.operations[2].options[1].run_min: expected a whole"),
    (put("operations", 2, "options", 1, "run_min", value=True), "$.operations[2].options[1].run_min: expected a whole"),
    (put("operations", 2, "options", value=[]), "$.operations[2]: operation A.3: expected at least one option"),
    (put("operations", 2, "options", value={}), "$.operations[2].options: expected a list, got {}"),
    (put("operations", 2, "id", value="A.1"), "$.operations[2]: operation A.1: expected to be given once"),
    (put("operations", 2, "order", value="Z"), "$.operations[2]: operation A.3: expected a known order, got Z"),
    (
        put("operations", 2, "options", 1, "machine", value="Z"),
        "$.operations[2]: operation A.3: expected a known machine",
    ),
    (put("operations", 2, "state", value="lost"), "$.operations[2].state: expected one of free, pinned, started, done"),
    (put("operations", 2, "splittable", value=1), "$.operations[2].splittable: expected true or false, got 1"),
    (
        put("operations", 0, "predecessors", value=[{"operation": "A.3"}]),
        "$.operations[0]: operation A.1: expected no circle among its predecessors",
    ),
    (put("operations", 2, "predecessors", 0, value="A.1"), "$.operations[2].predecessors[0]: expected an object"),
    (put("machines", 0, "windows", value=[[0, 9, 9]]), "$.machines[0].windows[0]: expected a pair [start, end]"),
    (put("machines", 0, "windows", value=[[9, 0]]), "$.machines[0]: machine saw: expected windows that end after"),
    (put("machines", 0, "windows", value=[]), "$.machines[0]: machine saw: expected at least one working window"),
    (put("machines", 1, "id", value="saw"), "$.machines[1]: machine saw: expected to be given once"),
    (put("machines", value=None), "$.machines: expected a list, got None"),
    (put("orders", 0, "due_min", value="noon"), "$.orders[0].due_min: expected a whole number, got noon"),
    (put("orders", 0, "weight", value=-2), "$.orders[0].weight: expected a whole number of 0 or more, got -2"),
    (put("weights", "lateness", value=10**40), "$.weights.lateness: expected a whole number up to"),
    (put("setups", 1, "from", value="oak"), "$.setups[1]: expected"),
    (put("version", value=99), "$.version: expected a whole number up to 1, got 99"),
    (put("format", value="other"), "$.format: expected one of throughline problem, got other"),
    (lambda whole: whole.pop("orders"), "$: expected the key orders, got"),
]


@pytest.mark.parametrize(("edit", "expected"), BAD)
def test_a_slip_is_named_with_its_path(edit: Edit, expected: str) -> None:
    whole = copy.deepcopy(json.loads(problem_json.written(FULL)))
    if "setups" in expected:
        whole["setups"][1]["to"] = "red"
    edit(whole)
    with pytest.raises(FormatError) as refusal:
        problem_json.read(json.dumps(whole), "a.json")
    assert str(refusal.value).startswith(f"a.json, line 1, {expected}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected JSON, got an empty file"),
        ('{\n"format": "throughline problem",\n', "line 3: expected JSON: Expecting property name"),
        ("[]", "line 1, $: expected an object {...}, got []"),
        ('{"a": 1, "a": 2}', "$: expected each key of an object once, got a twice"),
        ("[" * 100_000, "$: expected JSON of sensible depth and numbers"),
        ('{"now_min": ' + "9" * 5000 + "}", "$: expected JSON of sensible depth and numbers"),
        (
            '{"format": "throughline problem", "version": 1, "now_min": NaN}',
            "line 1, $.now_min: expected a whole number, got nan",
        ),
    ],
)
def test_what_is_no_json_or_no_problem(text: str, expected: str) -> None:
    with pytest.raises(FormatError) as refusal:
        problem_json.read(text, "a.json")
    assert str(refusal.value).startswith(f"a.json, {expected}")


def test_plans_are_read_as_written() -> None:
    """Of our problem by id, with setups; of a public instance by job and operation, counted from 1."""
    ours = problem_json.read(problem_json.written(FULL), "a.json")
    plan = Plan({"A.3": Placement("saw", 42, 51, 30, 12), 7: Placement(2, 100, 108)})
    assert plan_json.read_plan(plan_json.written(plan, ours), "p.json", ours).plan == plan
    public = fjs.read("2 2\n2 1 0 3 2 0 4 1 5\n1 1 1 2\n", "a.fjs")
    plan = Plan({"1.1": Placement(1, 0, 3), "1.2": Placement(2, 3, 8), "2.1": Placement(2, 0, 2)})
    assert plan_json.as_json(plan, public) == {
        "makespan": 8,
        "operations": [
            {"job": 1, "operation": 1, "machine": 1, "start": 0, "end": 3},
            {"job": 1, "operation": 2, "machine": 2, "start": 3, "end": 8},
            {"job": 2, "operation": 1, "machine": 2, "start": 0, "end": 2},
        ],
    }
    assert plan_json.read_plan(plan_json.written(plan, public), "p.json", public).plan == plan


def test_a_plan_that_names_an_operation_twice_or_a_false_makespan_is_at_fault() -> None:
    public = fjs.read("1 1\n1 1 0 3\n", "a.fjs")
    row = {"job": 1, "operation": 1, "machine": 1, "start": 0, "end": 3}
    claimed = plan_json.read_plan(json.dumps({"makespan": 4, "operations": [row, row]}), "p.json", public)
    assert [fault.kind for fault in claimed.faults] == ["twice", "makespan"]


def test_a_plan_of_another_kind_is_refused() -> None:
    public = fjs.read("1 1\n1 1 0 3\n", "a.fjs")
    text = '{"operations": [{"operation": "A", "machine": 1, "start": 0, "end": 3}]}'
    with pytest.raises(
        FormatError, match=r"p.json, line 1, \$.operations\[0\]: expected the key job, got operation, machine"
    ):
        plan_json.read_plan(text, "p.json", public)


def test_an_event_of_no_known_kind_is_refused() -> None:
    with pytest.raises(FormatError, match=r"e.json, line 1, \$.event: expected one of machine down, machine up"):
        question_json.read_event('{"event": "holiday"}', "e.json")
    with pytest.raises(FormatError, match=r"e.json, line 1, \$: expected the key from_min"):
        question_json.read_event('{"event": "machine down", "machine": "saw", "until_min": 3}', "e.json")


def test_a_generated_factory_comes_back_as_it_was() -> None:
    problem = generate(300, 4)
    assert problem_json.read(problem_json.written(problem), "f.json").problem == problem


def test_a_slip_is_named_with_its_line() -> None:
    """As an editor shows the file: run_min of the second operation's only option stands in line 9."""
    text = """{
  "format": "throughline problem", "version": 1,
  "machines": [{"id": "saw", "windows": [[0, 480]]}],
  "orders": [{"id": "A"}],
  "operations": [
    {"id": "A.1", "order": "A", "options": [{"machine": "saw", "run_min": 40}]},
    {
      "id": "A.2", "order": "A",
      "options": [{"machine": "saw", "run_min": "x"}]
    }
  ]
}"""
    expected = r"a.json, line 9, \$.operations\[1\].options\[0\].run_min: expected a whole number"
    with pytest.raises(FormatError, match=expected):
        problem_json.read(text, "a.json")
    with pytest.raises(FormatError, match=r"a.json, line 7, \$.operations\[1\]: operation A.2: expected a known order"):
        problem_json.read(text.replace('"x"', "4").replace('"A.2", "order": "A"', '"A.2", "order": "Z"'), "a.json")
