"""What planners do with a scenario: change what it assumes, solve, stop, drop, promote."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from aps import selectors, services
from aps.forms import CHANGE_FORMS, OptimiseForm
from aps.models import ChangeKind, Scenario, ScenarioChange
from aps.views.scenarios import PROMOTE, WRITE, mine
from masterdata import access
from masterdata.errors import InvalidInput, Refusal
from masterdata.pages import DeedView, FormPage, OneRow, plant_time


def address(scenario: Scenario) -> str:
    """The scenario's page."""
    return reverse("aps:scenario", args=[scenario.pk])


class InScenario(FormPage, OneRow):
    """A form about a scenario that one may change, in its plant's time."""

    permission: ClassVar[str] = WRITE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """All times are the plant's, those that are typed too."""
        refused = access.refuse_without(request, self.permission)
        if refused is not None:
            return refused
        with plant_time(request, self.get_object().plant_id):
            return super().dispatch(request, *args, **kwargs)

    def get_rows(self) -> QuerySet[Scenario]:
        return mine(self.request, self.permission)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, address(self.get_object())


class AddChange(InScenario):
    """Assume one thing more."""

    template_name = "aps/scenario_change.html"
    submit_label = _l("Add to the scenario")

    @property
    def kind(self) -> ChangeKind:
        """What is assumed, as the address says it."""
        if self.kwargs["kind"] not in ChangeKind.values:
            raise Http404
        return ChangeKind(self.kwargs["kind"])

    def get_title(self) -> Any:
        return self.kind.label

    def get_form(self, data: Any = None) -> forms.Form:
        return CHANGE_FORMS[self.kind](data, initial=self.get_initial(), scenario=self.get_object())

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        scenario = self.get_object()
        lines = selectors.lines_to_choose(scenario.plant_id) if "order_line" in form.fields else []
        return super().get_context_data(form) | {"object": scenario, "order_lines": lines}

    def perform(self, form: Any) -> str:
        services.add_change(
            scenario_id=self.get_object().pk, kind=self.kind, values=form.cleaned_data, now=timezone.now()
        )
        return address(self.get_object())


class ScenarioDeed(DeedView):
    """A button on a scenario that one may change."""

    permission = WRITE

    def get_rows(self) -> QuerySet[Scenario]:
        return mine(self.request, WRITE)


class RemoveChange(DeedView):
    """Assume it no more."""

    permission = WRITE

    def get_rows(self) -> QuerySet[ScenarioChange]:
        rows = ScenarioChange.objects.select_related("scenario")
        return access.visible_to(self.request.user, rows, WRITE)

    def perform(self, row: ScenarioChange) -> str:
        services.remove_change(change_id=row.pk)
        return address(row.scenario)


class Solve(ScenarioDeed):
    """Solve it for so many seconds."""

    def perform(self, row: Scenario) -> str:
        form = OptimiseForm(self.request.POST)
        if not form.is_valid():
            raise InvalidInput(_("Say for how many seconds, from 1 to %(most)d.") % {"most": services.MOST_SECONDS})
        by: Any = self.request.user
        services.solve_scenario(scenario_id=row.pk, by=by, now=timezone.now(), **form.cleaned_data)
        return address(row)


class Stop(ScenarioDeed):
    """End the solve with the best so far."""

    done_message = _l("It stops within a second and keeps the best plan it has.")

    def perform(self, row: Scenario) -> str:
        by: Any = self.request.user
        services.stop_scenario(scenario_id=row.pk, by=by, now=timezone.now())
        return address(row)


class Drop(ScenarioDeed):
    """Nobody wants it any more."""

    done_message = _l("Dropped.")

    def perform(self, row: Scenario) -> str:
        by: Any = self.request.user
        services.drop_scenario(scenario_id=row.pk, by=by, now=timezone.now())
        return reverse("aps:scenarios")


class PromoteForm(forms.Form):
    """The plan that the planner has seen the scenario laid upon."""

    onto = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)


class Promote(InScenario):
    """What promoting would do, checked now, and the button that does it."""

    permission, form_class, template_name = PROMOTE, PromoteForm, "aps/scenario_promote.html"
    title, submit_label = _l("Promote"), _l("Make it the plan")
    done_message = _l("It is the plan now.")

    def get_initial(self) -> dict[str, Any]:
        check = self.check()
        number = check.plan_no if check is not None else 0
        return {"onto": number, "version": self.get_object().version}

    def check(self) -> services.Check | None:
        """What it would do; None, and `obstacle`, when there is nothing to promote."""
        if not hasattr(self, "_check"):
            self._check: services.Check | None = None
            self.obstacle: Refusal | None = None
            try:
                by: Any = self.request.user
                self._check = services.check_promotion(scenario_id=self.get_object().pk, by=by, now=timezone.now())
                self.obstacle = self._check.obstacle
            except Refusal as refusal:
                self.obstacle = refusal
        return self._check

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        check = self.check()
        found = {"object": self.get_object(), "check": check, "obstacle": self.obstacle}
        return super().get_context_data(form) | found

    def perform(self, form: Any) -> str:
        row, given, by = self.get_object(), form.cleaned_data, self.request.user
        services.promote_scenario(
            scenario_id=row.pk,
            by=by,  # type: ignore[arg-type]
            now=timezone.now(),
            onto=given["onto"],
            expected_version=given["version"],
        )
        return address(row)
