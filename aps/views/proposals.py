"""Pages of proposals: what waits for the planner, its options side by side, and the plant's policy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aps import selectors, services
from aps.forms import PolicyForm
from aps.models import PlanWish, RepairOption, RepairProposal
from aps.views.lists import SEE, plant_ids
from aps.views.weights import SET, AnyPlant
from masterdata import access
from masterdata.models import Plant
from masterdata.pages import Action, Choice, Column, DeedView, DetailPage, EditPage, Empty, ListPage, State, When

TAKE = "aps.publish_plan"


class Proposals(ListPage):
    """What waits for a planner, and what was decided."""

    permission = SEE
    title, question = _("Proposals"), _("What waits for me, and what was decided?")
    columns = [
        Column(str, _("Proposal"), sort="pk", css="id"),
        Column("plant.code", _("Plant"), sort="plant__code"),
        State("state", _("State"), sort="state"),
        Column("cause", _("Because"), css="wide"),
        When("made_at", _("Made"), sort="made_at"),
        When("publishes_at", _("Taken by itself"), sort="publishes_at"),
        When("answered_at", _("Decided"), sort="answered_at"),
    ]
    search_fields = ["cause"]
    filters = [
        Choice("state", _("State"), choices=RepairProposal.State.choices),
        Choice("reason", _("Reason"), choices=PlanWish.Reason.choices),
    ]
    order_by = "-made_at"
    live = ["proposals"]
    empty = Empty(
        _("Nothing has waited yet"), _("A plan waits here when a promise slips and the policy says so."), "scale"
    )

    def get_actions(self) -> list[Action]:
        return [Action(_("Repair policy"), reverse("aps:any_policy"), "adjustments", SET)]

    def get_rows(self) -> QuerySet[RepairProposal]:
        return RepairProposal.objects.filter(plant__in=plant_ids(self.request)).select_related("plant")

    def get_url(self, row: RepairProposal) -> str:
        return reverse("aps:proposal", args=[row.pk])


class Proposal(DetailPage):
    """One proposal: its options, the lines that each brings sooner or later, the buttons that decide."""

    permission = SEE
    template_name = "aps/proposal.html"
    live = ["proposals", "plan"]

    def get_rows(self) -> QuerySet[RepairProposal]:
        rows = RepairProposal.objects.select_related("plant", "answered_by")
        return access.visible_to(self.request.user, rows, SEE)

    def get_title(self, row: Any) -> Any:
        return _("Proposal %(number)s") % {"number": row.pk}

    def get_subtitle(self, row: Any) -> Any:
        return row.cause

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Proposals"), reverse("aps:proposals")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        found = [Action(_("Scheduling board"), f"{reverse('aps:board')}?plant={row.plant_id}", "calendar-time", SEE)]
        found.append(Action(_("Repair policy"), reverse("aps:policy", args=[row.plant_id]), "adjustments", SET))
        return found

    def get_context_data(self, row: Any) -> dict[str, Any]:
        may_take = row.is_open and row.plant_id in access.scope_of(self.request.user, TAKE).plants
        options = selectors.proposal_options(row)
        return super().get_context_data(row) | {
            "options": options,
            "may_take": may_take,
            "jobs": selectors.jobs_in_plan(plant_id=row.plant_id, plan_no=row.base_no),
        }


class Decide(DeedView):
    """A button that decides about a proposal."""

    permission = TAKE

    def get_rows(self) -> QuerySet[RepairProposal]:
        return access.visible_to(self.request.user, RepairProposal.objects.all(), TAKE)


class Take(Decide):
    """Publish the option whose button it is."""

    done_message = _("Published. Lines and customers hear of it.")

    def perform(self, row: RepairProposal) -> str:
        key = self.request.POST.get("option", RepairOption.Key.USUAL)
        services.take_proposal(proposal_id=row.pk, key=key, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("aps:proposal", args=[row.pk])


class Leave(Decide):
    """Let the plan stand that the floor was told."""

    done_message = _("The plan stays as the floor has it.")

    def perform(self, row: RepairProposal) -> str:
        services.leave_proposal(proposal_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("aps:proposal", args=[row.pk])


class AnyPolicy(AnyPlant):
    """The policy."""

    page = "aps:policy"


class Policy(EditPage):
    """One plant's policy."""

    permission, form_class = SET, PolicyForm
    template_name = "aps/policy.html"
    slug_kwarg = "plant_id"
    done_message = _("Saved. It holds from the next plan on.")

    def get_rows(self) -> Any:
        return access.visible_to(self.request.user, Plant.objects.all(), SET)

    def get_title(self) -> Any:
        return _("When a promise would slip in %(plant)s") % {"plant": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _("Proposals"), reverse("aps:proposals")

    def get_initial(self) -> dict[str, Any]:
        return PolicyForm.initial_of(selectors.repair_policy(self.get_object().pk).wait_min)

    def get_version(self) -> str:
        return str(selectors.repair_policy(self.get_object().pk).version)

    def perform(self, form: forms.Form) -> str:
        plant, version = self.get_object(), self.request.POST.get("version", "")
        services.set_policy(
            plant_id=plant.pk,
            wait_min=form.cleaned_data["wait_min"],
            expected_version=int(version) if version.isdigit() else None,
        )
        return reverse("aps:policy", args=[plant.pk])
