"""Check plans: their list, one of them with its characteristics, and the forms that write drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import access
from masterdata.access import person, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import Plant
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    ListPage,
    Number,
    State,
    Tab,
    When,
    YesNo,
)
from masterdata.shown import plain
from mes import selectors, services, spc
from mes.models import Characteristic, CheckPlan
from mes.quality_forms import CharacteristicForm, NewPlanForm, PlanForm, allowed

SEE, EDIT = "mes.view_quality", "mes.edit_check_plan"


def when(plan: CheckPlan) -> str:
    """When it is checked, in words."""
    if plan.trigger == CheckPlan.Trigger.TIME:
        return _("Every %(n)s minutes") % {"n": plan.every_min}
    if plan.trigger != CheckPlan.Trigger.COUNT:
        return str(plan.get_trigger_display())
    if plan.first_piece and plan.every_n:
        return _("First piece, then one in %(n)s") % {"n": plan.every_n}
    return _("First piece") if plan.first_piece else _("One in %(n)s pieces") % {"n": plan.every_n}


def where(plan: CheckPlan) -> str:
    """Where it is checked, in words."""
    parts = []
    if plan.work_centre:
        parts.append(plan.work_centre.name)
    if plan.material:
        step = _(", operation %(n)s") % {"n": plan.sequence} if plan.sequence else ""
        parts.append(f"{plan.material.name}{step}")
    return " · ".join(parts)


class CheckPlans(ListPage):
    """All versions of all plans."""

    permission = SEE
    title, question = _l("Check plans"), _l("What is checked, where, how often?")
    columns = [
        Code("code", _l("Plan"), sort="code", link=True, css="w-1"),
        Number("version_no", _l("Version"), sort="version_no"),
        Column("name", _l("What"), sort="name", css="wide", second=where),
        Column(when, _l("When")),
        Number("number", _l("Characteristics"), sort="number"),
        YesNo("is_blocking", _l("Stops reports")),
        Column("get_on_fault_display", _l("When something is wrong"), sort="on_fault"),
        State("state", _l("State"), sort="state"),
    ]
    search_fields = ["code", "name", "material__code", "material__name", "work_centre__name"]
    filters = [Choice("state", _l("State"), choices=CheckPlan.State.choices)]
    order_by = "code"
    empty = Empty(_l("No check plans yet"), _l("Write one: what is measured, on which pieces."), "clipboard-check")

    def get_rows(self) -> QuerySet[CheckPlan]:
        return in_chosen_plant(self.request, visible_to(self.request.user, selectors.check_plans_listed(), SEE))

    def get_url(self, row: CheckPlan) -> str:
        return reverse("mes:check_plan", args=[row.pk])

    def get_row_css(self, row: CheckPlan) -> str:
        return "is-quiet" if row.state == CheckPlan.State.RETIRED else ""

    def get_actions(self) -> list[Action]:
        plants = access.scope_of(self.request.user, EDIT).plants
        chosen = getattr(self.request, "plant", None)
        rows = Plant.objects.filter(pk__in=plants & {chosen.pk} if chosen else plants).order_by("code")
        return [
            Action(
                _("New plan for %(plant)s") % {"plant": plant.name}, reverse("mes:new_check_plan", args=[plant.pk]),
                "plus", EDIT, is_main=number == 0,
            )
            for number, plant in enumerate(rows)
        ]  # fmt: skip


class CheckPlanPage(DetailPage):
    """One version of a plan."""

    permission, template_name = SEE, "mes/quality/detail.html"

    def get_rows(self) -> QuerySet[CheckPlan]:
        return visible_to(self.request.user, selectors.check_plans_listed().select_related("made_by"), SEE)

    def get_title(self, row: CheckPlan) -> str:
        return row.code

    def get_subtitle(self, row: CheckPlan) -> str:
        return _("%(name)s, version %(n)s") % {"name": row.name, "n": row.version_no}

    def get_back(self, row: CheckPlan) -> tuple[Any, str]:
        return _("Check plans"), reverse("mes:check_plans")

    def get_state(self, row: CheckPlan) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_cards(self, row: CheckPlan) -> Sequence[Card]:
        rules = [f"{number}: {spc.NAMES[number]}" for number in row.rules]
        return [
            Card(
                _("Where and when"),
                [
                    Column("plant.name", _("Plant")),
                    Column(where, _("Where")),
                    Column(when, _("When")),
                    Column("instruction", _("How"), empty=_("Nothing is said")),
                ],
            ),
            Card(
                _("What follows"),
                [
                    Column("get_on_fault_display", _("When something is wrong")),
                    Column(lambda _row: "; ".join(rules), _("Run rules"), empty=_("None: only the tolerance counts")),
                    YesNo("is_blocking", _("Stops reports while overdue")),
                    When("active_since_at", _("Active since"), empty=_("Not active yet")),
                    Column("made_by", _("Written by"), empty=_("A program")),
                ],
            ),
        ]

    def get_tabs(self, row: CheckPlan) -> Sequence[Tab]:
        return [Tab("what", _("Characteristics"), template="mes/quality/_characteristics.html", count=row.number)]  # type: ignore[attr-defined]

    def get_context_data(self, row: CheckPlan) -> dict[str, Any]:
        return super().get_context_data(row) | {
            "lines": [(one, allowed(one)) for one in row.characteristics.order_by("line_no")],
            "is_draft": row.state == CheckPlan.State.DRAFT and access.may(self.request.user, EDIT),
        }

    def get_actions(self, row: CheckPlan) -> list[Action]:
        def url(name: str) -> str:
            return reverse(f"mes:{name}", args=[row.pk])

        state = CheckPlan.State(row.state)
        if state == CheckPlan.State.DRAFT:
            return [
                Action(_("Change"), url("change_check_plan"), "pencil", EDIT),
                Action(_("Add a characteristic"), url("add_characteristic"), "plus", EDIT),
                Action(_("Activate"), url("activate_check_plan"), "check", EDIT, post=True, is_main=True),
            ]
        actions = [Action(_("New version"), url("renew_check_plan"), "versions", EDIT, post=True)]
        if state == CheckPlan.State.ACTIVE:
            ask = _("Is nothing to be checked by it any more?")
            actions.append(Action(_("Retire"), url("retire_check_plan"), "circle-off", EDIT, post=True, confirm=ask))
        return actions


class NewCheckPlan(CreatePage):
    """The draft of a plan's first version."""

    permission, form_class, title = EDIT, NewPlanForm, _l("New check plan")
    submit_label, done_message = _l("Write the draft"), _l("Now add what is checked, then activate it.")

    @property
    def plant(self) -> Plant:
        return get_object_or_404(visible_to(self.request.user, Plant.objects.all(), EDIT), pk=self.kwargs["pk"])

    def get_back(self) -> tuple[Any, str]:
        return _("Check plans"), reverse("mes:check_plans")

    def get_initial(self) -> dict[str, Any]:
        return {"first_piece": True, "on_fault": CheckPlan.OnFault.HOLD} | super().get_initial()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plant": self.plant}

    def perform(self, form: Any) -> str:
        row = services.create_check_plan(
            plant=self.plant,
            code=form.cleaned_data["code"],
            plan=form.plan,
            now=timezone.now(),
            by=person(self.request),
        )
        return reverse("mes:check_plan", args=[row.pk])


