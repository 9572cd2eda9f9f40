"""Forms of payables: a supplier's paper, a release, a payment, a landed cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.payables.grni import LineAccount
from erp.payables.models import LandedCost, SupplierInvoice
from erp.payables.services import InvoiceLineInput
from erp.supply.models import PurchaseOrderLine, Receipt
from erp.treasury.forms import currency_field
from masterdata import shown
from masterdata.models import Partner, TaxCode
from masterdata.numbers import ZERO, money
from masterdata.pages import OfCompanyForm

DAY = {"type": "date"}
ANY = {"step": "any"}


class InvoiceForm(forms.Form):
    """The paper of a purchase order: what is open is proposed at the ordered price, a line at zero is left out."""

    kind = forms.ChoiceField(label=_("What it is"), choices=SupplierInvoice.Kind.choices)
    reference = forms.CharField(label=_("Their number"), max_length=60)
    invoiced_on = forms.DateField(label=_("Date on the paper"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    tax_code = forms.ModelChoiceField(TaxCode.objects.order_by("code"), label=_("Tax"), required=False)
    stated_gross = forms.DecimalField(
        label=_("Total on the paper"), required=False, max_digits=18, decimal_places=2, widget=forms.NumberInput(ANY)
    )
    charge = forms.CharField(label=_("Also charged for"), max_length=120, required=False)
    charge_amount = forms.DecimalField(
        label=_("Charge"),
        required=False,
        min_value=ZERO,
        max_digits=18,
        decimal_places=2,
        widget=forms.NumberInput(ANY),
    )

    def __init__(
        self,
        *args: Any,
        lines: Sequence[PurchaseOrderLine],
        accounts: dict[int, LineAccount],
        decimals: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.accounts = list(lines), accounts
        for line in self.lines:
            left = max(ZERO, accounts[line.pk].open_qty)
            amount = money(left * line.unit_price, decimals)
            code = {"code": line.material.code}
            self.fields[f"quantity_{line.pk}"] = _figure(_("Quantity of %(code)s") % code, shown.plain(left), 6)
            self.fields[f"amount_{line.pk}"] = _figure(_("Amount for %(code)s") % code, shown.plain(amount), decimals)

    @property
    def rows(self) -> list[tuple[PurchaseOrderLine, LineAccount, forms.BoundField, forms.BoundField]]:
        """Each line with its account and its two fields."""
        return [
            (line, self.accounts[line.pk], self[f"quantity_{line.pk}"], self[f"amount_{line.pk}"])
            for line in self.lines
        ]

    def meant(self) -> list[InvoiceLineInput]:
        """As the service takes it."""
        code = self.cleaned_data.get("tax_code")
        tax_code_id = code.pk if code else None
        found = [
            InvoiceLineInput(
                order_line_id=line.pk,
                quantity=self.cleaned_data.get(f"quantity_{line.pk}") or ZERO,
                net_amount=self.cleaned_data.get(f"amount_{line.pk}") or ZERO,
                tax_code_id=tax_code_id,
            )
            for line in self.lines
        ]
        found = [line for line in found if line.quantity or line.net_amount]
        if amount := self.cleaned_data.get("charge_amount"):
            charge = self.cleaned_data["charge"] or str(_("Charge"))
            found.append(InvoiceLineInput(charge=charge, net_amount=amount, tax_code_id=tax_code_id))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.meant():
            raise forms.ValidationError(_("Enter what the paper charges: at least one line with an amount."))
        return cleaned


def _figure(label: str, initial: str, places: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=ZERO,
        max_digits=18,
        decimal_places=places,
        initial=initial,
        widget=forms.NumberInput({"step": "any", "aria-label": label}),
    )


class ToleranceForm(forms.Form):
    """How far a paper may be off."""

    price_percent = forms.DecimalField(
        label=_("Price off by at most, percent"),
        min_value=ZERO,
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(ANY),
    )
    price_amount = forms.DecimalField(
        label=_("and by at most this amount a line"),
        required=False,
        min_value=ZERO,
        max_digits=18,
        decimal_places=2,
        widget=forms.NumberInput(ANY),
    )
    quantity_percent = forms.DecimalField(
        label=_("More invoiced than received, percent"),
        min_value=ZERO,
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(ANY),
    )


class LandedForm(forms.Form):
    """A cost and the receipts that it brought in."""

    receipts = forms.ModelMultipleChoiceField(
        Receipt.objects.none(), label=_("Receipts"), widget=forms.SelectMultiple({"size": 8})
    )
    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2, widget=forms.NumberInput(ANY))
    element = forms.ChoiceField(label=_("What for"), choices=LandedCost.Element.choices)
    basis = forms.ChoiceField(label=_("Spread"), choices=LandedCost.Basis.choices)
    partner = forms.ModelChoiceField(
        Partner.objects.filter(is_active=True, is_supplier=True).order_by("name"), label=_("Owed to"), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, receipts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["receipts"]
        chosen.queryset = receipts
        chosen.label_from_instance = lambda row: f"{row.number} · {row.order.supplier.name} · {row.order.plant.name}"

    def clean_receipts(self) -> Any:
        receipts = self.cleaned_data["receipts"]
        if len({receipt.order.plant_id for receipt in receipts}) > 1:
            raise forms.ValidationError(_("Choose receipts of one plant."))
        return receipts


class ProposalForm(OfCompanyForm):
    """What is due until when, and when it is paid."""

    pay_on = forms.DateField(label=_("Pay on"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    due_until = forms.DateField(
        label=_("Due, or discount granted, until"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    currency = currency_field()
