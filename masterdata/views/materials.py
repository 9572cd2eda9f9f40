"""Pages of materials: list, one material with its product data, create and edit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from masterdata import selectors, services
from masterdata.access import may, visible_to
from masterdata.forms import MaterialForm
from masterdata.models import Material, MaterialCategory, MaterialPlant, Plant, Routing
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
    Flag,
    ListPage,
    Money,
    Number,
    State,
    Tab,
    View,
    YesNo,
    sent_version,
)
from masterdata.views.parts import active, part_url

SEE, EDIT, ENGINEER, SEE_COST = (
    "masterdata.view",
    "masterdata.edit_material",
    "masterdata.edit_engineering",
    "erp.view_cost",
)


def _categories() -> list[tuple[int, str]]:
    return list(MaterialCategory.objects.order_by("name").values_list("pk", "name"))


class Materials(ListPage):
    """What is bought, made, stored and sold."""

    permission = SEE
    title, question = _("Materials"), _("What do we buy, make and sell?")
    columns = [
        Code("code", _("Code"), sort="code", link=True, css="w-1"),
        Column("name", _("Name"), sort="name", css="wide"),
        Column("category.name", _("Category"), sort="category__name"),
        Column("get_supply_display", _("Comes from"), sort="supply"),
        Column("unit.code", _("Unit"), sort="unit__code"),
        Money("standard_cost", _("Standard cost"), sort="standard_cost"),
        Money("list_price", _("List price"), sort="list_price"),
        State(lambda row: active(row)[0], _("State"), word=lambda row: active(row)[1]),
    ]
    search_fields = ["code", "name", "colour"]
    filters = [
        Choice("supply", _("Comes from"), choices=Material.Supply.choices),
        Flag("sold", _("Sold"), field="is_sellable"),
        Choice("active", _("Active"), field="is_active", choices=[(True, _("Yes")), (False, _("No"))]),
    ]
    order_by = "code"
    empty = Empty(_("No materials yet"), _("Enter the first one, or import them."), "box")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        by_category = Choice("category", _("Category"), choices=cache(_categories))
        self.filters = [by_category, *self.filters]  # type: ignore[misc]

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.select_related("category", "unit"))

    def get_columns(self) -> Sequence[Column]:
        sees_cost = may(self.request.user, SEE_COST)
        return [column for column in self.columns if sees_cost or column.source != "standard_cost"]

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("sold", _("Sold"), "sold=1"),
            View("make", _("Made"), "supply=make"),
            View("buy", _("Bought"), "supply=buy"),
        ]

    def get_url(self, row: Material) -> str:
        return reverse("masterdata:material", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("New material"), reverse("masterdata:material_create"), "plus", EDIT, is_main=True)]


class MaterialPage(DetailPage):
    """One material: what it is, how it is planned and made, where it is used, what is on stock."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.select_related("category", "unit", "tax_code"))

    def get_title(self, row: Material) -> Any:
        return row.code

    def get_subtitle(self, row: Material) -> Any:
        return row.name

    def get_back(self, row: Material) -> tuple[Any, str]:
        return _("Materials"), reverse("masterdata:materials")

    def get_state(self, row: Material) -> tuple[str, Any]:
        return active(row)

    def get_cards(self, row: Material) -> Sequence[Card]:
        what = [
            Column("category.name", _("Category")),
            Column("get_supply_display", _("Comes from")),
            Column("unit.name", _("Base unit")),
            Column("colour", _("Colour"), empty=_("None of its own")),
            Number("weight_kg", _("Weight, kg"), empty=_("Not weighed")),
        ]
        price = [
            YesNo("is_sellable", _("We sell it")),
            Money("list_price", _("List price")),
            Column("tax_code.name", _("Tax code"), empty=_("By customer")),
        ]
        if may(self.request.user, SEE_COST):
            price.append(Money("standard_cost", _("Standard cost")))
        return [Card(_("What it is"), what), Card(_("Price"), price)]

    def get_tabs(self, row: Material) -> Sequence[Tab]:
        user = self.request.user
        tabs = []
        parts = [("outlook", _("Outlook"), "erp:material_outlook"), ("stock", _("Stock"), "erp:stock_of_material")]
        if row.supply == Material.Supply.MAKE:
            parts.insert(1, ("components", _("Components"), "erp:material_components"))
        for key, label, name in parts:
            if url := part_url(user, "erp.view_stock", name, row.pk):
                tabs.append(Tab(key, label, url=url))
        tabs.append(Tab("planning", _("Planning"), template="masterdata/_planning.html"))
        if row.supply == Material.Supply.MAKE:
            tabs.append(Tab("made", _("How it is made"), template="masterdata/_versions.html"))
        tabs.append(Tab("used", _("Where used"), template="masterdata/_where_used.html"))
        if url := part_url(user, "erp.view_purchase", "erp:prices_of_material", row.pk):
            tabs.append(Tab("prices", _("Suppliers"), url=url))
        if url := part_url(user, "erp.view_purchase", "erp:material_purchases", row.pk):
            tabs.append(Tab("bought", _("Purchases"), url=url))
        return tabs

    def get_context_data(self, row: Material) -> dict[str, Any]:
        context = super().get_context_data(row)
        user = self.request.user
        shown = context["tab"].key
        if shown == "planning":
            context["planning"] = visible_to(user, MaterialPlant.objects.filter(material=row)).select_related("plant")
            context["conversions"] = row.unit_conversions.select_related("unit")
        elif shown == "made":
            context["boms"] = row.boms.order_by("-version_no")
            context["routings"] = visible_to(user, Routing.objects.filter(material=row)).select_related("plant")
            context["plants"] = visible_to(user, Plant.objects.all(), ENGINEER)
        elif shown == "used":
            context["used"] = selectors.where_used_tree(row)
        return context | {"may_edit": may(user, EDIT), "may_engineer": may(user, ENGINEER)}

    def get_actions(self, row: Material) -> list[Action]:
        return [Action(_("Edit"), reverse("masterdata:material_edit", args=[row.pk]), "pencil", EDIT, is_main=True)]


class CreateMaterial(CreatePage):
    """A new material."""

    permission, form_class, title = EDIT, MaterialForm, _("New material")
    done_message = _("Saved.")

    def get_back(self) -> tuple[Any, str]:
        return _("Materials"), reverse("masterdata:materials")

    def get_initial(self) -> dict[str, Any]:
        return {"is_active": True} | super().get_initial()

    def perform(self, form: forms.Form) -> str:
        material = services.create_material(values=form.cleaned_data)
        return reverse("masterdata:material", args=[material.pk])


class EditMaterial(EditPage):
    """A material changed."""

    permission, form_class, done_message = EDIT, MaterialForm, _("Saved.")

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.all())

    def get_title(self) -> Any:
        return _("Edit %(what)s") % {"what": self.get_object().code}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().code, reverse("masterdata:material", args=[self.get_object().pk])

    def perform(self, form: forms.Form) -> str:
        material = services.update_material(
            material=self.get_object(), values=form.cleaned_data, expected_version=sent_version(self.request)
        )
        return reverse("masterdata:material", args=[material.pk])
