"""Pages of invoices: who owes what, and one invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.receivables import selectors
from erp.receivables.models import Allocation, Invoice
from erp.receivables.services.instalments import instalments_of
from erp.treasury.banks import policy_of
from masterdata import shown
from masterdata.access import may
from masterdata.chosen import own_currency
from masterdata.pages import (
    Action,
    Card,
    Choice,
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
    State,
    Tab,
    View,
)

STAGES = {
    "paid": _l("Paid"),
    "overdue": _l("Overdue"),
    "part_paid": _l("Part paid"),
    "open": _l("Open"),
    "credit": _l("Credit left"),
}


class Invoices(ListPage):
    """What customers owe."""

    permission = "erp.view_invoice"
    title, question = _l("Invoices"), _l("Who owes us what, since when?")
    columns = [
        Code("number", _l("Invoice"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Column("get_kind_display", _l("What"), sort="kind"),
        Code("order.number", _l("Order"), sort="order__number", empty=_l("Several orders, or none")),
        Day("issued_on", _l("Issued"), sort="issued_on"),
        Day("next_due_on", _l("Due"), sort="next_due_on"),
        State(lambda row: row.stage, _l("State"), word=lambda row: STAGES[row.stage]),
        Money("gross_amount", _l("Amount"), currency="currency.code", sort="gross_amount"),
        Money("open_amount", _l("Open"), currency="currency.code", sort="open_amount"),
    ]
    search_fields = ["number", "customer__name", "order__number"]
    filters = [
        Choice("kind", _l("What"), choices=Invoice.Kind.choices),
        Flag("open", _l("Open"), condition=Q(open_amount__gt=0)),
        Flag("overdue", _l("Overdue"), condition=Q(open_amount__gt=0)),
        Days("issued", _l("Issued"), field="issued_on"),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(_l("No invoices yet"), _l("What has been shipped can be invoiced on the order's page."), "receipt")

    def visible(self) -> QuerySet[Invoice]:
        return selectors.visible_invoices(self.request.user).select_related("customer", "currency", "order")

    def get_rows(self) -> QuerySet[Invoice]:
        rows: Any = self.visible()
        return rows.filter(next_due_on__lt=timezone.localdate()) if self.request.GET.get("overdue") else rows

    def prepare(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        for row in rows:
            row.stage = selectors.invoice_stage(row, today)
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.stage == "overdue" else ""

    def get_views(self) -> Sequence[View]:
        overdue = Q(open_amount__gt=0, next_due_on__lt=timezone.localdate())
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

    def get_actions(self) -> list[Action]:
        url = reverse("erp:invoice_collective")
        return [Action(_("Invoice a customer"), url, "plus", "erp.post_invoice", is_main=True)]

    def get_url(self, row: Invoice) -> str:
        return reverse("erp:invoice", args=[row.pk])


class InvoicePage(DetailPage):
    """One invoice: its lines, its payments, its posting."""

    permission = "erp.view_invoice"
    template_name = "erp/receivables/invoice.html"
    live = ["order"]

    def get_rows(self) -> QuerySet[Invoice]:
        return selectors.visible_invoices(self.request.user).select_related("customer", "currency", "order", "entry")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.customer.name} · {row.order.number}" if row.order else row.customer.name

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Invoices"), reverse("erp:invoices")

    def get_state(self, row: Any) -> tuple[str, Any]:
        stage = selectors.invoice_stage(row, timezone.localdate())
        return stage, STAGES[stage]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [
            Tab("lines", _("Lines"), template="erp/receivables/_lines.html"),
            Tab("payments", _("Payments"), template="erp/receivables/_payments.html"),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        paid = Allocation.objects.filter(invoice=row).select_related("payment", "reversed_by").order_by("id")
        context = {
            "lines": row.lines.select_related("order_line__material__unit").order_by("order_line__line_no", "id"),
            "allocations": list(paid),
            "instalments": instalments_of(row),
            "paid": row.gross_amount - row.open_amount,
            "may_undo": may(self.request.user, "erp.undo_allocation"),
            "may_ledger": may(self.request.user, "erp.view_ledger"),
        }
        return super().get_context_data(row) | context

    def get_cards(self, row: Any) -> Sequence[Card]:
        dates = [
            Column("customer.name", _("Customer")),
            Column("get_kind_display", _("What")),
            Code("order.number", _("Order"), empty=_("Several orders, or none")),
            Code("order.customer_reference", _("Their number"), empty=_("They gave none")),
            Day("issued_on", _("Issued")),
            Day("due_on", _("Due")),
            *([Day("discount_on", _("Discount until"))] if row.discount_on else []),
            *([Code("credits.number", _("Credits"))] if row.credits_id else []),
            *([Column("reason", _("Why"))] if row.reason else []),
            *([Number("rate", _("Rate"), places=6)] if row.own_gross != row.gross_amount else []),
        ]
        return [Card(_("Facts"), dates)]

    def get_actions(self, row: Any) -> list[Action]:
        actions = [Action(_("PDF"), reverse("erp:invoice_pdf", args=[row.pk]), "file-type-pdf")]
        if row.order_id:
            url = reverse("erp:order", args=[row.order_id])
            actions.append(Action(_("Order"), url, "clipboard-list", "erp.view_order"))
        if row.kind != Invoice.Kind.CREDIT_NOTE:
            url = reverse("erp:invoice_credit", args=[row.pk])
            actions.append(Action(_("Credit"), url, "receipt-refund", "erp.credit_invoice"))
        if row.open_amount and abs(row.open_own) <= policy_of(row.company_id).write_off_limit:
            actions.append(
                Action(_("Write off"), reverse("erp:invoice_write_off", args=[row.pk]), "x", "erp.write_off")
            )
        if row.open_amount > 0:
            url = reverse("erp:invoice_hold_reminders", args=[row.pk])
            actions.append(Action(_("No reminders"), url, "bell-off", "erp.send_dunning"))
            url = reverse("erp:invoice_pay", args=[row.pk])
            actions.append(Action(_("Record payment"), url, "cash", "erp.receive_payment", is_main=True))
        return actions

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [
            Happening(
                one.made_at,
                _("%(what)s: %(amount)s")
                % {"what": one.get_kind_display(), "amount": shown.money(one.amount, row.currency)},
                "cash",
                detail=one.reason or (one.payment.reference if one.payment else ""),
                tone="bad" if one.reverses_id else "good",
            )
            for one in Allocation.objects.filter(invoice=row).select_related("payment").order_by("-id")
        ]
        return [*found, Happening(row.entry.posted_at, _("Posted"), "receipt")] if row.entry else found
