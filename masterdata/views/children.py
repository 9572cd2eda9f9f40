"""Rows that belong to another row's page (addresses, contacts, shifts ...): one table, three deeds for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from masterdata import records
from masterdata.access import visible_to
from masterdata.errors import Refusal
from masterdata.forms import form_of, limit_choices, weekday_field
from masterdata.iban import checked_iban
from masterdata.models import (
    Address,
    Calendar,
    CalendarException,
    Contact,
    Location,
    Material,
    MaterialPlant,
    Partner,
    PartnerAccount,
    Shift,
    UnitConversion,
    Warehouse,
)
from masterdata.pages import CreatePage, DeedView, EditPage


@dataclass(frozen=True)
class Child:
    """A kind of row under a parent: `field` points to it, `back` is where its page is."""

    key: str
    label: Any
    model: type[Model]
    parent: type[Model]
    field: str
    permission: str
    form_class: type[forms.Form]
    back: Callable[[Any], str]
    inherits: Sequence[str] = ()


def _page(name: str, tab: str = "") -> Callable[[Any], str]:
    return lambda parent: reverse(f"masterdata:{name}", args=[parent.pk]) + (f"?tab={tab}" if tab else "")


class AccountForm(
    form_of(  # type: ignore[misc]  # a class made by a function
        PartnerAccount, ["iban", "bic", "holder", "is_main"],
        labels={
            "iban": _("IBAN"), "bic": _("BIC"), "holder": _("Holder, if not the partner"),
            "is_main": _("Money goes here"),
        },
        own={"iban": forms.CharField(label=_("IBAN"), max_length=42)},
    )
):  # fmt: skip
    """A bank account whose number is checked."""

    def clean_iban(self) -> str:
        try:
            return checked_iban(self.cleaned_data["iban"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal


TABLE = [
    Child(
        "address", _("Address"), Address, Partner, "partner", "masterdata.edit_partner",
        form_of(
            Address, ["kind", "line1", "line2", "postal_code", "city", "country"],
            labels={"line1": _("Street"), "line2": _("Second line"), "postal_code": _("Postal code")},
            hints={"country": _("Two letters, such as DE")},
        ),
        _page("partner", "addresses"),
    ),
    Child(
        "contact", _("Contact"), Contact, Partner, "partner", "masterdata.edit_partner",
        form_of(Contact, ["name", "email", "phone"], labels={"email": _("E-mail")}),
        _page("partner", "contacts"),
    ),
    Child(
        "partner_account", _("Bank account"), PartnerAccount, Partner, "partner", "masterdata.edit_partner",
        AccountForm, _page("partner", "accounts"),
    ),
    Child(
        "planning", _("Planning in a plant"), MaterialPlant, Material, "material", "masterdata.edit_material",
        form_of(
            MaterialPlant,
            [
                "plant", "policy", "lead_time_days", "safety_stock", "reorder_point", "lot_rule", "lot_qty",
                "period_days", "max_lot", "scrap_percent", "safety_time_days", "planning_fence_days", "source_plant",
                "over_percent",
            ],
            labels={
                "policy": _("Supplied"), "safety_stock": _("Safety stock"), "reorder_point": _("Reorder point"),
                "lead_time_days": _("Lead time, working days"), "lot_rule": _("Lot"), "lot_qty": _("Lot quantity"),
                "period_days": _("Period, days"), "max_lot": _("Largest lot"), "scrap_percent": _("Scrap, %"),
                "safety_time_days": _("Safety time, working days"),
                "planning_fence_days": _("Firm within, working days"), "source_plant": _("Comes from plant"),
                "over_percent": _("May be exceeded by, %"),
            },
            hints={
                "policy": _("To stock: planning merges what all orders need. To order: each order has its own"),
                "safety_stock": _("Never reserved for an order"),
                "reorder_point": _("Below it a lot is ordered though nobody needs it yet"),
                "lead_time_days": _("To make; buying uses the supplier's"),
                "planning_fence_days": _("Work that starts within these days is firm"),
                "source_plant": _("Empty: it is made or bought here"),
                "over_percent": _("How much more than its quantity a work order may make"),
            },
        ),
        _page("material", "planning"),
    ),
    Child(
        "conversion", _("Unit"), UnitConversion, Material, "material", "masterdata.edit_material",
        form_of(
            UnitConversion, ["unit", "base_units_per_unit"], labels={"base_units_per_unit": _("Base units in one")}
        ),
        _page("material", "planning"),
    ),
    Child(
        "shift", _("Shift"), Shift, Calendar, "calendar", "masterdata.edit_calendar",
        form_of(Shift, ["name", "weekday", "starts", "ends"], own={"weekday": weekday_field()}),
        _page("calendar"),
    ),
    Child(
        "exception", _("Day that differs"), CalendarException, Calendar, "calendar", "masterdata.edit_calendar",
        form_of(
            CalendarException, ["on", "name", "is_working", "starts", "ends"],
            labels={"on": _("Day"), "is_working": _("Extra working time")},
        ),
        _page("calendar"),
    ),
    Child(
        "warehouse_location", _("Location"), Location, Warehouse, "warehouse", "masterdata.edit_place",
        form_of(
            Location, ["code", "name", "kind", "is_default"], labels={"is_default": _("Used when nobody names one")}
        ),
        _page("warehouse"), inherits=["plant"],
    ),
]  # fmt: skip


class _OfChild:
    """What the three pages share."""

    child: Child | None = None
    kwargs: Any
    request: Any

    def kind(self) -> Child:
        assert self.child is not None
        return self.child

    def of_child(self) -> QuerySet[Any]:
        """Rows of this kind that the user may change."""
        kind = self.kind()
        return visible_to(self.request.user, kind.model._default_manager.all(), kind.permission)

    def limited(self, form: forms.Form) -> forms.Form:
        return limit_choices(form, self.request.user, self.kind().permission)


class AddChild(_OfChild, CreatePage):
    """A new row under its parent."""

    form_class, done_message = forms.Form, _("Saved.")

    def parent(self) -> Any:
        if not hasattr(self, "_parent"):
            rows = visible_to(self.request.user, self.kind().parent._default_manager.all(), self.kind().permission)
            self._parent = get_object_or_404(rows, pk=self.kwargs["parent"])
        return self._parent

    def get_title(self) -> Any:
        return self.kind().label

    def get_back(self) -> tuple[Any, str]:
        return str(self.parent()), self.kind().back(self.parent())

    def get_form(self, data: Any = None) -> forms.Form:
        self.parent()
        return self.limited(super().get_form(data))

    def perform(self, form: forms.Form) -> str:
        values = form.cleaned_data | {self.kind().field: self.parent()}
        values |= {name: getattr(self.parent(), name) for name in self.kind().inherits}
        records.create_record(model=self.kind().model, values=values)
        return self.kind().back(self.parent())


class ChangeChild(_OfChild, EditPage):
    """One such row changed."""

    form_class, done_message = forms.Form, _("Saved.")
    version_field = ""

    def get_rows(self) -> QuerySet[Any]:
        return self.of_child().select_related(self.kind().field)

    def parent(self) -> Any:
        return getattr(self.get_object(), self.kind().field)

    def get_title(self) -> Any:
        return self.kind().label

    def get_back(self) -> tuple[Any, str]:
        return str(self.parent()), self.kind().back(self.parent())

    def get_form(self, data: Any = None) -> forms.Form:
        return self.limited(super().get_form(data))

    def perform(self, form: forms.Form) -> str:
        records.change_record(record=self.get_object(), values=form.cleaned_data)
        return self.kind().back(self.parent())


class RemoveChild(_OfChild, DeedView):
    """One such row taken away."""

    done_message = _("Taken away.")

    def get_rows(self) -> QuerySet[Any]:
        return self.of_child().select_related(self.kind().field)

    def perform(self, row: Any) -> str:
        back = self.kind().back(getattr(row, self.kind().field))
        records.delete_record(record=row)
        return back


def urlpatterns() -> list[URLPattern]:
    """Three addresses for each kind."""
    found = []
    for child in TABLE:
        kept: dict[str, Any] = {"child": child, "permission": child.permission}
        form = kept | {"form_class": child.form_class}
        folder = child.key.replace("_", "-")
        found += [
            path(f"{folder}/of/<int:parent>/new/", AddChild.as_view(**form), name=f"{child.key}_create"),
            path(f"{folder}/<int:pk>/edit/", ChangeChild.as_view(**form), name=f"{child.key}_edit"),
            path(f"{folder}/<int:pk>/remove/", RemoveChild.as_view(**kept), name=f"{child.key}_remove"),
        ]
    return found
