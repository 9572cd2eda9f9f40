"""Pages of what leaves the house: shipments, invoices, and what orders earn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.models import Allocation, Invoice, SalesOrder, SalesOrderLine, Shipment
from erp.sales.selectors import listed, visible_invoices, visible_orders
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import Company
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    Day,
    Days,
    DetailPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    Money,
    Number,
    Percent,
    State,
    Tab,
    View,
    When,
)

STAGES = {"paid": _l("Paid"), "overdue": _l("Overdue"), "part_paid": _l("Part paid"), "open": _l("Open")}


def own_currency(user: Any) -> str:
    """The currency of the user's companies, when there is only one."""
    codes = set(visible_to(user, Company.objects.all()).values_list("currency__code", flat=True))
    return codes.pop() if len(codes) == 1 else ""


class Shipments(ListPage):
    """What leaves and has left."""

    permission = "erp.view_order"
    title, question = _l("Shipments"), _l("What leaves, and what has left?")
    columns = [
        Code("number", _l("Shipment"), sort="number", link=True, css="w-1"),
        Code("order.number", _l("Order"), sort="order__number"),
        Column("order.customer.name", _l("Customer"), sort="order__customer__name", css="wide"),
        Column("plant.name", _l("From"), sort="plant__code"),
        Number("line_count", _l("Lines")),
        Number("pieces", _l("Pieces"), sort="pieces"),
        When("packed_at", _l("Packed"), sort="packed_at"),
        When("shipped_at", _l("Shipped"), sort="shipped_at", empty=_l("Waits at the dock")),
        State(
            lambda row: "shipped" if row.shipped_at else "packed",
            _l("State"),
            word=lambda row: _("Shipped") if row.shipped_at else _("Packed"),
        ),
    ]
    search_fields = ["number", "order__number", "order__customer__name"]
    filters = [
        Flag("waiting", _l("Waiting"), condition=Q(shipped_at=None)),
        Days("shipped", _l("Shipped"), field="shipped_at", is_moment=True),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(_l("Nothing packed yet"), _l("Open an order that is ready and pack it."), "package")

    def get_rows(self) -> QuerySet[Shipment]:
        rows = visible_to(self.request.user, listed.listed_shipments(), self.permission)
        return in_chosen_plant(self.request, rows)

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(shipped_at=None).count()
        return [View("all", _("All"), ""), View("waiting", _("Waiting at the dock"), "waiting=1", waiting)]

    def get_url(self, row: Shipment) -> str:
        return reverse("erp:order", args=[row.order_id])


class Invoices(ListPage):
    """What customers owe."""

    permission = "erp.view_invoice"
    title, question = _l("Invoices"), _l("Who owes us what, since when?")
    columns = [
        Code("number", _l("Invoice"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Code("order.number", _l("Order"), sort="order__number"),
        Day("issued_on", _l("Issued"), sort="issued_on"),
        Day("due_on", _l("Due"), sort="due_on"),
        State(lambda row: row.stage, _l("State"), word=lambda row: STAGES[row.stage]),
        Money("gross_amount", _l("Amount"), currency="currency.code", sort="gross_amount"),
        Money("open_amount", _l("Open"), currency="currency.code", sort="open_amount"),
    ]
    search_fields = ["number", "customer__name", "order__number"]
    filters = [
        Flag("open", _l("Open"), condition=Q(open_amount__gt=0)),
        Flag("overdue", _l("Overdue"), condition=Q(open_amount__gt=0)),
        Days("issued", _l("Issued"), field="issued_on"),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(_l("No invoices yet"), _l("What has been shipped can be invoiced on the order's page."), "receipt")

    def visible(self) -> QuerySet[Invoice]:
        return visible_invoices(self.request.user).select_related("customer", "currency", "order")

    def get_rows(self) -> QuerySet[Invoice]:
        rows = self.visible()
        return rows.filter(due_on__lt=timezone.localdate()) if self.request.GET.get("overdue") else rows

    def prepare(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        for row in rows:
            row.stage = listed.invoice_stage(row, today)
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.stage == "overdue" else ""

    def get_views(self) -> Sequence[View]:
        overdue = Q(open_amount__gt=0, due_on__lt=timezone.localdate())
        counts = (
            self.visible()
            .order_by()
            .aggregate(open=Count("pk", filter=Q(open_amount__gt=0)), overdue=Count("pk", filter=overdue))
        )
        return [
            View("all", _("All"), ""),
            View("open", _("Open"), "open=1", counts["open"]),
            View("overdue", _("Overdue"), "overdue=1", counts["overdue"], "late" if counts["overdue"] else ""),
        ]

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        sums = rows.order_by().aggregate(gross=Sum("gross_amount"), open=Sum("open_amount"))
        code = own_currency(self.request.user)
        return {name + "_amount": shown.money(sums[name], code) for name in ("gross", "open")} if code else {}

    def get_url(self, row: Invoice) -> str:
        return reverse("erp:invoice", args=[row.pk])


class InvoicePage(DetailPage):
    """One invoice: its lines, its payments, its posting."""

    permission = "erp.view_invoice"
    template_name = "erp/sales/invoice.html"
    live = ["order"]

    def get_rows(self) -> QuerySet[Invoice]:
        return visible_invoices(self.request.user).select_related("customer", "currency", "order", "entry")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.customer.name} · {row.order.number}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Invoices"), reverse("erp:invoices")

    def get_state(self, row: Any) -> tuple[str, Any]:
        stage = listed.invoice_stage(row, timezone.localdate())
        return stage, STAGES[stage]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [
            Tab("lines", _("Lines"), template="erp/sales/_invoice_lines.html"),
            Tab("payments", _("Payments"), template="erp/sales/_invoice_payments.html"),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        paid = Allocation.objects.filter(invoice=row).select_related("payment__entry").order_by("id")
        context = {
            "lines": row.lines.select_related("order_line__material__unit").order_by("order_line__line_no", "id"),
            "allocations": list(paid),
            "paid": row.gross_amount - row.open_amount,
            "may_ledger": may(self.request.user, "erp.view_ledger"),
        }
        return super().get_context_data(row) | context

    def get_cards(self, row: Any) -> Sequence[Card]:
        dates = [
            Column("customer.name", _("Customer")),
            Code("order.number", _("Order")),
            Code("order.customer_reference", _("Their number"), empty=_("They gave none")),
            Day("issued_on", _("Issued")),
            Day("due_on", _("Due")),
        ]
        return [Card(_("Facts"), dates)]

    def get_actions(self, row: Any) -> list[Action]:
        actions = [Action(_("Order"), reverse("erp:order", args=[row.order_id]), "clipboard-list", "erp.view_order")]
        if row.open_amount > 0:
            url = reverse("erp:invoice_pay", args=[row.pk])
            actions.append(Action(_("Record payment"), url, "cash", "erp.receive_payment", is_main=True))
        return actions

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [
            Happening(
                one.payment.entry.posted_at,
                _("%(amount)s received") % {"amount": shown.money(one.amount, row.currency)},
                "cash",
                detail=one.payment.reference,
                tone="good",
            )
            for one in Allocation.objects.filter(invoice=row).select_related("payment__entry").order_by("-id")
        ]
        return [*found, Happening(row.entry.posted_at, _("Invoice posted"), "receipt")]


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
        Money("revenue", _l("Revenue"), currency="currency.code", sort="revenue"),
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
        return listed.with_profit(rows)

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
        return reverse("erp:order", args=[row.pk]) + "?tab=money"
