"""Closing a work order short and splitting it, from its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.production.models import WorkOrder
from erp.sales.services.short_close import close_short
from erp.sales.services.splitting import split_work_order
from masterdata.access import visible_to
from masterdata.pages import EditPage


class ShortForm(forms.Form):
    reason = forms.CharField(
        label=_l("Why the rest is not made"), max_length=200,
        help_text=_l("What an order lacks by it is supplied again at once"),
    )  # fmt: skip


class SplitForm(forms.Form):
    quantity = forms.DecimalField(
        label=_l("Pieces that go"), max_digits=18, decimal_places=6,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
        help_text=_l("They become a work order of their own; what is reported stays with this one"),
    )  # fmt: skip
    reason = forms.CharField(label=_l("Why"), max_length=200, required=False)


class _OpenWork(EditPage):
    permission = "erp.release_work_order"

    def get_rows(self) -> QuerySet[WorkOrder]:
        rows = WorkOrder.objects.filter(state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED])
        return visible_to(self.request.user, rows, self.permission)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:work_order", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}


class Split(_OpenWork):
    """Some of its pieces go their own way."""

    form_class, submit_label = SplitForm, _l("Split")

    def get_title(self) -> Any:
        return _("Split %(number)s") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        made = split_work_order(
            work_order_id=self.get_object().pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            **form.cleaned_data,
        )
        messages.success(self.request, _("%(number)s is made; the next plan says when.") % {"number": made.number})
        return reverse("erp:work_order", args=[made.pk])


class CloseShort(_OpenWork):
    """The rest is not made."""

    form_class = ShortForm
    submit_label, done_message = _l("Close it short"), _l("Closed. What an order lacks by it is supplied again.")

    def get_title(self) -> Any:
        return _("Close %(number)s short") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        close_short(
            work_order_id=row.pk,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return reverse("erp:work_order", args=[row.pk])
