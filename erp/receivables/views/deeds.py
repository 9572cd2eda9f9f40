"""What is done with invoices from their pages: post one, record a payment."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.receivables import services
from erp.receivables.forms import PaymentForm
from erp.receivables.models import Invoice
from erp.receivables.selectors import visible_invoices
from erp.sales.views.deeds import OrderDeed
from masterdata.numbers import money
from masterdata.pages import EditPage


class PostInvoice(OrderDeed):
    permission, done_message = "erp.post_invoice", _("Invoice posted.")

    def do(self, order: Any) -> None:
        services.post_invoice(order_id=order.pk, now=timezone.now())


class RecordPayment(EditPage):
    """Money that came in for an invoice; what is open is proposed."""

    permission, form_class = "erp.receive_payment", PaymentForm
    done_message, submit_label = _("Payment recorded."), _("Record payment")
    version_field = ""

    def get_rows(self) -> QuerySet[Invoice]:
        return visible_invoices(self.request.user)

    def get_title(self) -> str:
        return _t("Payment of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[str, str]:
        order = self.get_object().order
        return order.number, reverse("erp:order", args=[order.pk])

    def get_initial(self) -> dict[str, Any]:
        invoice = self.get_object()
        amount = money(invoice.open_amount, invoice.currency.decimals)
        return {"amount": f"{amount:f}", "received_on": timezone.localdate()}

    def perform(self, form: Any) -> str:
        invoice = self.get_object()
        services.receive_payment(invoice_id=invoice.pk, now=timezone.now(), **form.cleaned_data)
        return reverse("erp:order", args=[invoice.order_id])
