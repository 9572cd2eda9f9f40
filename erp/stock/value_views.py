"""Pages of value: what stock is or was worth, revaluing it, undoing a move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock import moments, revaluing, reversing
from erp.stock.models import MaterialValue, StockMove
from erp.stock.views import owner
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import MaterialCategory, Plant
from masterdata.numbers import ZERO
from masterdata.pages import Action, Choice, Code, Column, EditPage, Empty, Flag, Html, ListPage, Money, Quantity

SEE, SEE_COST, REVALUE, REVERSE = "erp.view_stock", "erp.view_cost", "erp.revalue_stock", "erp.reverse_move"


class MomentForm(forms.Form):
    """Which moment; empty is now."""

    at = forms.DateTimeField(
        label=_l("As it was on"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class StockValue(ListPage):
    """What stock is worth, or was at a moment (`?at=`), tied to the ledger of that moment."""

    permission = SEE_COST
    template_name = "erp/stock/value.html"
    title, question = _l("Stock value"), _l("What is the stock worth, and does the ledger say the same?")
    columns = [
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Column("material.category.name", _l("Category"), sort="material__category__name"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Html(owner, _l("For"), sort="sales_order__number"),
        Column("get_method_display", _l("Valued by"), sort="method"),
        Quantity("then_qty", _l("Quantity"), unit="material.unit.code", sort="then_qty"),
        Money("then_value", _l("Value"), currency="plant.company.currency.code", sort="then_value"),
    ]
    search_fields = ["material__code", "material__name", "sales_order__number"]
    order_by = "material__code"
    live = ["purchase", "operation", "stock"]
    empty = Empty(_l("Nothing of value"), _l("There was no stock at that moment."), "packages")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("category", _("Category"), field="material__category", choices=_categories),
            Choice("method", _("Valued by"), choices=MaterialValue.Method.choices),
            Flag("orders", _("Kept for orders"), condition=Q(sales_order__isnull=False)),
            Flag("unowned", _("Free stock"), condition=Q(sales_order=None)),
        ]

    @cached_property
    def moment(self) -> dt.datetime | None:
        """In the zone of the page; empty is now."""
        try:
            found = parse_datetime(self.request.GET.get("at", ""))
        except ValueError:
            return None
        if found is not None and timezone.is_naive(found):
            found = timezone.make_aware(found)
        return found

    def get_rows(self) -> QuerySet[MaterialValue]:
        rows = moments.areas_at(self.moment).select_related("plant__company__currency")
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, SEE_COST))

    def prepare(self, rows: list[Any]) -> list[Any]:
        sees_orders = may(self.request.user, "erp.view_order")
        for row in rows:
            row.sees_order = sees_orders
        return rows

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        total = rows.order_by().aggregate(sum=Sum("then_value"))["sum"] or ZERO
        return {"then_value": shown.number(total, 2)}

    def get_actions(self) -> list[Action]:
        return [Action(_("Landed costs"), reverse("erp:landed_costs"), "truck-delivery", SEE_COST)]

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        plants = visible_to(self.request.user, Plant.objects.select_related("company__currency"), SEE_COST)
        if chosen := getattr(self.request, "plant", None):
            plants = plants.filter(pk=chosen.pk)
        by_id = {plant.pk: plant for plant in plants.order_by("code")}
        found = moments.value_at(moment=self.moment or timezone.now(), plant_ids=list(by_id)) if by_id else []
        form = MomentForm(initial={"at": self.moment})
        return super().get_context_data(rows) | {
            "moment": self.moment,
            "moment_form": form,
            "ties": [(by_id[one.plant_id], one) for one in found],
        }

    def get_url(self, row: MaterialValue) -> str:
        if row.sales_order_id is None and row.quantity and may(self.request.user, REVALUE):
            return reverse("erp:revalue", args=[row.pk])
        return reverse("masterdata:material", args=[row.material_id])


def _categories() -> Sequence[tuple[int, str]]:
    return list(MaterialCategory.objects.order_by("name").values_list("pk", "name"))


class RevalueForm(forms.Form):
    """What one is to be worth, and why."""

    unit_value = forms.DecimalField(
        label=_l("Worth per unit from now on"),
        min_value=ZERO,
        max_digits=20,
        decimal_places=6,
        widget=forms.NumberInput({"step": "any"}),
    )
    reason = forms.CharField(label=_l("Why"), max_length=200)
    is_sure = forms.BooleanField(
        label=_l("I am sure of the figure"),
        required=False,
        help_text=_l("Needed when it is more than ten times what it is worth now, or less than a tenth."),
    )


class Revalue(EditPage):
    """Make what is on hand worth something else."""

    permission, form_class, version_field = REVALUE, RevalueForm, ""
    done_message = _l("Revalued.")

    def get_rows(self) -> QuerySet[MaterialValue]:
        rows = MaterialValue.objects.filter(sales_order=None).select_related("material__unit", "plant")
        return visible_to(self.request.user, rows, REVALUE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("Revalue %(code)s in %(plant)s") % {"code": row.material.code, "plant": row.plant.name}

    def get_back(self) -> tuple[Any, str]:
        return _("Stock value"), reverse("erp:stock_value")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {"unit_value": shown.plain(round(row.value / row.quantity, 6))} if row.quantity else {}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Revalue")}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        revaluing.revalue_stock(
            plant_id=row.plant_id,
            values=[revaluing.NewValue(row.material_id, form.cleaned_data["unit_value"])],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            is_sure=form.cleaned_data["is_sure"],
        )
        return reverse("erp:stock_value")


class ReverseForm(forms.Form):
    """Why a move is undone."""

    reason = forms.CharField(label=_l("Why"), max_length=200)


class ReverseMove(EditPage):
    """Undo a move with one the other way."""

    permission, form_class, version_field = REVERSE, ReverseForm, ""
    done_message = _l("Undone: it went the other way at its own value.")

    def get_rows(self) -> QuerySet[StockMove]:
        rows = StockMove.objects.select_related("material__unit", "source", "target")
        return visible_to(self.request.user, rows, REVERSE)

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_title(self) -> Any:
        move = self.get_object()
        return _("Undo %(quantity)s of %(code)s from %(source)s to %(target)s") % {
            "quantity": shown.quantity(move.quantity, move.material.unit.code),
            "code": move.material.code,
            "source": move.source.name,
            "target": move.target.name,
        }

    def get_back(self) -> tuple[Any, str]:
        return _("Stock moves"), reverse("erp:moves")

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Undo it")}

    def perform(self, form: Any) -> str:
        reversing.reverse_move(move_id=self.get_object().pk, reason=form.cleaned_data["reason"], now=timezone.now())
        return reverse("erp:moves")
