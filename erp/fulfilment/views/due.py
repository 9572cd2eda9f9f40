"""What leaves today, and what is left over of orders that went in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment.selectors.lists import left_over, to_ship
from erp.sales.models import SalesOrderLine
from erp.sales.selectors import visible_orders
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Action,
    Code,
    Column,
    Day,
    Empty,
    Expected,
    Flag,
    ListPage,
    Money,
    Number,
    Quantity,
    State,
    View,
    When,
)

STAGES = {"packed": _l("Packed"), "picking": _l("Being picked"), "ready": _l("Ready to pick")}


class ToShip(ListPage):
    """Orders with goods in hand."""

    permission = "erp.view_order"
    title, question = _l("To ship"), _l("What can leave, and what has to leave today?")
    columns = [
        Code("number", _l("Order"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        State("stage", _l("State"), word=lambda row: STAGES[row.stage]),
        Number("ready_lines", _l("Lines in hand")),
        When("due_at", _l("Due"), sort="due_at", empty=_l("Not promised yet")),
        Day("wanted_on", _l("Wanted"), sort="wanted_on", css="num"),
        Money("net_amount", _l("Net"), currency="currency", sort="net_amount"),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [
        Flag("today", _l("Due today"), condition=Q()),
        Flag("walking", _l("Being picked"), field="walking"),
        Flag("packed", _l("Packed"), field="packed"),
        Flag("rush", _l("Rush order"), field="is_rush"),
    ]
    order_by = "due_at"
    live = ["order", "dates"]
    empty = Empty(
        _l("Nothing waits to be shipped"), _l("Orders appear here when their goods are made or have come."), "package"
    )

    def all(self) -> QuerySet[Any]:
        plant = getattr(self.request, "plant", None)
        rows: QuerySet[Any] = to_ship(visible_orders(self.request.user), plant.pk if plant else None)
        return rows

    def get_rows(self) -> QuerySet[Any]:
        rows = self.all()
        return rows.filter(due_at__date__lte=timezone.localdate()) if self.request.GET.get("today") else rows

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.stage = "packed" if row.packed else "picking" if row.walking else "ready"
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.due_at and row.due_at < timezone.now() else ""

    def get_views(self) -> Sequence[View]:
        today = self.all().filter(due_at__date__lte=timezone.localdate()).count()
        return [
            View("all", _("All")),
            View("today", _("To ship today"), "today=1", today, "risk" if today else ""),
            View("packed", _("Packed"), "packed=1"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("Plan a walk"), reverse("erp:pick_wave"), "list-check", "erp.pick_goods", is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("erp:order", args=[row.pk])


class LeftOver(ListPage):
    """What is left of orders of which a part has left."""

    permission = "erp.view_order"
    title, question = _l("Backorders"), _l("What do we still owe of orders that went in parts, and when does it come?")
    columns = [
        Code("order.number", _l("Order"), sort="order__number", link=True, css="w-1"),
        Column("order.customer.name", _l("Customer"), sort="order__customer__name"),
        Column("material.name", _l("Goods"), sort="material__name", second="material.code", css="wide"),
        Column("plant.name", _l("From"), sort="plant__code"),
        Quantity("quantity", _l("Ordered"), unit="material.unit.code"),
        Quantity("shipped_qty", _l("Shipped"), unit="material.unit.code"),
        Quantity("left", _l("Left"), unit="material.unit.code", sort="left"),
        Expected("expected_at", _l("Expected"), due="promised_at", sort="expected_at", css="num", empty=_l("No plan")),
    ]
    search_fields = ["order__number", "order__customer__name", "material__code", "material__name"]
    filters = [Flag("undated", _l("Without a date"), condition=Q(expected_at=None))]
    order_by = "expected_at"
    live = ["order", "dates"]
    empty = Empty(_l("Nothing is owed"), _l("What is left of an order that went in parts stands here."), "circle-check")

    def get_rows(self) -> QuerySet[SalesOrderLine]:
        orders = visible_orders(self.request.user).order_by().values("pk")
        return in_chosen_plant(self.request, left_over(orders))

    def get_url(self, row: Any) -> str:
        return reverse("erp:order", args=[row.order_id])
