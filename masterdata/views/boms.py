"""Pages of bills of materials: list, one version as a tree, writing a draft, freezing it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import selectors, services, shown
from masterdata.access import visible_to
from masterdata.errors import StaleVersion
from masterdata.forms import RowsForm
from masterdata.models import Bom, BomLine, Material
from masterdata.models.engineering import VersionState
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    ListPage,
    Number,
    Quantity,
    State,
    Tab,
    View,
    When,
)

SEE, ENGINEER = "masterdata.view", "masterdata.edit_engineering"


class Boms(ListPage):
    """Every version of every BOM."""

    permission = SEE
    title, question = _("Bills of materials"), _("What is it made of, and which version is in force?")
    columns = [
        Code("material.code", _("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _("Name"), sort="material__name", css="wide"),
        Number("version_no", _("Version"), sort="version_no"),
        State("state", _("State"), sort="state"),
        Number("line_count", _("Lines"), sort="line_count"),
        Quantity("base_qty", _("For"), unit="material.unit.code"),
        When("frozen_at", _("Frozen"), sort="frozen_at", empty=_("Not frozen yet")),
    ]
    search_fields = ["material__code", "material__name"]
    filters = [Choice("state", _("State"), choices=VersionState.choices)]
    order_by = "material__code"
    empty = Empty(_("No BOMs yet"), _("Open a material that is made and write its first BOM."), "sitemap")

    def get_rows(self) -> QuerySet[Bom]:
        rows = Bom.objects.select_related("material__unit").annotate(line_count=Count("lines"))
        return visible_to(self.request.user, rows)

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("frozen", _("In force"), "state=frozen"),
            View("draft", _("Drafts"), "state=draft"),
        ]

    def get_url(self, row: Bom) -> str:
        return reverse("masterdata:bom", args=[row.pk])


class BomPage(DetailPage):
    """One version: its lines, and everything under them."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Bom]:
        return visible_to(self.request.user, Bom.objects.select_related("material__unit"))

    def get_title(self, row: Bom) -> Any:
        return _("BOM %(code)s, version %(no)s") % {"code": row.material.code, "no": row.version_no}

    def get_subtitle(self, row: Bom) -> Any:
        base = shown.quantity(row.base_qty, row.material.unit.code)
        return _("%(name)s, for %(base)s") % {"name": row.material.name, "base": base}

    def get_back(self, row: Bom) -> tuple[Any, str]:
        return row.material.code, reverse("masterdata:material", args=[row.material_id]) + "?tab=made"

    def get_state(self, row: Bom) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_tabs(self, row: Bom) -> Sequence[Tab]:
        return [
            Tab("tree", _("All levels"), template="masterdata/_bom_tree.html"),
            Tab("versions", _("Versions"), template="masterdata/_bom_versions.html"),
        ]

    def get_context_data(self, row: Bom) -> dict[str, Any]:
        context = super().get_context_data(row)
        if context["tab"].key == "tree":
            context["tree"] = selectors.bom_tree(row)
            context["byproducts"] = row.byproducts.select_related("material", "unit").order_by("line_no")
            context["substitutes"] = selectors.substitutes_in(row)
        else:
            context["boms"] = row.material.boms.order_by("-version_no")
        return context

    def get_actions(self, row: Bom) -> list[Action]:
        write = reverse("masterdata:bom_write", args=[row.material_id])
        if row.state != VersionState.DRAFT:
            return [Action(_("New version"), write, "copy", ENGINEER)]
        return [
            Action(_("Edit lines"), write, "pencil", ENGINEER),
            Action(_("Substitutes"), reverse("masterdata:bom_substitutes", args=[row.pk]), "arrows-exchange", ENGINEER),
            Action(_("By-products"), reverse("masterdata:bom_byproducts", args=[row.pk]), "arrow-fork", ENGINEER),
            Action(
                _("Freeze"),
                reverse("masterdata:bom_freeze", args=[row.pk]),
                "lock",
                ENGINEER,
                post=True,
                is_main=True,
                confirm=_("Freeze this version? It can't be changed afterwards, and new orders use it at once."),
            ),
        ]