class OfPlan(EditPage):
    """A form about a plan."""

    permission = EDIT

    def get_rows(self) -> QuerySet[CheckPlan]:
        return visible_to(self.request.user, CheckPlan.objects.select_related("plant"), EDIT)

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.code, reverse("mes:check_plan", args=[row.pk])


class ChangeCheckPlan(OfPlan):
    """Rewrite a draft."""

    form_class, done_message = PlanForm, _l("Saved.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        values = {one.name: getattr(row, one.name) for one in fields(services.PlanInput)}
        return values | {"material": row.material_id, "work_centre": row.work_centre_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plant": self.get_object().plant}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_check_plan(plan_id=row.pk, plan=form.plan, expected_version=row.version)
        return reverse("mes:check_plan", args=[row.pk])


class AddCharacteristic(OfPlan):
    """One more characteristic of a draft."""

    form_class, version_field, title = CharacteristicForm, "", _l("Add a characteristic")

    def get_initial(self) -> dict[str, Any]:
        return {"decimals": 2, "subgroup": 1}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.add_characteristic(plan_id=row.pk, characteristic=form.characteristic)
        return reverse("mes:check_plan", args=[row.pk])


class ChangeCharacteristic(EditPage):
    """Rewrite a characteristic of a draft."""

    permission, form_class, version_field, done_message = EDIT, CharacteristicForm, "", _l("Saved.")

    def get_rows(self) -> QuerySet[Characteristic]:
        return visible_to(self.request.user, Characteristic.objects.select_related("plan"), EDIT)

    def get_back(self) -> tuple[Any, str]:
        plan = self.get_object().plan
        return plan.code, reverse("mes:check_plan", args=[plan.pk])

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        figures = {
            name: plain(value) for name in ("nominal", "lower", "upper") if (value := getattr(row, name)) is not None
        }
        return super().get_initial() | figures

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_characteristic(characteristic_id=row.pk, characteristic=form.characteristic)
        return reverse("mes:check_plan", args=[row.plan_id])


class RemoveCharacteristic(DeedView):
    """Take a characteristic out of a draft."""

    permission, done_message = EDIT, _l("Taken out.")

    def get_rows(self) -> QuerySet[Characteristic]:
        return visible_to(self.request.user, Characteristic.objects.all(), EDIT)

    def perform(self, row: Characteristic) -> str:
        services.remove_characteristic(characteristic_id=row.pk)
        return reverse("mes:check_plan", args=[row.plan_id])


class PlanDeed(DeedView):
    """A button of a plan."""

    permission = EDIT

    def get_rows(self) -> QuerySet[CheckPlan]:
        return visible_to(self.request.user, CheckPlan.objects.all(), EDIT)


class Activate(PlanDeed):
    done_message = _l("Active: from now on it is checked by this version.")

    def perform(self, row: CheckPlan) -> str:
        services.activate_check_plan(plan_id=row.pk, now=timezone.now(), expected_version=row.version)
        return reverse("mes:check_plan", args=[row.pk])


class Retire(PlanDeed):
    done_message = _l("Retired: nothing is checked by it any more.")

    def perform(self, row: CheckPlan) -> str:
        services.retire_check_plan(plan_id=row.pk, expected_version=row.version)
        return reverse("mes:check_plan", args=[row.pk])


class Renew(PlanDeed):
    done_message = _l("A draft of the next version: change it, then activate it.")

    def perform(self, row: CheckPlan) -> str:
        again = services.renew_check_plan(plan_id=row.pk, now=timezone.now(), by=person(self.request))
        return reverse("mes:check_plan", args=[again.pk])
