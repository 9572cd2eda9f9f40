"""FJSPLIB (.fjs): flexible job shops, machines counted from 0 or from 1, and the variant with an assembly graph.

Job shops: a line "jobs machines [average]", then a line per job: its number of operations, and for each the number of
machines that can do it and so many pairs of machine and time. With the third number of the first line machines usually
count from 1, without it from 0; the machines that occur decide, the third number only where they leave it open.

Assembly graphs (YFJS, DAFJS): a line "operations arcs machines", a line "before after" per arc, and a line per
operation: the number of machines and the pairs. Everything counts from 0. A job is a connected part of the graph.
"""

from __future__ import annotations

from aps.engine.formats.errors import FormatError
from aps.engine.formats.instance import Choice, Instance, chains, operation, whole
from aps.engine.formats.rows import Row, counted, rows_of
from aps.engine.problem import ProblemError

FROM_0, FROM_1, GRAPH = "machines from 0", "machines from 1", "assembly graph"
MOST_MACHINES = 100_000


def read(text: str, name: str) -> Instance:
    """The instance and its dialect. Raises FormatError."""
    rows = rows_of(text, name)
    if _is_graph(rows):
        return _graph(rows, name)
    head, lines = rows[0], rows[1:]
    jobs = head.take("the number of jobs", 1)
    machines = head.take("the number of machines", 1, MOST_MACHINES)
    has_average = len(head) == 3 and _is_decimal(head.words[2])
    if not has_average:
        head.end("the numbers of jobs and machines")
    counted(head, lines, jobs, "jobs")
    found = [_job(row, machines) for row in lines]
    first = _first_machine(found, machines, has_average)
    for row, steps in zip(lines, found, strict=True):
        _check_machines(row, steps, first, machines)
    shift = 1 - first
    jobs_from_1 = [[[(machine + shift, run) for machine, run in choice] for choice in steps] for steps in found]
    return Instance(chains(jobs_from_1, machines), "fjs", FROM_1 if first else FROM_0)


def _is_decimal(word: str) -> bool:
    return word.isascii() and word.replace(".", "", 1).isdigit()


def _job(row: Row, machines: int) -> list[Choice]:
    count = row.take("the number of operations", 1)
    steps = [_choice(row, f"of operation {number}", machines) for number in range(1, count + 1)]
    row.end(f"operation {count}")
    return steps


def _choice(row: Row, whose: str, machines: int) -> Choice:
    """The machines of an operation as they are numbered in the file, and the times."""
    count = row.take(f"the number of machines {whose}", 1, machines)
    pairs = []
    for _ in range(count):
        machine = row.take(f"a machine {whose}", 0, machines)
        pairs.append((machine, row.take(f"the time on machine {machine} {whose}", 0)))
    return pairs


def _first_machine(jobs: list[list[Choice]], machines: int, has_average: bool) -> int:
    """Whether machines count from 0 or from 1."""
    seen = {machine for steps in jobs for choice in steps for machine, _ in choice}
    if (0 in seen) != (machines in seen):
        return 0 if 0 in seen else 1
    return 1 if has_average else 0


def _check_machines(row: Row, steps: list[Choice], first: int, machines: int) -> None:
    for number, choice in enumerate(steps, 1):
        for machine, _ in choice:
            if not first <= machine < first + machines:
                limits = f"from {first} to {first + machines - 1}"
                raise row.wrong(f"a machine of operation {number} {limits}, got {machine}")


def _is_graph(rows: list[Row]) -> bool:
    """Three numbers, then lines of two: no line of a job shop has only two."""
    return len(rows[0]) == 3 and len(rows) > 1 and len(rows[1]) == 2


def _graph(rows: list[Row], name: str) -> Instance:
    head = rows[0]
    count = head.take("the number of operations", 1)
    arcs = head.take("the number of arcs", 1)
    machines = head.take("the number of machines", 1, MOST_MACHINES)
    counted(head, rows[1:], arcs + count, "arcs and operations")
    before = [_arc(row, count) for row in rows[1 : arcs + 1]]
    choices = [_graph_choice(row, number, machines) for number, row in enumerate(rows[arcs + 1 :])]
    places = _places(count, before)
    waits: dict[int, list[int]] = {}
    for old, new in before:
        waits.setdefault(new, []).append(places[old][1])
    jobs = max(job for job, _ in places)
    numbered = sorted((places[at], choice, waits.get(at, [])) for at, choice in enumerate(choices))
    try:
        problem = whole([operation(*place, choice, behind) for place, choice, behind in numbered], jobs, machines)
    except ProblemError as wrong:
        raise FormatError(name, f"lines {rows[1].line} to {rows[arcs].line}", str(wrong)) from wrong
    return Instance(problem, "fjs", GRAPH)


def _arc(row: Row, count: int) -> tuple[int, int]:
    old = row.take("an operation", 0, count - 1)
    new = row.take("an operation", 0, count - 1)
    row.end("the two operations of an arc")
    if old == new:
        raise row.wrong(f"two operations, got {old} twice")
    return old, new


def _graph_choice(row: Row, number: int, machines: int) -> Choice:
    pairs = _choice(row, f"of operation {number}", machines)
    row.end(f"operation {number}")
    _check_machines(row, [pairs], 0, machines)
    return [(machine + 1, run) for machine, run in pairs]


def _places(count: int, arcs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Job and number of each operation, both from 1: connected parts by their first operation."""
    parent = list(range(count))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for old, new in arcs:
        low, high = sorted((top(old), top(new)))
        parent[high] = low
    jobs: dict[int, int] = {}
    sizes: dict[int, int] = {}
    places = []
    for at in range(count):
        job = jobs.setdefault(top(at), len(jobs) + 1)
        sizes[job] = sizes.get(job, 0) + 1
        places.append((job, sizes[job]))
    return places
