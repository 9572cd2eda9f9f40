"""`manage.py bench engine`: every row answers, illegal plans fail, results gather in a file. Never how fast it is."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from aps.engine.events import MachineDown
from aps.engine.problem import Machine, Order, Placement, Plan, Problem
from benchmarks import _engine_factory, _engine_results, _engine_table, engine
from benchmarks._engine_repair import Case, changed
from benchmarks._engine_row import Goal, Row, Sample, Settings, Skipped, figures
from suite.stack import bench
from tests.engine.shops import always, chain

GOALS = (Goal("ms", "time", "ms", 10.0), Goal("share", "share", "%", 50.0, more_is_better=True))
FJS = "2 2\n2 1 0 3 2 0 4 1 5\n1 1 1 2\n"
JSP = "2 2\n0 3 1 4\n1 2 0 1\n"
THREE_LEVELS = """
import sys
def write(name, *lines):
    open(name + ".csv", "w").write("\\n".join(lines) + "\\n")
write("boms", "parent_code,component_code,quantity", "F,P,2")
write("routings", "material_code,sequence,operation,work_centre,setup_minutes,run_minutes_per_unit",
      "F,1,assemble,A,5,10", "P,1,cut,C,5,10")
write("work_centres", "code,machines", "A,1", "C,2")
write("sales_orders", "order_number,line,material_code,quantity,ordered_on,due_on",
      *(f"{n},1,F,1,2026-01-01,2026-02-01" for n in range(int(sys.argv[1]))))
"""
Captured = pytest.CaptureFixture[str]


def row(name: str, *samples: Sample | Exception) -> Row:
    """A row that answers its seeds with these, and counts how often it was asked in each sample's `asked`."""
    asked: list[int] = []

    def measure(_settings: Settings, seed: int) -> Sample:
        asked.append(seed)
        found = samples[seed - 1]
        if isinstance(found, Exception):
            raise found
        return found | {"asked": len(asked)}

    return Row(name, name, GOALS, measure)


def verdicts(*samples: Sample) -> list[tuple[Any, bool | None]]:
    """Value and verdict of each figure at full size."""
    found = figures(row("any"), samples, {}, is_full=True)
    return [(one["value"], one["met"]) for one in found]


def test_a_figure_is_the_median_and_is_held_against_its_goal() -> None:
    """Of 4, 11 and 9 the median is 9, at most 10: met. Of 60, 20 and 30 it is 30, not at least 50: missed."""
    samples = [{"ms": 4, "share": 60}, {"ms": 11, "share": 20}, {"ms": 9, "share": 30}]
    assert verdicts(*samples) == [(9, True), (30, False)]


def test_a_word_instead_of_a_number_is_a_miss() -> None:
    assert verdicts({"ms": "not built", "share": 50}) == [("not built", False), (50, True)]


def test_without_full_size_nothing_is_met_or_missed() -> None:
    assert [one["met"] for one in figures(row("any"), [{"ms": 1, "share": 99}], {}, is_full=False)] == [None, None]


def test_a_row_that_fails_or_has_no_data_says_so_and_the_rest_goes_on() -> None:
    rows = [
        row("broken", ValueError("not legal")),
        row("bare", Skipped("no data")),
        row("good", {"ms": 1, "share": 60}),
    ]
    found = _engine_results.measured(rows, [1], Settings(), None)
    assert found["failed"] == {"broken": "ValueError: not legal"}
    assert found["skipped"] == {"bare": "no data"}
    assert (found["met"], found["missed"]) == (2, ["broken: time", "broken: share"])


def test_results_gather_in_a_file_seed_by_seed(tmp_path: Path) -> None:
    into = tmp_path / "results.json"
    samples = ({"ms": 1, "share": 60}, {"ms": 3, "share": 60})
    _engine_results.measured([row("one", *samples)], [1], Settings(), into)
    again = row("one", *samples)
    found = _engine_results.measured([again], [1, 2], Settings(), into)
    assert found["rows"]["one"]["samples"]["2"]["asked"] == 1
    assert found["rows"]["one"]["figures"][0]["value"] == 2
    assert json.loads(into.read_text()) == found


def test_other_terms_or_another_engine_are_measured_anew(tmp_path: Path) -> None:
    into = tmp_path / "results.json"
    sample = {"ms": 1, "share": 60}
    _engine_results.measured([row("one", sample)], [1], Settings(), into)
    other = _engine_results.measured([row("one", sample)], [1], Settings(workers=1), into)
    assert other["rows"]["one"]["workers"] == 1
    other["rows"]["one"]["engine"] = "of last week"
    assert _engine_results.summed(other)["stale"] == ["one"]


def test_an_illegal_plan_has_no_figure() -> None:
    problem = Problem([Machine("saw", always())], chain("A", [("saw", 10)]), [Order("A", 20)])
    with pytest.raises(ValueError, match="not a legal plan"):
        _engine_factory.judged(problem, Plan())


