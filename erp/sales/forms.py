"""Forms of sales orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.sales.models import SalesOrder
from masterdata.models import Company, Partner


class TogetherForm(forms.Form):
    """Which drafts are confirmed: those ticked, or all that the page knew (`all_until` is the newest of them)."""

    orders = forms.ModelMultipleChoiceField(
        SalesOrder.objects.none(), label=_("Orders"), widget=forms.CheckboxSelectMultiple, required=False
    )
    all = forms.BooleanField(label=_("All drafts"), required=False)
    all_until = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("all") and not cleaned.get("orders"):
            self.add_error("orders", _("Tick the orders to confirm."))
        return cleaned

    def chosen(self) -> list[int]:
        """In the sequence of their numbers; a draft that came after the page was shown waits for another look."""
        given, field = self.cleaned_data, self.fields["orders"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        rows = given["orders"]
        if given["all"] and field.queryset is not None:
            rows = field.queryset.filter(pk__lte=given["all_until"] or 0)
        return list(rows.order_by("number").values_list("pk", flat=True))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class CreditLimitForm(forms.Form):
    """What a customer may owe a company."""

    customer = forms.ModelChoiceField(Partner.objects.none(), label=_("Customer"))
    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    amount = forms.DecimalField(
        label=_("Limit"), required=False, min_value=0, max_digits=18, decimal_places=2,
        help_text=_("In the company's currency, taxes included. Empty: any amount."),
    )  # fmt: skip
    overdue_days = forms.IntegerField(
        label=_("Days overdue"), required=False, min_value=0, max_value=999,
        help_text=_("An invoice that is overdue longer stops every order. Empty: none does."),
    )  # fmt: skip
    held_because = forms.CharField(
        label=_("On hold because"), required=False, max_length=200,
        help_text=_("Nothing is confirmed or shipped while a reason stands here."),
    )  # fmt: skip

    def __init__(self, *args: Any, companies: QuerySet[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer, company = self.fields["customer"], self.fields["company"]
        assert isinstance(customer, forms.ModelChoiceField)
        assert isinstance(company, forms.ModelChoiceField)
        customer.queryset = Partner.objects.filter(is_customer=True)
        company.queryset = companies
