"""Public instances: both dialects of .fjs, assembly graphs, .jsp; and one line for whatever cannot be read."""

from __future__ import annotations

import json

import pytest

from aps.engine.formats import detect, fjs, jsp
from aps.engine.formats.errors import FormatError
from aps.engine.formats.instance import MAKESPAN, Instance
from aps.engine.problem import Operation
from aps.engine.solve import solve
from aps.engine.validate import violations
from suite.stack import places

SHARED = places.ROOT.parent / "shared" / "data"
FROM_0 = "2 2\n2 1 0 3 2 0 4 1 5\n1 1 1 2\n"
FROM_1 = "2 2 1.3\n2 1 1 3 2 1 4 2 5\n1 1 2 2\n"
GRAPH = "4 2 2\n0 2\n1 2\n1 0 3\n1 1 4\n2 0 5 1 6\n1 1 7\n"
RIGID = "# two jobs\n#\n2 2\n0 3 1 4\n1 2 0 1\n"


def rows(instance: Instance) -> list[tuple[object, object, list[tuple[object, int]], list[object]]]:
    """Id, job, machines with minutes, and predecessors of each operation."""

    def row(one: Operation) -> tuple[object, object, list[tuple[object, int]], list[object]]:
        options = [(option.machine, option.run_min) for option in one.options]
        return one.id, one.order, options, [before for before, _ in one.predecessors]

    return [row(one) for one in instance.problem.operations]


@pytest.mark.parametrize(("text", "dialect"), [(FROM_0, fjs.FROM_0), (FROM_1, fjs.FROM_1)])
def test_both_dialects_are_the_same_shop(text: str, dialect: str) -> None:
    """Job 1: 3 on machine 1, then 4 on machine 1 or 5 on machine 2; job 2: 2 on machine 2."""
    instance = fjs.read(text, "a.fjs")
    assert instance.dialect == dialect
    assert rows(instance) == [
        ("1.1", 1, [(1, 3)], []),
        ("1.2", 1, [(1, 4), (2, 5)], ["1.1"]),
        ("2.1", 2, [(2, 2)], []),
    ]
    assert [machine.id for machine in instance.problem.machines] == [1, 2]
    assert instance.problem.weights == MAKESPAN


def test_blank_lines_tabs_and_spaces_at_the_end_do_not_matter() -> None:
    spaced = "\n" + FROM_0.replace(" ", "\t").replace("\n", "  \r\n\r\n") + "\n \n"
    assert rows(fjs.read(spaced, "a.fjs")) == rows(fjs.read(FROM_0, "a.fjs"))


def test_the_machines_that_occur_decide_the_dialect() -> None:
    """Machine 2 of 2 counts from 1 although the average is missing, machine 0 from 0 although it is there; with neither
    of them the average decides: machine 1 of 2 is the first with it, the second without.
    """
    assert fjs.read("1 2\n1 1 2 9\n", "a.fjs").dialect == fjs.FROM_1
    assert fjs.read("1 2 1\n1 1 0 9\n", "a.fjs").dialect == fjs.FROM_0
    assert rows(fjs.read("1 2 1\n1 1 1 9\n", "a.fjs"))[0][2] == [(1, 9)]
    assert rows(fjs.read("1 2\n1 1 1 9\n", "a.fjs"))[0][2] == [(2, 9)]


def test_a_machine_named_twice_counts_with_its_shorter_time() -> None:
    assert rows(fjs.read("1 3\n1 3 0 9 1 4 0 7\n", "a.fjs"))[0][2] == [(1, 7), (2, 4)]


@pytest.mark.parametrize(
    ("text", "name", "makespan"),
    [
        ("2 2\n2 1 0 0 1 1 5\n1 2 0 4 1 6\n", "a.fjs", 5),
        ("2 2 1\n2 1 1 0 1 2 5\n1 2 1 4 2 6\n", "b.fjs", 5),
        ("4 3 2\n0 2\n1 2\n2 3\n1 0 7\n1 1 3\n1 0 0\n2 0 2 1 0\n", "c.fjs", 7),
        ("2 2\n0 0 1 5\n1 4 0 3\n", "d.jsp", 9),
    ],
)
def test_work_that_takes_no_time_is_read_planned_and_judged(text: str, name: str, makespan: int) -> None:
    """a and b: job 1 takes 0 on the first machine, then 5 on the second; job 2 takes 4 on the first: 5. c: 7 and 3 come
    together in 0, and the last takes 0 on the second machine. d: job 1 takes 5 on machine 2 behind its 0; job 2's 4
    there and 3 on machine 1: 4 + 5 = 9 or 5 + 4 + 3 = 12.
    """
    problem = detect.read(text, name).problem
    found = solve(problem, moves=2000)
    assert violations(problem, found.plan) == []
    assert (found.makespan, found.lower_bound) == (makespan, makespan)


def test_an_assembly_graph_has_a_job_per_connected_part() -> None:
    """Operations 0 and 1 lead to 2, 3 stands alone: job 1 has three operations, job 2 one."""
    instance = detect.read(GRAPH, "a.txt")
    assert (instance.format, instance.dialect) == ("fjs", fjs.GRAPH)
    assert rows(instance) == [
        ("1.1", 1, [(1, 3)], []),
        ("1.2", 1, [(2, 4)], []),
        ("1.3", 1, [(1, 5), (2, 6)], ["1.1", "1.2"]),
        ("2.1", 2, [(2, 7)], []),
    ]


