"""The page of a payment, from a customer or to a supplier, and undoing what it settled."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.treasury.forms import ReasonForm
from masterdata import shown
from masterdata.access import may
from masterdata.pages import Card, Column, Day, DetailPage, EditPage, Money, Tab

UNDO = "erp.undo_allocation"


class PaymentOfPartner(DetailPage):
    """One payment: what it pays, what is left of it.

    `partner` and `day` are fields of the row with their labels, `rest` says where what is left stands, `pays` is the
    template of what it pays.
    """

    partner: ClassVar[tuple[str, Any]]
    day: ClassVar[tuple[str, Any]]
    rest: ClassVar[Any]
    pays: ClassVar[str]

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return f"{getattr(row, self.partner[0]).name} · {shown.money(row.amount, row.currency)}"

    def get_state(self, row: Any) -> tuple[str, Any]:
        return ("open", self.rest) if row.open_amount else ("done", _("Allocated"))

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("invoices", _("Pays"), template=self.pays)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        rows = row.allocations.select_related("invoice", "reversed_by").order_by("id")
        return super().get_context_data(row) | {"allocations": list(rows), "may_undo": may(self.request.user, UNDO)}

    def get_cards(self, row: Any) -> Sequence[Card]:
        facts = [
            Column(f"{self.partner[0]}.name", self.partner[1]),
            Day(*self.day),
            Column("bank_account.name", _("Bank account"), empty=_("The company's bank")),
            Column("reference", _("Reference"), empty=_("None was given")),
            Money("amount", _("Amount"), currency="currency.code"),
            Money("open_amount", self.rest, currency="currency.code"),
        ]
        return [Card(_("Facts"), facts)]


class UndoOfAllocation(EditPage):
    """The invoice is open again, the money is there again. `invoice_page` is the name of the invoice's page."""

    permission, form_class, version_field = UNDO, ReasonForm, ""
    done_message, submit_label = _l("Undone. The invoice is open again."), _l("Undo")
    invoice_page: ClassVar[str]

    @abstractmethod
    def undo(self, **asked: Any) -> object:
        """The service, with `allocation_id`, `reason`, `by` and `now`."""

    def get_title(self) -> Any:
        return _("Undo what settled %(number)s") % {"number": self.get_object().invoice.number}

    def get_back(self) -> tuple[Any, str]:
        invoice = self.get_object().invoice
        return invoice.number, reverse(self.invoice_page, args=[invoice.pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row, reason = self.get_object(), form.cleaned_data["reason"]
        self.undo(allocation_id=row.pk, reason=reason, by=self.request.user, now=timezone.now())
        return reverse(self.invoice_page, args=[row.invoice_id]) + "?tab=payments"
