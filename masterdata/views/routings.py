"""Pages of routings: one version, writing a draft for a plant, freezing it."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import services, shown
from masterdata.access import visible_to
from masterdata.errors import StaleVersion
from masterdata.forms import RowsForm
from masterdata.models import Material, Plant, Routing, RoutingOperation, WorkCentre
from masterdata.models.engineering import VersionState
from masterdata.pages import Action, DeedView, DetailPage, EditPage, Tab

SEE, ENGINEER = "masterdata.view", "masterdata.edit_engineering"


class RoutingPage(DetailPage):
    """One version: its operations."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Routing]:
        return visible_to(self.request.user, Routing.objects.select_related("material", "plant"))

    def get_title(self, row: Routing) -> Any:
        return _("Routing %(code)s, version %(no)s") % {"code": row.material.code, "no": row.version_no}

    def get_subtitle(self, row: Routing) -> Any:
        return f"{row.material.name} · {row.plant.name}"

    def get_back(self, row: Routing) -> tuple[Any, str]:
        return row.material.code, reverse("masterdata:material", args=[row.material_id]) + "?tab=made"

    def get_state(self, row: Routing) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_tabs(self, row: Routing) -> list[Tab]:
        return [Tab("operations", _("Operations"), template="masterdata/_routing_operations.html")]

    def get_context_data(self, row: Routing) -> dict[str, Any]:
        operations = row.operations.select_related("work_centre").order_by("sequence")
        return super().get_context_data(row) | {"operations": operations}

    def get_actions(self, row: Routing) -> list[Action]:
        write = reverse("masterdata:routing_write", args=[row.material_id, row.plant_id])
        if row.state != VersionState.DRAFT:
            return [Action(_("New version"), write, "copy", ENGINEER)]
        return [
            Action(_("Edit operations"), write, "pencil", ENGINEER),
            Action(
                _("Freeze"),
                reverse("masterdata:routing_freeze", args=[row.pk]),
                "lock",
                ENGINEER,
                post=True,
                is_main=True,
                confirm=_("Freeze this version? It can't be changed afterwards, and new orders use it at once."),
            ),
        ]


class RoutingForm(RowsForm):
    """Operations of one plant, each in a work centre of it."""

    lead, needed, spare = "name", ("sequence", "work_centre", "run_min_per_unit"), 3

    def __init__(self, *args: Any, plant: Plant, **kwargs: Any) -> None:
        self.centres = [(one.pk, str(one)) for one in WorkCentre.objects.filter(plant=plant).order_by("code")]
        super().__init__(*args, **kwargs)

    def line_fields(self) -> dict[str, forms.Field]:
        number = forms.NumberInput({"step": "any"})
        return {
            "sequence": forms.IntegerField(label=_("Sequence"), required=False, min_value=1),
            "name": forms.CharField(label=_("Operation"), required=False, max_length=80),
            "work_centre": forms.TypedChoiceField(
                label=_("Work centre"), required=False, coerce=int, empty_value=None, choices=[("", "–"), *self.centres]
            ),
            "setup_min": forms.DecimalField(label=_("Setup, min"), required=False, widget=number),
            "run_min_per_unit": forms.DecimalField(label=_("Run, min per unit"), required=False, widget=number),
            "setup_family": forms.CharField(label=_("Setup family"), required=False, max_length=40),
        }

    def inputs(self) -> list[services.OperationInput]:
        return [
            services.OperationInput(
                sequence=values["sequence"],
                name=values["name"],
                work_centre_id=values["work_centre"],
                run_min_per_unit=values["run_min_per_unit"],
                setup_min=values["setup_min"] or Decimal(0),
                setup_family=values["setup_family"],
            )
            for _number, values in self.filled()
        ]


class WriteRouting(EditPage):
    """The draft of a material in a plant: the one there is, else a copy of the version in force."""

    permission, form_class, done_message = ENGINEER, RoutingForm, _("Draft saved.")
    template_name = "masterdata/write_lines.html"

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.all())

    def plant(self) -> Plant:
        if not hasattr(self, "_plant"):
            plants = visible_to(self.request.user, Plant.objects.all(), ENGINEER)
            self._plant = get_object_or_404(plants, pk=self.kwargs["plant"])
        return self._plant

    def operations(self) -> list[RoutingOperation]:
        rows = Routing.objects.filter(material=self.get_object(), plant=self.plant())
        start = rows.filter(state=VersionState.DRAFT).first() or rows.filter(state=VersionState.FROZEN).first()
        return list(start.operations.order_by("sequence")) if start else []

    def get_title(self) -> Any:
        return _("Routing of %(code)s in %(plant)s") % {"code": self.get_object().code, "plant": self.plant().name}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().code, reverse("masterdata:material", args=[self.get_object().pk]) + "?tab=made"

    def get_version(self) -> str:
        """Of the operations as they stand: a draft counts no versions of its own."""
        told = [
            (one.routing_id, one.sequence, one.name, one.work_centre_id, one.setup_min, one.run_min_per_unit)
            for one in self.operations()
        ]
        return hashlib.sha256(str(told).encode()).hexdigest()[:16]

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = [
            {
                "sequence": one.sequence,
                "name": one.name,
                "work_centre": one.work_centre_id,
                "setup_min": shown.plain(one.setup_min),
                "run_min_per_unit": shown.plain(one.run_min_per_unit),
                "setup_family": one.setup_family,
            }
            for one in self.operations()
        ]
        return {"lines": lines, "plant": self.plant()}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        note = _("Saving writes a draft. The version in force stays as it is until you freeze the draft.")
        return super().get_context_data(form) | {"note": note, "submit_label": _("Save draft")}

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        """What was typed stays; saving again replaces what somebody else wrote meanwhile."""
        form.add_error(None, _("Somebody else changed this draft meanwhile. Save again to replace their operations."))
        context = self.get_context_data(form) | {"version": self.get_version()}
        return render(self.request, self.template_name, context, status=409)

    def perform(self, form: Any) -> str:
        routing = services.write_routing(
            material_id=self.get_object().pk, plant_id=self.plant().pk, operations=form.inputs()
        )
        return reverse("masterdata:routing", args=[routing.pk])


class FreezeRouting(DeedView):
    """Put a draft in force for ever."""

    permission, done_message = ENGINEER, _("Frozen. New orders use this version.")

    def get_rows(self) -> QuerySet[Routing]:
        return visible_to(self.request.user, Routing.objects.all(), ENGINEER)

    def perform(self, row: Routing) -> str:
        services.freeze_routing(routing_id=row.pk, now=timezone.now())
        return reverse("masterdata:routing", args=[row.pk])
