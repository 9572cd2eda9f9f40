"""What buying decides by hand: confirmed dates, needs that nobody has ordered, and suppliers' prices as parts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.forms import ConfirmDateForm, OrderPlannedForm
from erp.supply.models import PlannedOrder, PurchaseOrder, PurchaseOrderLine
from erp.supply.selectors import listed
from masterdata import drawn
from masterdata.access import may, requires, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import Action, Code, Column, EditPage, Empty, Flag, Html, ListPage, Quantity, When

SEE, WRITE, SEE_COST = "erp.view_purchase", "erp.write_purchase", "erp.view_cost"


class ConfirmDate(EditPage):
    """The date that a supplier confirmed for a line; planning counts on it."""

    permission, form_class, version_field = WRITE, ConfirmDateForm, ""
    done_message = _l("Noted. Planning counts on this date.")

    def get_rows(self) -> QuerySet[PurchaseOrderLine]:
        rows = PurchaseOrderLine.objects.select_related("order__plant", "order__supplier", "material")
        orders = visible_to(self.request.user, PurchaseOrder.objects.all(), WRITE)
        return rows.filter(order__in=orders.order_by().values("pk"))

    def get_title(self) -> Any:
        line = self.get_object()
        return _("%(supplier)s confirms %(code)s") % {"supplier": line.order.supplier, "code": line.material.code}

    def get_back(self) -> tuple[Any, str]:
        order = self.get_object().order
        return order.number, reverse("erp:purchase_order", args=[order.pk])

    def get_initial(self) -> dict[str, Any]:
        line = self.get_object()
        return {"confirmed_on": timezone.localdate(line.confirmed_at or line.due_at)}

    def perform(self, form: Any) -> str:
        line = self.get_object()
        confirmed_at = at_noon(form.cleaned_data["confirmed_on"])
        services.confirm_purchase_date(line_id=line.pk, confirmed_at=confirmed_at, now=timezone.now())
        return self.get_back()[1]


def at_noon(day: dt.date) -> dt.datetime:
    """A day of delivery as a moment, in the page's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _behind(row: Any) -> SafeString:
    if not row.behind:
        return drawn.dash(_("For safety stock"))
    links = (drawn.document(reverse(f"erp:{one.kind}", args=[one.id]), one.number, row.viewer) for one in row.behind)
    return format_html_join(", ", "{}", ((link,) for link in links))


class PlannedOrders(ListPage):
    """Needs without a purchase order, each with its problem."""

    permission = SEE
    title, question = _l("Not ordered"), _l("What does nobody bring, and which orders wait for it?")
    columns = [
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Quantity("quantity", _l("Needed"), unit="material.unit.code"),
        When("due_at", _l("Needed by"), sort="due_at"),
        Column("problem", _l("Why it was not ordered"), css="wide", empty=_l("Below its safety stock")),
        Html(_behind, _l("For")),
    ]
    search_fields = ["material__code", "material__name", "problem"]
    filters = [Flag("moves", _l("From another plant"), condition=Q(kind=PlannedOrder.Kind.TRANSFER))]
    order_by = "due_at"
    live = ["purchase"]
    empty = Empty(_l("Everything needed is ordered"), _l("Nothing to do here."), "circle-check")

    def get_rows(self) -> QuerySet[PlannedOrder]:
        """Of the chosen plant; what is to be moved is the sending plant's to do."""
        rows = visible_to(self.request.user, listed.needs_without_order(), SEE)
        return in_chosen_plant(self.request, rows, "source_plant" if self.request.GET.get("moves") else "plant")

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Ask suppliers"), reverse("erp:quotation_ask"), "message-question", WRITE),
            Action(
                _("Order what is planned"), reverse("erp:planned_orders_order"), "shopping-cart", WRITE, is_main=True
            ),
        ]

    def prepare(self, rows: list[Any]) -> list[Any]:
        behind = listed.waiting(rows)
        for row in rows:
            row.behind, row.viewer = behind.get(row.pk, []), self.request.user
        return rows

    def get_url(self, row: PlannedOrder) -> str:
        return reverse("erp:planned_supply", args=[row.pk])


class BuyPlanned(EditPage):
    """Buy by hand what netting could not."""

    permission, form_class, version_field = WRITE, OrderPlannedForm, ""
    done_message = _l("Ordered. What waits for it now has a date.")

    def get_rows(self) -> QuerySet[PlannedOrder]:
        return visible_to(self.request.user, listed.needs_without_order(), WRITE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("Order %(what)s") % {"what": f"{row.quantity.normalize():f} {row.material.unit.code} {row.material}"}

    def get_back(self) -> tuple[Any, str]:
        return _("Not ordered"), reverse("erp:planned_orders")

    def get_initial(self) -> dict[str, Any]:
        return {"due_on": timezone.localdate(self.get_object().due_at)}

    def perform(self, form: Any) -> str:
        order = services.order_planned(
            planned_order_id=self.get_object().pk,
            supplier=form.cleaned_data["supplier"],
            unit_price=form.cleaned_data["unit_price"],
            due_at=at_noon(form.cleaned_data["due_on"]),
            now=timezone.now(),
        )
        return reverse("erp:purchase_order", args=[order.pk])


@requires(SEE)
def prices_of(request: HttpRequest, pk: int) -> HttpResponse:
    """What a supplier asks for what it sells us: a part of the partner's page."""
    return _prices(request, supplier_id=pk)


@requires(SEE)
def prices_of_material(request: HttpRequest, pk: int) -> HttpResponse:
    """What each supplier asks for a material: a part of the material's page."""
    return _prices(request, material_id=pk)


def _prices(request: HttpRequest, **of: int) -> HttpResponse:
    rows = visible_to(request.user, listed.prices(**of))
    context = {"prices": rows, "sees_cost": may(request.user, SEE_COST), "of_material": "material_id" in of}
    return render(request, "erp/supply/_prices.html", context)
