"""`manage.py aps` from the outside: exit status, the one JSON object, files, Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aps.engine.formats import detect, problem_json
from aps.engine.generate import generate
from aps.engine.problem import Machine, Order, Problem
from aps.management.engine import arguments, main
from aps.management.engine.watching import Stop
from suite.stack import dispatch, places
from tests.engine.shops import chain

FJS = "2 2\n2 1 0 3 2 0 4 1 5\n1 1 1 2\n"
JSP = "# crossing\n2 2\n0 3 1 4\n1 2 0 1\n"
KEYS = {
    "objective",
    "makespan",
    "lower_bound",
    "gap",
    "first_feasible_ms",
    "seconds",
    "moves",
    "valid",
    "plan_hash",
}
Captured = pytest.CaptureFixture[str]


def aps(*words: object, stop: Stop | None = None) -> int:
    """The exit status of one call."""
    return main.run(arguments.parser().parse_args([str(word) for word in words]), stop or Stop())


def answer(capsys: Captured) -> dict[str, Any]:
    """The one JSON object that was printed, and nothing else."""
    captured = capsys.readouterr()
    assert captured.err == ""
    found: dict[str, Any] = json.loads(captured.out)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a small instance of each format and two orders on a saw: A 0-100, B 150-250 with material."""
    (tmp_path / "small.fjs").write_text(FJS)
    (tmp_path / "small.jsp").write_text(JSP)
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    machines = [Machine("saw", ((0, 2000),)), Machine("drill", ((0, 2000),))]
    problem = Problem(machines, operations, [Order("A", 100), Order("B", 260)])
    (tmp_path / "factory.json").write_text(problem_json.written(problem))
    rows = [("A.1", 0, 100), ("B.1", 150, 250)]
    plan = [{"operation": key, "machine": "saw", "start": start, "end": end} for key, start, end in rows]
    (tmp_path / "plan.json").write_text(json.dumps({"operations": plan}))
    return tmp_path


def test_solve_prints_one_object_and_its_plan_is_legal(shop: Path, capsys: Captured) -> None:
    """Job 1 needs 7 alone, which is possible; the plan counts from 1."""
    assert aps("solve", shop / "small.jsp", "--moves", 100, "--json", "--out", shop / "p.json") == 0
    found = answer(capsys)
    assert found.keys() >= KEYS
    assert (found["objective"], found["makespan"], found["lower_bound"], found["gap"]) == (7, 7, 7, 0.0)
    assert (found["valid"], found["format"], found["stopped"]) == (True, "jsp", False)
    plan = json.loads((shop / "p.json").read_text())
    assert plan["makespan"] == 7
    assert {(row["job"], row["operation"], row["machine"]) for row in plan["operations"]} == {
        (1, 1, 1),
        (1, 2, 2),
        (2, 1, 2),
        (2, 2, 1),
    }
    assert aps("validate", shop / "small.jsp", shop / "p.json", "--json") == 0
    assert answer(capsys)["violations"] == []
    assert sorted(path.name for path in shop.iterdir()) == [
        "factory.json",
        "p.json",
        "plan.json",
        "small.fjs",
        "small.jsp",
    ]


def test_solve_for_people_and_by_seconds(shop: Path, capsys: Captured) -> None:
    """Job 1 takes at least 3 + 4, job 2 is beside it: proved at once, whatever the time."""
    assert aps("solve", shop / "small.fjs", "--seconds", 20) == 0
    assert "makespan           7\n" in capsys.readouterr().out


def test_the_objective_is_chosen_or_that_of_the_file(shop: Path, capsys: Captured) -> None:
    """Both in time: no tardiness. The makespan is 250. By the file, completion counts 100 + 250."""
    wanted = {"tardiness": 0, "makespan": 250, None: 350}
    for name, expected in wanted.items():
        words = ["--objective", name] if name else []
        assert aps("solve", shop / "factory.json", "--moves", 50, "--json", *words) == 0
        found = answer(capsys)
        assert (found["objective"], found["makespan"]) == (expected, 250)


def test_validate_names_each_broken_rule_on_a_line(shop: Path, capsys: Captured) -> None:
    """Job 1 operation 2 starts before operation 1 ends, job 2 is missing, and the makespan is not 9."""
    rows = [
        {"job": 1, "operation": 1, "machine": 1, "start": 0, "end": 3},
        {"job": 1, "operation": 2, "machine": 2, "start": 2, "end": 7},
    ]
    (shop / "bad.json").write_text(json.dumps({"makespan": 9, "operations": rows}))
    assert aps("validate", shop / "small.fjs", shop / "bad.json") == 1
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "makespan",
        "precedence",
        "missing",
    ]
    assert aps("validate", shop / "small.fjs", shop / "bad.json", "--json") == 1
    assert [one["operations"] for one in answer(capsys)["violations"]] == [[], ["1.1", "1.2"], ["2.1"]]


