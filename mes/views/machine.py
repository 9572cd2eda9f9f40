"""A machine's page: what did it lose, and to what? And the reason of a stop."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from masterdata import access, shown
from masterdata.models import Machine
from masterdata.pages import Action, DetailPage, FormPage, Tab
from mes import selectors, services
from mes.forms import StopReasonForm
from mes.losses import key_of, losses
from mes.models import MachineState
from mes.selectors import MachineTime, Stay
from mes.views import periods
from mes.views.losing import pareto, waterfall
from mes.views.ribbon import WORDS, drawn

SEE, GIVE = "mes.view_floor", "mes.give_stop_reason"


def machines_of(user: Any, permission: str) -> QuerySet[Machine]:
    """Machines that the user may see (or do something to)."""
    rows = Machine.objects.select_related("work_centre__plant")
    return access.visible_to(user, rows, permission)


class MachinePage(DetailPage):
    """The ribbon of a period, OEE with coverage, waterfall, reasons; orders with hours and yield; all events."""

    permission = SEE
    plant = "work_centre.plant_id"
    template_name = "mes/machine.html"
    live = ["machine", "alarm", "dispatch"]

    def get_rows(self) -> QuerySet[Machine]:
        return machines_of(self.request.user, SEE)

    def get_title(self, row: Machine) -> str:
        return row.code

    def get_subtitle(self, row: Machine) -> str:
        return f"{row.name}, {row.work_centre.name}, {row.work_centre.plant.name}"

    def get_back(self, row: Machine) -> tuple[Any, str]:
        return _("Floor"), reverse("mes:floor")

    def get_actions(self, row: Machine) -> list[Action]:
        down = [
            Action(
                _("Runs again"), reverse("mes:report_up", args=[row.pk]), "player-play", "mes.report_machine_up", True
            )
        ]
        up = [
            Action(
                _("Report down"), reverse("mes:report_down", args=[row.pk]), "alert-octagon", "mes.report_machine_down"
            )
        ]
        found = [Action(_("OEE of all machines"), reverse("mes:oee"), "chart-bar", SEE)]
        return found + (down if self.tile.is_down else up)

    def get_tabs(self, row: Machine) -> list[Tab]:
        return [
            Tab("time", self.chosen.label, template="mes/_machine_time.html"),
            Tab("orders", _("Hours and yield"), template="mes/_machine_orders.html"),
            Tab("events", _("Events"), template="mes/_machine_events.html"),
        ]

    def get_state(self, row: Machine) -> tuple[str, Any]:
        state, since = self.tile.shown, self.tile.since
        word = WORDS.get(state, state)
        if since is None:
            return state, word
        minutes = int((self.now - since).total_seconds() // 60)
        return state, f"{word}, {shown.duration(minutes)}"

    def get_context_data(self, row: Machine) -> dict[str, Any]:
        self.now = timezone.now()
        self.chosen = periods.chosen(self.request, self.now)
        self.tile = selectors.tile(machine=row, now=self.now)
        context = super().get_context_data(row)
        tab = context["tab"].key
        context |= {
            "choices": periods.CHOICES.items(),
            "chosen": self.chosen,
            "tile": self.tile,
            "now": self.now,
            "alarms": list(selectors.open_alarms(plant_ids=[row.work_centre.plant_id]).filter(machine=row)),
            "may_reason": access.may(self.request.user, GIVE),
        }
        time = selectors.machine_time(machines=[row], start=self.get_start(row), end=self.chosen.end, now=self.now)
        parts = {"time": self.time_of, "orders": self.orders_of, "events": self.events_of}
        return context | parts[tab](row, time)

    def time_of(self, row: Machine, time: MachineTime) -> dict[str, Any]:
        """The page's first tab."""
        stays, calendar = time.stays.get(row.pk, []), time.calendars[row.pk]
        figures = time.figures(row.pk)
        found = losses(stays, calendar, (time.start, time.end))
        return {
            "figures": figures,
            "behind": f"{reverse('mes:behind')}?machine={row.pk}&period={self.chosen.key}",
            "shares": [
                (_("Available"), figures.availability, "availability"),
                (_("Speed"), figures.effectiveness, "speed"),
                (_("Quality"), figures.quality, "quality"),
            ],
            "ribbon": drawn(stays, calendar, self.chosen.period, self.now),
            "sums": [
                ("producing", "player-play", _("Producing"), figures.production),
                ("setup", "adjustments-horizontal", _("Setup"), figures.setup),
                ("stopped", "alert-octagon", _("Stopped"), figures.in_order),
                ("idle", "clock-pause", _("No order"), figures.without_order),
                ("unknown", "plug-connected-x", _("No data"), figures.unknown),
            ],
            "falls": waterfall(figures),
            "pareto": pareto(found),
            "lost_min": sum(one.minutes for one in found),
            "picked": self.request.GET.get("reason", ""),
        }

    def orders_of(self, row: Machine, time: MachineTime) -> dict[str, Any]:
        """Hours and yield by order."""
        rows = selectors.order_hours(machine_ids=[row.pk], start=time.start, end=time.end, now=self.now)
        return {"hours": rows}

    def events_of(self, row: Machine, time: MachineTime) -> dict[str, Any]:
        """Intervals, reports and what was told; `?stay=` of one interval, `?reason=` of one loss."""
        stays = [stay for stay in time.stays.get(row.pk, []) if self.is_asked(stay)]
        start, end = time.start, time.end
        one, reason = self.request.GET.get("stay", ""), self.request.GET.get("reason", "")
        if one and stays:
            start, end = stays[0].since, stays[0].until or time.end
        made = [report for report in reversed(time.reports.get(row.pk, [])) if start <= report.at <= end]
        return {
            "stays": [(stay, WORDS[stay.state], _minutes(stay, time)) for stay in reversed(stays)][:200],
            "reports": made[:200] if not reason else [],
            "told": selectors.told_of(machine_id=row.pk, start=start, end=end),
            "is_part": bool(one or reason),
        }

    def is_asked(self, stay: Stay) -> bool:
        one, reason = (self.request.GET.get(name, "") for name in ("stay", "reason"))
        if one:
            return str(stay.id) == one
        key = key_of(stay)
        return not reason or (key is not None and key[0] == reason)

    def get_start(self, row: Machine) -> dt.datetime:
        """The period's; an interval that is asked for by id is shown from its own beginning."""
        one = self.request.GET.get("stay", "")
        stay = MachineState.objects.filter(machine=row, pk=int(one)).first() if one.isdigit() else None
        return min(self.chosen.start, stay.since_at) if stay else self.chosen.start


