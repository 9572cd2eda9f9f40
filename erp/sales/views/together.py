"""Drafts that are confirmed together, in the sequence of their numbers: all of those ticked, or none."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.sales import services
from erp.sales.forms import TogetherForm
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata.pages import FormPage

SHOWN = 200


class ConfirmTogether(FormPage):
    """The oldest drafts first; whoever comes from an order finds it ticked."""

    permission, form_class, template_name = "erp.confirm_order", TogetherForm, "erp/sales/choose.html"
    title, submit_label = _("Confirm drafts"), _("Confirm these")

    def get_back(self) -> tuple[Any, str]:
        return _("Orders"), reverse("erp:orders") + "?draft=1"

    def rows(self) -> QuerySet[SalesOrder]:
        rows = visible_orders(self.request.user).filter(confirmed_at=None, cancelled_at=None)
        plant = getattr(self.request, "plant", None)
        rows = rows if plant is None else rows.filter(lines__plant=plant).distinct()
        return rows.order_by("number")

    def get_form(self, data: Any = None) -> Any:
        form: Any = super().get_form(data)
        form.fields["orders"].queryset = self.rows()
        return form

    def get_context_data(self, form: Any) -> dict[str, Any]:
        chosen = set(self.request.POST.getlist("orders") or self.request.GET.getlist("orders"))
        rows = list(self.rows().select_related("customer", "currency")[:SHOWN])
        for row in rows:
            row.is_chosen = str(row.pk) in chosen  # type: ignore[attr-defined]
        return super().get_context_data(form) | {"rows": rows}

    def perform(self, form: Any) -> str:
        ids = list(form.cleaned_data["orders"].order_by("number").values_list("pk", flat=True))
        services.confirm_orders(order_ids=ids, now=timezone.now())
        text = _t("%(count)d confirmed: material is reserved or on its way, and planning has begun.")
        messages.success(self.request, text % {"count": len(ids)})
        return reverse("erp:orders")
