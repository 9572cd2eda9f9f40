"""JSPLIB (.jsp): rigid job shops.

Comment lines begin with #. The first other line is "jobs machines"; then a line per job with a pair of machine (from 0)
and time for each of its operations, as many as there are machines.
"""

from __future__ import annotations

from aps.engine.formats.fjs import MOST_MACHINES
from aps.engine.formats.instance import Choice, Instance, chains
from aps.engine.formats.rows import Row, counted, rows_of


def read(text: str, name: str) -> Instance:
    """The instance. Raises FormatError."""
    rows = rows_of(text, name)
    head, lines = rows[0], rows[1:]
    jobs = head.take("the number of jobs", 1)
    machines = head.take("the number of machines", 1, MOST_MACHINES)
    head.end("the numbers of jobs and machines")
    counted(head, lines, jobs, "jobs")
    return Instance(chains([_job(row, machines) for row in lines], machines), "jsp", "standard")


def _job(row: Row, machines: int) -> list[Choice]:
    steps: list[Choice] = []
    for number in range(1, machines + 1):
        machine = row.take(f"the machine of operation {number}", 0, machines - 1)
        run = row.take(f"the time of operation {number}", 0)
        steps.append([(machine + 1, run)])
    row.end(f"operation {machines}")
    return steps


def looks_like_it(text: str, name: str) -> bool:
    """Whether every line has as many numbers as a job of this format; an .fjs line hardly ever has."""
    rows = rows_of(text, name)
    if len(rows[0]) != 2 or not rows[0].words[1].isdigit():
        return False
    width = 2 * int(rows[0].words[1])
    return len(rows) > 1 and all(len(row) == width for row in rows[1:])
