"""Papers of the law: what is posted is set and kept as it stands, before anybody prints it."""

from __future__ import annotations

from django.utils import timezone

from erp import facts
from erp import services as erp
from masterdata.models import FactRecord


def issue_invoice(fact: facts.InvoicePosted, record: FactRecord) -> None:
    """An invoice or credit note is a document from the moment when it is posted."""
    erp.issue_invoice(invoice_id=fact.invoice_id, now=timezone.now())


def issue_reminder(fact: facts.ReminderSent, record: FactRecord) -> None:
    """So is a reminder, with the invoice of its fee."""
    erp.issue_reminder(notice_id=fact.notice_id, now=timezone.now())
