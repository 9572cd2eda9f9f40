"""What came back is credited: one page that shows what of which invoice, and posts it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.fulfilment.models import CustomerReturn
from erp.receivables import services
from erp.receivables.forms import ReturnCreditForm
from masterdata.access import visible_to
from masterdata.numbers import ZERO
from masterdata.pages import EditPage, sent_version


class CreditReturn(EditPage):
    """A credit note for what came back with a return."""

    permission, form_class = "erp.credit_invoice", ReturnCreditForm
    template_name = "erp/receivables/return_credit.html"
    done_message, submit_label = _("Credit note posted."), _("Post credit note")

    def get_rows(self) -> QuerySet[CustomerReturn]:
        rows = CustomerReturn.objects.select_related("order__customer", "order__currency")
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self) -> Any:
        return _t("Credit %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:return", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        row = self.get_object()
        parts = services.to_credit(row)
        return super().get_context_data(form) | {
            "parts": parts,
            "currency": row.order.currency,
            "net": sum((one.net for one in parts), ZERO),
        }

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        notes = services.credit_return(
            return_id=row.pk,
            restock_fee=given["restock_fee"] or ZERO,
            reason=given["reason"],
            expected_version=sent_version(self.request),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:invoice", args=[notes[0].pk]) if len(notes) == 1 else reverse("erp:return", args=[row.pk])
