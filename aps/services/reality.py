"""What of a scenario's changes is real already, what becomes real with its promotion, and what somebody does first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from aps import supposed
from aps.assuming import due_of, machines_of, overtime_day
from aps.models import ChangeKind, PlanWeights, ScenarioChange
from aps.problem import is_started
from aps.services.blocks import keep_free
from aps.services.weights import set_weights
from aps.snapshot import Hole, Inputs, MachineFacts
from masterdata import rights
from masterdata.models import CalendarException, Machine, User
from masterdata.records import create_record
from masterdata.worktime import expanded, without

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """A change as reality has it: `todo` has to be done first; without it, it `is_real`, or `deed` makes it real."""

    change: ScenarioChange
    is_real: bool = False
    todo: str = ""
    deed: str = ""


def standings(inputs: Inputs, changes: Sequence[ScenarioChange], by: User | None) -> list[Standing]:
    """How each change stands in the plant as `inputs` read it; `by` is who would promote."""
    return [_LOOK[ChangeKind(one.kind)](inputs, one, by) for one in changes]


@transaction.atomic
def make_real(standing: Standing, inputs: Inputs) -> None:
    """Do the deed of a change that has one. Call in the transaction of the promotion."""
    change = standing.change
    if not standing.deed:
        return
    if change.kind == ChangeKind.WEIGHTS:
        set_weights(plant_id=inputs.plant.pk, values=change.weights)
    elif change.from_at is not None and change.until_at is not None:
        if change.kind == ChangeKind.MACHINE_OFF:
            keep_free(
                machine_id=change.machine_id or 0,
                source=f"scenario change:{change.pk}",
                from_at=change.from_at,
                until_at=change.until_at,
                cause=f"Kept free by scenario {change.scenario}",
            )
        elif change.kind == ChangeKind.OVERTIME:
            _write_overtime(inputs, change, change.from_at, change.until_at)


def _write_overtime(inputs: Inputs, change: ScenarioChange, from_at: dt.datetime, until_at: dt.datetime) -> None:
    for calendar_id in sorted({one.calendar_id for one in machines_of(inputs, change)}):
        day = overtime_day(inputs.calendars[calendar_id].time_zone, from_at, until_at)
        values = {"on": day.on, "name": f"Overtime, {change.scenario}"[:80], "is_working": True}
        times = {"starts": day.starts, "ends": day.ends}
        create_record(model=CalendarException, values={"calendar_id": calendar_id, **values, **times})


def _off(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    since, until = _rest(inputs, change)
    holes = [(one.starts_at, one.ends_at) for one in inputs.holes if one.machine_id == change.machine_id]
    if not without([(since, until)] if since < until else [], holes):
        return Standing(change, is_real=True)
    return Standing(change, deed=f"{supposed.subject(change)} is kept free {supposed.span(change)}")


def _on(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    since, until = _rest(inputs, change)
    machine = inputs.machines[change.machine_id or 0]
    code = machine.code
    if not machine.is_active:
        return Standing(change, todo=f"{code} is not active: activate it under Machines")
    down: list[Hole] = [
        one for one in inputs.holes if one.machine_id == machine.id and one.starts_at < until and one.ends_at > since
    ]
    if down and since < until:
        return Standing(change, todo=f"{code} is down ({down[0].cause}): report that it works again")
    return Standing(change, is_real=True)


def _copy(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    code = supposed.subject(change)
    return Standing(
        change,
        todo=f"There is no second {code}: add the machine under Machines, and take the change out of the scenario",
    )


def _speed(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    machine = inputs.machines[change.machine_id or 0]
    if machine.speed_percent == change.speed_percent:
        return Standing(change, is_real=True)
    said = f"{machine.code} works at {machine.speed_percent} %: set {change.speed_percent} % under Machines"
    return Standing(change, todo=said)


def _calendar(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    other = [one.code for one in machines_of(inputs, change) if one.calendar_id != change.calendar_id]
    if not other:
        return Standing(change, is_real=True)
    return Standing(change, todo=f"{', '.join(other)}: set the calendar {change.calendar} in the master data")


def _overtime(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    since, until = _rest(inputs, change)
    machines = machines_of(inputs, change)
    if all(_works(inputs, one, since, until) for one in machines):
        return Standing(change, is_real=True)
    if by is not None and not rights.allows(by, "masterdata.edit_calendar"):
        return Standing(change, todo=f"{supposed.sentence(change)}: somebody who may edit calendars writes it there")
    shared = _others_on({one.calendar_id for one in machines}, {one.id for one in machines})
    if shared:
        codes = ", ".join(shared[:3]) + (f" and {len(shared) - 3} more" if len(shared) > 3 else "")
        what = supposed.subject(change)
        return Standing(
            change,
            todo=f"The calendar of {what} is also that of {codes}: give {what} its own, or enter the hours for all",
        )
    return Standing(change, deed=f"{supposed.sentence(change)}: written into the calendar")


def _due(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    open_now = [one for one in inputs.work if one.line_id == change.order_line_id]
    due_at = due_of(inputs, change.due_on) if change.due_on else None
    if all(one.due_at == due_at for one in open_now):
        return Standing(change, is_real=True)
    return Standing(change, todo=f"{supposed.sentence(change)} only here: agree the date with sales and the customer")


def _weight(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    if all(one.weight == change.weight for one in inputs.work if one.line_id == change.order_line_id):
        return Standing(change, is_real=True)
    return Standing(change, todo=f"{supposed.sentence(change)} only here: sales gives an order line its weight")


def _out(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    if not any(one.line_id == change.order_line_id and not is_started(one) for one in inputs.work):
        return Standing(change, is_real=True)
    return Standing(change, todo=f"{supposed.subject(change)} is still to be made: cancel the order first")


def _new(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    said = f"Nobody has ordered {supposed.sentence(change)}: write the order, and take it out of the scenario"
    return Standing(change, todo=said)


def _weights(inputs: Inputs, change: ScenarioChange, by: User | None) -> Standing:
    known = inputs.weights or PlanWeights(plant=inputs.plant)
    if all(getattr(known, name) == value for name, value in change.weights.items()):
        return Standing(change, is_real=True)
    if by is not None and not rights.allows(by, "aps.set_weights", inputs.plant.pk):
        return Standing(change, todo=f"{supposed.sentence(change)}: somebody who may set what counts does it")
    return Standing(change, deed=f"What counts in every plan from now on: {supposed.sentence(change)}")


def _rest(inputs: Inputs, change: ScenarioChange) -> tuple[dt.datetime, dt.datetime]:
    """What of the change's time lies ahead."""
    return max(change.from_at or inputs.now, inputs.now), change.until_at or inputs.now