def test_a_rigid_job_shop() -> None:
    instance = jsp.read(RIGID, "a.jsp")
    assert rows(instance) == [
        ("1.1", 1, [(1, 3)], []),
        ("1.2", 1, [(2, 4)], ["1.1"]),
        ("2.1", 2, [(2, 2)], []),
        ("2.2", 2, [(1, 1)], ["2.1"]),
    ]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (FROM_0, "a", "fjs"),
        (RIGID, "a.txt", "jsp"),
        (RIGID, "a.fjs", "fjs"),
        ("{}", "a.fjs", "json"),
        (FROM_0, "a.JSP", "jsp"),
    ],
)
def test_the_format_is_seen_by_brace_suffix_and_lines(text: str, name: str, expected: str) -> None:
    assert detect.sniff(text, name) == expected


BAD = [
    ("", "line 1: expected the numbers of jobs and machines, got an empty file"),
    (" \n# only this\n", "line 1: expected the numbers of jobs and machines, got an empty file"),
    ("two 2\n", "line 1: expected the number of jobs as a whole number, got two"),
    ("2\n", "line 1: expected the number of machines, got the end of the line"),
    ("0 2\n", "line 1: expected the number of jobs of 1 or more, got 0"),
    ("2 2 x\n", "line 1: expected the end of the line behind the numbers of jobs and machines, got 1 more, first x"),
    ("2 2\n", "line 1: expected 2 lines of jobs, got 0 before the end of the file"),
    ("2 2\n1 1 0 3\n", "line 2: expected 2 lines of jobs, got 1 before the end of the file"),
    ("1 2\n1 1 0 3\n1 1 0 3\n", "line 3: expected the end of the file after 1 lines of jobs, got one more"),
    ("1 2\n2 1 0 3 1 1\n", "line 2: expected the time on machine 1 of operation 2, got the end of the line"),
    ("1 2\n2 1 0 3\n", "line 2: expected the number of machines of operation 2, got the end of the line"),
    ("1 2\n0\n", "line 2: expected the number of operations of 1 or more, got 0"),
    ("1 2\n1 0\n", "line 2: expected the number of machines of operation 1 from 1 to 2, got 0"),
    ("1 2\n1 1 0 -3\n", "line 2: expected the time on machine 0 of operation 1 of 0 or more, got -3"),
    ("1 2\n1 1 0 3.5\n", "line 2: expected the time on machine 0 of operation 1 as a whole number, got 3.5"),
    ("1 2\n1 1 0 1_0\n", "line 2: expected the time on machine 0 of operation 1 as a whole number, got 1_0"),
    (
        "1 2\n1 1 0 " + "9" * 5000 + "\n",
        "line 2: expected the time on machine 0 of operation 1 as a whole number, got 99",
    ),
    ("1 2\n1 1 7 3\n", "line 2: expected a machine of operation 1 from 0 to 2, got 7"),
    ("1 2\n2 1 0 3 1 2 4\n", "line 2: expected a machine of operation 2 from 0 to 1, got 2"),
    ("1 2 1\n2 1 0 3 1 2 4\n", "line 2: expected a machine of operation 1 from 1 to 2, got 0"),
    ("1 2\n1 1 0 3 9\n", "line 2: expected the end of the line behind operation 1, got 1 more, first 9"),
    ("2 1 1\n0 5\n1 0 3\n1 0 3\n", "line 2: expected an operation from 0 to 1, got 5"),
    ("2 2 1\n0 1\n1 0\n1 0 3\n1 0 3\n", "lines 2 to 3: operation 1.1: expected no circle among its predecessors"),
    ("2 1 1\n0 1\n1 0 3\n", "line 3: expected 3 lines of arcs and operations, got 2 before the end of the file"),
]


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_a_bad_file_is_one_line_with_file_line_and_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(FormatError) as refusal:
        fjs.read(text, "a.fjs")
    assert str(refusal.value).startswith(f"a.fjs, {expected}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2 2 2\n",
            "line 1: expected the end of the line behind the numbers of jobs and machines, got 1 more, first 2",
        ),
        ("#\n1 2\n0 3 1\n", "line 3: expected the time of operation 2, got the end of the line"),
        ("1 2\n0 3 2 4\n", "line 2: expected the machine of operation 2 from 0 to 1, got 2"),
        ("1 2\n0 3 1 4 0 5\n", "line 2: expected the end of the line behind operation 2, got 2 more, first 0"),
        ("1 2\n0 3 1 -4\n", "line 2: expected the time of operation 2 of 0 or more, got -4"),
    ],
)
def test_a_bad_job_shop_likewise(text: str, expected: str) -> None:
    with pytest.raises(FormatError) as refusal:
        jsp.read(text, "a.jsp")
    assert str(refusal.value) == f"a.jsp, {expected}"


@pytest.mark.parametrize("folder", ["fjsp", "jsp"])
def test_every_shared_instance_is_read(folder: str) -> None:
    """The rows of the file and the operations in it, as the file itself counts them."""
    if not (SHARED / folder).is_dir():
        pytest.skip("../shared/data is not on this machine")
    for name in json.loads((SHARED / folder / "bks.json").read_text()):
        text = (SHARED / folder / name).read_text()
        lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
        count = sum(int(line[0]) if folder == "fjsp" else len(line) // 2 for line in lines[1:])
        problem = detect.read(text, name).problem
        assert (len(problem.orders), len(problem.machines)) == (int(lines[0][0]), int(lines[0][1]))
        assert len(problem.operations) == count
