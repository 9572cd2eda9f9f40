"""The floor in the office: machines now, open alarms, machines down and up."""

from __future__ import annotations

from collections import Counter
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
from masterdata.models import Machine, Plant
from masterdata.pages import Code, Column, DeedView, Empty, FormPage, ListPage, State, When
from mes import selectors, services
from mes.forms import MachineDownForm
from mes.models import Alarm
from mes.selectors import MachineNow

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
        machines = selectors.machines_now(plant_ids=plant_ids(request))
        counts = Counter("fault" if one.is_down else one.state for one in machines)
        context = {
            "page_title": _("Floor"),
            "places": places(machines),
            "counts": [(state, WORDS[state], counts[state]) for state in ORDER if counts[state]],
            "alarms": open_alarms(request),
            "machine_count": len(machines),
            "may_acknowledge": access.may(request.user, "mes.acknowledge_alarm"),
            "may_stop": access.may(request.user, "mes.report_machine_down"),
            "may_work": access.may(request.user, "mes.start_operation"),
        }
        is_part = "HX-Request" in request.headers
        answer = render(request, "mes/_floor.html" if is_part else "mes/floor.html", context)
        answer["Vary"] = "HX-Request"
        return answer


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


class Alarms(ListPage):
    """Every alarm, open ones first."""

    permission = "mes.view_floor"
    title, question = _("Alarms"), _("What stands, since when, and who takes care?")
    columns = [
        Code("machine.code", _("Machine"), sort="machine__code", second="machine.name"),
        Column("text", _("What")),
        State("state", _("State"), sort="state"),
        When("raised_at", _("Since"), sort="raised_at"),
        Column("count", _("Times"), css="num"),
        Column("acknowledged_by", _("Who takes care"), empty=_("Nobody yet")),
        When("cleared_at", _("Ended"), sort="cleared_at", empty=_("Still open")),
    ]
    search_fields = ["machine__code", "machine__name", "text"]
    order_by = "-raised_at"
    live = ["alarm"]
    empty = Empty(_("No alarms"), _("When a machine stops, it is shown here and on every tablet."), "circle-check")

    def get_rows(self) -> QuerySet[Alarm]:
        rows = Alarm.objects.filter(machine__work_centre__plant__in=plant_ids(self.request))
        return rows.select_related("machine", "acknowledged_by")

    def get_row_css(self, row: Alarm) -> str:
        return {"raised": "is-late", "cleared": "is-quiet"}.get(row.state, "")


class Acknowledge(DeedView):
    """I have seen it and take care."""

    permission = "mes.acknowledge_alarm"
    done_message = _("Acknowledged: everybody sees that you take care.")

    def get_rows(self) -> QuerySet[Alarm]:
        return access.visible_to(self.request.user, Alarm.objects.all(), self.permission)

    def perform(self, row: Alarm) -> str:
        services.acknowledge_alarm(alarm_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("mes:floor")


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
