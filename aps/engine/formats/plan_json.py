"""Plans as JSON: of a public instance by job and operation, of our problems by operation id."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aps.engine.formats.instance import Instance, operation_id
from aps.engine.formats.problem_json import ids_of, stamp
from aps.engine.formats.schema import IDENT, MINUTES, TIME, Field, Table, many, optional, read, whole
from aps.engine.problem import Id, Placement, Plan
from aps.engine.validate import Violation

FORMAT, VERSION = "throughline plan", 1


@dataclass(frozen=True)
class Claimed:
    """A plan as it was read, and what is wrong with it before any rule of the shop is asked."""

    plan: Plan
    faults: tuple[Violation, ...]


@dataclass(frozen=True)
class _Written:
    placements: Sequence[tuple[Id, Placement]]
    makespan: int | None = None


def _numbered(job: int, operation: int, machine: int, start: int, end: int) -> tuple[Id, Placement]:
    return operation_id(job, operation), Placement(machine, start, end)


def _named(operation: Id, machine: Id, start: int, end: int, **more: Any) -> tuple[Id, Placement]:
    return operation, Placement(machine, start, end, **more)


NUMBERED = Table(
    _numbered,
    Field("job", whole(1), get=lambda one: int(str(one[0]).split(".")[0])),
    Field("operation", whole(1), get=lambda one: int(str(one[0]).split(".")[1])),
    Field("machine", whole(1), get=lambda one: one[1].machine),
    Field("start", TIME, get=lambda one: one[1].start),
    Field("end", TIME, get=lambda one: one[1].end),
)
NAMED = Table(
    _named,
    Field("operation", IDENT, get=lambda one: one[0]),
    Field("machine", IDENT, get=lambda one: one[1].machine),
    Field("start", TIME, get=lambda one: one[1].start),
    Field("end", TIME, get=lambda one: one[1].end),
    Field("setup_start", optional(TIME), None, get=lambda one: one[1].setup_start),
    Field("setup_min", MINUTES, 0, get=lambda one: one[1].setup_min),
    Field("resources", many(IDENT), (), get=lambda one: one[1].resources),
)
PUBLIC = Table(
    lambda operations, makespan=None: _Written(operations, makespan),
    Field("makespan", optional(TIME), None),
    Field("operations", many(NUMBERED.kind), get=lambda one: one.placements),
)
OURS = Table(
    lambda operations, **_: _Written(operations),
    *(replace(one, default=None) for one in stamp(FORMAT, VERSION)),
    Field("operations", many(NAMED.kind), get=lambda one: one.placements),
)


def read_plan(text: str, name: str, instance: Instance) -> Claimed:
    """The plan of `instance`. Raises FormatError; an operation planned twice or a false makespan is a fault."""
    found: _Written = read(PUBLIC if instance.is_public else OURS, text, name)
    ids = ids_of(instance.problem)
    placements: dict[Id, Placement] = {}
    faults = []
    for written, placement in found.placements:
        key = written if instance.is_public else _known(written, ids)
        if key in placements:
            faults.append(Violation("twice", (key,), f"Operation {key} is planned twice."))
        placements[key] = placement
    last = max((one.end for one in placements.values()), default=0)
    if found.makespan is not None and found.makespan != last:
        sentence = f"The plan says that its makespan is {found.makespan}, its last operation ends at {last}."
        faults.append(Violation("makespan", (), sentence))
    return Claimed(Plan(placements), tuple(faults))


def _known(key: Id, ids: Mapping[str, Id]) -> Id:
    """The problem's own id, where a tool has written its number as a text or the other way round."""
    return ids.get(str(key), key)


def rows(placements: Mapping[Id, Placement]) -> list[dict[str, Any]]:
    """Placements by operation id, as in a plan of our own."""
    return [NAMED.write(one) for one in placements.items()]


def as_json(plan: Plan, instance: Instance) -> dict[str, Any]:
    """The plan as an object for JSON."""
    placed = [(one.id, plan[one.id]) for one in instance.problem.operations if one.id in plan]
    if not instance.is_public:
        return OURS.write(_Written(placed))
    return PUBLIC.write(_Written(placed, max((one.end for one in plan.values()), default=0)))


def written(plan: Plan, instance: Instance) -> str:
    """The plan as JSON, an operation per line."""
    parts = as_json(plan, instance)
    placed = ",\n".join(json.dumps(one, ensure_ascii=False) for one in parts.pop("operations"))
    head = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in parts.items())
    return f'{{\n{head}"operations": [\n{placed}\n]\n}}\n'
