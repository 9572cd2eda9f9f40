"""What a customer is answered in a case: by mail or on the phone, or noted among us."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.models import Message
from crm.selectors.cases import address_of_case
from crm.services.cases import lock_open_case, mark_case_answered
from crm.services.messages import log_message, queue_message
from masterdata.errors import InvalidInput
from masterdata.models import User


@transaction.atomic
def answer_case(
    *,
    case_id: int,
    body: str,
    now: dt.datetime,
    by: User | None = None,
    kind: str = Message.Kind.MAIL,
    to: str = "",
    expected_version: int | None = None,
) -> Message:
    """A mail is queued, a call or a note is logged; after a mail or a call the case waits for the customer.

    Without `to` a mail goes where `address_of_case` says. Locks the case. Raises CaseIsClosed, StaleVersion,
    InvalidInput.
    """
    case = lock_open_case(case_id, expected_version)
    if not body.strip():
        raise InvalidInput("Write what the customer is told.", field="body")
    if kind == Message.Kind.MAIL:
        message = queue_message(
            customer_id=case.customer_id,
            subject=f"{case.number}: {case.subject}",
            body=body,
            to=to.strip() or address_of_case(case),
            language=case.customer.language,
            case_id=case.pk,
            now=now,
            by=by,
        )
    else:
        message = log_message(
            kind=kind, customer_id=case.customer_id, body=body, subject=case.subject, case_id=case.pk, now=now, by=by
        )
    if kind != Message.Kind.NOTE:
        mark_case_answered(case_id=case.pk, now=now)
    return message
