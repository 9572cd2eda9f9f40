"""Legal documents are set and kept when they are posted, not when somebody first prints them."""

from __future__ import annotations

import datetime as dt

from erp.receivables.account_letters import NOTICE_RELATED, reminder_pdf
from erp.receivables.letters import RELATED, invoice_pdf
from erp.receivables.models import DunningNotice, Invoice


def issue_invoice(*, invoice_id: int, now: dt.datetime) -> None:
    """Set the invoice, deposit invoice or credit note in its customer's language and keep it. Again: nothing new."""
    invoice_pdf(Invoice.objects.select_related(*RELATED).get(pk=invoice_id), now)


def issue_reminder(*, notice_id: int, now: dt.datetime) -> None:
    """Set a reminder that was sent, and the invoice of its fee, and keep both. Again: nothing new."""
    notice = DunningNotice.objects.select_related(*NOTICE_RELATED).get(pk=notice_id)
    reminder_pdf(notice, now)
    if notice.fee_invoice_id:
        issue_invoice(invoice_id=notice.fee_invoice_id, now=now)
