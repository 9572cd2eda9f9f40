"""A supplier's paper without a purchase order is entered: rent, freight of an order, a bill in dollars."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import services
from erp.payables.free_forms import FreeInvoiceForm
from masterdata.pages import OfCompanyPage


class EnterFreeInvoice(OfCompanyPage):
    """The paper without goods; above the company's limit somebody else approves it."""

    permission, form_class = "erp.enter_supplier_invoice", FreeInvoiceForm
    template_name = "erp/payables/enter_free.html"
    title, submit_label = _l("Enter an invoice without an order"), _l("Enter")

    def get_back(self) -> tuple[Any, str]:
        return _("Supplier invoices"), reverse("erp:supplier_invoices")

    def get_initial(self) -> dict[str, Any]:
        return {"invoiced_on": timezone.localdate()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        invoice = services.enter_supplier_invoice(
            company_id=given["company"].pk,
            supplier_id=given["supplier"].pk,
            kind=given["kind"],
            reference=given["reference"],
            invoiced_on=given["invoiced_on"],
            stated_gross=given["stated_gross"],
            currency_id=given["currency"].pk if given["currency"] else None,
            rate=given["rate"],
            lines=form.meant(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:supplier_invoice", args=[invoice.pk])
