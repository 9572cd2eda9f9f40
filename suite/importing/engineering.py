"""Writers of BOMs and routings: the same lines change nothing, other lines become the next frozen version."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP
from itertools import islice
from typing import Any, TypeVar

from masterdata import services as masterdata
from masterdata.models import RoutingOperation
from masterdata.numbers import QUANTITY_STEP
from suite.importing import versions
from suite.importing.changes import BATCH, Count, Report
from suite.importing.masters import Target
from suite.importing.staging import Staged

Input = TypeVar("Input")
Lines = dict[int, list[tuple[Any, ...]]]


def write_boms(staged: Staged, to: Target, report: Report, now: dt.datetime) -> None:
    """One frozen BOM per parent; quantities in the component's base unit. What stands beside it is part of it."""
    wanted = _bom_lines(staged, to)
    also = versions.wanted(staged, to)
    there = versions.in_force({*wanted, *also.parents})
    current = {
        parent: [(row.component_id, row.quantity) for row in versions.lines_of(bom)] for parent, bom in there.items()
    }
    new = _to_write(wanted, current, report.entity("boms", len(wanted)))
    inputs = [
        one
        for parent in {**wanted, **dict.fromkeys(sorted(also.parents))}
        if (one := versions.version(parent, new.get(parent), there.get(parent), also)) is not None
    ]
    versions.count(also, there, report)
    if inputs:
        written = [bom.pk for some in _batches(iter(inputs)) for bom in masterdata.write_boms(boms=some)]
        masterdata.freeze_boms(bom_ids=written, now=now)


def _bom_lines(staged: Staged, to: Target) -> Lines:
    asked = [
        (to.materials[row["parent_code"]].pk, to.materials[row["component_code"]].pk, to.units[row["unit"]].pk, row)
        for row in staged.rows["boms"]
    ]
    factors = masterdata.unit_factors((component, unit) for _, component, unit, _ in asked)
    wanted: Lines = defaultdict(list)
    for parent, component, unit, row in asked:
        quantity = (row["quantity"] * factors[component, unit]).quantize(QUANTITY_STEP, rounding=ROUND_HALF_UP)
        wanted[parent].append((component, quantity))
    return wanted


def write_routings(staged: Staged, to: Target, report: Report, now: dt.datetime) -> None:
    """One frozen routing per material in the plant."""
    wanted: Lines = defaultdict(list)
    for row in sorted(staged.rows["routings"], key=lambda one: (one["material_code"], one["sequence"])):
        centre = to.work_centres[row["work_centre"]].pk
        values = (row["sequence"], row["operation"], centre, row["run_minutes_per_unit"], row["setup_minutes"])
        wanted[to.materials[row["material_code"]].pk].append(values)
    current: Lines = defaultdict(list)
    rows = RoutingOperation.objects.filter(
        routing__state="frozen", routing__plant=to.plant, routing__material_id__in=wanted
    ).order_by("sequence")
    for material_id, *values_now in rows.values_list(
        "routing__material_id", "sequence", "name", "work_centre_id", "run_min_per_unit", "setup_min"
    ):
        current[material_id].append(tuple(values_now))
    new = _to_write(wanted, current, report.entity("routings", len(wanted)))
    if new:
        inputs = (
            masterdata.RoutingInput(
                material_id, to.plant.pk, [masterdata.OperationInput(*values) for values in operations]
            )
            for material_id, operations in new.items()
        )
        written = [one.pk for some in _batches(inputs) for one in masterdata.write_routings(routings=some)]
        masterdata.freeze_routings(routing_ids=written, now=now)


def _batches(inputs: Iterator[Input]) -> Iterator[list[Input]]:
    """A thousand at a time, so that the rows of all of them are never in memory together."""
    while some := list(islice(inputs, BATCH)):
        yield some


def _to_write(wanted: Lines, current: Lines, count: Count) -> Lines:
    new = {one: lines for one, lines in wanted.items() if current.get(one) != lines}
    changed = sum(1 for one in new if one in current)
    count.created += len(new) - changed
    count.changed += changed
    count.unchanged += len(wanted) - len(new)
    return new
