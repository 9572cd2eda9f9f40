"""Changes of purchase orders by hand: a line's terms, deliveries in parts, what is cancelled, what goes back."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.buying_forms import CancelForm, ChangeLineForm, ReturnForm, SplitLineForm
from erp.supply.models import PurchaseOrder, PurchaseOrderLine, Receipt, SupplierReturn
from erp.supply.selectors.supplied import there_in_words
from erp.supply.views.needs import at_noon
from masterdata import shown
from masterdata.access import visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import Refusal
from masterdata.pages import Code, Column, EditPage, Empty, ListPage, When, YesNo, sent_version

SEE, WRITE, RECEIVE = "erp.view_purchase", "erp.write_purchase", "erp.receive_purchase"


class OfLine(EditPage):
    """A form about a line of a purchase order; the order's version is the one that counts."""

    permission = WRITE

    def get_rows(self) -> QuerySet[PurchaseOrderLine]:
        orders = visible_to(self.request.user, PurchaseOrder.objects.all(), WRITE)
        rows = PurchaseOrderLine.objects.select_related("order__supplier", "material__unit")
        return rows.filter(order__in=orders.order_by().values("pk"))

    def get_version(self) -> str:
        return str(self.get_object().order.version)

    def get_back(self) -> tuple[Any, str]:
        order = self.get_object().order
        return order.number, reverse("erp:purchase_order", args=[order.pk])


class ChangeLine(OfLine):
    """Another quantity, price or day."""

    form_class, done_message = ChangeLineForm, _l("Changed. Who waits for it hears of it.")

    def get_title(self) -> Any:
        return _("Change %(code)s") % {"code": self.get_object().material.code}

    def get_initial(self) -> dict[str, Any]:
        line = self.get_object()
        return {
            "quantity": shown.plain(line.quantity),
            "unit_price": shown.plain(line.unit_price),
            "due_on": timezone.localdate(line.due_at),
        }

    def perform(self, form: Any) -> str:
        line, given = self.get_object(), form.cleaned_data
        day = given["due_on"]
        services.change_purchase_line(
            line_id=line.pk,
            now=timezone.now(),
            quantity=given["quantity"],
            unit_price=given["unit_price"],
            due_at=None if day == timezone.localdate(line.due_at) else at_noon(day),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


class SplitLine(OfLine):
    """The supplier delivers in parts."""

    form_class, done_message = SplitLineForm, _l("Noted. Who waits longest gets the earliest delivery.")
    template_name = "erp/supply/rows_form.html"

    def get_title(self) -> Any:
        line = self.get_object()
        left = shown.quantity(line.quantity - line.received_qty, line.material.unit.code)
        return _("%(code)s in parts: %(left)s to come") % {"code": line.material.code, "left": left}

    def get_form_kwargs(self) -> dict[str, Any]:
        line = self.get_object()
        comes_on = timezone.localdate(line.confirmed_at or line.due_at)
        return {"lines": [{"quantity": shown.plain(line.quantity - line.received_qty), "confirmed_on": comes_on}]}

    def perform(self, form: Any) -> str:
        services.split_purchase_line(
            line_id=self.get_object().pk,
            deliveries=[(one["quantity"], at_noon(one["confirmed_on"])) for _no, one in form.filled()],
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


class Cancel(EditPage):
    """Nothing more is to come of the order."""

    permission, form_class = WRITE, CancelForm
    submit_label, done_message = _l("Cancel what is to come"), _l("Cancelled. Who waited for it is planned again.")

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return visible_to(self.request.user, PurchaseOrder.objects.all(), WRITE)

    def get_title(self) -> Any:
        return _("Cancel what is to come of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:purchase_order", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        there = [shown.quantity(much, unit) + " " + code for code, much, unit in there_in_words(self.get_object())]
        if there:
            back = _("Comes back from the supplier and is booked back now: %(what)s.")
            form.fields["why"].help_text = back % {"what": ", ".join(there)}
        return form

    def perform(self, form: Any) -> str:
        services.cancel_purchase(
            order_id=self.get_object().pk,
            now=timezone.now(),
            why=form.cleaned_data["why"],
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


class SendBack(EditPage):
    """Goods of a receipt go back to the supplier."""

    permission, form_class, version_field = RECEIVE, ReturnForm, ""
    submit_label, done_message = _l("Send back"), _l("Sent back, at the value at which they came.")

    def get_rows(self) -> QuerySet[Receipt]:
        return visible_to(self.request.user, Receipt.objects.select_related("order"), RECEIVE)

    def get_title(self) -> Any:
        return _("Send back goods of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        order = self.get_object().order
        return order.number, reverse("erp:purchase_order", args=[order.pk]) + "?tab=receipts"

    def get_initial(self) -> dict[str, Any]:
        return {"is_replaced": True}

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = self.get_object().lines.filter(returned_qty__lt=F("quantity"))
        return {"lines": lines.select_related("order_line__material__unit", "lot").order_by("pk")}

    def perform(self, form: Any) -> str:
        try:
            services.return_to_supplier(
                receipt_id=self.get_object().pk,
                lines=form.going(),
                reason=form.cleaned_data["reason"],
                is_replaced=form.cleaned_data["is_replaced"],
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.field = f"line_{refusal.values.get('line_id', '')}"
            raise
        return self.get_back()[1]


class Returns(ListPage):
    """What went back to suppliers."""

    permission = SEE
    title, question = _l("Returns to suppliers"), _l("What went back, why, and does something come for it?")
    plant = "receipt.order.plant_id"
    columns = [
        Code("number", _l("Return"), sort="number", link=True, css="w-1"),
        Column("receipt.order.supplier.name", _l("Supplier"), sort="receipt__order__supplier__name", css="wide"),
        Code("receipt.order.number", _l("Purchase order"), sort="receipt__order__number"),
        Column("reason", _l("Why")),
        YesNo("is_replaced", _l("Replaced")),
        When("returned_at", _l("Sent back"), sort="returned_at"),
    ]
    search_fields = ["number", "receipt__order__number", "receipt__order__supplier__name", "reason"]
    order_by = "-number"
    live = ["purchase"]
    empty = Empty(_l("Nothing went back"), _l("Goods go back from their receipt, on its order."), "truck-return")

    def get_rows(self) -> QuerySet[SupplierReturn]:
        rows = SupplierReturn.objects.select_related("receipt__order__supplier")
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, SEE), "receipt__order__plant")

    def get_url(self, row: SupplierReturn) -> str:
        return reverse("erp:purchase_order", args=[row.receipt.order_id]) + "?tab=receipts"
