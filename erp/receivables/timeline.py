"""How invoices and payments read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from erp.receivables.models import Invoice, Payment
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("InvoicePosted", _invoiced)
    timeline.register("PaymentReceived", _paid)


def _invoiced(records: Sequence[FactRecord]) -> timeline.Told:
    found = Invoice.objects.select_related("currency").in_bulk({record.payload["invoice_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("%(number)s posted: %(amount)s")
            % {"number": invoice.number, "amount": shown.money(invoice.gross_amount, invoice.currency)},
            "receipt",
            timeline.who(record),
            _("due %(day)s") % {"day": shown.day(invoice.due_on)},
        )
        for record in records
        if (invoice := found.get(record.payload["invoice_id"]))
    }


def _paid(records: Sequence[FactRecord]) -> timeline.Told:
    found = Payment.objects.select_related("currency").in_bulk({record.payload["payment_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("%(amount)s paid") % {"amount": shown.money(payment.amount, payment.currency)},
            "cash",
            timeline.who(record),
            payment.number,
            tone="good",
        )
        for record in records
        if (payment := found.get(record.payload["payment_id"]))
    }
