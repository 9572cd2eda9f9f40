"""The shop floor of the demo: what the machines did in the last weeks, as the log tells it, and what they do now."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from erp.models import WorkOrderOperation
from masterdata import worktime
from masterdata.models import Employee, Machine, ReasonCode, User
from masterdata.worktime import MINUTE, Interval
from mes import services as mes
from mes.models import Alarm, Downtime, ExecutionEvent, MachineEvent, OperationRun
from suite.demo.factory import Demo

BACK = dt.timedelta(days=60)
FILLED = dt.timedelta(days=8)
# How work centres keep the minutes that are planned for them; elsewhere the plan is right.
PACE = {"PCNC": 1.24, "EDGE": 0.88, "CNC": 1.12, "PACK": 0.95}
STOPS = ["P-MAT", "P-MAT", "D-TOOL", "P-HELP", "D-AIR", ""]
BROKEN = "EDGE-02"  # two hours ago, told by the load
ESCALATION = [(3, "Shift lead"), (10, "Plant manager")]
Kind, State = ExecutionEvent.Kind, OperationRun.State


@dataclass
class Line:
    """One machine's working time, walked from now into the past."""

    machine: Machine
    work: Sequence[Interval]
    at: dt.datetime
    ends: list[dt.datetime] = field(default_factory=list)
    starts: list[dt.datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts, self.ends = [one[0] for one in self.work], [one[1] for one in self.work]

    def before(self, at: dt.datetime, minutes: float) -> dt.datetime | None:
        """The moment of work so many working minutes before; None where the calendar was not read that far."""
        left = minutes * MINUTE
        number = bisect_left(self.starts, at) - 1
        while number >= 0:
            start, end = self.work[number]
            end = min(end, at)
            if end - start >= left:
                return end - left
            left -= end - start
            number -= 1
        return None

    def after(self, at: dt.datetime, minutes: float) -> dt.datetime:
        """The moment so many working minutes after."""
        left = minutes * MINUTE
        for start, end in self.work[bisect_right(self.ends, at) :]:
            start = max(start, at)
            if end - start >= left:
                return start + left
            left -= end - start
        return at

    def same_stretch(self, since: dt.datetime, until: dt.datetime) -> dt.datetime:
        """`since`, or the end of the last break or night before `until`: nothing is set up through the night."""
        return max([since, *(end for _, end in self.gaps(since, until))])

    def gaps(self, since: dt.datetime, until: dt.datetime) -> Iterator[Interval]:
        """Breaks and nights between two moments."""
        for number in range(bisect_right(self.ends, since), len(self.work) - 1):
            start, end = self.ends[number], self.starts[number + 1]
            if start >= until:
                return
            if end <= until:
                yield start, end


@dataclass
class Log:
    """What will be written: events and runs; `chance` is the same at every load."""

    demo: Demo
    people: dict[int, list[Employee]]
    reasons: dict[str, ReasonCode]
    chance: random.Random
    events: list[ExecutionEvent] = field(default_factory=list)
    runs: list[OperationRun] = field(default_factory=list)
    done: list[tuple[WorkOrderOperation, Interval]] = field(default_factory=list)

    @property
    def pauses(self) -> list[ExecutionEvent]:
        return [event for event in self.events if event.kind == Kind.PAUSE]

    def say(self, kind: str, line: Line, at: dt.datetime, operation: WorkOrderOperation, **more: Any) -> None:
        """One event of somebody at the machine."""
        people = self.people[line.machine.work_centre.plant_id]
        self.events.append(
            ExecutionEvent(
                id=uuid.uuid5(uuid.NAMESPACE_URL, f"floor-{len(self.events)}"),
                kind=kind,
                plant_id=line.machine.work_centre.plant_id,
                operation=operation,
                machine=line.machine,
                operator=people[line.machine.pk % len(people)],
                happened_at=at,
                corrected_at=at,
                received_at=at,
                fingerprint="demo",
                **more,
            )
        )


def tell(demo: Demo, users: dict[str, User]) -> None:
    """The log of finished and running work, downtimes, a lost link, alarms, help, and what it says of planned times."""
    reasons = {one.code: one for one in ReasonCode.objects.all()}
    people: dict[int, list[Employee]] = {}
    for one in Employee.objects.order_by("code"):
        people.setdefault(one.plant_id, []).append(one)
    log = Log(demo, people, reasons, random.Random(7))  # noqa: S311 - a story, not a secret
    lines = _lines(demo)
    _running(log, lines)
    _finished(log, lines)
    _old_downtimes(log, lines, users)
    ExecutionEvent.objects.bulk_create(log.events, batch_size=2000)
    OperationRun.objects.bulk_create(log.runs)
    _plan_of_what_is_done(log)
    _lost_links(log)
    mes.rebuild(plant_ids=[plant.pk for plant in demo.plants.values()], fix=True)
    for plant in demo.plants.values():
        mes.set_escalation(plant_id=plant.pk, steps=ESCALATION)
    mes.look_at_times(plant_ids=[plant.pk for plant in demo.plants.values()], now=demo.now)


def _lines(demo: Demo) -> dict[int, Line]:
    machines = list(Machine.objects.select_related("work_centre").order_by("pk"))
    start = demo.now - BACK
    keys = {one.pk: one.calendar_id or one.work_centre.calendar_id for one in machines}
    work = worktime.working_times(keys.values(), start, demo.now)
    lines = {one.pk: Line(one, work[keys[one.pk]], demo.now) for one in machines}
    for line in lines.values():
        if line.machine.code == BROKEN:
            line.at = demo.now - dt.timedelta(hours=2, minutes=3)
    return lines


def _running(log: Log, lines: dict[int, Line]) -> None:
    """Work that has begun: the newest of each machine runs, waits or is set up; the others were paused for it."""
    rows = (
        WorkOrderOperation.objects.filter(started_at__isnull=False, finished_at=None, mends=None, machine__isnull=False)
        .filter(rework_qty=0, run=None)
        .select_related("work_order")
        .order_by("-started_at", "pk")
    )
    busy: set[int] = set()
    for row in rows:
        line = lines[row.machine_id or 0]
        is_now = line.machine.pk not in busy
        busy.add(line.machine.pk)
        if not is_now or not line.work:
            continue
        setup, each = _pace(log, line, row)
        made = setup + each * float(row.good_qty + row.scrap_qty)
        begin = line.before(line.at, made + log.chance.uniform(2, 12))
        if begin is None:
            continue
        worked = line.after(begin, setup)
        begin = line.same_stretch(begin, worked)
        log.say(Kind.SETUP, line, begin, row)
        log.say(Kind.START, line, worked, row)
        if row.good_qty or row.scrap_qty:
            log.say(Kind.REPORT, line, line.after(begin, made), row, good_qty=row.good_qty, scrap_qty=row.scrap_qty)
        _gaps(log, line, row, worked, line.at)
        state, paused = State.RUNNING, None
        if line.ends[-1] < log.demo.now:
            state, paused = State.PAUSED, log.reasons["P-BREAK"]
            log.say(Kind.PAUSE, line, line.ends[-1], row, reason=paused)
        elif log.chance.random() < 0.2:
            state, paused = State.PAUSED, log.reasons["P-MAT"] if log.chance.random() < 0.6 else None
            log.say(Kind.PAUSE, line, line.before(log.demo.now, 9) or line.at, row, reason=paused)
        _keep(log, line, row, worked, state, pause_reason=paused)
        line.at = line.before(begin, log.chance.uniform(4, 25)) or begin


def _finished(log: Log, lines: dict[int, Line]) -> None:
    """Work that is done, the last of each machine first, one after the other in its shifts."""
    rows = (
        WorkOrderOperation.objects.filter(finished_at__isnull=False, mends=None, machine__isnull=False, run=None)
        .filter(rework_qty=0)
        .select_related("work_order")
        .order_by("-finished_at", "-pk")
    )
    pause = _between(list(rows), lines)
    for row in rows:
        line = lines[row.machine_id or 0]
        pieces = row.good_qty + row.scrap_qty
        if not pieces or not line.work:
            continue
        setup, each = _pace(log, line, row)
        stop = log.chance.uniform(5, 38) if log.chance.random() < 0.3 else 0.0
        end = line.before(line.at, 0.01)
        begin = line.before(end, setup + each * float(pieces) + stop) if end else None
        if end is None or begin is None:
            continue
        worked = line.after(begin, setup)
        begin = line.same_stretch(begin, worked)
        if setup:
            log.say(Kind.SETUP, line, begin, row)
        log.say(Kind.START, line, worked, row)
        _gaps(log, line, row, worked, end)
        if stop:
            _stop(log, line, row, line.after(worked, each * float(pieces) / 2), stop)
        log.say(Kind.FINISH, line, end, row, good_qty=row.good_qty, scrap_qty=row.scrap_qty, **_why_scrapped(log, row))
        _keep(log, line, row, worked, State.FINISHED, finished_at=end)
        log.done.append((row, (begin, end)))
        line.at = line.before(begin, log.chance.uniform(0.4, 1.6) * pause[line.machine.pk]) or begin


def _plan_of_what_is_done(log: Log) -> None:
    """It was planned on its machine some minutes before it was done, or a few after."""
    for row, (begin, end) in log.done:
        late = log.chance.uniform(-6, 14) * MINUTE
        row.planned_machine_id, row.planned_start_at, row.planned_end_at = row.machine_id, begin - late, end - late
    WorkOrderOperation.objects.bulk_update(
        [row for row, _ in log.done], ["planned_machine", "planned_start_at", "planned_end_at"], batch_size=2000
    )


def _between(rows: Sequence[WorkOrderOperation], lines: dict[int, Line]) -> dict[int, float]:
    """Minutes between two jobs of each machine, so that what it did fills the last days: from 4 to 45."""
    busy: dict[int, list[float]] = {}
    for row in rows:
        busy.setdefault(row.machine_id or 0, []).append(
            float(row.setup_min) + float(row.run_min_per_unit) * float(row.good_qty + row.scrap_qty)
        )
    found = {}
    for machine_id, took in busy.items():
        line = lines[machine_id]
        work = [(start, min(end, line.at)) for start, end in line.work if line.at - FILLED < start < line.at]
        there = sum((end - start) / MINUTE for start, end in work)
        found[machine_id] = min(45.0, max(4.0, (there - sum(took)) / len(took)))
    return found


def _why_scrapped(log: Log, row: WorkOrderOperation) -> dict[str, Any]:
    return {"reason": log.reasons["S-CHIP"]} if row.scrap_qty else {}


def _pace(log: Log, line: Line, row: WorkOrderOperation) -> tuple[float, float]:
    """Minutes of setup and of a piece as they really were on this machine."""
    usual = PACE.get(line.machine.work_centre.code, 1.0) * 100 / line.machine.speed_percent
    setup = float(row.setup_min) * log.chance.uniform(0.85, 1.2)
    return setup, float(row.run_min_per_unit) * usual * log.chance.uniform(0.95, 1.06)


def _gaps(log: Log, line: Line, row: WorkOrderOperation, since: dt.datetime, until: dt.datetime) -> None:
    """Nobody works in breaks and nights."""
    for start, end in set(line.gaps(since, until)):
        log.say(Kind.PAUSE, line, start, row, reason=log.reasons["P-BREAK"])
        log.say(Kind.RESUME, line, end, row)


def _stop(log: Log, line: Line, row: WorkOrderOperation, at: dt.datetime, minutes: float) -> None:
    """A stop within one stretch of work; some have no reason yet, none of them is old."""
    end = at + minutes * MINUTE
    if not any(start <= at and end <= stop for start, stop in line.work):
        return
    code = log.chance.choice(STOPS)
    if not code and log.demo.now - at > dt.timedelta(days=2):
        code = "P-HELP"
    log.say(Kind.PAUSE, line, at, row, reason=log.reasons[code] if code else None)
    log.say(Kind.RESUME, line, end, row)


def _keep(log: Log, line: Line, row: WorkOrderOperation, at: dt.datetime, state: str, **more: Any) -> None:
    people = log.people[line.machine.work_centre.plant_id]
    log.runs.append(
        OperationRun(
            operation=row,
            machine=line.machine,
            operator=people[line.machine.pk % len(people)],
            state=state,
            started_at=at,
            resumed_at=log.demo.now if state == State.RUNNING else None,
            good_qty=row.good_qty,
            scrap_qty=row.scrap_qty,
            booked_sec=int(row.worked_min * 60),
            **more,
        )
    )


def _lost_links(log: Log) -> None:
    """Links were lost for a quarter of an hour in the middle of long jobs, on three machines; one is lost now."""
    found, silent = list[MachineEvent](), set[int]()
    for run in log.runs:
        machine, end = run.machine, run.finished_at
        if end is None or machine.pk in silent or end - run.started_at < dt.timedelta(minutes=50) or len(silent) == 3:
            continue
        at = run.started_at + 20 * MINUTE
        if any(pause.machine == machine and at - 20 * MINUTE < pause.happened_at < end for pause in log.pauses):
            continue
        silent.add(machine.pk)
        found.append(_message(machine, f"demo-{machine.pk}-lost", "unknown", at))
        found.append(_message(machine, f"demo-{machine.pk}-back", "producing", at + 14 * MINUTE))
    lost = Machine.objects.get(code="DRILL-02")
    found.append(_message(lost, "demo-lost-now", "unknown", log.demo.now - 17 * MINUTE))
    MachineEvent.objects.bulk_create(found)


def _message(machine: Machine, pk: str, state: str, at: dt.datetime) -> MachineEvent:
    return MachineEvent(pk=pk, machine=machine, state=state, happened_at=at, received_at=at, fingerprint="demo")


def _old_downtimes(log: Log, lines: dict[int, Line], users: dict[str, User]) -> None:
    """Breakdowns of the last days, repaired and closed with their reason; the job goes on after them."""
    demo, reasons = log.demo, log.reasons
    told = (
        ("SAW-01", 9, 38, "D-MECH", "Scoring blade replaced"),
        ("CNC-02", 31, 24, "D-TOOL", "Drill broken in the block"),
        ("PSAND-01", 7, 45, "D-AIR", "Extraction filter was full"),
        ("PAINT-01", 54, 62, "D-ELEC", "Pump motor protection had tripped"),
    )
    for code, hours, minutes, reason, note in told:
        line = next((one for one in lines.values() if one.machine.code == code), None)
        since = line.before(demo.now, hours * 60 * 0.6) if line else None
        if line is None or since is None:
            continue
        until = since + minutes * MINUTE
        alarm = Alarm.objects.create(
            machine=line.machine, code="down", text=f"{code} {line.machine.name} is down", state=Alarm.State.CLOSED,
            raised_at=since, acknowledged_at=since + 3 * MINUTE, acknowledged_by=users["marek"],
            repair_at=since + 8 * MINUTE, repair_by=users["marek"], cleared_at=until, closed_at=until + 5 * MINUTE,
            closed_by=users["marek"], reason=reasons[reason], note=note,
        )  # fmt: skip
        Downtime.objects.create(
            machine=line.machine, alarm=alarm, since_at=since, until_at=until, reason=reasons[reason]
        )
        for run in log.runs:
            ends = run.finished_at or demo.now
            if run.machine == line.machine and run.started_at <= since and until + MINUTE < ends:
                log.say(Kind.RESUME, line, until + MINUTE, run.operation)