def test_calm_counts_what_was_published_for_the_next_day() -> None:
    """A and B are published on the saw at 0 and 100, both due at 150. The saw stands still from 50 to 200.

    As of minute 50 A is done. B, which was published for the next 24 hours, begins at 200 instead of 100: one of one
    moved, on the same machine, and its order, which would have ended at 120, is newly late; the shift alone does that.
    """
    operations = [*chain("A", [("saw", 20)]), *chain("B", [("saw", 20)])]
    problem = Problem([Machine("saw", always())], operations, [Order("A", 150), Order("B", 150)])
    plan = Plan({"A.1": Placement("saw", 0, 20), "B.1": Placement("saw", 100, 120)})
    case = Case(problem, plan, MachineDown("saw", 50, 200, now_min=50))
    after = case.after()
    moved = Plan({"A.1": Placement("saw", 0, 20), "B.1": Placement("saw", 200, 220)})
    assert changed(case, after, _engine_factory.judged(after, moved)) == {
        "published": 1,
        "moved": 1,
        "machines": 0,
        "newly_late": 1,
        "newly_late_by_search": 0,
        "late_after_shift": 1,
    }


def test_the_table_is_written_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "engine.md"
    document.write_text(f"before\n{_engine_table.BEGIN}\nold\n{_engine_table.END}\nafter\n")
    one = row("one", {"ms": 12, "share": 60})
    found = _engine_results.measured([one], [1], Settings(), None)
    _engine_table.write_between(document, _engine_table.markdown(found, {"one": one}))
    lines = document.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "| time | 12.0 ms | ≤ 10.0 ms | missed |  |" in lines
    assert "old" not in lines
    document.write_text("nothing")
    with pytest.raises(ValueError, match="figures: begin"):
        _engine_table.write_between(document, "")


@pytest.mark.long
def test_every_row_answers_at_a_small_size(tmp_path: Path, capsys: Captured) -> None:
    data = _data(tmp_path / "data")
    into, document = tmp_path / "results.json", tmp_path / "engine.md"
    document.write_text(f"{_engine_table.BEGIN}\n{_engine_table.END}\n")
    small = ["--seconds-scale", "0.004", "--size-scale", "0.02", "--data", data, "--into", into]
    draw = ["--pictures", tmp_path / "images", "--docs", document, "--json"]
    assert engine.main([str(word) for word in (*small, *draw)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["failed"], found["skipped"], found["missed"]) == ({}, {}, [])
    for one in engine.rows():
        measured = found["rows"][one.name]
        assert [figure["key"] for figure in measured["figures"]] == [goal.key for goal in one.goals]
        assert all(figure["value"] is not None and figure["met"] is None for figure in measured["figures"]), one.name
    assert [found["rows"][name]["figures"][0]["value"] for name in ("fjsp30", "fjsp60", "jsp60")] == [0, 0, 0]
    pictures = sorted((tmp_path / "images").iterdir())
    assert len(pictures) == 5
    for picture in pictures:
        assert picture.stat().st_size < 200_000
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")  # noqa: S314 - written here
    assert engine.main(["--no-measuring", "--into", str(into), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found


def test_without_data_the_public_rows_are_skipped(tmp_path: Path, capsys: Captured) -> None:
    assert engine.main(["--rows", "fjsp30,threelevel1000", "--data", str(tmp_path), "--json"]) == 0
    skipped = json.loads(capsys.readouterr().out)["skipped"]
    assert all(why.startswith("no data") for why in skipped.values())
    assert sorted(skipped) == ["fjsp30", "threelevel1000"]


def test_it_needs_no_services(capsys: Captured) -> None:
    assert bench.main(["engine", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [one.name for one in engine.rows()]


def test_an_unknown_row_is_named(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as status:
        engine.main(["--rows", "tomorrow"])
    assert status.value.code == 2
    assert "no row tomorrow" in capsys.readouterr().err


def _data(folder: Path) -> Path:
    """One instance of each kind with its best makespan, and a workload of three levels.

    Flexible: job 1 takes 3 on machine 0 and then 4 there (or 5 on the other): 7. Job shop: job 1 takes 3 and 4 one
    behind the other, 7; job 2 is done on both machines meanwhile.
    """
    for kind, text, best in (("fjs", FJS, 7), ("jsp", JSP, 7)):
        place = folder / ("fjsp" if kind == "fjs" else "jsp")
        place.mkdir(parents=True)
        (place / f"one.{kind}").write_text(text)
        (place / "bks.json").write_text(json.dumps({f"one.{kind}": {"best": best}}))
    (folder / "threelevel").mkdir()
    (folder / "threelevel" / "generate.py").write_text(THREE_LEVELS)
    return folder
