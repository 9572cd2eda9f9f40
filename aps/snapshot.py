"""The bridge from rows to the engine: one plant's open work, machines and published plan as a planning problem.

The engine's names are those of the shop: machines by code, orders as "SO-1/10" (order and line) or the work order's
number, operations by id. So its sentences read well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db import connection, transaction

from aps.models import OperationPin, PlantPlanning, PlanWeights, ResourceBlock
from aps.rows import Row, published_rows
from erp import selectors as erp_now
from erp.models import WorkOrderOperation
from masterdata.models import Machine, Plant
from masterdata.worktime import WorkPattern, patterns

REMEMBERS_SETUP_FOR = dt.timedelta(days=14)


@dataclass(frozen=True)
class MachineFacts:
    """A machine as planning sees it. `family` is what it was last set up for."""

    id: int
    code: str
    name: str
    work_centre_id: int
    work_centre: str
    calendar_id: int
    speed_percent: int
    is_active: bool
    family: str


@dataclass(frozen=True)
class Hole:
    """A block of a machine's calendar."""

    machine_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_open: bool
    cause: str


@dataclass(frozen=True)
class PinFacts:
    """Where a planner keeps an operation: the run begins at `runs_at`."""

    machine_id: int
    runs_at: dt.datetime


@dataclass(frozen=True)
class Inputs:
    """Everything that planning reads of a plant, as of one moment."""

    plant: Plant
    now: dt.datetime
    wanted_version: int
    planned_version: int
    plan_no: int
    machines: Mapping[int, MachineFacts]
    calendars: Mapping[int, WorkPattern]
    holes: Sequence[Hole]
    published: Sequence[Row]
    work: Sequence[erp_now.OpenOperation]
    weights: PlanWeights | None = None
    pins: Mapping[int, PinFacts] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """As `selectors.input_version`."""
        return f"{self.plan_no}.{self.wanted_version}"


def read_inputs(plant_id: int, now: dt.datetime) -> Inputs:
    """Read the plant; the number of queries does not depend on its size.

    Seconds of `now` are dropped: planning knows whole minutes. Outside a transaction all reads see one moment. Inside
    one, the versions are read first: what is newer than they say only causes one more turn, never a stale plan.
    """
    with one_moment():
        return _read(plant_id, now.replace(second=0, microsecond=0))


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see one moment, outside a transaction; inside one each sees its own."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _read(plant_id: int, now: dt.datetime) -> Inputs:
    ground = read_ground(plant_id, now)
    published = published_rows(plant_id)
    return replace(ground, published=published, work=erp_now.open_operations(plant_id, now=now))


def read_ground(plant_id: int, now: dt.datetime) -> Inputs:
    """The plant without its plan and work: versions, machines, calendars, holes, weights."""
    planning = PlantPlanning.objects.filter(plant_id=plant_id).first() or PlantPlanning(plant_id=plant_id)
    machines = _machines(plant_id, now)
    return Inputs(
        plant=Plant.objects.get(pk=plant_id),
        now=now,
        wanted_version=planning.wanted_version,
        planned_version=planning.planned_version,
        plan_no=planning.plan_no,
        machines=machines,
        calendars=patterns(machine.calendar_id for machine in machines.values()),
        holes=holes_of(plant_id, now),
        published=(),
        work=(),
        weights=PlanWeights.objects.filter(plant_id=plant_id).first(),
        pins=_pins(plant_id),
    )


def _pins(plant_id: int) -> dict[int, PinFacts]:
    rows = OperationPin.objects.filter(plant_id=plant_id).order_by("operation_id")
    found = rows.values_list("operation_id", "machine_id", "runs_at")
    return {key: PinFacts(machine_id, runs_at) for key, machine_id, runs_at in found}


def _machines(plant_id: int, now: dt.datetime) -> dict[int, MachineFacts]:
    families = _last_families(plant_id, now)
    rows = Machine.objects.filter(work_centre__plant_id=plant_id).select_related("work_centre")
    return {
        one.pk: MachineFacts(
            id=one.pk,
            code=one.code,
            name=one.name,
            work_centre_id=one.work_centre_id,
            work_centre=one.work_centre.name,
            calendar_id=one.calendar_id or one.work_centre.calendar_id,
            speed_percent=one.speed_percent,
            is_active=one.is_active,
            family=families.get(one.pk, ""),
        )
        for one in rows.order_by("work_centre__code", "code")
    }


def _last_families(plant_id: int, now: dt.datetime) -> dict[int, str]:
    """The setup family of the operation that each machine finished last."""
    rows = (
        WorkOrderOperation.objects.filter(
            work_order__plant_id=plant_id, machine__isnull=False, finished_at__gte=now - REMEMBERS_SETUP_FOR
        )
        .order_by("machine_id", "-finished_at", "-pk")
        .distinct("machine_id")
        .values_list("machine_id", "setup_family")
    )
    return {machine_id: family for machine_id, family in rows if machine_id is not None}


def holes_of(plant_id: int, now: dt.datetime) -> list[Hole]:
    """Blocks of the last months and to come; one whose estimate has passed lasts until somebody lifts it."""
    blocks = ResourceBlock.objects.filter(
        machine__work_centre__plant_id=plant_id, ends_at__gt=now - dt.timedelta(days=60)
    ).order_by("pk")
    overdue = ResourceBlock.objects.filter(
        machine__work_centre__plant_id=plant_id, lifted_at__isnull=True, ends_at__lte=now - dt.timedelta(days=60)
    ).order_by("pk")
    return [
        Hole(one.machine_id, one.starts_at, _until(one, now), one.lifted_at is None, one.cause)
        for one in [*blocks, *overdue]
    ]


def _until(block: ResourceBlock, now: dt.datetime) -> dt.datetime:
    if block.lifted_at is None and block.is_estimate:
        return max(block.ends_at, now + dt.timedelta(hours=1))
    return block.ends_at