class BomForm(RowsForm):
    """A base quantity and lines; the component is typed or picked by its code."""

    lead, needed = "component", ("quantity",)
    base_qty = forms.DecimalField(label=_("For how many"), max_digits=18, decimal_places=6)

    def line_fields(self) -> dict[str, forms.Field]:
        number = {"step": "any", "class": "input"}
        return {
            "component": forms.CharField(
                label=_("Component"),
                required=False,
                widget=forms.TextInput({"list": "materials", "autocomplete": "off"}),
            ),
            "quantity": forms.DecimalField(label=_("Quantity"), required=False, widget=forms.NumberInput(number)),
            "scrap_percent": forms.DecimalField(label=_("Scrap, %"), required=False, widget=forms.NumberInput(number)),
            "operation_sequence": forms.IntegerField(label=_("Used by operation"), required=False, min_value=1),
            "is_scanned": forms.BooleanField(label=_("By scan"), required=False),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number, values in self.filled():
            if selectors.material_named(values["component"]) is None:
                self.add_error(f"line_{number}_component", _("No material has this code"))
        return cleaned

    def inputs(self) -> list[services.BomLineInput]:
        lines = []
        for _number, values in self.filled():
            material = selectors.material_named(values["component"])
            assert material is not None
            lines.append(
                services.BomLineInput(
                    component_id=material.pk,
                    quantity=values["quantity"],
                    scrap_percent=values["scrap_percent"] or Decimal(0),
                    operation_sequence=values["operation_sequence"],
                    is_scanned=values["is_scanned"],
                )
            )
        return lines


class WriteBom(EditPage):
    """The draft of a material: the one there is, else a copy of the version in force."""

    permission, form_class, done_message = ENGINEER, BomForm, _("Draft saved.")
    template_name = "masterdata/write_lines.html"

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.select_related("unit"))

    def draft(self) -> Bom | None:
        """The version that the form starts from."""
        rows = self.get_object().boms.exclude(state=VersionState.RETIRED)
        return rows.filter(state=VersionState.DRAFT).first() or rows.first()

    def lines(self) -> list[BomLine]:
        draft = self.draft()
        return list(draft.lines.select_related("component").order_by("line_no")) if draft else []

    def get_title(self) -> Any:
        return _("BOM of %(code)s") % {"code": self.get_object().code}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().code, reverse("masterdata:material", args=[self.get_object().pk]) + "?tab=made"

    def get_version(self) -> str:
        """Of the lines as they stand: a draft counts no versions of its own."""
        told = [
            (one.component_id, one.quantity, one.scrap_percent, one.operation_sequence, one.is_scanned)
            for one in self.lines()
        ]
        draft = self.draft()
        return hashlib.sha256(f"{draft and draft.pk} {draft and draft.base_qty} {told}".encode()).hexdigest()[:16]

    def get_initial(self) -> dict[str, Any]:
        draft = self.draft()
        return {"base_qty": shown.plain(draft.base_qty) if draft else "1"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": [_as_typed(line) for line in self.lines()]}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        draft = self.draft()
        note: Any = ""
        if draft is None or draft.state != VersionState.DRAFT:
            note = _("The version in force stays as it is. What you save is the draft of the next one.")
        materials = Material.objects.filter(is_active=True).order_by("code").values_list("code", "name")
        return super().get_context_data(form) | {"note": note, "materials": materials, "submit_label": _("Save draft")}

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        """What was typed stays; saving again replaces what somebody else wrote meanwhile."""
        form.add_error(None, _("Somebody else changed this draft meanwhile. Save again to replace their lines."))
        context = self.get_context_data(form) | {"version": self.get_version()}
        return render(self.request, self.template_name, context, status=409)

    def perform(self, form: Any) -> str:
        bom = services.write_bom(
            material_id=self.get_object().pk, lines=form.inputs(), base_qty=form.cleaned_data["base_qty"]
        )
        return reverse("masterdata:bom", args=[bom.pk])


class FreezeBom(DeedView):
    """Put a draft in force for ever."""

    permission, done_message = ENGINEER, _("Frozen. New orders use this version.")

    def get_rows(self) -> QuerySet[Bom]:
        return visible_to(self.request.user, Bom.objects.all())

    def perform(self, row: Bom) -> str:
        services.freeze_bom(bom_id=row.pk, now=timezone.now())
        return reverse("masterdata:bom", args=[row.pk])


def _as_typed(line: BomLine) -> Mapping[str, Any]:
    return {
        "component": f"{line.component.code} {line.component.name}",
        "quantity": shown.plain(line.quantity),
        "scrap_percent": shown.plain(line.scrap_percent) if line.scrap_percent else "",
        "operation_sequence": line.operation_sequence,
        "is_scanned": line.is_scanned,
    }
