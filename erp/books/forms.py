"""Forms of the accountant: a manual entry, its file, an account, a reason, a day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.books.models import ManualEntry, ManualEntryLine
from erp.books.services import ManualDraft, ManualLine
from erp.ledger.models import Account
from erp.sales.models import SalesOrder
from masterdata import shown
from masterdata.forms import RowsForm
from masterdata.models import Company, Partner, Plant, TaxCode
from masterdata.numbers import ZERO


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


class BecauseForm(forms.Form):
    """Why not."""

    because = forms.CharField(label=_("Why not"), max_length=200, widget=forms.TextInput({"autofocus": True}))


class UndoForm(forms.Form):
    """On which day."""

    posted_on = day(_("Undone on"))


class EntryForm(RowsForm):
    """A manual entry with its lines: each a debit or a credit of an account."""

    lead, needed, spare = "account", [], 4

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"), empty_label=None)
    posted_on = day(_("Posted on"))
    memo = forms.CharField(label=_("What for"), max_length=160)
    is_accrual = forms.BooleanField(label=_("Undo it on the first day of the next period"), required=False)
    repeats_until = day(_("Repeat each month until"), required=False)

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        self.companies = companies
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]

    @cached_property
    def choices(self) -> dict[str, list[tuple[Any, str]]]:
        """What the lines choose from, asked once for all of them."""
        rows = {
            "account": Account.objects.filter(company__in=self.companies, is_active=True).order_by("company", "code"),
            "plant": Plant.objects.filter(company__in=self.companies).order_by("code"),
            "partner": Partner.objects.filter(is_active=True).order_by("name"),
            "tax_code": TaxCode.objects.order_by("code"),
        }
        return {name: [("", "–"), *((row.pk, str(row)) for row in found)] for name, found in rows.items()}

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "account": self._choice("account", _("Account")),
            "debit": _amount(_("Debit")),
            "credit": _amount(_("Credit")),
            "text": forms.CharField(label=_("Text"), max_length=120, required=False),
            "plant": self._choice("plant", _("Plant")),
            "partner": self._choice("partner", _("Partner")),
            "order": forms.CharField(label=_("Order"), max_length=40, required=False),
            "tax_code": self._choice("tax_code", _("Tax")),
            "tax_base": forms.DecimalField(label=_("Tax base"), required=False, max_digits=18, decimal_places=4),
        }

    def _choice(self, name: str, label: Any) -> forms.TypedChoiceField:
        return forms.TypedChoiceField(
            label=label, required=False, choices=self.choices[name], coerce=int, empty_value=None
        )

    names = {"sales_order": "order"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number, values in self.filled():
            wanted = values["order"]
            if wanted and not SalesOrder.objects.filter(number=wanted, company__in=self.companies).exists():
                self.add_error(f"line_{number}_order", _("There is no such order"))
        return cleaned

    def draft(self) -> ManualDraft:
        """As the service takes it."""
        filled = [values for _number, values in self.filled()]
        wanted = {values["order"] for values in filled if values["order"]}
        orders = dict(
            SalesOrder.objects.filter(number__in=wanted, company__in=self.companies).values_list("number", "pk")
        )
        lines = [
            ManualLine(
                values["account"],
                (values["debit"] or ZERO) - (values["credit"] or ZERO),
                text=values["text"] or "",
                plant_id=values["plant"],
                partner_id=values["partner"],
                sales_order_id=orders.get(values["order"]),
                tax_code_id=values["tax_code"],
                tax_base=values["tax_base"],
            )
            for values in filled
        ]
        given = self.cleaned_data
        return ManualDraft(
            posted_on=given["posted_on"],
            memo=given["memo"],
            lines=lines,
            is_accrual=given["is_accrual"],
            repeats_until=given["repeats_until"],
        )


def typed(lines: Sequence[ManualEntryLine]) -> list[dict[str, Any]]:
    """Lines of an entry as the form's lines hold them."""
    return [
        {
            "account": line.account_id,
            "debit": shown.plain(line.amount) if line.amount > 0 else None,
            "credit": shown.plain(-line.amount) if line.amount < 0 else None,
            "text": line.text,
            "plant": line.plant_id,
            "partner": line.partner_id,
            "order": line.sales_order.number if line.sales_order else "",
            "tax_code": line.tax_code_id,
            "tax_base": None if line.tax_base is None else shown.plain(line.tax_base),
        }
        for line in lines
    ]


def head_of(entry: ManualEntry) -> dict[str, Any]:
    """The fields above the lines."""
    return {
        "company": entry.company_id,
        "posted_on": entry.posted_on,
        "memo": entry.memo,
        "is_accrual": entry.is_accrual,
        "repeats_until": entry.repeats_until,
    }


class EntryFileForm(forms.Form):
    """A manual entry whose lines are in a file."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"), empty_label=None)
    posted_on = day(_("Posted on"))
    memo = forms.CharField(label=_("What for"), max_length=160)
    file = forms.FileField(
        label=_("CSV file"), help_text=_("Columns: account, debit, credit, text, plant, partner, order, tax, base")
    )

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """An account of a company."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"), empty_label=None)
    code = forms.CharField(label=_("Number"), max_length=20)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Account.Kind.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=ZERO,
        max_digits=18,
        decimal_places=4,
        widget=forms.NumberInput({"step": "any"}),
    )
