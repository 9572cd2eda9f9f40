"""Pages of machines: list, one machine with its work centre, calendar and state, create and edit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from masterdata import services
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.forms import MachineForm, limit_choices
from masterdata.models import Machine, WorkCentre
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DetailPage,
    EditPage,
    Empty,
    ListPage,
    Money,
    Percent,
    State,
    Tab,
    sent_version,
)
from masterdata.views.parts import active, part_url, with_day_names

SEE, EDIT = "masterdata.view", "masterdata.edit_resource"


class Machines(ListPage):
    """Every machine with its work centre."""

    permission = SEE
    title, question = _("Machines"), _("What can work, where and when?")
    columns = [
        Code("code", _("Machine"), sort="code", link=True, css="w-1"),
        Column("name", _("Name"), sort="name", css="wide"),
        Column("work_centre.name", _("Work centre"), sort="work_centre__code", second="work_centre.code"),
        Column("work_centre.plant.name", _("Plant"), sort="work_centre__plant__code"),
        Column(lambda row: (row.calendar or row.work_centre.calendar).name, _("Calendar"), sort="in_calendar"),
        Percent("speed_percent", _("Speed"), sort="speed_percent"),
        State(lambda row: active(row)[0], _("State"), word=lambda row: active(row)[1]),
    ]
    search_fields = ["code", "name", "work_centre__name", "work_centre__code"]
    filters = [
        Choice("active", _("Active"), field="is_active", choices=[(True, _("Yes")), (False, _("No"))]),
    ]
    order_by = "code"
    empty = Empty(_("No machines yet"), _("Enter the first one; the planner schedules on it at once."), "tool")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        by_centre = Choice("centre", _("Work centre"), field="work_centre", choices=cache(self._centres))
        self.filters = [by_centre, *self.filters]  # type: ignore[misc]

    def _centres(self) -> list[tuple[int, str]]:
        centres = visible_to(self.request.user, WorkCentre.objects.order_by("code"))
        return [(centre.pk, str(centre)) for centre in centres]

    def get_rows(self) -> QuerySet[Machine]:
        rows = Machine.objects.select_related("work_centre__plant", "work_centre__calendar", "calendar")
        rows = rows.annotate(in_calendar=Coalesce("calendar__name", "work_centre__calendar__name"))
        return visible_to(self.request.user, in_chosen_plant(self.request, rows, "work_centre__plant"))

    def get_url(self, row: Machine) -> str:
        return reverse("masterdata:machine", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("New machine"), reverse("masterdata:machine_create"), "plus", EDIT, is_main=True)]


class MachinePage(DetailPage):
    """One machine; what it does now comes from the floor."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Machine]:
        rows = Machine.objects.select_related("work_centre__plant__company", "work_centre__calendar", "calendar")
        return visible_to(self.request.user, rows)

    def get_title(self, row: Machine) -> Any:
        return row.code

    def get_subtitle(self, row: Machine) -> Any:
        return row.name

    def get_back(self, row: Machine) -> tuple[Any, str]:
        return _("Machines"), reverse("masterdata:machines")

    def get_state(self, row: Machine) -> tuple[str, Any]:
        return active(row)

    def get_cards(self, row: Machine) -> Sequence[Card]:
        place = [
            Column("work_centre.plant.name", _("Plant")),
            Column("work_centre", _("Work centre")),
            Percent("speed_percent", _("Speed")),
        ]
        rates = [
            Column(lambda one: (one.calendar or one.work_centre.calendar).name, _("Calendar")),
            Column(lambda one: _("its own") if one.calendar_id else _("the work centre's"), _("Whose calendar")),
        ]
        if may(self.request.user, "erp.view_cost"):
            rates += [
                Money("work_centre.machine_rate", _("Machine hour")),
                Money("work_centre.labour_rate", _("Labour hour")),
            ]
        return [Card(_("Where it stands"), place), Card(_("When it works, what it costs"), rates)]

    def get_tabs(self, row: Machine) -> Sequence[Tab]:
        url = part_url(self.request.user, "mes.view_floor", "mes:machine_part", row.pk)
        tabs = [Tab("now", _("Now"), url=url)] if url else []
        return [*tabs, Tab("hours", _("Working hours"), template="masterdata/_hours.html")]

    def get_context_data(self, row: Machine) -> dict[str, Any]:
        context = super().get_context_data(row)
        if context["tab"].key == "hours":
            calendar = row.calendar or row.work_centre.calendar
            context |= {"calendar": calendar, "shifts": with_day_names(calendar.shifts.prefetch_related("breaks"))}
        return context

    def get_actions(self, row: Machine) -> list[Action]:
        return [Action(_("Edit"), reverse("masterdata:machine_edit", args=[row.pk]), "pencil", EDIT, is_main=True)]


class CreateMachine(CreatePage):
    """A new machine."""

    permission, form_class, title = EDIT, MachineForm, _("New machine")
    done_message = _("Saved.")

    def get_back(self) -> tuple[Any, str]:
        return _("Machines"), reverse("masterdata:machines")

    def get_initial(self) -> dict[str, Any]:
        return {"is_active": True, "speed_percent": 100} | super().get_initial()

    def get_form(self, data: Any = None) -> forms.Form:
        return limit_choices(super().get_form(data), self.request.user, EDIT)

    def perform(self, form: forms.Form) -> str:
        machine = services.create_machine(values=form.cleaned_data)
        return reverse("masterdata:machine", args=[machine.pk])


class EditMachine(EditPage):
    """A machine changed."""

    permission, form_class, done_message = EDIT, MachineForm, _("Saved.")

    def get_rows(self) -> QuerySet[Machine]:
        return visible_to(self.request.user, Machine.objects.all(), EDIT)

    def get_title(self) -> Any:
        return _("Edit %(what)s") % {"what": self.get_object().code}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().code, reverse("masterdata:machine", args=[self.get_object().pk])

    def get_form(self, data: Any = None) -> forms.Form:
        return limit_choices(super().get_form(data), self.request.user, EDIT)

    def perform(self, form: forms.Form) -> str:
        machine = services.update_machine(
            machine=self.get_object(), values=form.cleaned_data, expected_version=sent_version(self.request)
        )
        return reverse("masterdata:machine", args=[machine.pk])
