"""The page of a payment, from a customer or to a supplier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from masterdata import shown
from masterdata.access import may
from masterdata.pages import Card, Column, Day, DetailPage, Money, Tab

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
