"""A quotation on its way by mail: frozen, its paper set and kept, the mail in the outbox, in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from crm.letters import RELATED, quotation_pdf, wording_of
from crm.models import Quotation
from crm.services.messages import queue_message
from crm.services.revising import Sent, send_quotation
from masterdata.models import User

LINK = "<link>"


@dataclass(frozen=True)
class QuotationMail:
    """Where it goes and what it says; without an address nothing is mailed. `<link>` becomes `portal` and the token."""

    to: str = ""
    subject: str = ""
    body: str = ""
    portal: str = ""


@transaction.atomic
def post_quotation(
    *,
    quotation_id: int,
    now: dt.datetime,
    mail: QuotationMail,
    by: User | None = None,
    expected_version: int | None = None,
) -> Sent:
    """Send a draft: to an address with its PDF and the link, or without one only marked as sent.

    Setting the paper takes about ten milliseconds. Raises what `send_quotation` refuses, InvalidInput at `to`.
    """
    sent = send_quotation(quotation_id=quotation_id, now=now, by=by, expected_version=expected_version)
    quotation = Quotation.objects.select_related(*RELATED).get(pk=quotation_id)
    paper = quotation_pdf(quotation, now=now)
    if mail.to.strip():
        queue_message(
            customer_id=quotation.customer_id,
            subject=mail.subject or quotation.paper_no,
            body=mail.body.replace(LINK, f"{mail.portal}{sent.token}/"),
            to=[one.strip() for one in mail.to.replace(";", ",").split(",") if one.strip()],
            language=wording_of(quotation).language,
            now=now,
            by=by,
            quotation_id=quotation_id,
            attachments=[(paper.file_name, "application/pdf", paper.content)],
        )
    return sent
