"""The page of a company's match tolerances."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import services
from erp.payables.forms import ToleranceForm
from erp.payables.models import MatchTolerance
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import EditPage

SET = "erp.set_match_tolerance"


class Tolerances(EditPage):
    """How far supplier invoices of a company may be off and still be posted at once."""

    permission, form_class = SET, ToleranceForm
    done_message = _l("Set. Invoices entered from now on are matched by it.")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), SET)

    def _now(self) -> MatchTolerance:
        return MatchTolerance.objects.filter(company=self.get_object()).first() or MatchTolerance()

    def get_version(self) -> str:
        now = self._now()
        return str(now.version) if now.pk else ""

    def get_title(self) -> Any:
        return _("Match tolerances of %(company)s") % {"company": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _("Supplier invoices"), reverse("erp:supplier_invoices")

    def get_initial(self) -> dict[str, Any]:
        now = self._now()
        if not now.pk:
            return {"price_percent": "0", "quantity_percent": "0"}
        amount = now.price_amount
        return {
            "price_percent": shown.plain(now.price_percent),
            "price_amount": None if amount is None else shown.plain(amount),
            "quantity_percent": shown.plain(now.quantity_percent),
        }

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Set")}

    def perform(self, form: Any) -> str:
        services.set_match_tolerance(
            company_id=self.get_object().pk,
            expected_version=int(self.request.POST.get("version") or 0) or None,
            **form.cleaned_data,
        )
        return reverse("erp:supplier_invoices")
