"""What is done with an order from its page: confirm, pack, ship, invoice, record a payment."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.sales import services
from erp.sales.forms import PaymentForm
from erp.sales.models import Invoice, SalesOrder, Shipment
from erp.sales.selectors import visible_invoices, visible_orders
from masterdata.access import visible_to
from masterdata.numbers import money
from masterdata.pages import DeedView, EditPage


class OrderDeed(DeedView):
    """A deed on an order; afterwards one sees the order."""

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        self.do(row)
        return reverse("erp:order", args=[row.pk])

    @abstractmethod
    def do(self, order: Any) -> None: ...


class Confirm(OrderDeed):
    permission = "erp.confirm_order"
    done_message = _("Confirmed: stock is reserved, work orders and purchases are written, planning has begun.")

    def do(self, order: Any) -> None:
        version = self.request.POST.get("version", "")
        expected = int(version) if version.isdecimal() else None
        services.confirm_order(order_id=order.pk, now=timezone.now(), expected_version=expected)


class Pack(OrderDeed):
    permission, done_message = "erp.pack_shipment", _("Packed.")

    def do(self, order: Any) -> None:
        services.pack_shipment(order_id=order.pk, now=timezone.now())


class PostInvoice(OrderDeed):
    permission, done_message = "erp.post_invoice", _("Invoice posted.")

    def do(self, order: Any) -> None:
        services.post_invoice(order_id=order.pk, now=timezone.now())


class Ship(DeedView):
    permission, done_message = "erp.ship", _("Shipped.")

    def get_rows(self) -> QuerySet[Shipment]:
        return visible_to(self.request.user, Shipment.objects.all())

    def perform(self, row: Any) -> str:
        services.ship(shipment_id=row.pk, now=timezone.now())
        return reverse("erp:order", args=[row.order_id])


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
