"""What is done with supplier invoices: entering, releasing, sending back, paying."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors, services
from erp.payables.forms import InvoiceForm
from erp.payables.grni import line_accounts
from erp.payables.models import SupplierInvoice
from erp.payables.paying_forms import PayForm
from erp.supply.models import PurchaseOrder
from erp.treasury.forms import ReasonForm
from masterdata import shown
from masterdata.access import visible_to
from masterdata.errors import Refusal
from masterdata.numbers import ZERO
from masterdata.pages import Action, Code, Column, DeedView, EditPage, Empty, ListPage, Number, When, sent_version

ENTER, RELEASE, PAY = "erp.enter_supplier_invoice", "erp.release_supplier_invoice", "erp.pay_supplier"


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

    def get_actions(self) -> list[Action]:
        url = reverse("erp:supplier_invoice_free")
        return [Action(_("Invoice without an order"), url, "plus", ENTER, is_main=True)]

    def get_url(self, row: PurchaseOrder) -> str:
        return reverse("erp:supplier_invoice_enter", args=[row.pk])


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
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
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
        seen = sent_version(self.request)
        services.withdraw_supplier_invoice(invoice_id=row.pk, expected_version=seen)
        return reverse("erp:supplier_invoice", args=[row.pk])


class PayInvoice(EditPage):
    """Pay an invoice, whole or in part."""

    permission, form_class, version_field = PAY, PayForm, ""
    done_message = _l("Paid.")

    def get_rows(self) -> QuerySet[SupplierInvoice]:
        rows = selectors.visible_supplier_invoices(self.request.user).filter(state="posted")
        return visible_to(self.request.user, rows, PAY)

    def get_initial(self) -> dict[str, Any]:
        """What is open, less the discount while it is granted."""
        invoice, today = self.get_object(), timezone.localdate()
        is_early = invoice.discount_on is not None and today <= invoice.discount_on
        discount = invoice.discount_amount if is_early and invoice.open_amount == invoice.gross_amount else ZERO
        initial = {"amount": shown.plain(invoice.open_amount - discount), "paid_on": today}
        return initial | ({"discount": shown.plain(discount)} if discount else {})

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"invoice": self.get_object()}

    def get_title(self) -> Any:
        return _("Pay %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:supplier_invoice", args=[self.get_object().pk])

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Pay")}

    def perform(self, form: Any) -> str:
        invoice = self.get_object()
        try:
            services.pay_supplier(
                company_id=invoice.company_id,
                supplier_id=invoice.supplier_id,
                by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
                now=timezone.now(),
                **form.meant(invoice.pk),
            )
        except Refusal as refusal:
            refusal.field = "amount" if refusal.field.startswith("amount_") else refusal.field
            raise
        return reverse("erp:supplier_invoice", args=[invoice.pk])
