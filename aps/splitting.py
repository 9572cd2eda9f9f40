"""Pieces that are split off a work order, tried on a live plan before the work order is split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from aps import problem
from aps.drafted import Drafted
from aps.edits import Split
from aps.engine import moving
from aps.engine.arrays import STARTED, Shop, Times, shop_of
from aps.engine.compiled import Ints
from aps.engine.problem import Id, Operation, State
from aps.problem import Snapshot, Work
from erp.selectors import OpenOperation

Works: TypeAlias = dict[int, OpenOperation]
STEP = 1000
"""An operation that does not exist yet has the id -(index of the edit + 1) * STEP - its sequence."""


def new_id(index: int, sequence: int) -> int:
    """The id of an operation that the edit at this position makes."""
    return -(index + 1) * STEP - sequence


def cannot(snap: Snapshot, known: Drafted, edit: Split) -> str:
    """Why so many pieces cannot go their own way; empty when they can."""
    at = known.shop.operation_at.get(edit.operation)
    steps = steps_of(snap, known, edit.operation)
    if at is None or not steps:
        return "gone"
    if known.shop.a.state[at] == STARTED:
        return "begun"
    return "quantity" if any(edit.quantity >= one.remaining_qty for one in steps) else ""


def steps_of(snap: Snapshot, known: Drafted, operation: int) -> list[OpenOperation]:
    """What is still to be done of the operation's work order, or of its part when it is split, in sequence."""
    one = known.work.get(operation)
    among: Iterable[OpenOperation] = known.work.values() if one is not None else snap.inputs.work
    one = one or next((work for work in snap.inputs.work if work.operation_id == operation), None)
    if one is None:
        return []
    same = [work for work in among if work.work_order_id == one.work_order_id and work.mends_id is None]
    return sorted(same, key=lambda work: work.sequence)


def parted(snap: Snapshot, known: Drafted, edit: Split, index: int) -> Drafted:
    """The plan in which what stays is shorter, and what goes is there but has no place yet.

    The arrays are built anew: a tenth of a second at 20,000 operations.
    """
    steps = steps_of(snap, known, edit.operation)
    ids = {one.operation_id: new_id(index, one.sequence) for one in steps}
    last = steps[-1].operation_id
    by_id = {one.operation_id: one for one in steps}
    operations = [_stays(snap, one, by_id, edit.quantity, ids[last], last) for one in known.shop.operations]
    standing = {int(one.id): one for one in known.shop.operations if one.id in by_id}
    news = [_goes(snap, one, standing[one.operation_id], ids, edit.quantity) for one in steps]
    shop = shop_of(problem.same_ids(known.shop.problem, operations=[*operations, *news]))
    rows = np.array([known.shop.operation_at[one.operation_id] for one in steps], np.int64)
    work = {**known.work, **_parts(steps, ids, edit.quantity, index)}
    return replace(known, shop=_as_decided(shop, known.shop), times=_longer(known.times, rows), work=work)


def _parts(steps: Sequence[OpenOperation], ids: Mapping[int, int], quantity: Decimal, index: int) -> Works:
    """The steps of both parts; the one that goes is a work order of its own, which has the number -(index + 1)."""
    stays = {one.operation_id: replace(one, remaining_qty=one.remaining_qty - quantity) for one in steps}
    goes = {
        ids[key]: replace(one, operation_id=ids[key], work_order_id=-index - 1, remaining_qty=quantity)
        for key, one in stays.items()
    }
    return stays | goes


def moves(snap: Snapshot, known: Drafted, edit: Split, index: int, machine: int, at: int) -> list[moving.Move]:
    """The step that is asked for goes to its place, the others behind what stays of theirs."""
    found = []
    for one in steps_of(snap, known, edit.operation):
        position = known.shop.operation_at[new_id(index, one.sequence)]
        if one.operation_id == edit.operation:
            found.append(moving.Move(position, machine, at))
            continue
        stays = known.shop.operation_at[one.operation_id]
        begin = min(int(known.times.begin[stays]), int(known.times.start[stays]))
        found.append(moving.Move(position, int(known.times.machine[stays]), begin + 1))
    return found


def _stays(
    snap: Snapshot, one: Operation, steps: Mapping[int, OpenOperation], quantity: Decimal, more: int, last: int
) -> Operation:
    """An operation with fewer pieces; what waits for the work order waits for both parts."""
    work = steps.get(int(one.id))
    if work is not None and one.state in (State.FREE, State.PINNED):
        return replace(one, options=_options(snap, work, work.remaining_qty - quantity))
    if work is None and any(before == last for before, _lag in one.predecessors):
        return replace(one, predecessors=[*one.predecessors, (more, 0)])
    return one


def _goes(
    snap: Snapshot, work: OpenOperation, stays: Operation, ids: Mapping[int, int], quantity: Decimal
) -> Operation:
    """The same step for the pieces that go."""
    before: list[tuple[Id, int]] = [(ids.get(int(key), key), lag) for key, lag in stays.predecessors]
    return replace(
        stays,
        id=ids[work.operation_id],
        options=_options(snap, work, quantity),
        predecessors=before,
        state=State.FREE,
        fixed=None,
    )


def _options(snap: Snapshot, work: OpenOperation, quantity: Decimal) -> Sequence[problem.Option]:
    asked = Work(work.work_centre_id, work.setup_min, work.run_min_per_unit * quantity)
    return problem.options_for(snap.inputs, snap.windows, asked, problem.step_of(work))


def _as_decided(shop: Shop, before: Shop) -> Shop:
    """What the draft has pinned and released so far holds in the new arrays as well."""
    count = len(before.a.state)
    state, machine, start = (
        np.concatenate([old, new[count:]])
        for old, new in (
            (before.a.state, shop.a.state),
            (before.a.fixed_machine, shop.a.fixed_machine),
            (before.a.fixed_start, shop.a.fixed_start),
        )
    )
    return replace(shop, a=shop.a._replace(state=state, fixed_machine=machine, fixed_start=start))


def _longer(times: Times, rows: Ints) -> Times:
    """The times with new operations at the end: about as long as those at `rows`, on no machine yet."""
    more = {"machine": np.full(len(rows), -1, np.int64), "option": np.full(len(rows), -1, np.int64)}
    columns = {name: more.get(name, column[rows]) for name, column in times._asdict().items()}
    return Times(**{name: np.concatenate([getattr(times, name), column]) for name, column in columns.items()})
