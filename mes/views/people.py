"""People of the floor in the office: who is here, the hours of each, and how they are put right."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.models import Employee
from masterdata.pages import (
    Action,
    Choice,
    Column,
    Days,
    Empty,
    FormPage,
    ListPage,
    Number,
    State,
    View,
    When,
)
from masterdata.pages.zones import plant_time
from mes import selectors, services
from mes.forms import HoursForm, StrikeForm
from mes.models import Attendance, AttendanceBreak
from mes.views.floor import floor_tabs, plant_ids

SEE, CORRECT, OVERRIDE = "mes.view_hours", "mes.correct_hours", "mes.override_skill"


def _hours(minutes: int) -> Any:
    return shown.duration(minutes) if minutes else ""


class People(ListPage):
    """Who is here now."""

    permission = SEE
    title, question = _l("People"), _l("Who is here, and where?")
    columns = [
        Column("name", _l("Name"), sort="name", link=True, css="wide", second="code"),
        State("now.state", _l("Now"), word="now.word"),
        When("now.since_at", _l("Since"), empty=_l("Not here")),
        Column("now.where", _l("Machine"), empty=_l("At no machine")),
        Column("now.doing", _l("Job"), empty=_l("No job")),
        Column(lambda row: row.now.turn.name if row.now.turn else "", _l("Shift"), empty=_l("No shift today")),
        Column(
            lambda row: _("%(min)s min late") % {"min": row.now.late_min} if row.now.late_min else "", _l("Came"),
            empty=_l("In time"),
        ),
        Column(lambda row: _hours(row.now.today_min), _l("Today"), css="num"),
        Column(lambda row: _hours(row.now.week_min), _l("This week"), css="num"),
    ]  # fmt: skip
    search_fields = ["name", "code", "badge"]
    order_by = "name"
    page_size = 80
    live = ["people"]
    template_name = "mes/floor_list.html"
    empty = Empty(_l("Nobody"), _l("People are entered in master data, under Employees."), "users")

    def get_rows(self) -> QuerySet[Employee]:
        here = Attendance.objects.filter(person=OuterRef("pk"), until_at=None)
        rest = AttendanceBreak.objects.filter(attendance__person=OuterRef("pk"), until_at=None)
        rows = Employee.objects.filter(plant__in=plant_ids(self.request), is_active=True)
        rows = rows.annotate(is_here=Exists(here), is_resting=Exists(rest))
        asked = self.request.GET.get("now", "")
        if asked == "here":
            rows = rows.filter(is_here=True)
        elif asked == "break":
            rows = rows.filter(is_resting=True)
        elif asked == "missing":
            rows = rows.filter(pk__in=[pk for pk, one in self.everybody.items() if one.state in ("late", "absent")])
        rows = rows.select_related("plant__calendar", "calendar")
        return visible_to(self.request.user, rows.prefetch_related("plant__calendar__shifts", "calendar__shifts"), SEE)

    @cached_property
    def everybody(self) -> dict[int, selectors.PersonNow]:
        return selectors.people_now(selectors.staff(plant_ids(self.request)), now=timezone.now())

    def prepare(self, rows: list[Any]) -> list[Any]:
        missing = [one for one in rows if one.pk not in self.everybody]
        known = self.everybody | selectors.people_now(missing, now=timezone.now()) if missing else self.everybody
        for one in rows:
            one.now = known[one.pk]
        return rows

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        here = sum(one.is_here for one in self.everybody.values())
        ending = selectors.ending_skills(plant_ids=plant_ids(self.request), today=timezone.localdate())
        extra = {"floor_tabs": floor_tabs(self.request, "people", here=here), "ending": list(ending)}
        return super().get_context_data(rows) | extra

    def get_views(self) -> list[View]:
        states = [one.state for one in self.everybody.values()]
        here = sum(one in ("working", "here", "break") for one in states)
        missing = sum(one in ("late", "absent") for one in states)
        return [
            View("all", _("All"), "", count=len(states)),
            View("here", _("Here"), "now=here", count=here),
            View("break", _("On a break"), "now=break", count=states.count("break")),
            View("missing", _("Not here yet"), "now=missing", count=missing, tone="late" if missing else ""),
        ]

    def get_url(self, row: Employee) -> str:
        return reverse("mes:timesheet", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return {"absent": "is-late", "late": "is-late", "away": "is-quiet", "gone": "is-quiet"}.get(row.now.state, "")

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Hours"), reverse("mes:hours"), "clock"),
            Action(_("Skills"), reverse("mes:people_skills"), "certificate"),
            Action(_("Allow without skill"), reverse("mes:skill_override"), "lock-open", OVERRIDE),
        ]


class Hours(ListPage):
    """Everybody's attendances: for the payroll."""

    permission = SEE
    title, question = _l("Hours"), _l("Who was here, from when to when?")
    columns = [
        Column("person.name", _l("Name"), sort="person__name", link=True, css="wide", second="person.code"),
        When("since_at", _l("Came"), sort="since_at"),
        When("until_at", _l("Went"), sort="until_at", empty=_l("Still here")),
        Number("break_min", _l("Break, min"), places=0),
        Number("paid_min", _l("Paid, min"), places=0),
        Number("hours", _l("Hours"), places=2),
        Number("at_jobs_min", _l("At jobs, min"), places=0),
    ]
    search_fields = ["person__name", "person__code"]
    order_by = "-since_at"
    live = ["people"]
    empty = Empty(_l("No hours yet"), _l("Who clocks in at a tablet stands here."), "clock")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        people = [(one.pk, one.name) for one in selectors.staff(plant_ids(request))]
        self.filters = [  # type: ignore[misc]
            Days("on", _("Days"), field="since_at", is_moment=True),
            Choice("person", _("Who"), choices=people),
        ]

    def get_rows(self) -> QuerySet[Attendance]:
        rows = Attendance.objects.filter(plant__in=plant_ids(self.request)).select_related("person")
        return visible_to(self.request.user, rows.prefetch_related(Prefetch("breaks")), SEE)

    def prepare(self, rows: list[Any]) -> list[Any]:
        now = timezone.now()
        worked = selectors.minutes_at_jobs(rows, now=now)
        for row in rows:
            row.break_min, row.paid_min = selectors.minutes_of(row, now=now)
            row.hours = (Decimal(row.paid_min) / 60).quantize(Decimal("0.01"))
            row.at_jobs_min = worked[row.pk]
        return rows

    def get_url(self, row: Attendance) -> str:
        return reverse("mes:correct_hours", args=[row.pk]) if may(self.request.user, CORRECT) else ""

    def get_actions(self) -> list[Action]:
        return [Action(_("People"), reverse("mes:people"), "users")]


