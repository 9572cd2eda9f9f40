"""What the board shows of a solved scenario: the plant under its assumptions, with the plan that they would bring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from aps import snapshot, supposed
from aps.assuming import Assumed, assumed
from aps.models import Scenario, ScenarioFigures, ScenarioOperation
from aps.rows import Row
from aps.selectors.board_picture import Picture, picture
from erp.selectors import OpenOperation


def scenario_picture(scenario_id: int, now: dt.datetime) -> Picture:
    """The scenario's plan as its last solve left it, of what is still open; nothing planned before the first.

    Its head has `setup_min` besides, as its last solve has measured it; null before.
    What exists nowhere else has negative ids: added machines, new orders, their work. Raises erp's NoRouting.
    """
    scenario = Scenario.objects.get(pk=scenario_id)
    inputs = snapshot.read_inputs(scenario.plant_id, now)
    found = assumed(inputs, list(supposed.changes_of([scenario_id])))
    labels = {one.change_id: one.label for one in found.new_orders}
    works: dict[tuple[int, str], int] = {}
    work = [_written(one, found, labels, works) for one in found.inputs.work]
    shown = picture(replace(found.inputs, work=work), list(_rows(scenario_id, found)))
    measured = ScenarioFigures.objects.filter(scenario=scenario_id, is_result=True).first()
    return replace(shown, head={**shown.head, "setup_min": None if measured is None else measured.setup_min})


def _written(
    one: OpenOperation, found: Assumed, labels: Mapping[int, str], works: dict[tuple[int, str], int]
) -> OpenOperation:
    """Work of an order that is only assumed, as if that order were written."""
    known = found.would_be.get(one.operation_id)
    if known is None:
        return one
    return replace(
        one,
        work_order_id=works.setdefault((known.change_id, known.path), -1 - len(works)),
        line_id=-known.change_id,
        line_no=1,
        order_id=-known.change_id,
        order_no=labels[known.change_id],
        is_rush=False,
    )


def _rows(scenario_id: int, found: Assumed) -> Iterator[Row]:
    would_be = {(one.change_id, one.path, one.sequence): key for key, one in found.would_be.items()}
    for one in ScenarioOperation.objects.filter(scenario=scenario_id):
        operation_id = one.operation_id
        if operation_id is None:
            operation_id = would_be.get((one.change_id or 0, one.path, one.sequence))
        machine_id = -one.copy_id if one.copy_id is not None else one.machine_id
        if operation_id is not None and machine_id is not None:
            yield Row(operation_id, machine_id, one.starts_at, one.runs_at, one.ends_at, one.setup_min)