def _minutes(stay: Stay, time: MachineTime) -> int:
    start, end = max(stay.since, time.start), min(stay.until or time.end, time.end)
    return round((end - start).total_seconds() / 60)


class GiveReason(FormPage):
    """Why did it stand? For the whole stop, or until a moment: then the rest keeps its own reason."""

    permission = GIVE
    form_class = StopReasonForm
    submit_label = gettext_lazy("Save the reason")
    done_message = gettext_lazy("Saved. The minutes are counted under this reason.")

    @property
    def stop(self) -> MachineState:
        rows = MachineState.objects.select_related("machine__work_centre__plant", "reason")
        return get_object_or_404(access.visible_to(self.request.user, rows, GIVE), pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        stop = self.stop
        with timezone.override(stop.machine.work_centre.plant.time_zone):
            start, end = timezone.localtime(stop.since_at), stop.until_at and timezone.localtime(stop.until_at)
            until = shown.clock(end) if end else _("now")
            return _("Why did %(code)s stand from %(start)s to %(end)s?") % {
                "code": stop.machine.code, "start": shown.clock(start), "end": until,
            }  # fmt: skip

    def get_back(self) -> tuple[Any, str]:
        stop = self.stop
        return stop.machine.code, reverse("mes:machine", args=[stop.machine_id])

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.stop.reason_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"stop": self.stop}

    def perform(self, form: StopReasonForm) -> str:
        stop = self.stop
        services.give_stop_reason(
            machine_id=stop.machine_id,
            start_at=stop.since_at,
            until_at=form.until(),
            reason_id=form.cleaned_data["reason"].pk,
            now=timezone.now(),
            operator=getattr(self.request.user, "employee", None),
            by=access.person(self.request),
        )
        return reverse("mes:machine", args=[stop.machine_id])
