"""What orders earn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors import listed, visible_orders
from masterdata import shown
from masterdata.access import visible_to
from masterdata.chosen import own_currency
from masterdata.pages import (
    Code,
    Column,
    Day,
    Days,
    Empty,
    Flag,
    ListPage,
    Money,
    Percent,
    State,
    View,
)


class OrderProfit(ListPage):
    """What each order earns."""

    permission = "erp.view_cost"
    title, question = _l("Order profit"), _l("What does each order earn, and what has it cost so far?")
    columns = [
        Code("number", _l("Order"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Day("ordered_on", _l("Ordered"), sort="ordered_on"),
        State(
            lambda row: "done" if row.is_final else "running",
            _l("Cost is"),
            word=lambda row: _("Final") if row.is_final else _("Expected"),
        ),
        Money("revenue", _l("Revenue"), currency="company.currency.code", sort="revenue"),
        Money("incurred", _l("Cost so far"), sort="incurred"),
        Money("expected", _l("Cost in the end"), sort="expected"),
        Money("margin", _l("Margin"), sort="margin"),
        Percent("margin_percent", _l("Margin, %"), sort="margin_percent", places=1),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [
        Flag("final", _l("All shipped"), field="is_final"),
        Flag("open", _l("Still open"), condition=Q(is_final=False)),
        Flag("loss", _l("Losing money"), condition=Q(margin__lt=0)),
        Flag("over", _l("Over its estimate"), condition=Q(incurred__gt=F("estimate"))),
        Days("ordered", _l("Ordered"), field="ordered_on"),
    ]
    order_by = "-number"
    live = ["order", "operation"]
    empty = Empty(_l("No confirmed orders yet"), _l("Confirm one; its cost is counted from then on."), "chart-bar")

    def get_rows(self) -> QuerySet[SalesOrder]:
        rows = visible_to(self.request.user, visible_orders(self.request.user), self.permission)
        rows = rows.filter(confirmed_at__isnull=False, cancelled_at=None)
        if chosen := getattr(self.request, "plant", None):
            rows = rows.filter(pk__in=SalesOrderLine.objects.filter(plant=chosen).order_by().values("order"))
        return listed.with_profit(rows.select_related("customer", "currency", "company__currency"))

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("open", _("Still open"), "open=1"),
            View("final", _("All shipped"), "final=1"),
            View("least", _("Least margin first"), "sort=margin_percent"),
            View("loss", _("Losing money"), "loss=1"),
        ]

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.margin < 0 else ""

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        names = ("revenue", "incurred", "expected", "margin")
        sums = rows.order_by().aggregate(**{name + "_sum": Sum(name) for name in names})
        code = own_currency(self.request.user)
        if not code:
            return {}
        told: dict[str, Any] = {name: shown.number(sums[name + "_sum"], 2) for name in names}
        told["revenue"] = shown.money(sums["revenue_sum"], code)
        revenue = sums["revenue_sum"] or Decimal(0)
        told["margin_percent"] = shown.percent(100 * sums["margin_sum"] / revenue, 1) if revenue else shown.DASH
        return told

    def get_url(self, row: SalesOrder) -> str:
        return reverse("erp:order_margin", args=[row.pk])
