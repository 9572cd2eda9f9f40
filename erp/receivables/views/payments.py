"""Pages of customers' money: what came, what it pays, what is on account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.receivables import selectors, services
from erp.receivables.forms import AllocateForm, ReceivedForm, RefundForm
from erp.receivables.models import Allocation, Invoice, Payment
from erp.treasury.views import UNDO, PaymentOfPartner, UndoOfAllocation
from masterdata import shown
from masterdata.access import visible_to
from masterdata.pages import (
    Action,
    Code,
    Column,
    Day,
    Days,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Money,
    OfCompanyPage,
    View,
)  # fmt: skip

SEE, RECEIVE, REFUND = "erp.view_invoice", "erp.receive_payment", "erp.refund_payment"


class Payments(ListPage):
    """What customers have paid."""

    permission = SEE
    title, question = _l("Payments"), _l("What came in, and what is on account?")
    columns = [
        Code("number", _l("Payment"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Day("received_on", _l("Received"), sort="received_on"),
        Column("reference", _l("Reference"), empty=_l("None was given")),
        Column("bank_account.name", _l("Bank account"), empty=_l("The company's bank")),
        Money("amount", _l("Amount"), currency="currency.code", sort="amount"),
        Money(lambda row: row.open_amount or None, _l("On account"), currency="currency.code", sort="open_amount"),
    ]
    search_fields = ["number", "customer__name", "reference"]
    filters = [
        Flag("open", _l("On account"), condition=~Q(open_amount=0)),
        Days("received", _l("Received"), field="received_on"),
    ]
    order_by = "-pk"
    live = ["payment", "order"]
    empty = Empty(_l("No payments yet"), _l("Money of customers is recorded here, or on an invoice."), "cash")

    def get_rows(self) -> Any:
        return selectors.visible_payments(self.request.user)

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().exclude(open_amount=0).order_by().count()
        return [View("all", _("All"), ""), View("open", _("On account"), "open=1", waiting)]

    def get_actions(self) -> list[Action]:
        return [Action(_("Record money"), reverse("erp:payment_new"), "plus", RECEIVE, is_main=True)]

    def get_url(self, row: Payment) -> str:
        return reverse("erp:payment", args=[row.pk])


class PaymentPage(PaymentOfPartner):
    """One payment: what it pays, what is left of it."""

    permission = SEE
    live = ["payment", "order"]
    partner, day, rest = ("customer", _l("Customer")), ("received_on", _l("Received")), _l("On account")
    pays = "erp/receivables/_pays.html"

    def get_rows(self) -> QuerySet[Payment]:
        return selectors.visible_payments(self.request.user).select_related(
            "customer", "currency", "bank_account", "entry"
        )

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Payments"), reverse("erp:payments")

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {"refunds": list(row.refunded_by.order_by("id"))}

    def get_actions(self, row: Any) -> list[Action]:
        if row.open_amount <= 0:
            return []
        return [
            Action(_("Pay back"), reverse("erp:payment_refund", args=[row.pk]), "arrow-back-up", REFUND),
            Action(_("Allocate"), reverse("erp:payment_allocate", args=[row.pk]), "check", RECEIVE, is_main=True),
        ]


class NewPayment(OfCompanyPage):
    """Money of a customer; what it is for comes next."""

    permission, form_class = RECEIVE, ReceivedForm
    title, submit_label = _l("Record money"), _l("Record")
    done_message = _l("Recorded. Say what it pays, or leave it on account.")

    def get_back(self) -> tuple[Any, str]:
        return _("Payments"), reverse("erp:payments")

    def get_initial(self) -> dict[str, Any]:
        return {"received_on": timezone.localdate()} | self.request.GET.dict()

    def perform(self, form: Any) -> str:
        payment = services.receive_money(
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            **form.meant(),
        )
        return reverse("erp:payment_allocate", args=[payment.pk])


class PaymentDeed(EditPage):
    """A form about one payment."""

    version_field = ""

    def get_rows(self) -> QuerySet[Payment]:
        rows = selectors.visible_payments(self.request.user).select_related("customer", "currency")
        return visible_to(self.request.user, rows, self.permission)

    def get_back(self) -> tuple[str, str]:
        return self.get_object().number, reverse("erp:payment", args=[self.get_object().pk])


class AllocatePayment(PaymentDeed):
    """What a payment pays; the oldest invoices first are proposed."""

    permission, form_class = RECEIVE, AllocateForm
    template_name = "erp/receivables/allocate.html"
    done_message, submit_label = _l("Allocated."), _l("Allocate")

    def get_title(self) -> str:
        return _("What %(number)s pays") % {"number": self.get_object().number}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        payment = self.get_object()
        same = Invoice.objects.filter(
            company=payment.company_id, customer=payment.customer_id, currency=payment.currency_id
        )
        invoices = same.with_open().exclude(open_amount=0).select_related("currency", "order").order_by("due_on", "pk")
        return {"invoices": invoices, "left": payment.open_amount, "decimals": payment.currency.decimals}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"payment": self.get_object()}

    def perform(self, form: Any) -> str:
        payment = self.get_object()
        services.allocate_payment(
            payment_id=payment.pk,
            parts=form.meant(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:payment", args=[payment.pk])


class RefundPayment(PaymentDeed):
    """Give back what is on account."""

    permission, form_class = REFUND, RefundForm
    done_message, submit_label = _l("Paid back."), _l("Pay back")

    def get_title(self) -> str:
        return _("Pay back %(number)s") % {"number": self.get_object().number}

    def get_initial(self) -> dict[str, Any]:
        return {"amount": shown.plain(self.get_object().open_amount), "paid_on": timezone.localdate()}

    def perform(self, form: Any) -> str:
        payment = self.get_object()
        services.refund_payment(
            payment_id=payment.pk,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            **form.cleaned_data,
        )
        return reverse("erp:payment", args=[payment.pk])


class UndoAllocation(UndoOfAllocation):
    """The invoice is open again, the money on account."""

    invoice_page = "erp:invoice"

    def get_rows(self) -> QuerySet[Allocation]:
        return visible_to(self.request.user, Allocation.objects.select_related("invoice", "payment"), UNDO)

    def undo(self, **asked: Any) -> object:
        return services.undo_allocation(**asked)
