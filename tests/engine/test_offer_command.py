"""`manage.py aps offer` from the outside: dates, victims, proofs, and what levers bring."""

from __future__ import annotations

import json
from pathlib import Path

from aps.engine.formats import problem_json
from aps.engine.problem import Machine, Order, Problem
from tests.engine.shops import chain
from tests.engine.test_command import Captured, answer, aps
from tests.engine.test_command import shop as shop


def test_offer_answers_with_dates_and_victims(shop: Path, capsys: Captured) -> None:
    """120 minutes: behind B until 370 with nobody moved, or first until 120, with A 120 and B 60 late."""
    order = {
        "order": {"id": "N"},
        "operations": [{"id": "N.1", "order": "N", "options": [{"machine": "saw", "run_min": 120}]}],
    }
    (shop / "order.json").write_text(json.dumps(order))
    assert aps("offer", shop / "factory.json", shop / "plan.json", shop / "order.json", "--json") == 0
    found = answer(capsys)
    assert [(one["key"], one["end_min"], one["moved"], one["valid"]) for one in found["offers"]] == [
        ("A", 370, [], True),
        ("B", 370, [], True),
        ("C", 120, ["A.1", "B.1"], True),
    ]
    assert [(one["order"], one["late_min"]) for one in found["offers"][2]["victims"]] == [("A", 120), ("B", 60)]
    assert [(one["bound_min"], one["proved"]) for one in found["offers"]] == [(370, True), (None, False), (None, False)]
    assert found["offers"][0]["operations"] == [{"operation": "N.1", "machine": "saw", "start": 250, "end": 370}]
    assert aps("offer", shop / "factory.json", shop / "plan.json", shop / "order.json") == 0
    said = capsys.readouterr().out
    assert "nobody moved, nothing earlier is possible, late: none; waits for machine saw behind A, B until 250" in said


def test_levers_are_answered_beside_the_offers(tmp_path: Path, capsys: Captured) -> None:
    """The saw works until 200 and again from 500; A takes 0-150. N of 100 with material at 180 ends 520 + 60. With
    overtime until 300 it ends at 280, 80 minutes of it in the new hours; with its material at 150 it rests over the
    break and ends at 550; half of it with both is 150-200.
    """
    saw = Machine("saw", ((0, 200), (500, 900)))
    shop = json.loads(problem_json.written(Problem([saw], chain("A", [("saw", 150)]), [Order("A", 150)])))
    new = {"id": "N.1", "order": "N", "options": [{"machine": "saw", "run_min": 100}], "release_min": 180}
    half = new | {"options": [{"machine": "saw", "run_min": 50}], "release_min": 150}
    levers = [
        {"name": "overtime", "hours": [{"machine": "saw", "from_min": 200, "until_min": 300}]},
        {"name": "hurried material", "releases": [{"operation": "N.1", "release_min": 150}]},
        {"name": "half of it", "operations": [half]},
    ]
    order = {"order": {"id": "N"}, "operations": [new], "levers": levers}
    plan = {"operations": [{"operation": "A.1", "machine": "saw", "start": 0, "end": 150}]}
    for name, content in (("f", shop), ("p", plan), ("o", order)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    files = [tmp_path / f"{name}.json" for name in "fpo"]
    assert aps("offer", *files, "--json") == 0
    offers = answer(capsys)["offers"]
    assert [one["end_min"] for one in offers if "lever" not in one] == [580, 580, 580]
    assert [(one["lever"], one["end_min"], one["overtime_min"], one["valid"]) for one in offers[3:]] == [
        ("overtime", 280, {"saw": 80}, True),
        ("hurried material", 550, {}, True),
        ("half of it", 200, {}, True),
    ]
    assert aps("offer", *files) == 0
    assert "A, overtime  ends at 280, nobody moved, nothing earlier is possible" in capsys.readouterr().out
    levers[0]["hours"] = [{"machine": "lathe", "from_min": 200, "until_min": 300}]
    (tmp_path / "o.json").write_text(json.dumps(order))
    assert aps("offer", *files) == 2
    assert "overtime: machine lathe is not known" in capsys.readouterr().err


def test_an_offer_for_an_order_that_is_there_already_is_refused(shop: Path, capsys: Captured) -> None:
    (shop / "order.json").write_text('{"order": {"id": "A"}, "operations": []}')
    assert aps("offer", shop / "factory.json", shop / "plan.json", shop / "order.json") == 2
    assert capsys.readouterr().err == f"{shop / 'order.json'}, $: order A: expected to be given once\n"
