"""The list of sales orders."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors import OPEN_LINES, TO_SHIP, OrderStatus, order_status, visible_orders
from masterdata import lateness, shown
from masterdata.lateness import late_when
from masterdata.line import STATION_LABELS
from masterdata.pages import Action, Code, Column, Day, Days, Empty, Expected, Flag, ListPage, Money, Rail, State, View

LATE = Q(Exists(OPEN_LINES.filter(late_when())), cancelled_at=None)
CHARGED_OR_BACK = F("invoiced_qty") + F("taken_back_qty")
TO_INVOICE = Q(Exists(SalesOrderLine.objects.filter(order=OuterRef("pk"), shipped_qty__gt=CHARGED_OR_BACK)))


def state_of(order: SalesOrder, status: OrderStatus) -> tuple[str, str]:
    """The chip: the state's stable value and its word; late says by how much."""
    is_late = any(station.late for station in status.stations)
    promised_at, expected_at = getattr(order, "promised_at", None), getattr(order, "expected_at", None)
    if is_late and lateness.is_late(promised_at, expected_at):
        return "late", shown.lateness(promised_at, expected_at)
    if is_late:
        return "late", _t("Late")
    return status.state, str(WORDS.get(status.state) or STATION_LABELS[status.state])


WORDS = {"draft": _("Draft"), "cancelled": _("Cancelled"), "material": _("Waits for material")}


class Orders(ListPage):
    """Where is each order now, and will it be in time?"""

    permission = "erp.view_order"
    title, question = _("Orders"), _("Where is it now, and will it be in time?")
    columns = [
        Code("number", _("Order"), sort="number", link=True),
        Column(
            "customer.name",
            _("Customer"),
            sort="customer__name",
            second=lambda row: (
                _t("their no. %(number)s") % {"number": row.customer_reference}
                if row.customer_reference
                else _t("ordered %(day)s") % {"day": shown.day(row.ordered_on)}
            ),
        ),
        Rail("stations", _("The line")),
        State("state", _("State"), word="state_word"),
        Day("promised_at", _("Promised"), sort="promised_at", css="num", empty=_("Not promised yet")),
        Expected("expected_at", _("Expected"), due="promised_at", sort="expected_at", css="num", empty=_("No plan")),
        Money("net_amount", _("Net"), currency="currency", sort="net_amount"),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [
        Flag("late", _("Late"), condition=LATE),
        Flag("to_ship", _("To be shipped"), condition=TO_SHIP),
        Flag("to_invoice", _("To be invoiced"), condition=TO_INVOICE),
        Flag("draft", _("Draft"), condition=Q(confirmed_at=None, cancelled_at=None)),
        Flag("rush", _("Rush order"), field="is_rush"),
        Days("ordered", _("Ordered"), field="ordered_on"),
    ]
    order_by = "-number"
    live = ["order", "dates"]
    empty = Empty(_("No orders yet"), _("Accept a quotation and it becomes the first one."), "clipboard-list")

    def get_rows(self) -> QuerySet[SalesOrder]:
        rows = visible_orders(self.request.user)
        plant = getattr(self.request, "plant", None)
        if plant is not None:
            rows = rows.filter(Exists(SalesOrderLine.objects.filter(order=OuterRef("pk"), plant=plant)))
        return rows

    def get_actions(self) -> list[Action]:
        return [Action(_("Confirm drafts"), reverse("erp:orders_confirm"), "circle-check", "erp.confirm_order")]

    def get_views(self) -> list[View]:
        return [
            View("all", _("All")),
            View("to_ship", _("To be shipped"), "to_ship=1"),
            View("late", _("Late"), "late=1", count=self.get_rows().filter(LATE).count(), tone="late"),
            View("to_invoice", _("To be invoiced"), "to_invoice=1"),
            View("draft", _("Drafts"), "draft=1"),
        ]

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """Only of a selection: nobody needs the sum of all years."""
        if not any(self.request.GET.get(one.key) for one in self.filters):
            return {}
        lines = SalesOrderLine.objects.filter(order__in=rows.order_by().values("pk"))
        return {"net_amount": shown.number(lines.aggregate(total=Sum("net_amount"))["total"] or 0, 2)}

    def prepare(self, rows: list[Any]) -> list[Any]:
        status = order_status([row.pk for row in rows])
        for row in rows:
            row.stations = status[row.pk].stations
            row.state, row.state_word = state_of(row, status[row.pk])
        return rows

    def get_url(self, row: Any) -> str:
        return reverse("erp:order", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.state == "late" else ""
