"""Where the shift lead must go: what stands, waits, is silent or missing, the most urgent first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mes.models import Alarm, Device, ExecutionEvent, Quarantine
from mes.selectors.machines import MachineNow
from mes.selectors.people import PersonNow

SILENT = dt.timedelta(minutes=5)
"""A device that holds events and has said nothing for so long is silent."""
LONG_STOP = dt.timedelta(minutes=10)
"""A stop without alarm that lasts longer needs somebody."""


@dataclass(frozen=True, slots=True)
class Call:
    """One reason to go somewhere: `rank` 0 is the most urgent; `owner` is who takes care, `alarm` what can be taken."""

    rank: int
    tone: str
    icon: str
    what: str
    where: str
    since_at: dt.datetime | None
    owner: str = ""
    kind: str = ""
    pk: int = 0
    detail: str = ""


def open_quarantine(plant_ids: Collection[int]) -> QuerySet[Quarantine]:
    """Events that wait for a decision, oldest first."""
    rows = Quarantine.objects.filter(plant__in=plant_ids, state=Quarantine.State.OPEN)
    return rows.select_related("event__operator", "event__machine", "event__device").order_by("since_at", "pk")


def silent_devices(plant_ids: Collection[int], *, now: dt.datetime) -> list[Device]:
    """Devices that still hold events and have said nothing for a while."""
    rows = Device.objects.filter(plant__in=plant_ids, queue_length__gt=0, revoked_at=None)
    return list(rows.filter(last_seen_at__lt=now - SILENT).select_related("machine").order_by("last_seen_at"))


def notes(
    *, operation_ids: Collection[int] = (), machine_ids: Collection[int] = (), since: dt.datetime
) -> list[ExecutionEvent]:
    """Notes from the floor about these jobs or machines since then, newest first, undone ones left out."""
    rows = ExecutionEvent.objects.filter(kind="note", corrected_at__gte=since, corrections=None)
    at_jobs = rows.filter(operation__in=operation_ids)
    found = at_jobs | rows.filter(machine__in=machine_ids, operation=None)
    rows = found.select_related("operator", "machine", "operation__work_order")
    return list(rows.order_by("-corrected_at", "pk")[:50])


def calls(
    *,
    machines: Iterable[MachineNow],
    alarms: Iterable[Alarm],
    quarantine: Iterable[Quarantine],
    devices: Iterable[Device],
    people: Iterable[tuple[Any, PersonNow]],
    now: dt.datetime,
) -> list[Call]:
    """Everything that needs somebody, the most urgent first, then the oldest."""
    found = [*_of_alarms(alarms), *_of_stops(machines, now)]
    found += [
        Call(2, "risk", "alert-triangle", one.sentence, _place_of(one), one.since_at, kind="quarantine", pk=one.pk)
        for one in quarantine
    ]
    found += [
        Call(
            1, "risk", "wifi-off",
            ngettext("%(name)s is silent and holds %(n)s event", "%(name)s is silent and holds %(n)s events",
                     one.queue_length) % {"name": one.name, "n": one.queue_length},
            one.machine.code if one.machine else "", one.last_seen_at, kind="device", pk=one.pk,
        )
        for one in devices
    ]  # fmt: skip
    found += [
        Call(3, "late" if now_.state == "absent" else "risk", "user-x",
             _("%(who)s is absent") % {"who": person} if now_.state == "absent"
             else _("%(who)s is late") % {"who": person},
             now_.turn.name if now_.turn else "", now_.since_at, kind="person", pk=person.pk)
        for person, now_ in people
        if now_.state in ("late", "absent")
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.rank, one.since_at or now))


def _of_alarms(alarms: Iterable[Alarm]) -> list[Call]:
    return [
        Call(
            0 if one.state == Alarm.State.RAISED else 1, "late" if one.state == Alarm.State.RAISED else "risk",
            "alert-octagon", one.text, one.machine.code, one.raised_at,
            str(one.acknowledged_by) if one.acknowledged_by else "", "alarm", one.pk,
            _("told %(n)s times") % {"n": one.count} if one.count > 1 else "",
        )
        for one in alarms
    ]  # fmt: skip


def _of_stops(machines: Iterable[MachineNow], now: dt.datetime) -> list[Call]:
    return [
        Call(1, "risk", "player-pause", _("%(machine)s is stopped") % {"machine": one.code}, one.code, one.since_at,
             kind="machine", pk=one.id, detail=one.work_order or "")
        for one in machines
        if one.state == "stopped" and not one.is_down and one.since_at and now - one.since_at >= LONG_STOP
    ]  # fmt: skip


def _place_of(one: Quarantine) -> str:
    event = one.event
    return " · ".join(str(part) for part in (event.machine and event.machine.code, event.operator) if part)