def _works(inputs: Inputs, machine: MachineFacts, since: dt.datetime, until: dt.datetime) -> bool:
    if since >= until:
        return True
    first = since.replace(hour=0, minute=0) - DAY
    return not without([(since, until)], expanded(inputs.calendars[machine.calendar_id], first, until + DAY))


def _others_on(calendar_ids: set[int], machine_ids: set[int]) -> list[str]:
    """Codes of other machines, of any plant, that work by one of the calendars."""
    rows = Machine.objects.annotate(works_by=Coalesce(F("calendar_id"), F("work_centre__calendar_id")))
    others = rows.filter(~Q(pk__in=machine_ids), works_by__in=calendar_ids)
    return list(others.order_by("code").values_list("code", flat=True))


_LOOK: Mapping[ChangeKind, Callable[[Inputs, ScenarioChange, User | None], Standing]] = {
    ChangeKind.MACHINE_OFF: _off,
    ChangeKind.MACHINE_ON: _on,
    ChangeKind.MACHINE_COPY: _copy,
    ChangeKind.SPEED: _speed,
    ChangeKind.CALENDAR: _calendar,
    ChangeKind.OVERTIME: _overtime,
    ChangeKind.LINE_DUE: _due,
    ChangeKind.LINE_WEIGHT: _weight,
    ChangeKind.LINE_OUT: _out,
    ChangeKind.NEW_ORDER: _new,
    ChangeKind.WEIGHTS: _weights,
}
