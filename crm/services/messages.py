"""Messages from us: mail is queued here and sent by the outbox; calls and notes are logged."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from crm import facts as crm_facts
from crm import wake
from crm.mail import servers, tokens
from crm.models import Message, MessageAttachment
from crm.selectors.messages import WAITS
from crm.services.matching import contact_at
from crm.services.subjects import Subject, fact_ids, subject_of
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.models.languages import DEFAULT, Language

Attachment = tuple[str, str, bytes]
"""Name, content type, content."""
MOST_ATTACHMENTS = 20
MOST_BYTES = 15 * 1024 * 1024
"""Of all attachments of a message: mail servers refuse more than about 25 MB of what that becomes on its way."""
LONGEST_BODY = 200_000
MOST_RECIPIENTS = 50


class MessageNotHeld(Refusal):
    """Only a message that is held for review can be changed, let go or discarded."""

    code = "message_not_held"


class NothingToRetry(Refusal):
    """Only mail that failed is sent again."""

    code = "nothing_to_retry"


@transaction.atomic
def queue_message(
    *,
    customer_id: int,
    subject: str,
    body: str,
    to: str | Sequence[str],
    language: str,
    now: dt.datetime,
    by: User | None = None,
    quotation_id: int | None = None,
    order_id: int | None = None,
    case_id: int | None = None,
    notice_id: int | None = None,
    hold: bool = False,
    attachments: Sequence[Attachment] = (),
    cc: Sequence[str] = (),
    answers_id: int | None = None,
    company_id: int | None = None,
) -> Message:
    """Put a mail into the outbox, or hold it for review. It leaves after the commit, never in it.

    A received mail that it answers, or one that failed and is said again, is handled by it. Its Message-ID is fixed
    here: sent again after a crash it is the same mail. `company_id` only where nothing that it is about says it.
    Raises InvalidInput at its field.
    """
    about = subject_of(
        customer_id=customer_id,
        company_id=company_id,
        quotation_id=quotation_id,
        order_id=order_id,
        case_id=case_id,
        notice_id=notice_id,
        by=by,
    )
    answered = _answered(answers_id, about)
    receivers = _addresses([to] if isinstance(to, str) else to, "to")
    if not receivers:
        raise InvalidInput("Say who is to get it: a mail needs an address.", field="to")
    key = uuid.uuid4()
    message = Message.objects.create(
        **about.columns,
        direction=Message.Direction.OUT,
        kind=Message.Kind.MAIL,
        state=Message.State.HELD if hold else Message.State.QUEUED,
        contact=contact_at(receivers[0], about.customer),
        thread_id=answered.thread_key if answered else None,
        answers=answered,
        subject=_line(subject, "subject"),
        body=_text(body),
        language=language if language in Language.values else DEFAULT,
        from_address=servers.from_address(about.company.email),
        to_addresses=receivers,
        cc_addresses=_addresses(cc, "cc"),
        key=key,
        token_hash=tokens.hash_of(tokens.token_of(key)),
        message_id=tokens.message_id_of(key),
        next_at=None if hold else now,
        woken_at=None if hold else now,
        owner=by or about.owner,
        made_at=now,
        made_by=by,
    )
    _attach(message, attachments)
    if answered is not None and answered.state in WAITS and answered.handled_at is None:
        Message.objects.filter(pk=answered.pk).update(handled_at=now, handled_by=by)
    _tell(message)
    return message


@transaction.atomic
def log_message(
    *,
    kind: str,
    customer_id: int,
    body: str,
    now: dt.datetime,
    by: User | None = None,
    subject: str = "",
    direction: str = Message.Direction.OUT,
    minutes: int | None = None,
    outcome: str = "",
    quotation_id: int | None = None,
    order_id: int | None = None,
    case_id: int | None = None,
    company_id: int | None = None,
) -> Message:
    """Note a call (who called whom, how long, what came of it) or something to remember. States MessageNoted."""
    if kind not in (Message.Kind.CALL, Message.Kind.NOTE):
        raise InvalidInput("Log a call or a note; mail is sent.", field="kind")
    if not body.strip():
        raise InvalidInput("Write what was said.", field="body")
    is_call = kind == Message.Kind.CALL
    if is_call and direction not in (Message.Direction.OUT, Message.Direction.IN):
        raise InvalidInput("Say who called: we or they.", field="direction")
    if not is_call and (minutes is not None or outcome):
        raise InvalidInput("Only a call has minutes and an outcome.", field="minutes" if minutes else "outcome")
    if minutes is not None and not 0 <= minutes <= 24 * 60:
        raise InvalidInput("A call takes from 0 to 1,440 minutes.", field="minutes")
    about = subject_of(
        customer_id=customer_id,
        company_id=company_id,
        quotation_id=quotation_id,
        order_id=order_id,
        case_id=case_id,
        by=by,
    )
    message = Message.objects.create(
        **about.columns,
        direction=direction if is_call else Message.Direction.NONE,
        kind=kind,
        state=Message.State.NOTED,
        subject=_line(subject, "subject"),
        body=_text(body),
        minutes=minutes,
        outcome=_line(outcome, "outcome", 160),
        owner=by or about.owner,
        made_at=now,
        made_by=by,
        sent_at=now,
    )
    facts.state(crm_facts.MessageNoted(**fact_ids(message)))
    live.publish("message", message.pk)
    return message


@transaction.atomic
def rewrite_message(
    *, message_id: int, subject: str, body: str, to: Sequence[str], cc: Sequence[str] = (), now: dt.datetime
) -> Message:
    """Change what is held for review. Locks the message; raises MessageNotHeld."""
    message = _held(message_id, "changed")
    receivers = _addresses(to, "to")
    if not receivers:
        raise InvalidInput("Say who is to get it: a mail needs an address.", field="to")
    message.subject, message.body = _line(subject, "subject"), _text(body)
    message.to_addresses, message.cc_addresses = receivers, _addresses(cc, "cc")
    message.save(update_fields=["subject", "body", "to_addresses", "cc_addresses"])
    live.publish("message", message.pk)
    return message


@transaction.atomic
def release_message(*, message_id: int, now: dt.datetime) -> Message:
    """Reviewed and good: send what was held. Locks the message; raises MessageNotHeld."""
    message = _held(message_id, "sent")
    message.state, message.next_at, message.woken_at = Message.State.QUEUED, now, now
    message.save(update_fields=["state", "next_at", "woken_at"])
    _tell(message)
    return message


@transaction.atomic
def discard_message(*, message_id: int, by: User | None, now: dt.datetime) -> Message:
    """It is not to be said: kept, never sent. Locks the message; raises MessageNotHeld."""
    message = _held(message_id, "discarded")
    message.state, message.handled_at, message.handled_by = Message.State.DISCARDED, now, by
    message.save(update_fields=["state", "handled_at", "handled_by"])
    live.publish("message", message.pk)
    return message


@transaction.atomic
def retry_message(*, message_id: int, now: dt.datetime) -> Message:
    """Send again what failed: the same mail under the same Message-ID. Locks the message; raises NothingToRetry."""
    message = locked(message_id)
    if message.state != Message.State.FAILED:
        word = message.get_state_display().lower()
        raise NothingToRetry(f"This message did not fail, there is nothing to repeat: {word}.", state=message.state)
    message.state, message.attempts, message.error = Message.State.QUEUED, 0, ""
    message.next_at = message.woken_at = now
    message.handled_at = message.handled_by = None
    message.save(update_fields=["state", "attempts", "error", "next_at", "woken_at", "handled_at", "handled_by"])
    _tell(message)
    return message


def locked(message_id: int) -> Message:
    """The message, locked."""
    return Message.objects.select_for_update(no_key=True).order_by("pk").get(pk=message_id)


def _held(message_id: int, done: str) -> Message:
    message = locked(message_id)
    if message.state != Message.State.HELD:
        word = message.get_state_display().lower()
        raise MessageNotHeld(f"Only a message held for review can be {done}; this one: {word}.", state=message.state)
    return message


def _answered(message_id: int | None, about: Subject) -> Message | None:
    if message_id is None:
        return None
    answered = Message.objects.filter(pk=message_id, kind=Message.Kind.MAIL).first()
    if answered is None or answered.customer_id not in (None, about.customer.pk):
        raise InvalidInput("Answer a mail of the same customer.", field="answers")
    return answered


def _line(text: str, field: str, longest: int = 250) -> str:
    """One line: a line break in a subject would begin another header."""
    line = " ".join(text.replace("\x00", "").split())
    if len(line) > longest:
        raise InvalidInput(f"At most {longest} characters.", field=field)
    return line


def _text(body: str) -> str:
    text = body.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise InvalidInput("Write something.", field="body")
    if len(text) > LONGEST_BODY:
        raise InvalidInput(f"At most {LONGEST_BODY:,} characters.", field="body")
    return text


def _addresses(given: Sequence[str], field: str) -> list[str]:
    """As typed, several in one separated by comma or semicolon; each must be an address, and counts once."""
    found: dict[str, str] = {}
    for part in (one.strip() for text in given for one in text.replace(";", ",").split(",")):
        if not part:
            continue
        try:
            validate_email(part)
            name, _, domain = part.rpartition("@")
            address = f"{name}@{domain if domain.isascii() else domain.encode('idna').decode()}"
        except (ValidationError, UnicodeError):
            raise InvalidInput(f"{part[:80]} is no mail address.", field=field, value=part[:80]) from None
        found.setdefault(address.lower(), address)
    if len(found) > MOST_RECIPIENTS:
        raise InvalidInput(f"At most {MOST_RECIPIENTS} addresses.", field=field)
    return list(found.values())


def _attach(message: Message, attachments: Sequence[Attachment]) -> None:
    if len(attachments) > MOST_ATTACHMENTS:
        raise InvalidInput(f"At most {MOST_ATTACHMENTS} files.", field="attachments")
    if sum(len(content) for _, _, content in attachments) > MOST_BYTES:
        raise InvalidInput(f"At most {MOST_BYTES // 1024 // 1024} MB of files.", field="attachments")
    MessageAttachment.objects.bulk_create(
        MessageAttachment(
            message=message,
            name=_line(name, "attachments", 200) or "file",
            content_type=_line(content_type, "attachments", 120) or "application/octet-stream",
            size=len(content),
            content=content,
        )
        for name, content_type, content in attachments
    )


def _tell(message: Message) -> None:
    if message.state == Message.State.QUEUED:
        transaction.on_commit(wake.wake_outbox)
    live.publish("message", message.pk)
