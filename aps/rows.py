"""A planned operation as plain data: what stands in a PlannedOperation row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from django.db.models import BigIntegerField
from django.db.models.functions import Cast, Extract

from aps.models import PlannedOperation
from erp.production.placement import Placement


class Row(NamedTuple):
    """`runs_at` is the end of the setup; [starts_at, ends_at) occupies the machine. Whole minutes in UTC."""

    operation_id: int
    machine_id: int
    starts_at: dt.datetime
    runs_at: dt.datetime
    ends_at: dt.datetime
    setup_min: int

    @property
    def placement(self) -> Placement:
        """The row as ERP and MES take it."""
        return Placement(self.operation_id, self.machine_id, self.starts_at, self.ends_at, self.setup_min)


def plain(row: Row) -> tuple[object, ...]:
    """As a JSON column keeps it: operation id, machine id, three ISO times, setup_min."""
    times = (row.starts_at.isoformat(), row.runs_at.isoformat(), row.ends_at.isoformat())
    return (row.operation_id, row.machine_id, *times, row.setup_min)


def row_from(plain_row: Sequence[object]) -> Row:
    """The row of what `plain` kept."""
    operation_id, machine_id, starts, runs, ends, setup = plain_row
    times = [dt.datetime.fromisoformat(str(one)) for one in (starts, runs, ends)]
    return Row(int(str(operation_id)), int(str(machine_id)), times[0], times[1], times[2], int(str(setup)))


def published_rows(plant_id: int, *, after: int = -1) -> list[Row]:
    """The published plan's rows, or those that plans behind number `after` have changed; one query.

    Times come as seconds: a plan has tens of thousands of them, and reading each as a date of its own takes longer than
    the query.
    """
    found = PlannedOperation.objects.filter(plant_id=plant_id, plan_no__gt=after).order_by("operation_id")
    seconds = [
        Cast(Extract(name, "epoch", tzinfo=dt.UTC), BigIntegerField()) for name in ("starts_at", "runs_at", "ends_at")
    ]
    rows = found.values_list("operation_id", "machine_id", *seconds, "setup_min")
    at = partial(dt.datetime.fromtimestamp, tz=dt.UTC)
    return [
        Row(operation, machine, at(starts), at(runs), at(ends), setup)
        for operation, machine, starts, runs, ends, setup in rows
    ]
