"""The form of a supplier's paper without a purchase order: charges of accounts, of orders, in any currency."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from erp.cost.services.bookings import EXPENSE, Element
from erp.ledger.models import Account
from erp.payables.models import SupplierInvoice
from erp.payables.services import InvoiceLineInput
from erp.payables.services.bearers import OPEN_ROLES
from erp.treasury.forms import amount_field, currency_field, day_field
from masterdata.models import Partner, TaxCode
from masterdata.pages import OfCompanyForm

ROWS = range(1, 6)
NAMES = ("charge", "net", "tax", "account", "order", "element")
ELEMENTS = [("", _("No element")), *((key, label) for key, label in Element.choices if key in EXPENSE)]


class FreeInvoiceForm(OfCompanyForm):
    """The head of the paper, and up to five charges: each of an account, or of a sales order by its element."""

    supplier = forms.ModelChoiceField(
        Partner.objects.filter(is_supplier=True, is_active=True).order_by("name"), label=_("Supplier")
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=SupplierInvoice.Kind.choices)
    reference = forms.CharField(label=_("Their number"), max_length=60)
    invoiced_on = day_field(_("Date on the paper"))
    currency = currency_field()
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    stated_gross = amount_field(_("Total on the paper"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.filter(company__in=self.companies, role__in=OPEN_ROLES).order_by("company", "code")
        for no in ROWS:
            self.fields[f"charge_{no}"] = forms.CharField(label=_("Charged for"), max_length=120, required=False)
            self.fields[f"net_{no}"] = amount_field(_("Net"), required=False)
            self.fields[f"tax_{no}"] = forms.ModelChoiceField(
                TaxCode.objects.order_by("code"), label=_("Tax"), required=False, empty_label=_("None")
            )
            self.fields[f"account_{no}"] = forms.ModelChoiceField(
                accounts, label=_("Account"), required=False, empty_label=_("Of an order, or accrued")
            )
            self.fields[f"order_{no}"] = forms.CharField(label=_("Sales order"), max_length=40, required=False)
            self.fields[f"element_{no}"] = forms.ChoiceField(label=_("Element"), choices=ELEMENTS, required=False)
            for name in NAMES:
                field = self.fields[f"{name}_{no}"]
                field.widget.attrs["aria-label"] = f"{field.label} {no}"

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields above the charges."""
        return [self[name] for name in self.base_fields]

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each charge."""
        return [[self[f"{name}_{no}"] for name in NAMES] for no in ROWS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for no in ROWS:
            number = cleaned.get(f"order_{no}")
            order = (
                apps.get_model("erp", "SalesOrder").objects.filter(number__iexact=number).first() if number else None
            )
            if number and order is None:
                self.add_error(f"order_{no}", _("There is no such order."))
            cleaned[f"order_{no}"] = order
        if not self.errors and not self.meant():
            raise forms.ValidationError(_("Enter what the paper charges: at least one line with an amount."))
        return cleaned

    def _filled(self) -> list[int]:
        return [no for no in ROWS if self.cleaned_data.get(f"net_{no}")]

    def meant(self) -> list[InvoiceLineInput]:
        """As the service takes it."""
        given = self.cleaned_data

        def pk(name: str) -> int | None:
            row = given.get(name)
            return row.pk if row else None

        return [
            InvoiceLineInput(
                charge=given[f"charge_{no}"] or str(_("Charge")),
                net_amount=given[f"net_{no}"],
                tax_code_id=pk(f"tax_{no}"),
                account_id=pk(f"account_{no}"),
                sales_order_id=pk(f"order_{no}"),
                element=given[f"element_{no}"],
            )
            for no in self._filled()
        ]

    def field_of(self, field: str) -> str:
        """Where the service's field stands: `lines.1.account` is that of the second charge that was filled."""
        parts = field.split(".")
        if len(parts) == 3 and parts[1].isdecimal():
            names = {"sales_order": "order", "net_amount": "net", "tax_code": "tax"}
            return f"{names.get(parts[2], parts[2])}_{self._filled()[int(parts[1])]}"
        return field
