"""What stands beside the lines of a draft BOM, as pages: by-products, and what may be used instead of a component."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections import defaultdict
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from masterdata import selectors, services, shown
from masterdata.access import visible_to
from masterdata.errors import StaleVersion
from masterdata.forms import RowsForm
from masterdata.models import Bom, Material, Plant
from masterdata.models.engineering import VersionState
from masterdata.pages import EditPage

NUMBER = {"step": "any", "class": "input"}


def code_field(label: Any, listed: str = "materials") -> forms.CharField:
    """A code that is typed or picked."""
    return forms.CharField(label=label, required=False, widget=forms.TextInput({"list": listed, "autocomplete": "off"}))


class ByproductsForm(RowsForm):
    """What else comes out of the work."""

    lead, needed = "material", ("quantity",)

    def line_fields(self) -> dict[str, forms.Field]:
        share = forms.DecimalField(label=_("Share of the cost, %"), required=False, widget=forms.NumberInput(NUMBER))
        return {
            "material": code_field(_("By-product")),
            "quantity": forms.DecimalField(label=_("Quantity"), required=False, widget=forms.NumberInput(NUMBER)),
            "cost_share_percent": share,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number, values in self.filled():
            if selectors.material_named(values["material"]) is None:
                self.add_error(f"line_{number}_material", _("No material has this code"))
        return cleaned

    def inputs(self) -> list[services.ByproductInput]:
        found = []
        for _number, values in self.filled():
            material = selectors.material_named(values["material"])
            assert material is not None
            found.append(services.ByproductInput(material.pk, values["quantity"], values["cost_share_percent"]))
        return found


class SubstitutesForm(RowsForm):
    """What may be used instead of which component, how much of it, where and when."""

    lead, needed = "component", ("material", "ratio")

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "component": code_field(_("Instead of"), "components"),
            "material": code_field(_("Use")),
            "ratio": forms.DecimalField(label=_("For one"), required=False, widget=forms.NumberInput(NUMBER)),
            "priority": forms.IntegerField(label=_("Priority"), required=False, min_value=1, max_value=999),
            "plant": forms.ModelChoiceField(Plant.objects.all(), label=_("Only in"), required=False),
            "valid_from": forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"})),
            "valid_until": forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"})),
            "by_itself": forms.BooleanField(label=_("By itself"), required=False),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number, values in self.filled():
            for name in ("component", "material"):
                if values[name] and selectors.material_named(values[name]) is None:
                    self.add_error(f"line_{number}_{name}", _("No material has this code"))
        return cleaned

    def inputs(self) -> dict[int, list[services.SubstituteInput]]:
        """By component."""
        found: dict[int, list[services.SubstituteInput]] = defaultdict(list)
        for _number, values in self.filled():
            component = selectors.material_named(values["component"])
            material = selectors.material_named(values["material"])
            assert component is not None
            assert material is not None
            found[component.pk].append(
                services.SubstituteInput(
                    material_id=material.pk,
                    ratio=values["ratio"],
                    priority=values["priority"] or 1,
                    plant_id=values["plant"].pk if values["plant"] else None,
                    valid_from=values["valid_from"],
                    valid_until=values["valid_until"],
                    by_itself=bool(values["by_itself"]),
                )
            )
        return found


class _WriteBeside(EditPage):
    """Rows beside a draft's lines; a draft counts no versions, so its rows as they stand are one."""

    permission, done_message, submit_label = "masterdata.edit_engineering", _("Draft saved."), _("Save draft")
    template_name = "masterdata/write_lines.html"

    def get_rows(self) -> QuerySet[Bom]:
        return visible_to(self.request.user, Bom.objects.filter(state=VersionState.DRAFT).select_related("material"))

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return _("BOM %(code)s") % {"code": row.material.code}, reverse("masterdata:bom", args=[row.pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    @abstractmethod
    def typed(self) -> list[dict[str, Any]]:
        """The rows as they stand, as the form types them."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.typed()}

    def get_version(self) -> str:
        return hashlib.sha256(str(self.typed()).encode()).hexdigest()[:16]

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        materials = Material.objects.filter(is_active=True).order_by("code").values_list("code", "name")
        return super().get_context_data(form) | {"materials": materials}

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        """What was typed stays; saving again replaces what somebody else wrote meanwhile."""
        form.add_error(None, _("Somebody else changed this draft meanwhile. Save again to replace their lines."))
        context = self.get_context_data(form) | {"version": self.get_version()}
        return render(self.request, self.template_name, context, status=409)

    def perform(self, form: Any) -> str:
        row = self.get_object()
        self.write(row, form)
        return reverse("masterdata:bom", args=[row.pk])

    @abstractmethod
    def write(self, row: Bom, form: Any) -> None:
        """One service call that writes what the form says into the draft."""


class WriteByproducts(_WriteBeside):
    """The by-products of a draft."""

    form_class = ByproductsForm

    def get_title(self) -> Any:
        return _("By-products of %(code)s") % {"code": self.get_object().material.code}

    def typed(self) -> list[dict[str, Any]]:
        return [
            {
                "material": f"{one.material.code} {one.material.name}",
                "quantity": shown.plain(one.quantity),
                "cost_share_percent": "" if one.cost_share_percent is None else shown.plain(one.cost_share_percent),
            }
            for one in self.get_object().byproducts.select_related("material").order_by("line_no")
        ]

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        note = _("It comes into free stock with the good pieces. Without a share of the cost it is worth what its "
                 "stock is worth, and the work order is credited with that.")  # fmt: skip
        return super().get_context_data(form) | {"note": note}

    def write(self, row: Bom, form: Any) -> None:
        services.write_byproducts(bom_id=row.pk, byproducts=form.inputs())


class WriteSubstitutes(_WriteBeside):
    """What may be used instead of a draft's components."""

    form_class = SubstitutesForm

    def get_title(self) -> Any:
        return _("Substitutes in %(code)s") % {"code": self.get_object().material.code}

    def typed(self) -> list[dict[str, Any]]:
        lines = self.get_object().lines.prefetch_related("substitutes__material").select_related("component")
        return [
            {
                "component": f"{line.component.code} {line.component.name}",
                "material": f"{one.material.code} {one.material.name}",
                "ratio": shown.plain(one.ratio),
                "priority": one.priority,
                "plant": one.plant_id,
                "valid_from": one.valid_from,
                "valid_until": one.valid_until,
                "by_itself": one.by_itself,
            }
            for line in lines.order_by("line_no")
            for one in line.substitutes.all()
        ]

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        note = _("Planning uses one for proposed work when the component would come too late and enough of it is free. "
                 "For firm work it asks, unless it may do so by itself.")  # fmt: skip
        lines = self.get_object().lines.order_by("line_no").values_list("component__code", "component__name")
        return super().get_context_data(form) | {"note": note, "components": lines}

    def write(self, row: Bom, form: Any) -> None:
        services.write_substitutes(bom_id=row.pk, substitutes=form.inputs())
