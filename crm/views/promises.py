"""Promises: their list, and the parts that an order's page embeds."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import Promise
from erp import selectors as erp_now
from masterdata.access import requires, visible_to
from masterdata.lateness import late_when
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Day,
    Days,
    Empty,
    Expected,
    Flag,
    ListPage,
    Percent,
    View,
    When,
    plant_time,
)

AT_RISK = (
    Q(
        order_line__outlook__sure_percent__lt=selectors.SURE_PERCENT,
        order_line__shipped_qty__lt=F("order_line__quantity"),
    )
    & Q(order_line__expected_at__isnull=False)
    & ~late_when("promised_at", "order_line__expected_at")
)


class Promises(ListPage):
    """What have we promised, and does it hold?"""

    permission = "crm.view"
    title, question = _("Promises"), _("What have we promised, and does it still hold?")
    columns = [
        Code("order_line.order.number", _("Order"), sort="order_line__order__number", link=True),
        Column(
            "order_line.order.customer.name",
            _("Customer"),
            sort="order_line__order__customer__name",
        ),
        Column("order_line.material.name", _("Product"), second=lambda row: _line(row), css="wraps"),
        Day("promised_at", _("Promised"), sort="promised_at", css="num"),
        Expected(
            "order_line.expected_at", _("Expected"), due="promised_at", sort="order_line__expected_at", css="num below"
        ),
        Column("cause", _("Why this date"), second=lambda row: _version(row), css="wraps"),
        Percent(
            "order_line.outlook.sure_percent",
            _("Sure"),
            sort="order_line__outlook__sure_percent",
            empty=_("Too little was observed yet to say"),
        ),
        When("made_at", _("Given"), sort="made_at"),
    ]
    search_fields = ["order_line__order__number", "order_line__order__customer__name", "cause"]
    filters = [
        Flag(
            "broken",
            _("Expected later than promised"),
            condition=late_when("promised_at", "order_line__expected_at")
            & Q(order_line__shipped_qty__lt=F("order_line__quantity")),
        ),
        Flag("at_risk", _("In time, under 85 % sure"), condition=AT_RISK),
        Flag("moved", _("Moved at least once"), condition=Q(version_no__gt=1)),
        Choice("reason", _("Reason"), choices=Promise.Reason.choices),
        Days("promised", _("Promised"), field="promised_at", is_moment=True),
    ]
    order_by = "-made_at"
    live = ["promise", "dates"]
    plant = "order_line.plant_id"
    empty = Empty(_("No promises yet"), _("A confirmed order gets its first promise from the first plan."), "flag")

    def get_rows(self) -> QuerySet[Promise]:
        """Those in force."""
        rows = visible_to(self.request.user, Promise.objects.filter(closed_at=None))
        return rows.select_related("order_line__order__customer", "order_line__material", "order_line__outlook")

    def get_views(self) -> list[View]:
        return [
            View("all", _("All")),
            View("late", _("Late"), "broken=1", tone="late"),
            View("at_risk", _("At risk"), "at_risk=1"),
            View("moved", _("Moved"), "moved=1"),
        ]

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Could come earlier"), reverse("crm:earlier"), "calendar-time", "crm.view"),
            Action(_("Reliability"), reverse("crm:reliability"), "chart-bar", "crm.view"),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("erp:order", args=[row.order_line.order_id]) + "?tab=promises"


def _line(row: Promise) -> str:
    return _t("line %(number)s") % {"number": row.order_line.line_no}


def _version(row: Promise) -> str:
    return _t("promise %(number)s, %(reason)s") % {
        "number": row.version_no,
        "reason": row.get_reason_display().lower(),
    }


@requires("crm.view")
def order_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of the promises of an order's lines, as a part of the order's page."""
    order = get_object_or_404(erp_now.visible_orders(request.user), pk=pk)
    rows = list(selectors.promise_history(user=request.user, order_id=order.pk))
    lines = {row.order_line_id for row in rows}
    for row in rows:
        told = [one.notice for one in row.notice_lines.all() if one.notice.state != "discarded"]
        row.told = told[-1] if told else None  # type: ignore[attr-defined]
    earlier = selectors.visible_earlier_offers(request.user).filter(order_line__order=order, state="open")
    context = {
        "order": order,
        "promises": rows,
        "with_lines": len(lines) > 1,
        "moved": len(rows) - len(lines),
        "earlier": list(earlier),
        "sure_from": selectors.SURE_PERCENT,
    }
    with plant_time(request, order.plant_id):  # type: ignore[attr-defined]
        return render(request, "crm/_order_promises.html", context)


@requires("crm.view")
def order_notices(request: HttpRequest, pk: int) -> HttpResponse:
    """What the customer was told about an order, as a part of the order's page."""
    order = get_object_or_404(erp_now.visible_orders(request.user), pk=pk)
    notices = selectors.visible_notices(request.user).filter(order=order)
    with plant_time(request, order.plant_id):  # type: ignore[attr-defined]
        return render(request, "crm/_order_notices.html", {"order": order, "notices": notices})
