"""Incoming mail: each taken exactly once, matched to what it answers, told to whom it concerns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from crm import facts as crm_facts
from crm.mail import tokens
from crm.mail.bounces import Bounce
from crm.mail.reading import ReadMail
from crm.models import IncomingMail, Mailbox, Message, MessageAttachment
from crm.services import matching
from crm.services.cases import mark_case_waiting
from crm.services.subjects import fact_ids
from masterdata import facts, live

Outcome = IncomingMail.Outcome


@transaction.atomic
def take_mail(
    *,
    mailbox_id: int,
    lease_no: int,
    uid_validity: int,
    uid: int,
    size: int,
    mail: ReadMail,
    now: dt.datetime,
    is_cut: bool = False,
) -> str:
    """Make it a message; "seen" when it was taken before, "twin" when another mailbox or an earlier count brought it.

    An answer goes to what it answers and rings its owner; an automatic answer rings nobody; a bounce marks the mail
    that bounced as failed. Locks the mailbox, then the message that is answered.
    """
    box = _locked(mailbox_id, lease_no)
    if box is None or _was_taken(box, uid_validity, uid):
        return "seen"
    message, is_twin = _message_of(box, mail, now, is_cut)
    IncomingMail.objects.create(
        mailbox=box,
        uid_validity=uid_validity,
        uid=uid,
        outcome=Outcome.TWIN if is_twin else Outcome.TAKEN,
        message=message,
        size=size,
        taken_at=now,
        raw=b"",
    )
    _read_until(box, uid)
    return "twin" if is_twin else "taken"


@transaction.atomic
def quarantine_mail(
    *,
    mailbox_id: int,
    lease_no: int,
    uid_validity: int,
    uid: int,
    size: int,
    raw: bytes,
    error: str,
    now: dt.datetime,
) -> str:
    """Keep what nobody could read as it came, with why; the poll goes on behind it. Locks the mailbox."""
    box = _locked(mailbox_id, lease_no)
    if box is None or _was_taken(box, uid_validity, uid):
        return "seen"
    IncomingMail.objects.create(
        mailbox=box,
        uid_validity=uid_validity,
        uid=uid,
        outcome=Outcome.QUARANTINED,
        size=size,
        taken_at=now,
        raw=raw,
        error=error[:4000] or "Unknown",
    )
    _read_until(box, uid)
    live.publish("mailbox", box.pk)
    return "quarantined"


def _locked(mailbox_id: int, lease_no: int) -> Mailbox | None:
    """None when the lease was lost: whoever holds it takes the mail."""
    box = Mailbox.objects.select_for_update(no_key=True).order_by("pk").get(pk=mailbox_id)
    return box if box.lease_no == lease_no else None


def _was_taken(box: Mailbox, uid_validity: int, uid: int) -> bool:
    return IncomingMail.objects.filter(mailbox=box, uid_validity=uid_validity, uid=uid).exists()


def _read_until(box: Mailbox, uid: int) -> None:
    if uid > box.last_uid:
        box.last_uid = uid
        box.save(update_fields=["last_uid"])


def _message_of(box: Mailbox, mail: ReadMail, now: dt.datetime, is_cut: bool) -> tuple[Message, bool]:
    """The message of this mail, and whether there was one already: its id is known, perhaps since a moment ago."""
    known = Message.objects.filter(message_id=mail.message_id)
    if found := known.first():
        return found, True
    try:
        with transaction.atomic():
            return _written(box, mail, now, is_cut), False
    except IntegrityError:
        found = known.first()
        if found is None:
            raise
        return found, True


def _written(box: Mailbox, mail: ReadMail, now: dt.datetime, is_cut: bool) -> Message:
    match = matching.match_of(mail)
    answered = _locked_answered(match.answered)
    is_for_nobody = mail.is_automatic and mail.bounce is None
    message = Message.objects.create(
        **match.columns,
        company=answered.company if answered else box.company,
        direction=Message.Direction.IN,
        kind=Message.Kind.MAIL,
        state=Message.State.RECEIVED,
        thread_id=answered.thread_key if answered else None,
        answers=answered,
        subject=tokens.unmarked(mail.subject),
        body=mail.body,
        quoted=mail.quoted,
        language=answered.language if answered else _language(match.columns["customer"], box),
        from_address=mail.sender,
        to_addresses=mail.to,
        cc_addresses=mail.cc,
        is_automatic=mail.is_automatic or mail.bounce is not None,
        is_cut=is_cut,
        message_id=mail.message_id,
        owner=match.owner,
        made_at=now,
        sent_at=mail.sent_at if mail.sent_at and mail.sent_at <= now else now,
        handled_at=now if is_for_nobody else None,
    )
    _keep_files(message, mail)
    if answered is not None:
        _tell_answered(answered, mail, now)
    if message.case_id is not None and not message.is_automatic:
        mark_case_waiting(case_id=message.case_id)
    if message.customer_id is not None and not message.is_automatic:
        facts.state(crm_facts.MessageReceived(**fact_ids(message)))
    live.publish("message", message.pk)
    if message.owner_id is not None and message.handled_at is None:
        live.publish("bell", message.owner_id)
    return message


def _locked_answered(answered: Message | None) -> Message | None:
    if answered is None:
        return None
    rows = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("company").order_by("pk")
    return rows.get(pk=answered.pk)


def _language(customer: Any, box: Mailbox) -> str:
    return (customer.language if customer else "") or box.company.language


def _keep_files(message: Message, mail: ReadMail) -> None:
    MessageAttachment.objects.bulk_create(
        MessageAttachment(
            message=message,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            content=one.content,
            is_left_out=one.is_left_out,
        )
        for one in mail.files
    )


def _tell_answered(answered: Message, mail: ReadMail, now: dt.datetime) -> None:
    """A bounce: our mail did not arrive. A person's answer: it was read."""
    if mail.bounce is not None:
        _bounced(answered, mail.bounce)
    elif not mail.is_automatic and answered.direction == Message.Direction.OUT and answered.read_at is None:
        answered.read_at = now
        answered.save(update_fields=["read_at"])


def _bounced(answered: Message, bounce: Bounce) -> None:
    if answered.state not in (Message.State.SENT, Message.State.SENDING):
        return
    answered.error = bounce.reason
    if bounce.is_final:
        answered.state, answered.leased_until, answered.next_at = Message.State.FAILED, None, None
    answered.save(update_fields=["state", "error", "leased_until", "next_at"])
    if bounce.is_final:
        facts.state(crm_facts.MessageFailed(**fact_ids(answered)))
    live.publish("message", answered.pk)
