"""The page on which a planner says what counts in a plan, each thing in minutes of delay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aps import selectors, services
from aps.forms import WeightsForm
from aps.models import PlanWeights
from masterdata import access, shown
from masterdata.access import Guarded
from masterdata.models import Plant
from masterdata.pages import EditPage

SET = "aps.set_weights"


class AnyPlant(Guarded):
    """To the `page` of the plant of the switch, else of the first plant."""

    permission = SET
    page = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.plant  # type: ignore[attr-defined]
        mine = access.scope_of(request.user, SET).plants
        plants = [plant.pk for plant in request.plants if plant.pk in mine]  # type: ignore[attr-defined]
        if not plants:
            raise Http404
        return redirect(self.page, chosen.pk if chosen is not None and chosen.pk in plants else plants[0])


class AnyWeights(AnyPlant):
    """The weights."""

    page = "aps:weights"


class Weights(EditPage):
    """One plant's weights."""

    permission, form_class, template_name = SET, WeightsForm, "aps/weights.html"
    slug_kwarg = "plant_id"
    done_message = _("Saved. A plan by the new weights is being made.")

    def get_rows(self) -> Any:
        return access.visible_to(self.request.user, Plant.objects.all(), SET)

    def get_title(self) -> Any:
        return _("What counts in a plan of %(plant)s") % {"plant": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _("Scheduling board"), f"{reverse('aps:board')}?plant={self.get_object().pk}"

    def get_initial(self) -> dict[str, Any]:
        weights = selectors.plan_weights(self.get_object().pk)
        values = {name: getattr(weights, name) for name in WeightsForm.base_fields}
        return values | {"late_hour_cost": Decimal(shown.plain(weights.late_hour_cost))}

    def get_version(self) -> str:
        return str(selectors.plan_weights(self.get_object().pk).version)

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        plants = [plant for plant in self.request.plants if plant in self.get_rows()]  # type: ignore[attr-defined]
        return super().get_context_data(form) | {"plants_to_weigh": plants, "usual": PlanWeights()}

    def perform(self, form: forms.Form) -> str:
        plant, version = self.get_object(), self.request.POST.get("version", "")
        services.set_weights(
            plant_id=plant.pk,
            values=form.cleaned_data,
            expected_version=int(version) if version.isdigit() else None,
        )
        return reverse("aps:weights", args=[plant.pk])