def test_bench_compares_with_the_best_known(shop: Path, capsys: Captured) -> None:
    """Both are solved in 7; with 5 as best known of one the gap is 2 / 5, and the mean of 0.4 and 0 is 0.2."""
    (shop / "bks.json").write_text('{"small.fjs": {"lower": 5, "best": 5}, "small.jsp": {"best": 7}}')
    assert aps("bench", shop, "--moves", 100, "--json") == 0
    found = answer(capsys)
    assert (found["solved"], found["mean_gap_to_best"], found["valid"]) == (2, 0.2, True)
    assert [(row["instance"], row["gap_to_best"]) for row in found["instances"]] == [
        ("small.fjs", 0.4),
        ("small.jsp", 0.0),
    ]
    assert aps("bench", shop, "--moves", 100) == 0
    assert "mean gap to the best known 20.00 %" in capsys.readouterr().out


def test_generate_writes_what_solve_can_plan(tmp_path: Path, capsys: Captured) -> None:
    assert aps("generate", "--operations", 120, "--seed", 7, "--out", tmp_path / "f.json") == 0
    capsys.readouterr()
    assert detect.read((tmp_path / "f.json").read_text(), "f.json").problem == generate(120, 7)
    assert aps("solve", tmp_path / "f.json", "--moves", 50, "--json", "--out", tmp_path / "p.json") == 0
    assert answer(capsys)["valid"]
    assert aps("validate", tmp_path / "f.json", tmp_path / "p.json") == 0


def test_repair_moves_no_more_than_the_event_touches(shop: Path, capsys: Captured) -> None:
    """The saw stops from 50 to 80: A, begun at 0, ends at 130 and is 30 late; B stays at 150."""
    event = {"event": "machine down", "machine": "saw", "from_min": 50, "until_min": 80, "now_min": 50}
    (shop / "event.json").write_text(json.dumps(event))
    words = ("repair", shop / "factory.json", shop / "plan.json", shop / "event.json", "--moves", 100, "--json")
    assert aps(*words) == 0
    found = answer(capsys)
    assert (found["valid"], found["moved_soon"], found["machine_changes"]) == (True, 0, 0)
    assert found["newly_late"] == ["A"]
    assert found["plan"]["operations"] == [
        {"operation": "A.1", "machine": "saw", "start": 0, "end": 130},
        {"operation": "B.1", "machine": "saw", "start": 150, "end": 250},
    ]
    assert aps(*words, "--out", shop / "new.json") == 0
    assert "plan" not in answer(capsys)
    assert json.loads((shop / "new.json").read_text()) == found["plan"]


def test_repair_refuses_a_plan_that_was_not_legal_before(shop: Path, capsys: Captured) -> None:
    """A needs 100 minutes and is given 90."""
    plan = json.loads((shop / "plan.json").read_text())
    plan["operations"][0]["end"] -= 10
    (shop / "plan.json").write_text(json.dumps(plan))
    (shop / "event.json").write_text('{"event": "machine down", "machine": "saw", "from_min": 50, "until_min": 80}')
    assert aps("repair", shop / "factory.json", shop / "plan.json", shop / "event.json", "--moves", 100) == 1
    assert "expected a legal plan: Operation A.1 needs 100 working minutes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "expected a file that can be read: No such file or directory"),
        (b"", "line 1: expected the numbers of jobs and machines, got an empty file"),
        (b"2 2\n1 1 0 3\n", "line 2: expected 2 lines of jobs, got 1 before the end of the file"),
        (b"1 1\n\x00\x01\n", "line 2: expected text, got a binary file"),
        (b"1 1\n1 1 0 \xff\xfe\n", "line 2: expected text in UTF-8, got other bytes"),
        (b'{"format": 3,\n}', "line 2: expected JSON: "),
    ],
)
@pytest.mark.parametrize("part", ["solve", "validate"])
def test_an_unreadable_file_is_one_line_and_exit_2(
    part: str, content: bytes | None, expected: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "some.fjs"
    if content is not None:
        path.write_bytes(content)
    words = {"solve": (path,), "validate": (path, path)}[part]
    assert aps(part, *words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"{path}, {expected}" if content is not None else f"{path}: {expected}")
    assert captured.err.count("\n") == 1


def test_an_unreadable_file_in_a_folder_is_one_line_and_exit_2(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "some.fjs").write_bytes(b"2 2\n1 1 0 3\n")
    assert aps("bench", tmp_path) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err == f"{tmp_path / 'some.fjs'}, line 2: expected 2 lines of jobs, got 1 before the end of the file\n"
    )


