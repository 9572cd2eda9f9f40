"""Everything else: one table of registers, one list, one detail page and one form for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from masterdata import records
from masterdata.access import may, requires, visible_to
from masterdata.forms import limit_choices
from masterdata.models import Calendar, Employee, Warehouse
from masterdata.pages import (
    Action,
    Card,
    CreatePage,
    DetailPage,
    EditPage,
    Empty,
    ListPage,
    Money,
    Tab,
)
from masterdata.views.parts import with_day_names
from masterdata.views.register_table import REGISTERS, Register

SEE = "masterdata.view"
CHILD_TABS = {
    Calendar: [
        Tab("shifts", _("Shifts"), template="masterdata/_shifts.html"),
        Tab("exceptions", _("Days that differ"), template="masterdata/_exceptions.html"),
    ],
    Warehouse: [Tab("locations", _("Locations"), template="masterdata/_locations.html")],
}


@requires(SEE)
def overview(request: HttpRequest) -> HttpResponse:
    """All registers with how many rows each has."""
    counts = [(one, visible_to(request.user, one.model._default_manager.all()).count()) for one in REGISTERS]
    groups: dict[str, list[tuple[Register, str, int]]] = {}
    for one, count in counts:
        groups.setdefault(str(one.group), []).append((one, reverse(f"masterdata:{one.plural}"), count))
    return render(request, "masterdata/registers.html", {"page_title": _("Everything else"), "groups": groups})


class _OfRegister:
    """What the pages of a register share."""

    register: Register | None = None
    request: Any

    def kind(self) -> Register:
        assert self.register is not None
        return self.register

    def visible(self, deed: str = "") -> QuerySet[Any]:
        kind = self.kind()
        rows = visible_to(self.request.user, kind.model._default_manager.all(), deed)
        return rows.select_related(*kind.related) if kind.related else rows


class RegisterList(_OfRegister, ListPage):
    """Every row of a register."""

    permission = SEE

    def get_rows(self) -> QuerySet[Any]:
        return self.visible().annotate(**{name: Count(path) for name, path in self.kind().counts.items()})

    def get_url(self, row: Any) -> str:
        return reverse(f"masterdata:{self.kind().key}", args=[row.pk])

    def get_actions(self) -> list[Action]:
        kind = self.kind()
        actions = [Action(_("All registers"), reverse("masterdata:registers"), "arrow-left")]
        if kind.is_founded:
            return actions
        url = reverse(f"masterdata:{kind.key}_create")
        return [*actions, Action(_("New"), url, "plus", kind.permission, is_main=True)]


class RegisterPage(_OfRegister, DetailPage):
    """One row of a register."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Any]:
        return self.visible()

    def get_back(self, row: Any) -> tuple[Any, str]:
        return self.kind().label, reverse(f"masterdata:{self.kind().plural}")

    def get_title(self, row: Any) -> Any:
        return str(row)

    def get_subtitle(self, row: Any) -> Any:
        return self.kind().one

    def get_cards(self, row: Any) -> Sequence[Card]:
        sees_cost = may(self.request.user, "erp.view_cost")
        fields = [one for one in self.kind().fields if sees_cost or not isinstance(one, Money)]
        return [Card(_("Facts"), fields)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return CHILD_TABS.get(self.kind().model, [])

    def get_context_data(self, row: Any) -> dict[str, Any]:
        context = super().get_context_data(row) | {"may_edit": may(self.request.user, self.kind().permission)}
        if isinstance(row, Calendar):
            context["shifts"] = with_day_names(row.shifts.prefetch_related("breaks").order_by("weekday", "starts"))
            context["exceptions"] = row.exceptions.order_by("-on")
        return context

    def get_actions(self, row: Any) -> list[Action]:
        kind = self.kind()
        url = reverse(f"masterdata:{kind.key}_edit", args=[row.pk])
        more = []
        if isinstance(row, Employee):
            word = _("New PIN") if row.pin_hash else _("Set a PIN")
            more.append(Action(word, reverse("masterdata:employee_pin", args=[row.pk]), "lock", kind.permission))
        return [*more, Action(_("Edit"), url, "pencil", kind.permission, is_main=True)]


class RegisterCreate(_OfRegister, CreatePage):
    """A new row of a register."""

    form_class, done_message = forms.Form, _("Saved.")

    def get_title(self) -> Any:
        return self.kind().one

    def get_back(self) -> tuple[Any, str]:
        return self.kind().label, reverse(f"masterdata:{self.kind().plural}")

    def get_form(self, data: Any = None) -> forms.Form:
        return limit_choices(super().get_form(data), self.request.user, self.kind().permission)

    def perform(self, form: forms.Form) -> str:
        row = records.create_record(model=self.kind().model, values=form.cleaned_data)
        return reverse(f"masterdata:{self.kind().key}", args=[row.pk])


class RegisterEdit(_OfRegister, EditPage):
    """One row of a register changed."""

    form_class, done_message = forms.Form, _("Saved.")
    version_field = ""

    def get_rows(self) -> QuerySet[Any]:
        return self.visible(self.kind().permission)

    def get_back(self) -> tuple[Any, str]:
        return str(self.get_object()), reverse(f"masterdata:{self.kind().key}", args=[self.get_object().pk])

    def get_form(self, data: Any = None) -> forms.Form:
        return limit_choices(super().get_form(data), self.request.user, self.kind().permission)

    def perform(self, form: forms.Form) -> str:
        records.change_record(record=self.get_object(), values=form.cleaned_data)
        return reverse(f"masterdata:{self.kind().key}", args=[self.get_object().pk])


def urlpatterns() -> list[URLPattern]:
    """Four addresses for each register; no page makes what is founded elsewhere."""
    found = []
    for one in REGISTERS:
        folder = f"registers/{one.plural.replace('_', '-')}"
        form: dict[str, Any] = {"register": one, "permission": one.permission, "form_class": one.form_class}
        rows = RegisterList.as_view(
            register=one,
            title=one.label,
            question=one.question,
            columns=one.columns,
            search_fields=one.search,
            filters=one.filters,
            order_by=one.order_by,
            empty=Empty(_("Nothing here yet"), one.question, one.icon),
        )
        found += [
            path(f"{folder}/", rows, name=one.plural),
            path(f"{folder}/<int:pk>/", RegisterPage.as_view(register=one), name=one.key),
            path(f"{folder}/<int:pk>/edit/", RegisterEdit.as_view(**form), name=f"{one.key}_edit"),
        ]
        if not one.is_founded:
            found.append(path(f"{folder}/new/", RegisterCreate.as_view(**form), name=f"{one.key}_create"))
    return found
