"""The three-level workload as a planning problem: every order line made to order on every level, straight from CSV."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from aps.engine.problem import Machine, Operation, Option, Order, Problem

DAY = 1440
HORIZON_DAYS = 3650


class Step(NamedTuple):
    """One line of a routing."""

    name: str
    work_centre: str
    setup_min: int
    run_min: float


class Articles(NamedTuple):
    """What is made of what, and how; `work_centres` are their numbers of machines."""

    boms: dict[str, list[tuple[str, int]]]
    routings: dict[str, list[Step]]
    work_centres: dict[str, int]


def problem_from(folder: Path) -> Problem | None:
    """The problem, None when the data is not there. Minute 0 is the first minute of the day the orders were placed.

    Machines run around the clock; an order is on time when it is finished by the end of its due date. Raw material is
    there from the beginning, and every operation pays its own setup.
    """
    if not (folder / "sales_orders.csv").exists():
        return None
    articles = _articles(folder)
    machines = [
        Machine(f"{name}-{number + 1}", ((0, HORIZON_DAYS * DAY),))
        for name, count in articles.work_centres.items()
        for number in range(count)
    ]
    operations: list[Operation] = []
    orders: list[Order] = []
    for row in _rows(folder / "sales_orders.csv"):
        days = (dt.date.fromisoformat(row["due_on"]) - dt.date.fromisoformat(row["ordered_on"])).days
        key = f"{row['order_number']}/{row['line']}"
        _explode(articles, key, row["material_code"], int(row["quantity"]), (days + 1) * DAY, operations, orders)
    return Problem(machines, operations, orders)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _articles(folder: Path) -> Articles:
    boms: dict[str, list[tuple[str, int]]] = defaultdict(list)
    routings: dict[str, list[Step]] = defaultdict(list)
    for row in _rows(folder / "boms.csv"):
        boms[row["parent_code"]].append((row["component_code"], int(row["quantity"])))
    for row in sorted(_rows(folder / "routings.csv"), key=lambda row: int(row["sequence"])):
        step = Step(row["operation"], row["work_centre"], int(row["setup_minutes"]), float(row["run_minutes_per_unit"]))
        routings[row["material_code"]].append(step)
    centres = {row["code"]: int(row["machines"]) for row in _rows(folder / "work_centres.csv")}
    return Articles(boms, routings, centres)


def _explode(
    articles: Articles,
    key: str,
    material: str,
    quantity: int,
    due_min: int | None,
    operations: list[Operation],
    orders: list[Order],
) -> str | None:
    """Add the work orders of a material and of all that it is made of; its last operation, None when it is bought."""
    if material not in articles.routings:
        return None
    before: list[tuple[str, int]] = []
    for number, (component, each) in enumerate(articles.boms[material], 1):
        last = _explode(articles, f"{key}.{number}", component, quantity * each, None, operations, orders)
        if last is not None:
            before.append((last, 0))
    orders.append(Order(key, due_min))
    for number, step in enumerate(articles.routings[material], 1):
        options = [
            Option(f"{step.work_centre}-{machine + 1}", step.setup_min, max(1, round(step.run_min * quantity)))
            for machine in range(articles.work_centres[step.work_centre])
        ]
        one = f"{key}:{number}"
        operations.append(Operation(one, key, options, tuple(before)))
        before = [(one, 0)]
    return before[0][0]
