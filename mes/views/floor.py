"""The floor in the office: machines now, open alarms, machines down and up."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import access
from masterdata.access import Guarded, requires
from masterdata.models import Employee, Machine, Plant
from masterdata.pages import DeedView, FormPage
from mes import selectors, services
from mes.forms import MachineDownForm
from mes.models import Alarm, Handover
from mes.selectors import Call, MachineNow, PersonNow

# Loudest first; what stands needs somebody.
ORDER = ("fault", "stopped", "maintenance", "setup", "producing", "idle", "off", "unknown")
WORDS = {
    "fault": _("Down"),
    "stopped": _("Stopped"),
    "maintenance": _("Maintenance"),
    "setup": _("Setup"),
    "producing": _("Running"),
    "idle": _("Idle"),
    "off": _("Off"),
    "unknown": _("No data"),
}


def plant_ids(request: HttpRequest) -> list[int]:
    """The plant of the switch, or all in which the user may see the floor."""
    seen = access.scope_of(request.user, "mes.view_floor").plants
    chosen = request.plant  # type: ignore[attr-defined]
    return sorted(seen & {chosen.pk} if chosen is not None else seen)


def open_alarms(request: HttpRequest) -> list[Alarm]:
    """Alarms that are not cleared, in those plants."""
    return list(selectors.open_alarms(plant_ids=plant_ids(request)))


class Floor(Guarded):
    """Every machine with what it does now, and the alarms that need somebody."""

    permission = "mes.view_floor"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        plants, now = plant_ids(request), timezone.now()
        machines = selectors.machines_now(plant_ids=plants)
        counts = Counter("fault" if one.is_down else one.state for one in machines)
        staff = selectors.staff(plants)
        people = selectors.people_now(staff, now=now)
        crew = [(one, people[one.pk]) for one in staff if people[one.pk].is_here]
        may_see_hours = access.may(request.user, "mes.view_hours")
        quarantine = list(selectors.open_quarantine(plants))
        calls = selectors.calls(
            machines=machines,
            alarms=open_alarms(request),
            quarantine=quarantine,
            devices=selectors.silent_devices(plants, now=now),
            people=[(one, people[one.pk]) for one in staff] if may_see_hours else [],
            now=now,
        )
        context = {
            "page_title": _("Floor"),
            "places": places(_with_people(machines, crew)),
            "counts": [(state, WORDS[state], counts[state]) for state in ORDER if counts[state]],
            "down_count": sum(one.is_down for one in machines),
            "calls": [_with_url(call, request) for call in calls],
            "crew": crew,
            "handovers": Handover.objects.filter(plant__in=plants).select_related("plant")[:3] if may_see_hours else [],
            "floor_tabs": floor_tabs(request, "floor", here=len(crew), waiting=len(quarantine)),
            "may_see_hours": may_see_hours,
            "may_acknowledge": access.may(request.user, "mes.acknowledge_alarm"),
            "may_stop": access.may(request.user, "mes.report_machine_down"),
            "may_work": access.may(request.user, "mes.start_operation"),
        }
        is_part = "HX-Request" in request.headers
        answer = render(request, "mes/_floor.html" if is_part else "mes/floor.html", context)
        answer["Vary"] = "HX-Request"
        return answer


@dataclass(frozen=True, slots=True)
class FloorTab:
    """A part of the floor, on a page of its own."""

    label: Any
    url: str
    is_here: bool
    count: int | None = None
    tone: str = ""


def floor_tabs(
    request: HttpRequest, here_is: str, *, here: int | None = None, waiting: int | None = None
) -> list[FloorTab]:
    """The pages of the floor that the user may open; `here` people are here, `waiting` events wait in quarantine."""
    if waiting is None:
        waiting = selectors.open_quarantine(plant_ids(request)).count()
    table = [
        ("floor", _("Now"), "mes:floor", "mes.view_floor", None, ""),
        ("people", _("People"), "mes:people", "mes.view_hours", here, ""),
        ("quarantine", _("Quarantine"), "mes:quarantine", "mes.view_floor", waiting, "risk" if waiting else ""),
        ("handovers", _("Handover"), "mes:handovers", "mes.view_hours", None, ""),
        ("alarms", _("Alarms"), "mes:alarms", "mes.view_floor", None, ""),
        ("devices", _("Tablets"), "mes:devices", "mes.manage_device", None, ""),
    ]
    return [
        FloorTab(label, reverse(name), key == here_is, count, tone)
        for key, label, name, permission, count, tone in table
        if access.may(request.user, permission)
    ]


def _with_people(machines: list[MachineNow], crew: list[tuple[Employee, PersonNow]]) -> list[MachineNow]:
    """Each machine with who works there."""
    at: dict[str, list[str]] = defaultdict(list)
    for person, now in crew:
        for job in now.jobs:
            at[job.machine].append(person.name)
    return [replace(one, people=", ".join(at[one.code])) for one in machines]


def _with_url(call: Call, request: HttpRequest) -> dict[str, Any]:
    """The call with the page that it is decided on, where the user may open that."""
    pages = {
        "quarantine": ("mes:quarantined", "mes.view_floor"),
        "person": ("mes:timesheet", "mes.view_hours"),
        "machine": ("masterdata:machine", "masterdata.view"),
    }
    name, permission = pages.get(call.kind, ("", ""))
    url = reverse(name, args=[call.pk]) if name and access.may(request.user, permission) else ""
    return {one.name: getattr(call, one.name) for one in fields(call)} | {"url": url}


def places(machines: list[MachineNow]) -> list[tuple[str, str, list[MachineNow]]]:
    """Machines by plant and work centre."""
    return [
        (plant, name, list(rows))
        for (plant, name), rows in groupby(machines, key=lambda one: (one.plant_name, one.work_centre_name))
    ]


@requires("mes.view_floor")
def strip(request: HttpRequest, plant_id: int) -> HttpResponse:
    """The band over a tablet or board: what is down in the plant now. Empty when all is well."""
    plant = get_object_or_404(access.visible_to(request.user, Plant.objects.all(), "mes.view_floor"), pk=plant_id)
    down = [one for one in selectors.machines_now(plant_ids=[plant.pk]) if one.alarm_id is not None]
    down.sort(key=lambda one: (one.alarm_state != "raised", -(one.down_since_at or timezone.now()).timestamp()))
    return render(request, "mes/_strip.html", {"first": down[0] if down else None, "more": len(down) - 1})


class ReportDown(FormPage):
    """A machine is down, told from the office."""

    permission = "mes.report_machine_down"
    form_class = MachineDownForm
    submit_label = _("Report as down")
    done_message = _("Reported. The alarm is on every board, and the plan is made around it.")

    @property
    def machine(self) -> Machine:
        rows = Machine.objects.filter(is_active=True)
        return get_object_or_404(access.visible_to(self.request.user, rows, self.permission), pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        return _("%(code)s is down") % {"code": self.machine.code}

    def get_back(self) -> tuple[Any, str]:
        return _("Floor"), reverse("mes:floor")

    def perform(self, form: MachineDownForm) -> str:
        now = timezone.now()
        reason = form.cleaned_data["reason"]
        services.report_machine_down(
            machine_id=self.machine.pk,
            since_at=now,
            now=now,
            estimated_until_at=form.until(now),
            reason_id=reason.pk if reason else None,
            by=getattr(self.request.user, "employee", None),
        )
        return reverse("mes:floor")


class ReportUp(DeedView):
    """A machine runs again, told from the office."""

    permission = "mes.report_machine_up"
    done_message = _("The machine runs again and is planned again.")

    def get_rows(self) -> QuerySet[Machine]:
        return access.visible_to(self.request.user, Machine.objects.filter(is_active=True), self.permission)

    def perform(self, row: Machine) -> str:
        now = timezone.now()
        services.report_machine_up(machine_id=row.pk, until_at=now, now=now)
        return reverse("mes:floor")
