"""What an order earns: the waterfall, and each step with the reports, documents and plans that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from erp.cost.models import Element
from erp.profit import words
from erp.profit.selectors import Profit, order_profit
from erp.profit.selectors.deviations import Report
from erp.profit.selectors.steps import Change, Step
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata import shown
from masterdata.pages import exports, waterfall
from masterdata.pages.details import OneRow

MOST_BARS = 6


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as a row: what, where, how much, and what is behind it."""

    step: Step
    said: str
    where: str
    elements: str
    url: str

    @property
    def reports(self) -> list[Report]:
        return list(self.step.deviation.reports) if self.step.deviation else []

    @property
    def changes(self) -> list[Change]:
        return list(self.step.changes)


class OrderProfit(OneRow):
    """From the first estimate to now, or to the final figures once everything is shipped."""

    permission = "erp.view_cost"

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user).select_related("company__currency", "customer", "currency")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        order = self.get_object()
        profit = order_profit(order, timezone.now())
        steps = [_shown(step) for step in profit.steps]
        wish = request.GET.get("export", "")
        if wish in ("csv", "xlsx"):
            return _file(order, steps, wish)
        context = {
            "page_title": _("Profit of %(number)s") % {"number": order.number},
            "object": order,
            "back": (order.number, reverse("erp:order", args=[order.pk]) + "?tab=money"),
            "subtitle": order.customer.name,
            "profit": profit,
            "steps": sorted(steps, key=lambda one: -abs(one.step.amount)),
            "bars": _bars(profit, steps),
            "bars_height": waterfall.HEIGHT,
            "currency": order.company.currency,
            "actions": [],
        }
        return render(request, "erp/profit/order.html", context)


def _file(order: SalesOrder, steps: list[ShownStep], wish: str) -> HttpResponse:
    """Every step with its causes, the largest first."""
    heads = [_("Step"), _("Where"), _("Of"), _("Because of"), _("Margin")]
    rows = [
        [one.said, one.where, one.elements, "; ".join(_causes(one)), one.step.amount]
        for one in sorted(steps, key=lambda one: -abs(one.step.amount))
    ]
    name = slugify(f"profit {order.number}")
    return exports.as_csv(name, heads, rows) if wish == "csv" else exports.as_xlsx(name, heads, rows)


def _causes(one: ShownStep) -> list[str]:
    """When, who, which machine and how much of each report; the cause of each plan."""
    told = [
        " · ".join(str(part) for part in (shown.when(report.at), report.worker, report.machine, report.amount) if part)
        for report in one.reports
    ]
    return told + [f"{shown.when(change.at)} · {change.cause} · {change.amount}" for change in one.changes]


def _shown(step: Step) -> ShownStep:
    one = step.deviation
    url = reverse("erp:work_order", args=[one.work_order_id]) if one and one.work_order_id else ""
    elements = ", ".join(str(Element(element).label) for element in step.elements) or _("Revenue")
    return ShownStep(step, words.said(step), words.where(step), elements, url)


def _bars(profit: Profit, steps: list[ShownStep]) -> list[waterfall.Bar]:
    """The largest steps one by one, what is left as one."""
    if profit.first is None:
        return []
    by_size = sorted(steps, key=lambda one: -abs(one.step.amount))
    large = by_size if len(by_size) <= MOST_BARS else by_size[: MOST_BARS - 1]
    changes = [(one.said, one.step.amount) for one in large]
    if rest := by_size[len(large) :]:
        total = sum((one.step.amount for one in rest), Decimal(0))
        changes.append((_("%(count)d smaller steps") % {"count": len(rest)}, total))
    end = _("Final") if profit.is_final else _("Now")
    return waterfall.drawn(profit.first.cause, profit.first_margin, changes, end=end, whole=profit.price)
