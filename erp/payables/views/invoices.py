"""Pages of supplier invoices: the list, and one invoice with its match."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors
from erp.payables.models import SupplierInvoice
from masterdata.access import may, visible_to
from masterdata.models import Company
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
    State,
    Tab,
    View,
)

SEE, ENTER, RELEASE, PAY = (
    selectors.SEE,
    "erp.enter_supplier_invoice",
    "erp.release_supplier_invoice",
    "erp.pay_supplier",
)


SET = "erp.set_match_tolerance"
HOLD = "erp.hold_supplier_payment"
MOST_COMPANIES = 5


def _open(row: Any) -> Any:
    """What is open of it; nothing is said of what is settled or not posted."""
    return row.open_amount or None


class SupplierInvoices(ListPage):
    """What suppliers ask for."""

    permission = SEE
    title, question = _l("Supplier invoices"), _l("What do we owe, and what is held?")
    columns = [
        Code(lambda row: row.number or row.reference, _l("Invoice"), sort="number", link=True, css="w-1"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", css="wide"),
        Code("reference", _l("Their number"), sort="reference"),
        Column("get_kind_display", _l("What"), sort="kind"),
        Day("invoiced_on", _l("Dated"), sort="invoiced_on"),
        Day("due_on", _l("Due"), sort="due_on"),
        State(lambda row: row.stage[0], _l("State"), word=lambda row: row.stage[1]),
        Money("gross_amount", _l("Amount"), currency="currency.code", sort="gross_amount"),
        Money(_open, _l("Open"), currency="currency.code", sort="open_amount", empty=_l("Nothing to pay")),
    ]
    search_fields = ["number", "reference", "supplier__name"]
    filters = [
        Flag("held", _l("Held"), condition=Q(state="held")),
        Flag("open", _l("To pay"), condition=~Q(open_amount=0)),
        Choice("kind", _l("What"), choices=SupplierInvoice.Kind.choices),
        Days("dated", _l("Dated"), field="invoiced_on"),
    ]
    order_by = "-pk"
    plant = ""
    live = ["supplier_invoice"]
    empty = Empty(_l("No supplier invoices yet"), _l("Enter one from what was received."), "receipt")

    def visible(self) -> Any:
        return selectors.visible_supplier_invoices(self.request.user)

    def get_rows(self) -> Any:
        return self.visible()

    def prepare(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        for row in rows:
            row.stage = selectors.stage(row, today)
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.stage[0] == "late" else ""

    def get_views(self) -> Sequence[View]:
        rows = visible_to(self.request.user, SupplierInvoice.objects.order_by(), SEE)
        held = rows.filter(state="held").count()
        return [
            View("all", _("All"), ""),
            View("held", _("Held"), "held=1", held, "late" if held else ""),
            View("open", _("To pay"), "open=1"),
        ]

    def get_actions(self) -> list[Action]:
        companies = list(visible_to(self.request.user, Company.objects.order_by("name"), SET)[:MOST_COMPANIES])
        limits = [
            Action(
                _("Tolerances of %(company)s") % {"company": one.name} if len(companies) > 1 else _("Tolerances"),
                reverse("erp:match_tolerances", args=[one.pk]),
                "adjustments",
                SET,
            )
            for one in companies
        ]
        return [
            *limits,
            Action(_("Payment proposals"), reverse("erp:proposals"), "coin", SEE),
            Action(_("Payments"), reverse("erp:supplier_payments"), "cash", SEE),
            Action(_("Landed costs"), reverse("erp:landed_costs"), "truck-delivery", "erp.view_cost"),
            Action(_("Enter an invoice"), reverse("erp:orders_to_invoice"), "plus", ENTER, is_main=True),
        ]

    def get_url(self, row: SupplierInvoice) -> str:
        return reverse("erp:supplier_invoice", args=[row.pk])


class SupplierInvoicePage(DetailPage):
    """One invoice: each line beside order and receipts, what holds it, what was paid."""

    permission = SEE
    live = ["supplier_invoice"]

    def get_rows(self) -> Any:
        return selectors.visible_supplier_invoices(self.request.user).select_related(
            "supplier", "currency", "company", "released_by"
        )

    @cached_property
    def lines(self) -> list[Any]:
        return selectors.matched_lines(self.get_object())

    @cached_property
    def reasons(self) -> list[tuple[str, str]]:
        """What holds it: where, and the sentence."""
        row = self.get_object()
        code = row.currency.code
        found = [
            (match.line.order_line.material.name if match.line.order_line else match.line.charge, hold, match)
            for match in self.lines
            for hold in match.holds
        ]
        words = [(name, selectors.hold_words(hold, _unit(match.line), code)) for name, hold, match in found]
        whole = [(_("The whole paper"), selectors.hold_words(hold, "", code)) for hold in row.holds.filter(line=None)]
        return words + whole

    def get_title(self, row: Any) -> str:
        return str(row.number or row.reference)

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.supplier.name} · {row.get_kind_display()} {row.reference}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Supplier invoices"), reverse("erp:supplier_invoices")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return selectors.stage(row, timezone.localdate())

    def get_cards(self, row: Any) -> Sequence[Card]:
        paper = [
            Column("supplier.name", _("Supplier")),
            Code("reference", _("Their number")),
            Day("invoiced_on", _("Dated")),
            Day("due_on", _("Due")),
        ]
        amounts = [
            Money("net_amount", _("Net"), currency="currency.code"),
            Money("tax_amount", _("Tax"), currency="currency.code"),
            Money("gross_amount", _("Total"), currency="currency.code"),
            Money("open_amount", _("Open"), currency="currency.code"),
        ]
        return [Card(_("Paper"), paper), Card(_("Amounts"), amounts)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        tabs = [Tab("lines", _("Match"), template="erp/payables/_match.html", count=len(self.lines))]
        if self.reasons:
            tone = "late" if row.state == "held" else ""
            tabs.insert(
                0,
                Tab(
                    "holds", _("Held because"), template="erp/payables/_holds.html", count=len(self.reasons), tone=tone
                ),
            )
        return [*tabs, Tab("payments", _("Payments"), template="erp/payables/_payments.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        payments = row.allocations.select_related("payment", "reversed_by").order_by("id")
        return super().get_context_data(row) | {
            "lines": self.lines,
            "reasons": self.reasons,
            "allocations": list(payments),
            "may_undo": may(self.request.user, "erp.undo_allocation"),
            "sees_purchase": may(self.request.user, "erp.view_purchase"),
        }

    def get_actions(self, row: Any) -> list[Action]:
        if row.state == SupplierInvoice.State.HELD:
            return [
                Action(
                    _("Send back"),
                    reverse("erp:supplier_invoice_withdraw", args=[row.pk]),
                    "x",
                    ENTER,
                    post=True,
                    confirm=_("It is not posted, and its number may be entered again."),
                    fields={"version": row.version},
                ),
                Action(
                    _("Release"), reverse("erp:supplier_invoice_release", args=[row.pk]), "check", RELEASE, is_main=True
                ),
            ]
        if row.state == SupplierInvoice.State.POSTED and row.open_amount > 0 and row.is_on_hold:
            url = reverse("erp:supplier_invoice_lift", args=[row.pk])
            return [Action(_("Lift the hold"), url, "check", HOLD, post=True, is_main=True)]
        if row.state == SupplierInvoice.State.POSTED and row.open_amount > 0:
            hold = Action(_("Hold payment"), reverse("erp:supplier_invoice_hold", args=[row.pk]), "hand-stop", HOLD)
            return [
                hold,
                Action(_("Pay"), reverse("erp:supplier_invoice_pay", args=[row.pk]), "coin", PAY, is_main=True),
            ]
        return []

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.entered_at, _("Entered"), "receipt")]
        if row.posted_at:
            who = str(row.released_by) if row.released_by else ""
            sentence = _("Released and posted") if row.release_reason else _("Matched and posted")
            found.insert(
                0, Happening(row.posted_at, sentence, "check", who=who, detail=row.release_reason, tone="good")
            )
        return found


def _unit(line: Any) -> str:
    return line.order_line.material.unit.code if line.order_line else ""
