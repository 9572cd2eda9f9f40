"""Pages of money to suppliers: what was paid, what of it is in advance, what it settles, and undoing that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors, services
from erp.payables.models import SupplierAllocation, SupplierInvoice, SupplierPayment
from erp.payables.paying_forms import AdvanceForm, UseAdvanceForm
from erp.treasury.views import UNDO, PaymentOfPartner, UndoOfAllocation
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
)  # fmt: skip

SEE, PAY = selectors.SEE, "erp.pay_supplier"


def visible_payments(user: Any) -> Any:
    """Payments of the companies where the user may see supplier invoices, with what of each is in advance."""
    rows = SupplierPayment.objects.with_open().select_related("supplier", "currency", "bank_account", "company")
    return visible_to(user, rows, SEE)


class SupplierPayments(ListPage):
    """What was paid to suppliers."""

    permission = SEE
    title, question = _l("Payments to suppliers"), _l("What did we pay, and what of it is in advance?")
    columns = [
        Code("number", _l("Payment"), sort="number", link=True, css="w-1"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", css="wide"),
        Day("paid_on", _l("Paid"), sort="paid_on"),
        Column("reference", _l("Reference"), empty=_l("None was given")),
        Column("bank_account.name", _l("Bank account"), empty=_l("The company's bank")),
        Money("amount", _l("Amount"), currency="currency.code", sort="amount"),
        Money(lambda row: row.open_amount or None, _l("In advance"), currency="currency.code", sort="open_amount"),
    ]
    search_fields = ["number", "supplier__name", "reference"]
    filters = [
        Flag("open", _l("In advance"), condition=~Q(open_amount=0)),
        Days("paid", _l("Paid"), field="paid_on"),
    ]
    order_by = "-pk"
    live = ["supplier_invoice"]
    empty = Empty(_l("No payments yet"), _l("Pay a supplier's invoice, or in advance."), "coin")

    def get_rows(self) -> Any:
        return visible_payments(self.request.user)

    def get_actions(self) -> list[Action]:
        return [Action(_("Pay in advance"), reverse("erp:supplier_payment_new"), "plus", PAY, is_main=True)]

    def get_url(self, row: SupplierPayment) -> str:
        return reverse("erp:supplier_payment", args=[row.pk])


class SupplierPaymentPage(PaymentOfPartner):
    """One payment: what it pays, what of it is in advance."""

    permission = SEE
    live = ["supplier_invoice"]
    partner, day, rest = ("supplier", _l("Supplier")), ("paid_on", _l("Paid")), _l("In advance")
    pays = "erp/payables/_settles.html"

    def get_rows(self) -> Any:
        return visible_payments(self.request.user)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Payments to suppliers"), reverse("erp:supplier_payments")

    def get_actions(self, row: Any) -> list[Action]:
        if row.open_amount <= 0:
            return []
        url = reverse("erp:supplier_payment_use", args=[row.pk])
        return [Action(_("Pay invoices with it"), url, "check", PAY, is_main=True)]


class PayInAdvance(OfCompanyPage):
    """Money before there is an invoice."""

    permission, form_class = PAY, AdvanceForm
    title, submit_label = _l("Pay in advance"), _l("Pay")
    done_message = _l("Paid. It is used when the invoice comes.")

    def get_back(self) -> tuple[Any, str]:
        return _("Payments to suppliers"), reverse("erp:supplier_payments")

    def get_initial(self) -> dict[str, Any]:
        return {"paid_on": timezone.localdate()} | self.request.GET.dict()

    def perform(self, form: Any) -> str:
        payment = services.pay_supplier(
            parts=[],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            **form.meant(),
        )
        return reverse("erp:supplier_payment", args=[payment.pk])


class UseAdvance(EditPage):
    """What was paid in advance pays invoices."""

    permission, form_class, version_field = PAY, UseAdvanceForm, ""
    template_name = "erp/payables/use_advance.html"
    done_message, submit_label = _l("Allocated."), _l("Allocate")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, visible_payments(self.request.user), PAY)

    def get_title(self) -> Any:
        return _("What %(number)s pays") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:supplier_payment", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.get_object()
        same = {"company": row.company_id, "supplier": row.supplier_id, "currency": row.currency_id}
        bills = selectors.with_open(SupplierInvoice.objects.filter(state="posted", kind="invoice", **same))
        return {
            "invoices": bills.filter(open_amount__gt=0).order_by("due_on", "pk"),
            "left": row.open_amount,
            "decimals": row.currency.decimals,
        }

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"payment": self.get_object()}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.allocate_supplier_payment(
            payment_id=row.pk,
            parts=form.meant(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:supplier_payment", args=[row.pk])


class UndoSupplierAllocation(UndoOfAllocation):
    """The invoice is open again, the money is in advance."""

    invoice_page = "erp:supplier_invoice"

    def get_rows(self) -> Any:
        return visible_to(self.request.user, SupplierAllocation.objects.select_related("invoice"), UNDO)

    def undo(self, **asked: Any) -> object:
        return services.undo_supplier_allocation(**asked)
