"""Skills of people in the office: what ends, who worked without, and who allowed it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.models import WorkOrderOperation
from masterdata.access import may, visible_to
from masterdata.errors import InvalidInput
from masterdata.forms import limit_choices
from masterdata.models import EmployeeSkill
from masterdata.pages import Action, Code, Column, Day, Empty, FormPage, ListPage, State, View, When
from mes import selectors, services
from mes.forms import SkillOverrideForm
from mes.models import SkillOverride
from mes.views.floor import plant_ids

SEE, OVERRIDE = "mes.view_hours", "mes.override_skill"


class AllowWithoutSkill(FormPage):
    """A shift lead lets somebody do a job without the skill that it needs."""

    permission, form_class, title = OVERRIDE, SkillOverrideForm, _l("Allow without skill")
    submit_label, done_message = _l("Allow"), _l("Allowed for this job. Your name and the reason are kept.")

    def get_back(self) -> tuple[Any, str]:
        return _("Skill overrides"), reverse("mes:skill_overrides")

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, OVERRIDE)

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        services.allow_without_skill(
            person=given["person"],
            machine=given["machine"],
            operation=_operation(given["machine"].pk, given["job"]),
            reason=given["reason"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("mes:skill_overrides")


def _operation(machine_id: int, number: str) -> WorkOrderOperation:
    rows = WorkOrderOperation.objects.filter(work_order__number__iexact=number.strip(), finished_at=None)
    at_machine = Q(dispatch__machine_id=machine_id) | Q(work_centre__machines=machine_id)
    found = rows.filter(at_machine).order_by("sequence").first()
    if found is None:
        raise InvalidInput("This work order has nothing open at that machine. Check its number.", field="job")
    return found


class PeopleSkills(ListPage):
    """What people are trained for, and what ends."""

    permission = SEE
    title, question = _l("Skills of people"), _l("Whose skill ends soon, or has ended?")
    columns = [
        Column("employee.name", _l("Who"), sort="employee__name", css="wide", second="employee.code", link=True),
        Column("skill.name", _l("Skill"), sort="skill__name"),
        Column("get_level_display", _l("Level"), sort="level"),
        Day("valid_until", _l("Valid until"), sort="valid_until", empty=_l("For good")),
        State("state", _l("State"), word="word"),
    ]
    search_fields = ["employee__name", "employee__code", "skill__name"]
    order_by = "valid_until"
    empty = Empty(_l("Nobody has a skill yet"), _l("Skills are entered in master data."), "certificate")

    def get_rows(self) -> QuerySet[EmployeeSkill]:
        rows = selectors.skills_of(plant_ids=plant_ids(self.request))
        asked, today = self.request.GET.get("ends", ""), timezone.localdate()
        if asked == "soon":
            rows = rows.filter(valid_until__gte=today, valid_until__lte=today + selectors.ENDS_SOON)
        elif asked == "ended":
            rows = rows.filter(valid_until__lt=today)
        return visible_to(self.request.user, rows, SEE)

    def prepare(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        words = {"active": _("Valid"), "at_risk": _("Ends soon"), "expired": _("Ended")}
        for one in rows:
            one.state = selectors.skill_state(one, today)
            one.word = words[one.state]
        return rows

    def get_views(self) -> list[View]:
        today = timezone.localdate()
        ends = [one.valid_until < today for one in self._ending(today) if one.valid_until]
        return [
            View("all", _("All"), ""),
            View("soon", _("End within 30 days"), "ends=soon", count=ends.count(False)),
            View("ended", _("Ended"), "ends=ended", count=sum(ends), tone="late" if any(ends) else ""),
        ]

    def _ending(self, today: dt.date) -> QuerySet[EmployeeSkill]:
        return selectors.ending_skills(plant_ids=plant_ids(self.request), today=today)

    def get_url(self, row: EmployeeSkill) -> str:
        if may(self.request.user, "masterdata.edit_employee"):
            return reverse("masterdata:employee_skill_edit", args=[row.pk])
        return reverse("mes:timesheet", args=[row.employee_id])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("People"), reverse("mes:people"), "users"),
            Action(_("Skill overrides"), reverse("mes:skill_overrides"), "lock-open"),
        ]


class SkillOverrides(ListPage):
    """Who was let work without a skill, by whom and why."""

    permission = SEE
    title, question = _l("Skill overrides"), _l("Who worked without the skill, and who allowed it?")
    columns = [
        When("at", _l("When"), sort="at"),
        Column("person.name", _l("Who"), sort="person__name", css="wide"),
        Column(lambda row: ", ".join(one.name for one in row.skills.all()), _l("Without")),
        Code("machine.code", _l("Machine"), second="operation.work_order.number"),
        Column("reason", _l("Why")),
        Column("by", _l("Allowed by")),
    ]
    search_fields = ["person__name", "machine__code", "reason", "operation__work_order__number"]
    order_by = "-at"
    empty = Empty(_l("Nobody worked without a skill"), _l("What a shift lead allows stands here."), "certificate")

    def get_rows(self) -> QuerySet[SkillOverride]:
        rows = SkillOverride.objects.filter(plant__in=plant_ids(self.request))
        rows = rows.select_related("person", "machine", "operation__work_order", "by").prefetch_related("skills")
        return visible_to(self.request.user, rows, SEE)

    def get_actions(self) -> list[Action]:
        url = reverse("mes:skill_override")
        return [
            Action(_("People"), reverse("mes:people"), "users"),
            Action(_("Skills of people"), reverse("mes:people_skills"), "certificate"),
            Action(_("Allow without skill"), url, "lock-open", OVERRIDE, is_main=True),
        ]
