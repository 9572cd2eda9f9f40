"""Messages as pages and integrations read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from crm.models import IncomingMail, Mailbox, Message, MessageAttachment
from masterdata.rights import visible_to

State = Message.State
TO_HANDLE = Q(state=State.RECEIVED, handled_at=None)
UNMATCHED = Q(state=State.RECEIVED, customer=None, is_automatic=False)
NO_SERVER = "No mail server is set up: what is written waits here, and leaves as soon as there is one."
WAITS = (State.RECEIVED, State.FAILED)
"""What somebody has to do something about: answer it, write it again, or set it handled."""
UNDELIVERED = Q(state=State.FAILED, handled_at=None)
WAITING = Q(state__in=[State.QUEUED, State.SENDING])


@dataclass(frozen=True)
class Counts:
    """How many messages wait for somebody."""

    to_handle: int
    mine: int
    unmatched: int
    waiting: int
    held: int
    failed: int


@dataclass(frozen=True)
class Trouble:
    """What keeps mail from moving, in a sentence; `is_late` when mail waits for it."""

    sentence: str
    is_late: bool
    is_outgoing: bool = False


def visible_messages(user: Any) -> QuerySet[Message]:
    """Messages of the user's companies, or about orders and quotations of the user's plants, the newest first."""
    return (
        visible_to(user, Message.objects.all(), "crm.view")
        .select_related(
            "customer", "contact", "quotation", "order", "case", "company", "owner", "made_by", "handled_by"
        )
        .annotate(has_files=Exists(MessageAttachment.objects.filter(message=OuterRef("pk"))))
        .order_by("-made_at", "-pk")
    )


def messages_of(user: Any, customer_id: int) -> QuerySet[Message]:
    """What was said with a customer, the newest first."""
    return visible_messages(user).filter(customer_id=customer_id)


def messages_about(
    user: Any, *, quotation_id: int | None = None, order_id: int | None = None, case_id: int | None = None
) -> QuerySet[Message]:
    """What was said about a document; about an order also what was said while it was a quotation."""
    about = Q()
    if quotation_id is not None:
        about |= Q(quotation_id=quotation_id)
    if order_id is not None:
        about |= Q(order_id=order_id) | Q(quotation__order_id=order_id) | Q(case__order_id=order_id)
    if case_id is not None:
        about |= Q(case_id=case_id)
    return visible_messages(user).filter(about) if about else visible_messages(user).none()


def conversation(user: Any, message: Message) -> QuerySet[Message]:
    """The mails of its thread, the oldest first."""
    key = message.thread_key
    rows = visible_messages(user).prefetch_related("attachments")
    return rows.filter(Q(pk=key) | Q(thread_id=key)).order_by("made_at", "pk")


def message_counts(user: Any) -> Counts:
    """One query for all that a page of messages counts."""
    rows = visible_to(user, Message.objects.all(), "crm.view")
    open_rows = rows.filter(TO_HANDLE | WAITING | UNDELIVERED | Q(state=State.HELD)).order_by()
    return Counts(
        **open_rows.aggregate(
            to_handle=Count("pk", filter=TO_HANDLE),
            mine=Count("pk", filter=TO_HANDLE & Q(owner=user)),
            unmatched=Count("pk", filter=UNMATCHED & TO_HANDLE),
            waiting=Count("pk", filter=WAITING),
            held=Count("pk", filter=Q(state=State.HELD)),
            failed=Count("pk", filter=UNDELIVERED),
        )
    )


def unhandled(user: Any) -> QuerySet[Message]:
    """Answers to this person that nobody has handled, and mail of theirs that the server refused: what rings at the
    bell. Mail that came back rings by the answer that brought it."""
    return visible_messages(user).filter(TO_HANDLE | (UNDELIVERED & Q(sent_at=None)), owner_id=user.pk)


def visible_mailboxes(user: Any) -> QuerySet[Any]:
    """Mailboxes of the user's companies."""
    return with_quarantined(visible_to(user, Mailbox.objects.all(), "crm.view"))


def with_quarantined(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each with how many of its mails nobody could read."""
    aside = Q(incoming__outcome=IncomingMail.Outcome.QUARANTINED)
    return rows.annotate(quarantined=Count("incoming", filter=aside)).order_by("name")


def silent_mailboxes() -> list[str]:
    """Names of mailboxes that could not be read at the last try."""
    return list(Mailbox.objects.exclude(error="").order_by("name").values_list("name", flat=True))


def visible_incoming(user: Any) -> QuerySet[IncomingMail]:
    """What became of each mail of these mailboxes, without its bytes."""
    return (
        visible_to(user, IncomingMail.objects.all(), "crm.view").select_related("mailbox").defer("raw").order_by("-pk")
    )


def mail_trouble(user: Any) -> list[Trouble]:
    """Why mail does not move, as sentences: no server named, a mailbox that cannot be read, mails that nobody could."""
    found = []
    if not settings.SMTP_URL:
        waiting = visible_to(user, Message.objects.filter(WAITING), "crm.view").exists()
        found.append(Trouble(NO_SERVER, waiting, is_outgoing=True))
    for box in visible_mailboxes(user).order_by("name"):
        if box.error:
            found.append(Trouble(f"Mailbox {box.name} was not read: {box.error}", True))
        if box.quarantined:
            words = f"{box.quarantined} mails could not be read and are kept aside."
            found.append(Trouble(f"Mailbox {box.name}: {words}", False))
    return found
