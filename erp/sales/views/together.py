"""Drafts that are confirmed together, in the sequence of their numbers: all of those ticked, or none."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.sales import services
from erp.sales.forms import TogetherForm
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from erp.sales.selectors.drafts import drafts_in_stock
from erp.sales.services.confirmation import MOST_AT_ONCE
from masterdata.pages import FormPage

SHOWN = 50


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

    @cached_property
    def ids(self) -> list[int]:
        """All drafts, in their sequence."""
        return list(self.rows().values_list("pk", flat=True))

    def get_form(self, data: Any = None) -> Any:
        form: Any = super().get_form(data)
        form.fields["orders"].queryset = self.rows()
        return form

    def get_context_data(self, form: Any) -> dict[str, Any]:
        chosen = set(self.request.POST.getlist("orders") or self.request.GET.getlist("orders"))
        page: Page[int] = Paginator(self.ids, SHOWN).get_page(self.request.GET.get("page") or self._first(chosen))
        before = self.ids[: page.start_index() - 1] if page.paginator.count else []
        here = list(page.object_list)
        stock = drafts_in_stock([*before, *here])
        rows = list(self.rows().select_related("customer", "currency").filter(pk__in=here))
        for row in rows:
            row.is_chosen = str(row.pk) in chosen  # type: ignore[attr-defined]
            row.in_stock = stock.get(row.pk)  # type: ignore[attr-defined]
        return super().get_context_data(form) | {
            "rows": rows,
            "page": page,
            "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
            "last": max(self.ids, default=0),
            "most": MOST_AT_ONCE,
        }

    def _first(self, chosen: set[str]) -> int:
        """The page of the first draft that is ticked."""
        found = (place for place, pk in enumerate(self.ids) if str(pk) in chosen)
        return next(found, 0) // SHOWN + 1

    def perform(self, form: Any) -> str:
        ids = form.chosen()
        services.confirm_orders(order_ids=ids, now=timezone.now())
        text = ngettext(
            "%(count)d confirmed: its material is reserved or on its way, and planning has begun.",
            "%(count)d confirmed: material is reserved or on its way, and planning has begun.",
            len(ids),
        )
        messages.success(self.request, text % {"count": len(ids)})
        return reverse("erp:orders")
