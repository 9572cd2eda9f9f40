"""What an event of the floor does to people's hours, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction

from erp.models import WorkOrderOperation
from masterdata import live, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, Machine
from masterdata.worktime import shop_time
from mes.labour import Finding
from mes.models import LabourBooking
from mes.services.events import FloorEvent
from mes.services.labour import folding, reading, skills
from mes.services.labour.costing import settle_cost

PERSONAL, ENDS = reading.PERSONAL, reading.ENDS
JOINS = ("setup", "start", "resume")


class AlreadyClockedIn(Refusal):
    """The person is here already."""

    code = "already_clocked_in"


class WorksElsewhere(Refusal):
    """The person works at a machine that wants a whole one."""

    code = "works_elsewhere"


class NothingToEnd(Refusal):
    """The person is not clocked in, not on a break or not at the job; or is on it already."""

    code = "nothing_to_end"


_AT_WORK = "SELECT 1 FROM mes_operationrun WHERE operation_id = %s AND state IN ('running', 'setup')"
_AT_JOB = """
    SELECT DISTINCT person_id FROM mes_labourbooking
    WHERE operation_id = %s AND (until_at IS NULL OR until_at > %s::timestamptz)
"""
SENTENCES = {
    "not_clocked_in": "{who} is not clocked in. Clock in first.",
    "already_on_break": "{who} is on a break already. End that first.",
    "not_on_break": "{who} is not on a break.",
    "not_on_job": "{who} is not at this job.",
    "already_on_job": "{who} works at this job already.",
    "names_no_job": "Say which job and machine {who} joins.",
}


def follow(event: FloorEvent, now: dt.datetime) -> None:
    """People's hours after the event, and their cost where a report has gone before it. It stands in the log.

    Call in the event's transaction, while holding what the event's own deed holds. What comes late and has nothing to
    end waits for what it ends. Locks the people, in order. Raises SkillMissing, AlreadyClockedIn, WorksElsewhere,
    NothingToEnd, InvalidInput.
    """
    if event.kind in PERSONAL:
        _follow_person(event, now)
    elif event.operation_id and (event.kind in ENDS or not _is_at_work(event.operation_id)):
        follow_job(operation_id=event.operation_id, at=event.happened_at)


def _follow_person(event: FloorEvent, now: dt.datetime) -> None:
    if event.operator_id is None:
        if event.kind in JOINS:
            return
        raise InvalidInput("Say who it is.", field="operator")
    person = folding.lock([event.operator_id])[event.operator_id]
    if event.kind in (*JOINS, "join") and event.operation_id and event.machine_id:
        skills.check_skills(
            person=person, machine_id=event.machine_id, operation_id=event.operation_id, at=event.happened_at
        )
    before: Collection[tuple[str, str]] = ()
    if event.is_late:
        since = reading.session_start(person.pk, event.happened_at)
        before = _hard(folding.hours_of(person, since, without=str(event.event_id)).findings)
    done = folding.refold(person, event.happened_at)
    for finding in done.findings:
        is_mine = finding.event_id == str(event.event_id)
        if is_mine and (finding.is_hard or not event.is_late):
            raise _refusal(finding, person)
        if event.is_late and finding.is_hard and (finding.event_id, finding.code) not in before:
            raise _refusal(finding, person)
    _told([person], done.operation_ids, since=event.happened_at, now=now)


@transaction.atomic(savepoint=False)
def follow_job(*, operation_id: int, at: dt.datetime) -> None:
    """The job was paused or has ended: whoever works there stops. Call after that is written, holding the operation."""
    ids = _at_job(operation_id, at)
    if not ids:
        return
    people = folding.lock(ids)
    changed: set[int] = set()
    for person in people.values():
        changed |= folding.refold(person, at).operation_ids
    _told(people.values(), changed, since=at, now=at)


@transaction.atomic(savepoint=False)
def unfollow(event: FloorEvent, now: dt.datetime) -> None:
    """The event was taken back: fold again whom it moved. Call after the correction is in the log."""
    at, operation_id = event.happened_at, event.operation_id
    ids = {event.operator_id} if event.operator_id else set()
    changed: set[int] = set()
    if operation_id:
        ids |= set(_at_job(operation_id, at))
        rows = LabourBooking.objects.filter(operation_id=operation_id, until_at=at)
        ids |= set(rows.values_list("person_id", flat=True))
        changed.add(operation_id)
    people = folding.lock(ids)
    for person in people.values():
        changed |= folding.refold(person, at).operation_ids
    _told(people.values(), changed, since=None, now=now)


def _at_job(operation_id: int, at: dt.datetime) -> Collection[int]:
    """Who is booked at the job then or later."""
    return {row[0] for row in statements.run(_AT_JOB, [operation_id, at])}


def _is_at_work(operation_id: int) -> bool:
    return bool(statements.run(_AT_WORK, [operation_id]))


def _told(
    people: Iterable[Employee], operation_ids: Collection[int], *, since: dt.datetime | None, now: dt.datetime
) -> None:
    for person in people:
        live.publish("people", person.pk, plant_id=person.plant_id)
    settle_cost(operation_ids=operation_ids, since=since, now=now)


def _hard(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.event_id, one.code) for one in findings if one.is_hard]


def _refusal(finding: Finding, person: Employee) -> Refusal:
    if finding.code == "already_clocked_in":
        since = shop_time(finding.since, person.plant.time_zone) if finding.since else ""
        return AlreadyClockedIn(
            f"{person.name} is clocked in since {since}. Clock out first, or ask the shift lead to put it right.",
            field="operator",
            person=person.pk,
        )
    if finding.code == "works_elsewhere":
        machine = Machine.objects.filter(pk=finding.machine_id or 0).values_list("code", flat=True).first() or ""
        rows = WorkOrderOperation.objects.filter(pk=finding.operation_id or 0).values_list("work_order__number", "name")
        number, name = rows.first() or ("", "")
        return WorksElsewhere(
            f"{person.name} works at {machine} on {number}, {name}. Leave that job first: the two machines are not "
            "tended together.",
            field="operator",
            machine=machine,
            work_order=number,
        )
    sentence = SENTENCES[finding.code].format(who=person.name)
    return NothingToEnd(sentence, field="operator", reason=finding.code)
