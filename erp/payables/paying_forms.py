"""Forms of money to suppliers: pay an invoice, pay in advance, use what was paid, change a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.payables.models import PaymentProposalLine
from erp.payables.services import PaidPart
from erp.payables.services.proposals import ProposedPart
from erp.treasury.forms import MoneyForm, SettleForm, SpreadForm, amount_field, day_field
from masterdata import shown
from masterdata.models import Partner
from masterdata.numbers import ZERO, money


class PayForm(SettleForm):
    """How much of an invoice is paid, less which discount, from where and when."""

    paid_on = day_field(_("Paid on"))
    field_order = ("amount", "discount", "rate", "paid_on", "bank_account", "reference")

    def meant(self, invoice_id: int) -> dict[str, Any]:
        """As the service takes it."""
        given = self.cleaned_data
        part = PaidPart(invoice_id=invoice_id, amount=given["amount"], discount=given.get("discount") or ZERO)
        return {
            "parts": [part],
            "paid_on": given["paid_on"],
            "reference": given["reference"],
            "rate": given.get("rate"),
            "bank_account_id": self.bank_account_id,
        }


class AdvanceForm(MoneyForm):
    """Money for a supplier before there is an invoice."""

    partner = "supplier"
    supplier = forms.ModelChoiceField(
        Partner.objects.filter(is_supplier=True, is_active=True).order_by("name"), label=_("Supplier")
    )
    paid_on = day_field(_("Paid on"))
    field_order = ("company", "supplier", "amount", "currency", "rate", "paid_on", "bank_account", "reference")


class UseAdvanceForm(SpreadForm):
    """What was paid in advance, spread over open invoices."""

    part = PaidPart


class ProposalChangeForm(forms.Form):
    """The day, and what is paid of which invoice: emptied, it is taken out; filled, it is put in."""

    pay_on = day_field(_("Pay on"))

    def __init__(
        self, *args: Any, lines: Sequence[PaymentProposalLine], others: Sequence[Any], decimals: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.paid = [(line.invoice, line.amount, line.discount) for line in lines]
        self.others = list(others)
        for invoice, amount, discount in [*self.paid, *((one, None, ZERO) for one in self.others)]:
            initial = "" if amount is None else shown.plain(money(amount, decimals))
            code = {"number": invoice.number}
            self.fields[f"amount_{invoice.pk}"] = amount_field(
                _("Pay of %(number)s") % code, required=False, places=decimals, initial=initial
            )
            self.fields[f"discount_{invoice.pk}"] = amount_field(
                _("Discount of %(number)s") % code, required=False, places=decimals,
                initial=shown.plain(money(discount, decimals)) if discount else "",
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Any, bool, forms.BoundField, forms.BoundField]]:
        """Each invoice, whether it is in the proposal, and its two fields."""
        found = [(invoice, True) for invoice, _amount, _discount in self.paid]
        found += [(invoice, False) for invoice in self.others]
        return [(one, is_in, self[f"amount_{one.pk}"], self[f"discount_{one.pk}"]) for one, is_in in found]

    def meant(self) -> list[ProposedPart]:
        """As the service takes it."""
        given = self.cleaned_data
        return [
            ProposedPart(
                invoice_id=one.pk, amount=given[f"amount_{one.pk}"], discount=given.get(f"discount_{one.pk}") or ZERO
            )
            for one, _is_in, _amount, _discount in self.rows
            if given.get(f"amount_{one.pk}")
        ]
