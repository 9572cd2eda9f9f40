"""The page of one sales order: where it is, its lines down to the operation, money, papers, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, prefetch_related_objects
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.cost import selectors as cost_now
from erp.sales.models import SalesOrder
from erp.sales.selectors import OrderDetail, line_work, order_detail, visible_orders
from erp.sales.selectors.deposits import deposit_missing
from erp.sales.views import beside, money, work
from erp.sales.views.orders import state_of
from masterdata import shown
from masterdata.access import may
from masterdata.line import Station
from masterdata.pages import Action, DocumentPage, Happening, Tab, timeline, waterfall

# Fulfilment stands above sales: its pages are reached by their names.
FETCH = [
    (_l("Pick"), "erp:order_pick", "list-check", "erp.pick_goods"),
    (_l("Pack by scan"), "erp:order_scan", "barcode", "erp.pack_shipment"),
]


def address(name: str, *args: Any) -> str:
    """Another app's part, or nothing while it has none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def asked(name: str, **query: Any) -> str:
    """The same with what the part is asked about."""
    found = address(name)
    return f"{found}?{urlencode(query)}" if found else ""


class Order(DocumentPage):
    """Where is it now?"""

    permission = "erp.view_order"
    template_name = "erp/sales/order.html"
    live = ["order", "dates"]

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    @cached_property
    def detail(self) -> OrderDetail:
        return order_detail(self.get_object().pk)

    @cached_property
    def work(self) -> list[Any]:
        return line_work(self.detail.order.pk, self.detail.lines, self.detail.work_orders)

    @cached_property
    def floor(self) -> beside.FloorNow:
        return work.floor_of(self.work)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> SafeString:
        customer = address("crm:customer", row.customer_id) if may(self.request.user, "crm.view") else ""
        name = format_html('<a href="{}">{}</a>', customer, row.customer.name) if customer else row.customer.name
        parts = [shown.money(row.net_amount, row.currency)]
        if row.customer_reference:
            parts.append(_("their no. %(number)s") % {"number": row.customer_reference})
        if row.is_rush:
            parts.append(_("rush order"))
        return format_html("{} · {}", name, " · ".join(parts))

    def get_back(self, row: Any) -> tuple[str, str]:
        return _("Orders"), reverse("erp:orders")

    def get_state(self, row: Any) -> tuple[str, str]:
        return state_of(row, self.detail.status)

    def get_stations(self, row: Any) -> Sequence[Station]:
        return self.detail.status.stations

    def get_now(self, row: Any) -> str:
        return work.now_sentence(self.detail, self.work, timezone.now(), self.floor)

    def get_dates(self, row: Any) -> tuple[Any, Any] | None:
        dates = (row.promised_at, row.expected_at)
        return dates if row.confirmed_at and any(dates) else None

    def get_why(self, row: Any) -> str:
        """Planning has a reason only for what is still to be made."""
        is_open = any(step.finished_at is None for line in self.work for one in _made(line) for step in one.operations)
        allowed = may(self.request.user, "aps.view_plan")
        return address("suite:why_date", row.pk) if is_open and allowed and row.expected_at else ""

    def get_tabs(self, row: Any) -> list[Tab]:
        detail, user = self.detail, self.request.user
        papers = len(detail.shipments) + len(detail.invoices) + len(detail.payments)
        supply = len(detail.purchase_orders) + len(detail.planned_orders)
        tabs = [
            Tab("overview", _("Overview"), template="erp/sales/_overview.html"),
            Tab("supply", _("Material"), template="erp/sales/_supply.html", count=supply or None),
            Tab("available", _("Available"), url=address("erp:order_available", row.pk)),
            Tab("papers", _("Shipments and invoices"), template="erp/sales/_papers.html", count=papers or None),
        ]
        if may(user, "erp.view_cost"):
            tabs.append(Tab("money", _("Money"), template="erp/sales/_money.html"))
        if may(user, "crm.view"):
            tabs += [
                Tab(key, label, url=url)
                for key, label, url in (
                    ("promises", _("Promises"), address("crm:order_promises", row.pk)),
                    ("notices", _("Notices"), address("crm:order_notices", row.pk)),
                    ("messages", _("Messages"), asked("crm:message_panel", order=row.pk)),
                    ("cases", _("Cases"), address("crm:order_cases", row.pk)),
                )
                if url
            ]
        return tabs

    def get_actions(self, row: Any) -> list[Action]:
        """What comes next first; the first that the person may do is the main one, unless it takes something back."""
        deeds = [*self._deeds(row), *beside.offered(row)]
        found = [action for action in deeds if action.is_for(self.request.user)]
        pdf = Action(_("PDF"), reverse("erp:order_pdf", args=[row.pk]), "file-type-pdf")
        main = next((action for action in found if not action.confirm), None)
        deeds = [replace(action, is_main=action is main) for action in found]
        case = asked("crm:case_create", order=row.pk)
        asks = [Action(_("New case"), case, "lifebuoy", "crm.handle_case")] if case else []
        return [pdf, *asks, *deeds[::-1]]

    def _deeds(self, row: Any) -> list[Action]:
        detail = self.detail
        if not row.confirmed_at and not row.cancelled_at:
            url = reverse("erp:order_confirm", args=[row.pk])
            fields = {"version": row.version}
            return [Action(_("Confirm"), url, "circle-check", "erp.confirm_order", post=True, fields=fields)]
        deeds = [_leaves(one) for one in detail.shipments if one.shipped_at is None]
        if any(line.to_pack for line in self.work):
            url = reverse("erp:order_pack", args=[row.pk])
            deeds.append(Action(_("Pack what is ready"), url, "package", "erp.pack_shipment", post=True))
            for label, name, icon, deed in FETCH:
                deeds.append(Action(label, reverse(name, args=[row.pk]), icon, deed, post=True))
        if any(line.shipped_qty - line.taken_back_qty > line.invoiced_qty for line in detail.lines):
            url = reverse("erp:order_invoice", args=[row.pk])
            deeds.append(Action(_("Post invoice"), url, "receipt", "erp.post_invoice", post=True))
        if deposit_missing(detail.order, "order") and not detail.invoices:
            url = reverse("erp:order_deposit", args=[row.pk])
            deeds.append(Action(_("Ask for the deposit"), url, "receipt", "erp.post_invoice"))
        for invoice in detail.invoices:
            if invoice.open_amount > 0:
                url = reverse("erp:invoice_pay", args=[invoice.pk])
                deeds.append(Action(_("Record payment"), url, "cash", "erp.receive_payment"))
        return deeds

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        told = timeline.happened(f"order:{row.pk}")
        written = Happening(row.made_at, _("Order written"), "file-text")
        return [*told, written]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        context = super().get_context_data(row)
        if context["tab"].key == "supply":
            prefetch_related_objects(self.detail.purchase_orders, "lines__material__unit")
        sees_cost = may(self.request.user, "erp.view_cost")
        return (
            context
            | {
                "detail": self.detail,
                "lines": work.lines_shown(self.work, timezone.now(), self.floor),
                "currency": row.currency,
                "promises_url": address("crm:order_promises", row.pk) if may(self.request.user, "crm.view") else "",
                "sees_cost": sees_cost,
                "sees_purchases": may(self.request.user, "erp.view_purchase"),
                "sees_work": may(self.request.user, "erp.view_work_order"),
            }
            | (self._money(row) if sees_cost else {})
        )

    def _money(self, row: Any) -> dict[str, Any]:
        cost = cost_now.order_cost(row.pk)
        estimates = list(cost_now.estimates(row.pk))
        return {
            "cost": cost,
            "estimates": [(one, money.by_element(one, estimates), cost.price - one.total) for one in estimates],
            "estimated": money.estimated(estimates),
            "elements": money.elements(cost, estimates),
            "profit_url": reverse("erp:order_margin", args=[row.pk]),
            "bars": money.waterfall(cost, estimates),
            "bars_height": waterfall.HEIGHT,
            "bookings": cost_now.bookings(row.pk),
        }


def _leaves(shipment: Any) -> Action:
    """What was packed by scan is loaded by scan."""
    if shipment.is_scanned:
        url = reverse("erp:shipment_load", args=[shipment.pk])
        return Action(_("Load %(number)s") % {"number": shipment.number}, url, "truck-loading", "erp.ship")
    url = reverse("erp:shipment_ship", args=[shipment.pk])
    return Action(_("Ship %(number)s") % {"number": shipment.number}, url, "truck-delivery", "erp.ship", post=True)


def _made(line: Any) -> list[Any]:
    return [*line.products, *line.parts]
