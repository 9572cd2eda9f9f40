"""What is done with invoices: post one, ask for a deposit, credit, write off, record a payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.receivables import services
from erp.receivables.forms import CollectiveForm, CreditForm, DepositForm, PaymentForm
from erp.receivables.models import Invoice
from erp.receivables.selectors import visible_invoices
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from erp.sales.views.deeds import OrderDeed
from erp.treasury.forms import ReasonForm
from masterdata.access import visible_to
from masterdata.numbers import money
from masterdata.pages import EditPage, OfCompanyPage


class PostInvoice(OrderDeed):
    permission, done_message = "erp.post_invoice", _("Invoice posted.")

    def do(self, order: Any) -> None:
        services.post_invoice(order_id=order.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]


class AskForDeposit(EditPage):
    """A deposit invoice for an order."""

    permission, form_class, version_field = "erp.post_invoice", DepositForm, ""
    done_message, submit_label = _("Deposit invoice posted."), _("Post deposit invoice")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_to(self.request.user, visible_orders(self.request.user), self.permission)

    def get_title(self) -> str:
        return _t("Deposit on %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[str, str]:
        return self.get_object().number, reverse("erp:order", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {"stage": "shipping"}

    def perform(self, form: Any) -> str:
        invoice = services.post_deposit(
            order_id=self.get_object().pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            **form.cleaned_data,
        )
        return reverse("erp:invoice", args=[invoice.pk])


class PostCollective(OfCompanyPage):
    """One invoice for everything a customer was shipped."""

    permission, form_class = "erp.post_invoice", CollectiveForm
    title, submit_label, done_message = _("Invoice a customer"), _("Post invoice"), _("Invoice posted.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Invoices"), reverse("erp:invoices")

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        invoice = services.post_collective_invoice(
            company_id=given["company"].pk,
            customer_id=given["customer"].pk,
            currency_id=given["currency"].pk if given["currency"] else given["company"].currency_id,
            until_on=given["until_on"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:invoice", args=[invoice.pk])


class InvoiceDeed(EditPage):
    """A form about one invoice; afterwards one sees it."""

    version_field = ""
    words: Any = ""

    def get_rows(self) -> QuerySet[Invoice]:
        rows = visible_invoices(self.request.user).select_related("company__currency", "customer", "currency")
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self) -> str:
        return str(self.words) % {"number": self.get_object().number}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_back(self) -> tuple[str, str]:
        return self.get_object().number, reverse("erp:invoice", args=[self.get_object().pk])


class RecordPayment(InvoiceDeed):
    """Money that came in for an invoice; what is open is proposed, less the discount while it is granted."""

    permission, form_class = "erp.receive_payment", PaymentForm
    done_message, submit_label = _("Payment recorded."), _("Record payment")
    words = _("Payment of %(number)s")

    def get_back(self) -> tuple[str, str]:
        order = self.get_object().order
        return (order.number, reverse("erp:order", args=[order.pk])) if order else super().get_back()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"invoice": self.get_object()}

    def get_initial(self) -> dict[str, Any]:
        invoice, today = self.get_object(), timezone.localdate()
        is_early = invoice.discount_on is not None and today <= invoice.discount_on
        discount = invoice.discount_amount if is_early and invoice.open_amount == invoice.gross_amount else Decimal(0)
        amount = money(invoice.open_amount - discount, invoice.currency.decimals)
        initial = {"amount": f"{amount:f}", "received_on": today}
        return initial | ({"discount": f"{money(discount):f}"} if discount else {})

    def perform(self, form: Any) -> str:
        invoice = self.get_object()
        services.receive_payment(
            invoice_id=invoice.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            **form.meant(),
        )
        if invoice.order_id:
            return reverse("erp:order", args=[invoice.order_id])
        return reverse("erp:invoice", args=[invoice.pk])


class CreditInvoice(InvoiceDeed):
    """A credit note for an invoice, whole or line by line."""

    permission, form_class = "erp.credit_invoice", CreditForm
    template_name = "erp/receivables/credit.html"
    done_message, submit_label, words = _("Credit note posted."), _("Post credit note"), _("Credit %(number)s")

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = (
            self.get_object().lines.select_related("order_line__material__unit").order_by("order_line__line_no", "id")
        )
        return {"lines": lines}

    def perform(self, form: Any) -> str:
        note = services.credit_invoice(
            invoice_id=self.get_object().pk,
            reason=form.cleaned_data["reason"],
            lines=form.meant(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:invoice", args=[note.pk])

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"currency": self.get_object().currency}


class WriteOff(InvoiceDeed):
    """Give up a small rest."""

    permission, form_class = "erp.write_off", ReasonForm
    done_message, submit_label, words = _("Written off."), _("Write off"), _("Write off the rest of %(number)s")

    def perform(self, form: Any) -> str:
        invoice = self.get_object()
        services.write_off(
            invoice_id=invoice.pk,
            reason=form.cleaned_data["reason"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:invoice", args=[invoice.pk])
