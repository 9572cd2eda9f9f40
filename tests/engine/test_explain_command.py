"""`manage.py aps explain` from the outside: the chain of an operation and of an order, as data and in words."""

from __future__ import annotations

import json
from pathlib import Path

from aps.engine.formats import problem_json
from aps.engine.problem import Machine, Order, Problem
from tests.engine.shops import chain
from tests.engine.test_command import Captured, answer, aps
from tests.engine.test_command import shop as shop


def test_an_operation_is_explained(shop: Path, capsys: Captured) -> None:
    """A can begin at once; B, on the same saw, has material at 150."""
    files = shop / "factory.json", shop / "plan.json"
    assert aps("explain", *files, "--operation", "B.1", "--json") == 0
    assert answer(capsys) == {
        "operation": "B.1",
        "start_min": 150,
        "binding": 0,
        "chain": [
            {
                "kind": "material",
                "operation": "B.1",
                "machine": "saw",
                "since_min": 0,
                "until_min": 150,
                "wait_min": 150,
                "orders": [],
                "behind": None,
                "sentence": "waits for material until 150",
            }
        ],
    }
    assert aps("explain", *files, "--operation", "A.1") == 0
    assert capsys.readouterr().out == "operation A.1 starts at 0\n* A.1 can start on saw at once, at 0 (0 min)\n"


def test_an_order_is_explained_to_the_customer(tmp_path: Path, capsys: Captured) -> None:
    """A takes the saw until 150, B follows until 200, waits for the lorry at 360 and is two hours on its way: 480."""
    orders = [Order("A"), Order("B", 400, transport_min=120, shipping=((360, 420),))]
    work = chain("A", [("saw", 150)]) + chain("B", [("saw", 50)])
    problem = Problem([Machine("saw", ((0, 900),))], work, orders)
    rows = [("A.1", 0, 150), ("B.1", 150, 200)]
    plan = [{"operation": key, "machine": "saw", "start": start, "end": end} for key, start, end in rows]
    (tmp_path / "f.json").write_text(problem_json.written(problem))
    (tmp_path / "p.json").write_text(json.dumps({"operations": plan}))
    assert aps("explain", tmp_path / "f.json", tmp_path / "p.json", "--order", "B", "--json") == 0
    found = answer(capsys)
    assert (found["order"], found["end_min"], found["due_min"], found["late_min"]) == ("B", 480, 400, 80)
    assert [(one["kind"], one["since_min"], one["until_min"]) for one in found["chain"]] == [
        ("delivery", 360, 480),
        ("shipping", 200, 360),
        ("machine", 0, 150),
        ("now", 0, 0),
    ]
    assert found["binding"] == 1
    assert [(one["kind"], one["end_min"], one["gain_min"], one["valid"]) for one in found["sooner"]] == [
        ("shipping", 320, 160, True),
        ("delivery", 360, 120, True),
    ]
    assert aps("explain", tmp_path / "f.json", tmp_path / "p.json", "--order", "B") == 0
    assert capsys.readouterr().out.splitlines() == [
        "order B ends at 480, 80 min late",
        "  B.1 is on its way to the customer until 480 (120 min)",
        "* B.1 is done and leaves at the next shipping time, 360 (160 min)",
        "  B.1 waits for machine saw behind A until 150 (150 min)",
        "  A.1 can start on saw at once, at 0 (0 min)",
        "earlier:",
        "  if B leaves as soon as it is done, B ends at 320, 160 min earlier",
        "  if the way of B to the customer takes no time, B ends at 360, 120 min earlier",
    ]


def test_what_would_make_it_earlier_is_told_with_its_price(shop: Path, capsys: Captured) -> None:
    """B's material at once lets it begin behind A at 100. A is first on the saw and done as soon as can be: at 100."""
    files = shop / "factory.json", shop / "plan.json"
    assert aps("explain", *files, "--order", "B") == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "earlier:",
        "  if the material of B.1 is there at once instead of at 150, B ends at 200, 50 min earlier",
    ]
    assert aps("explain", *files, "--order", "A", "--json") == 0
    assert answer(capsys)["sooner"] == []


def test_what_is_not_there_or_not_legal_is_refused(shop: Path, capsys: Captured) -> None:
    files = shop / "factory.json", shop / "plan.json"
    assert aps("explain", *files, "--order", "X") == 2
    assert capsys.readouterr().err == f"{files[0]}: expected an order with operations of the problem, got X\n"
    assert aps("explain", *files, "--operation", "A") == 2
    assert capsys.readouterr().err == f"{files[0]}: expected an operation of the problem, got A\n"
    files[1].write_text('{"operations": [{"operation": "A.1", "machine": "saw", "start": 0, "end": 100}]}')
    assert aps("explain", *files, "--order", "A") == 1
    assert "expected a legal plan" in capsys.readouterr().err


def test_a_public_instance_is_explained(shop: Path, capsys: Captured) -> None:
    """Job 2 goes first on machine 2, so the second operation of job 1 follows the first one."""
    assert aps("solve", shop / "small.jsp", "--moves", 100, "--json", "--out", shop / "p.json") == 0
    capsys.readouterr()
    assert aps("explain", shop / "small.jsp", shop / "p.json", "--order", "1", "--json") == 0
    found = answer(capsys)
    assert (found["end_min"], found["late_min"]) == (7, None)
    assert [one["kind"] for one in found["chain"]] == ["predecessor", "now"]