def test_results_that_cannot_be_written_are_refused_before_anything_is_computed(shop: Path, capsys: Captured) -> None:
    for place in (shop, shop / "none" / "p.json"):
        assert aps("solve", shop / "small.fjs", "--moves", 10**12, "--out", place) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_work_that_fits_into_no_shift_is_exit_1(tmp_path: Path, capsys: Captured) -> None:
    problem = Problem([Machine("saw", ((0, 50),))], chain("A", [("saw", 60)]), [Order("A")])
    (tmp_path / "f.json").write_text(problem_json.written(problem))
    assert aps("solve", tmp_path / "f.json", "--moves", 5, "--json") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"{tmp_path / 'f.json'}: operation A.1 (and 0 more): expected working windows")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["solve"],
        ["solve", "x", "--seconds", "-1"],
        ["solve", "x", "--seconds", "nan"],
        ["solve", "x", "--objective", "fun"],
        ["generate", "--operations", "0"],
        ["solve", "x", "--sec", "3"],
    ],
)
def test_wrong_arguments_are_exit_2_with_usage(words: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        aps(*words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: manage.py aps")


def test_who_asks_to_stop_gets_the_best_plan_so_far(shop: Path, capsys: Captured) -> None:
    (shop / "f.json").write_text(problem_json.written(generate(200, 3)))
    stop = Stop()
    stop.asked = True
    assert aps("solve", shop / "f.json", "--moves", 10**12, "--json", "--out", shop / "p.json", stop=stop) == 0
    captured = capsys.readouterr()
    assert captured.err == "stopped: this is the best plan so far\n"
    assert json.loads(captured.out)["stopped"] is True
    assert aps("validate", shop / "f.json", shop / "p.json") == 0


def test_the_command_needs_no_services() -> None:
    assert "aps" in dispatch.WITHOUT_SERVICES


def all_of(terminal: int) -> bytes:
    """What is still to be read from a terminal whose other end is closed."""
    found = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(terminal, 10_000):
            found += chunk
    return found


def test_ctrl_c_in_a_process_of_its_own(shop: Path) -> None:
    """No database can be reached, Django is never loaded. Once the bar is drawn on the terminal, Ctrl-C: the plan is
    printed and the exit status is 0.
    """
    (shop / "f.json").write_text(problem_json.written(generate(200, 3)))
    nowhere = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    terminal, other_end = pty.openpty()
    command = [sys.executable, str(places.ROOT / "manage.py"), "aps", "solve", str(shop / "f.json")]
    process = subprocess.Popen(
        [*command, "--seconds", "300", "--json", "--out", str(shop / "p.json")],
        env={**os.environ, **nowhere, "DJANGO_SETTINGS_MODULE": "no.settings"},
        stdout=subprocess.PIPE,
        stderr=other_end,
        text=True,
    )
    os.close(other_end)
    shown = b""
    while b"gap" not in shown:
        shown += os.read(terminal, 1000)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert b"stopped: this is the best plan so far" in all_of(terminal)
    assert json.loads(out)["valid"] is True
    assert aps("validate", shop / "f.json", shop / "p.json") == 0


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ('{"event": "operator absent",\n"resource": "Zoe", "from_min": 5}', "line 2, $.resource: resource Zoe: "),
        ('{"event": "order changed",\n\n"order": "Z"}', "line 3, $.order: order Z: expected a known order"),
        (
            '{"event": "order added", "order": {"id": "N"},\n"operations":\n[{"id": 1, "order": "N", "options": []}]}',
            "line 3, $.operations[0]: operation 1: expected at least one option",
        ),
        (
            '{"event": "order changed", "order": "A", "quantity": {\n"from": 0, "to": 2}}',
            "line 2, $.quantity.from: expected a whole number of 1 or more, got 0",
        ),
    ],
)
def test_an_event_of_what_is_not_there_is_one_line_and_exit_2(
    event: str, expected: str, shop: Path, capsys: Captured
) -> None:
    (shop / "event.json").write_text(event)
    assert aps("repair", shop / "factory.json", shop / "plan.json", shop / "event.json", "--moves", 1) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{shop / 'event.json'}, {expected}")
    assert captured.err.count("\n") == 1


def test_repair_tells_what_it_has_assumed(shop: Path, capsys: Captured) -> None:
    """Down from 50 and nobody knows until when: four hours, until 290; A has 50 left, until 340, B until 440."""
    (shop / "event.json").write_text('{"event": "machine down", "machine": "saw", "from_min": 50}')
    words = ("repair", shop / "factory.json", shop / "plan.json", shop / "event.json", "--moves", 0, "--json")
    assert aps(*words) == 0
    found = answer(capsys)
    assert found["told"] == ["Machine saw is down until 290: assumed, nobody knows."]
    assert [(row["start"], row["end"]) for row in found["plan"]["operations"]] == [(0, 340), (340, 440)]


def test_repair_shows_quality_against_calm(shop: Path, capsys: Captured) -> None:
    """The saw stops from 50 to 80 and nothing helps: A, begun, ends at 130, 30 late, B at 250. One plan is left of all,
    worth 100 x 30 for lateness and 80 + 200 from now to the ends.
    """
    event = {"event": "machine down", "machine": "saw", "from_min": 50, "until_min": 80, "now_min": 50}
    (shop / "event.json").write_text(json.dumps(event))
    words = ("repair", shop / "factory.json", shop / "plan.json", shop / "event.json", "--moves", 100, "--frontier")
    assert aps(*words, "--json") == 0
    (row,) = answer(capsys)["choices"]
    assert (row["key"], row["chosen"], row["valid"], row["newly_late"]) == ("right shift", True, True, ["A"])
    assert (row["moved_soon"], row["machine_changes"], row["late_min"], row["points"]) == (0, 0, 30, 3280)
    assert aps(*words, "--out", shop / "new.json") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["*", "right", "shift", "0", "0", "30", "3280", "A"]
    assert (shop / "new.json").exists()
