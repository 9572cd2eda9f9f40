"""Pages of supplier invoices: the list, one invoice with its match, entering, releasing, sending back, paying."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors, services
from erp.payables.forms import InvoiceForm, PayForm, ReasonForm
from erp.payables.grni import line_accounts
from erp.payables.models import SupplierInvoice
from erp.supply.models import PurchaseOrder
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.errors import Refusal
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    Days,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    Money,
    Number,
    State,
    Tab,
    View,
    When,
)

SEE, ENTER, RELEASE, PAY = (
    selectors.SEE,
    "erp.enter_supplier_invoice",
    "erp.release_supplier_invoice",
    "erp.pay_supplier",
)


def _open(row: Any) -> Any:
    """What is open of it; nothing is said of what is settled or not posted."""
    return row.open_amount or None


class SupplierInvoices(ListPage):
    """What suppliers ask for."""

    permission = SEE
    title, question = _l("Supplier invoices"), _l("What do we owe whom, and what is held?")
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

    def visible(self) -> QuerySet[SupplierInvoice]:
        return selectors.visible_supplier_invoices(self.request.user)

    def get_rows(self) -> QuerySet[SupplierInvoice]:
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
        return [
            Action(_("Landed costs"), reverse("erp:landed_costs"), "truck-delivery", "erp.view_cost"),
            Action(_("Enter an invoice"), reverse("erp:orders_to_invoice"), "plus", ENTER, is_main=True),
        ]

    def get_url(self, row: SupplierInvoice) -> str:
        return reverse("erp:supplier_invoice", args=[row.pk])


class OrdersToInvoice(ListPage):
    """What came and is not invoiced: where entering an invoice begins."""

    permission = ENTER
    title, question = _l("Received, not invoiced"), _l("Which order is the invoice for?")
    columns = [
        Code("number", _l("Purchase order"), sort="number", link=True, css="w-1"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        When("ordered_at", _l("Ordered"), sort="ordered_at"),
        Number("open_lines", _l("Lines not invoiced"), sort="open_lines"),
    ]
    search_fields = ["number", "supplier__name", "receipts__delivery_note", "lines__material__code"]
    order_by = "number"
    live = ["purchase", "supplier_invoice"]
    empty = Empty(_l("Everything received is invoiced"), _l("An invoice begins with goods that came."), "receipt")

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return selectors.orders_to_invoice(self.request.user).distinct()

    def get_url(self, row: PurchaseOrder) -> str:
        return reverse("erp:supplier_invoice_enter", args=[row.pk])


class SupplierInvoicePage(DetailPage):
    """One invoice: each line beside order and receipts, what holds it, what was paid."""

    permission = SEE
    live = ["supplier_invoice"]

    def get_rows(self) -> QuerySet[SupplierInvoice]:
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
        payments = row.allocations.select_related("payment").order_by("id")
        return super().get_context_data(row) | {
            "lines": self.lines,
            "reasons": self.reasons,
            "allocations": list(payments),
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
                ),
                Action(
                    _("Release"), reverse("erp:supplier_invoice_release", args=[row.pk]), "check", RELEASE, is_main=True
                ),
            ]
        if row.state == SupplierInvoice.State.POSTED and row.open_amount > 0:
            return [Action(_("Pay"), reverse("erp:supplier_invoice_pay", args=[row.pk]), "coin", PAY, is_main=True)]
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


class EnterInvoice(EditPage):
    """The paper for a purchase order; what came and is not invoiced is proposed."""

    permission, form_class, version_field = ENTER, InvoiceForm, ""
    template_name = "erp/payables/enter.html"

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return visible_to(
            self.request.user, PurchaseOrder.objects.select_related("supplier", "plant__company__currency"), ENTER
        )

    def get_title(self) -> Any:
        order = self.get_object()
        return _("Invoice of %(supplier)s for %(number)s") % {"supplier": order.supplier.name, "number": order.number}

    def get_back(self) -> tuple[Any, str]:
        return _("Received, not invoiced"), reverse("erp:orders_to_invoice")

    def get_initial(self) -> dict[str, Any]:
        return {"invoiced_on": timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        order = self.get_object()
        lines = list(order.lines.select_related("material__unit").order_by("line_no"))
        return {
            "lines": lines,
            "accounts": line_accounts([line.pk for line in lines]),
            "decimals": order.plant.company.currency.decimals,
        }

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        currency = self.get_object().plant.company.currency
        return super().get_context_data(form) | {"submit_label": _("Enter"), "currency": currency}

    def perform(self, form: Any) -> str:
        order, given = self.get_object(), form.cleaned_data
        invoice = services.enter_supplier_invoice(
            company_id=order.plant.company_id,
            supplier_id=order.supplier_id,
            kind=given["kind"],
            reference=given["reference"],
            invoiced_on=given["invoiced_on"],
            stated_gross=given["stated_gross"],
            lines=form.meant(),
            now=timezone.now(),
        )
        return reverse("erp:supplier_invoice", args=[invoice.pk])


class ReleaseInvoice(EditPage):
    """Post a held invoice as it is."""

    permission, form_class = RELEASE, ReasonForm
    done_message = _l("Released and posted.")

    def get_rows(self) -> QuerySet[SupplierInvoice]:
        return visible_to(self.request.user, SupplierInvoice.objects.filter(state="held"), RELEASE)

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_title(self) -> Any:
        return _("Release %(reference)s") % {"reference": self.get_object().reference}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().reference, reverse("erp:supplier_invoice", args=[self.get_object().pk])

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Release")}

    def perform(self, form: Any) -> str:
        services.release_supplier_invoice(
            invoice_id=self.get_object().pk,
            reason=form.cleaned_data["reason"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            expected_version=int(self.request.POST.get("version") or 0) or None,
        )
        return reverse("erp:supplier_invoice", args=[self.get_object().pk])


class WithdrawInvoice(DeedView):
    """Send a held invoice back."""

    permission = ENTER
    done_message = _l("Sent back. Its number may be entered again.")

    def get_rows(self) -> QuerySet[SupplierInvoice]:
        return visible_to(self.request.user, SupplierInvoice.objects.all(), ENTER)

    def perform(self, row: Any) -> str:
        services.withdraw_supplier_invoice(invoice_id=row.pk)
        return reverse("erp:supplier_invoice", args=[row.pk])


class PayInvoice(EditPage):
    """Pay an invoice, whole or in part."""

    permission, form_class, version_field = PAY, PayForm, ""
    done_message = _l("Paid.")

    def get_rows(self) -> QuerySet[SupplierInvoice]:
        rows = selectors.visible_supplier_invoices(self.request.user).filter(state="posted")
        return visible_to(self.request.user, rows, PAY)

    def get_initial(self) -> dict[str, Any]:
        return {"amount": shown.plain(self.get_object().open_amount), "paid_on": timezone.localdate()}

    def get_title(self) -> Any:
        return _("Pay %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:supplier_invoice", args=[self.get_object().pk])

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Pay")}

    def perform(self, form: Any) -> str:
        invoice, given = self.get_object(), form.cleaned_data
        try:
            services.pay_supplier(
                company_id=invoice.company_id,
                supplier_id=invoice.supplier_id,
                parts=[(invoice.pk, given["amount"])],
                paid_on=given["paid_on"],
                reference=given["reference"],
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.field = "amount" if refusal.field.startswith("amount_") else refusal.field
            raise
        return reverse("erp:supplier_invoice", args=[invoice.pk])
