"""The board's message: a picture as compact columns, whole or only what changed. `board/wire.js` reads it.

{"kind": "full" | "delta", "version", "since", the picture's head, the ground, `parts`}: a full message has all
operations in its first part and in further ones what changed since that was made; a delta has a part for each version
since `since`, in order. The ground is `work_centres`, `machines`, which name their calendar by position, `calendars`,
lists of [start, end), and by calendar `shifts`, lists of [start, end, position in `shift_names`], breaks and all; a
delta has it, whole, only when it changed. In a part columns of one table have one length; a position points into the
table of that name, -1 at none.

- `orders`: id, number, customer (position), is_rush. `lines`: id, order (position), line_no, due, promised.
- `work_orders`: id, number (how many letters are those of the one before, in base 36, and the others), line
  (position), material (position), quantity as people read it.
- `operations` stand by id: `machine`, `work_order`, `step` and `family` are positions, `setup` and `length` minutes
  behind `start`, `flags` bits (1 pinned, 4 splittable, 8 running), `befores` how many operations must end first,
  `before` those of all operations flat, as its own id less theirs. `ready` is 0 without a date; else `start` less it,
  one more when that is not negative. `done` (percent) and `mends` (a rework step's quantity) stand by id.
- `id` of lines, work orders and operations, `start` and `work_order` of operations are differences to the element
  before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from aps.selectors.board_picture import Picture, Shown

Key = TypeVar("Key", int, str)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def part(picture: Picture, changed: Collection[int] | None = None, gone: Sequence[int] = ()) -> dict[str, Any]:
    """The picture's operations, or only those `changed`, with the tables that they use, and the ids that are `gone`."""
    operations: Sequence[Shown] = picture.operations
    if changed is not None:
        wanted = set(changed)
        operations = [one for one in operations if one.id in wanted]
    works = sorted({one.work_order_id for one in operations})
    lines = sorted({key for work in works if (key := picture.work_orders[work].line_id) is not None})
    orders = sorted({picture.lines[key].order_id for key in lines})
    materials = _positions(picture.work_orders[key].material_id for key in works)
    steps, families = _positions(one.step for one in operations), _positions(one.family for one in operations)
    customers = _positions(picture.orders[key].customer for key in orders)
    return {
        "customers": list(customers),
        "materials": [picture.materials[key] for key in materials],
        "steps": list(steps),
        "families": list(families),
        "orders": _orders(picture, orders, customers),
        "lines": _lines(picture, lines, _positions(orders)),
        "work_orders": _work_orders(picture, works, _positions(lines), materials),
        "operations": _operations(picture, operations, _positions(works), steps, families),
        "gone": list(gone),
    }


def _positions(keys: Iterable[Key]) -> dict[Key, int]:
    """Each key once, in order, with its position."""
    return {key: position for position, key in enumerate(dict.fromkeys(keys))}


def _steps(column: Sequence[int]) -> list[int]:
    """Differences to the element before."""
    return [column[0], *(after - before for before, after in pairwise(column))] if column else []


def _fronts(column: Sequence[str]) -> list[str]:
    """Each begins with how many letters are those of the one before, in base 36, at most 35."""
    found, before = [], ""
    for text in column:
        same = min(len(before), len(DIGITS) - 1)
        while not text.startswith(before[:same]):
            same -= 1
        found.append(f"{DIGITS[same]}{text[same:]}")
        before = text
    return found


def _orders(picture: Picture, keys: Sequence[int], customers: Mapping[str, int]) -> dict[str, list[Any]]:
    rows = [picture.orders[key] for key in keys]
    return {
        "id": list(keys),
        "number": [row.number for row in rows],
        "customer": [customers[row.customer] for row in rows],
        "is_rush": [int(row.is_rush) for row in rows],
    }


def _lines(picture: Picture, keys: Sequence[int], orders: Mapping[int, int]) -> dict[str, list[Any]]:
    rows = [picture.lines[key] for key in keys]
    return {
        "id": _steps(keys),
        "order": [orders[row.order_id] for row in rows],
        "line_no": [row.line_no for row in rows],
        "due": [row.due for row in rows],
        "promised": [row.promised for row in rows],
    }


def _work_orders(
    picture: Picture, keys: Sequence[int], lines: Mapping[int, int], materials: Mapping[int, int]
) -> dict[str, list[Any]]:
    rows = [picture.work_orders[key] for key in keys]
    return {
        "id": _steps(keys),
        "number": _fronts([row.number for row in rows]),
        "line": [-1 if row.line_id is None else lines[row.line_id] for row in rows],
        "material": [materials[row.material_id] for row in rows],
        "quantity": [row.quantity for row in rows],
    }


def _operations(
    picture: Picture,
    rows: Sequence[Shown],
    works: Mapping[int, int],
    steps: Mapping[str, int],
    families: Mapping[str, int],
) -> dict[str, Any]:
    machines = {one["id"]: position for position, one in enumerate(picture.machines)}
    return {
        "id": _steps([row.id for row in rows]),
        "machine": [machines[row.machine_id] for row in rows],
        "start": _steps([row.start for row in rows]),
        "setup": [row.setup for row in rows],
        "length": [row.length for row in rows],
        "work_order": _steps([works[row.work_order_id] for row in rows]),
        "step": [steps[row.step] for row in rows],
        "sequence": [row.sequence for row in rows],
        "family": [families[row.family] for row in rows],
        "flags": [row.flags for row in rows],
        "ready": [_ready(row) for row in rows],
        "befores": [len(row.before) for row in rows],
        "before": [row.id - key for row in rows for key in row.before],
        "done": {row.id: row.done for row in rows if row.done},
        "mends": {row.id: row.mends for row in rows if row.mends},
    }


def _ready(row: Shown) -> int:
    if row.ready is None:
        return 0
    ahead = row.start - row.ready
    return ahead + 1 if ahead >= 0 else ahead