class Timesheet(Hours):
    """One person's attendances."""

    question = _l("When was this person here?")
    columns = [
        When("since_at", _l("Came"), sort="since_at", link=True),
        *Hours.columns[2:],
    ]

    @cached_property
    def person(self) -> Employee:
        rows = visible_to(self.request.user, Employee.objects.select_related("plant__calendar", "calendar"), SEE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [Days("on", _("Days"), field="since_at", is_moment=True)]  # type: ignore[misc]

    def get_rows(self) -> QuerySet[Attendance]:
        rows = Attendance.objects.filter(person=self.person).select_related("person").prefetch_related("breaks")
        return visible_to(self.request.user, rows, SEE)

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        now = selectors.people_now([self.person], now=timezone.now())[self.person.pk]
        said = [now.word, now.where] if now.where else [now.word]
        if now.week_min:
            said.append(_("%(hours)s this week") % {"hours": shown.duration(now.week_min)})
        return super().get_context_data(rows) | {"page_title": self.person.name, "question": " · ".join(said)}

    def get_actions(self) -> list[Action]:
        add = reverse("mes:add_hours", args=[self.person.pk])
        return [
            Action(_("People"), reverse("mes:people"), "users"),
            Action(_("Add hours"), add, "plus", CORRECT, is_main=True),
        ]


class CorrectHours(FormPage):
    """When somebody really came and went."""

    permission, form_class = CORRECT, HoursForm
    submit_label, done_message = _l("Put right"), _l("Put right. What it changes in the cost of jobs is booked.")

    @cached_property
    def row(self) -> Attendance:
        rows = visible_to(self.request.user, Attendance.objects.select_related("person__plant"), CORRECT)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not may(request.user, CORRECT):
            return super().dispatch(request, *args, **kwargs)
        with plant_time(request, self.row.plant_id):
            return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Hours of %(who)s") % {"who": self.row.person.name}

    def get_back(self) -> tuple[Any, str]:
        return self.row.person.name, reverse("mes:timesheet", args=[self.row.person_id])

    def get_initial(self) -> dict[str, Any]:
        return {"since_at": self.row.since_at, "until_at": self.row.until_at}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        strike = Action(_("Strike these hours"), reverse("mes:strike_hours", args=[self.row.pk]), "trash", CORRECT)
        return super().get_context_data(form) | {"actions": [strike]}

    def perform(self, form: HoursForm) -> str:
        given = form.cleaned_data
        services.correct_hours(
            attendance=self.row,
            since_at=_whole(given["since_at"], self.row.since_at),
            until_at=_whole(given["until_at"], self.row.until_at),
            reason=given["reason"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("mes:timesheet", args=[self.row.person_id])


def _whole(given: Any, was: dt.datetime | None) -> Any:
    """What stands in the form to the minute is what was, when nobody changed it."""
    same = was is not None and given is not None and given == was.replace(second=0, microsecond=0)
    return was if same else given


class StrikeHours(CorrectHours):
    """These hours do not count."""

    form_class = StrikeForm  # type: ignore[assignment]
    submit_label, done_message = _l("Strike"), _l("Struck: the log keeps what was told and why it does not count.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {"actions": []}

    def perform(self, form: Any) -> str:
        services.strike_hours(
            attendance=self.row,
            reason=form.cleaned_data["reason"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("mes:timesheet", args=[self.row.person_id])


class AddHours(FormPage):
    """Hours of somebody who forgot to clock in."""

    permission, form_class = CORRECT, HoursForm
    submit_label, done_message = _l("Add"), _l("Added.")

    @cached_property
    def person(self) -> Employee:
        return get_object_or_404(visible_to(self.request.user, Employee.objects.all(), CORRECT), pk=self.kwargs["pk"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not may(request.user, CORRECT):
            return super().dispatch(request, *args, **kwargs)
        with plant_time(request, self.person.plant_id):
            return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Add hours of %(who)s") % {"who": self.person.name}

    def get_back(self) -> tuple[Any, str]:
        return self.person.name, reverse("mes:timesheet", args=[self.person.pk])

    def perform(self, form: HoursForm) -> str:
        services.add_hours(person=self.person, by=self.request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        return reverse("mes:timesheet", args=[self.person.pk])
