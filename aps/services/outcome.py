"""What came of a scenario, as rows: figures, orders, work centres, operations, each beside the plan in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aps import problem
from aps.assuming import Assumed, NewOrder
from aps.engine.problem import Plan as EnginePlan
from aps.measures import Delivery, Load, Measured, measure
from aps.minutes import minute_after, time_of
from aps.models import Scenario, ScenarioFigures, ScenarioLine, ScenarioLoad, ScenarioOperation
from aps.problem import Snapshot
from aps.rows import Row
from aps.snapshot import Inputs

BATCH = 1000


@dataclass(frozen=True)
class Found:
    """The plant as read, the changes laid over it, the plan in force going on (of `base`), and the scenario's plan."""

    inputs: Inputs
    assumed: Assumed
    base: Snapshot
    in_force: EnginePlan
    snap: Snapshot
    plan: EnginePlan


def write(scenario: Scenario, found: Found) -> None:
    """All rows of the result; the scenario has none. Call inside a transaction that has locked it."""
    then = measure(found.base, found.in_force, found.base.published)
    now = measure(found.snap, found.plan, found.base.published)
    lines = list(_lines(scenario, found, then, now))
    ScenarioFigures.objects.bulk_create([_figures(scenario, then, False), _figures(scenario, now, True)])
    ScenarioLoad.objects.bulk_create(_loads(scenario, then, now))
    ScenarioLine.objects.bulk_create(lines, batch_size=BATCH)
    ScenarioOperation.objects.bulk_create(_operations(scenario, found), batch_size=BATCH)


def _figures(scenario: Scenario, one: Measured, is_result: bool) -> ScenarioFigures:
    return ScenarioFigures(
        scenario=scenario,
        is_result=is_result,
        lines=len(one.late),
        late_lines=one.late_lines,
        lateness_min=one.lateness_min,
        mean_late_min=one.mean_late_min,
        worst_late_min=one.worst_late_min,
        setup_min=one.setup_min,
        operations=one.operations,
        moved=one.moved,
        machine_changes=one.machine_changes,
        ends_at=None if one.ends is None else time_of(one.ends),
    )


def _loads(scenario: Scenario, then: Measured, now: Measured) -> list[ScenarioLoad]:
    return [
        ScenarioLoad(
            scenario=scenario,
            work_centre_id=key,
            was_open_min=was.open_min,
            was_busy_min=was.busy_min,
            open_min=load.open_min,
            busy_min=load.busy_min,
        )
        for key, load in now.loads.items()
        for was in [then.loads.get(key, Load())]
    ]


def _lines(scenario: Scenario, found: Found, then: Measured, now: Measured) -> Iterator[ScenarioLine]:
    new = {one.label: one for one in found.assumed.new_orders}
    for label in dict.fromkeys([*then.deliveries, *now.deliveries]):
        was, one = then.deliveries.get(label), now.deliveries.get(label)
        line_id = next((side.line_id for side in (was, one) if side is not None and side.line_id), None)
        if line_id is not None or label in new:
            change_id = new[label].change_id if line_id is None else None
            yield _line(ScenarioLine(scenario=scenario, order_line_id=line_id, change_id=change_id), was, one)
    for order in new.values():
        if order.label not in now.deliveries:
            yield _line(ScenarioLine(scenario=scenario, change_id=order.change_id), None, _from_stock(found, order))


def _line(row: ScenarioLine, was: Delivery | None, now: Delivery | None) -> ScenarioLine:
    """Fill in both sides."""
    if was is not None:
        row.was_end_at, row.was_late_min, row.weight = time_of(was.end), was.late_min, was.weight
        row.was_due_at = None if was.due is None else time_of(was.due)
    if now is not None:
        row.end_at, row.late_min, row.weight = time_of(now.end), now.late_min, now.weight
        row.due_at = None if now.due is None else time_of(now.due)
    if was is not None and now is not None:
        row.gained_min = was.end - now.end
    return row


def _from_stock(found: Found, order: NewOrder) -> Delivery:
    """An order for which nothing has to be made leaves when it is there."""
    transport = found.inputs.plant.transport_min
    ready = max(order.ready_at or found.inputs.now, found.inputs.now)
    due = minute_after(order.due_at) + transport
    return Delivery(None, order.weight, due, minute_after(ready) + transport)


def _operations(scenario: Scenario, found: Found) -> Iterator[ScenarioOperation]:
    names = {one.operation_id: one for one in found.assumed.inputs.work}
    published = {row.operation_id: row for row in found.inputs.published}
    for row in problem.rows_of(found.snap, found.plan):
        would_be = found.assumed.would_be.get(row.operation_id)
        copy = found.assumed.copies.get(row.machine_id)
        was = published.get(row.operation_id)
        yield ScenarioOperation(
            scenario=scenario,
            operation_id=None if would_be else row.operation_id,
            change_id=would_be.change_id if would_be else None,
            path=would_be.path if would_be else "",
            sequence=names[row.operation_id].sequence,
            name=names[row.operation_id].name,
            machine_id=None if copy else row.machine_id,
            copy_id=copy,
            starts_at=row.starts_at,
            runs_at=row.runs_at,
            ends_at=row.ends_at,
            setup_min=row.setup_min,
            was_machine_id=was.machine_id if was else None,
            was_starts_at=was.starts_at if was else None,
            moved_min=_moved(row, was),
        )


def _moved(row: Row, was: Row | None) -> int | None:
    return None if was is None else round((row.starts_at - was.starts_at).total_seconds() / 60)
