"""Messages: every mail in and out, call and note with a customer, and the files that came with them."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from crm.models.cases import Case
from crm.models.notices import Notice
from crm.models.quotations import Quotation
from erp.models import SalesOrder
from masterdata.models import Company, Contact, Partner, User
from masterdata.models.languages import DEFAULT, Language

WORDS = ("subject", "body", "quoted", "from_address", "to_addresses", "cc_addresses", "message_id", "kind", "direction")
"""What was said, by whom and to whom: as soon as it may have left the house, or came in, it stands."""


class Message(models.Model):
    """What was said to a customer or by one: a mail, a call or a note.

    `thread` is the first message of the conversation, empty for that one itself. `quoted` is what an incoming mail
    repeats of earlier ones. `owner` is who hears of an answer. `lease_no` rises with every try to send it.
    """

    class Direction(models.TextChoices):
        OUT = "out", "From us"
        IN = "in", "To us"
        NONE = "none", "Among us"

    class Kind(models.TextChoices):
        MAIL = "mail", "Mail"
        CALL = "call", "Call"
        NOTE = "note", "Note"

    class State(models.TextChoices):
        HELD = "held", "Held for review"
        QUEUED = "queued", "Waits to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        DISCARDED = "discarded", "Discarded"
        RECEIVED = "received", "Received"
        NOTED = "noted", "Noted"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    direction = models.CharField(max_length=4, choices=Direction)
    kind = models.CharField(max_length=4, choices=Kind)
    state = models.CharField(max_length=9, choices=State)
    customer = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="messages")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="messages")
    quotation = models.ForeignKey(Quotation, models.PROTECT, null=True, blank=True, related_name="messages")
    order = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="messages")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="messages")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="messages")
    thread = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="thread_messages")
    answers = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answered_by")
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    language = models.CharField(max_length=8, choices=Language, default=DEFAULT)
    from_address = models.CharField(max_length=320, blank=True)
    to_addresses = ArrayField(models.CharField(max_length=320), default=list, blank=True)
    cc_addresses = ArrayField(models.CharField(max_length=320), default=list, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How long a call took")
    outcome = models.CharField(max_length=160, blank=True, help_text="What came of a call")
    is_automatic = models.BooleanField(default=False, help_text="Written by a machine: out of office, a bounce")
    is_cut = models.BooleanField(default=False, help_text="Too large: only its head was kept")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Its reply token follows from it")
    token_hash = models.CharField(max_length=64, blank=True, help_text="Of the reply token; the token is kept nowhere")
    message_id = models.CharField(max_length=998, blank=True, help_text="Fixed before the first try to send it")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_no = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="In the words of the mail server")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it left us, or when its writer sent it")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When an answer proved that it was read")
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(name="message_by_customer", fields=["customer", "-made_at"]),
            models.Index(name="message_by_thread", fields=["thread"]),
            models.Index(name="message_to_send", fields=["next_at"], condition=Q(state__in=["queued", "sending"])),
            models.Index(
                name="message_to_handle",
                fields=["owner", "-made_at"],
                condition=Q(state="received", handled_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="message_id_unique", fields=["message_id"], condition=~Q(message_id="")),
            models.UniqueConstraint(name="reply_token_unique", fields=["token_hash"], condition=~Q(token_hash="")),
            models.CheckConstraint(
                name="message_state_fits_its_kind",
                condition=Q(kind="mail", direction="in", state="received")
                | Q(
                    kind="mail",
                    direction="out",
                    state__in=["held", "queued", "sending", "sent", "failed", "discarded"],
                )
                | Q(kind="call", direction__in=["in", "out"], state="noted")
                | Q(kind="note", direction="none", state="noted"),
            ),
            models.CheckConstraint(
                name="sent_message_says_when", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="queued_message_says_when", condition=~Q(state="queued") | Q(next_at__isnull=False)
            ),
            models.CheckConstraint(
                name="sending_message_has_a_lease", condition=~Q(state="sending") | Q(leased_until__isnull=False)
            ),
            models.CheckConstraint(
                name="mail_from_us_names_whom_and_itself",
                condition=~Q(kind="mail", direction="out")
                | (Q(to_addresses__len__gt=0) & ~Q(message_id="") & ~Q(token_hash="") & Q(customer__isnull=False)),
            ),
            models.CheckConstraint(
                name="only_calls_take_minutes", condition=Q(kind="call") | Q(minutes__isnull=True, outcome="")
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="what_was_said_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*WORDS),
                func="""
                    IF OLD.state <> 'held' THEN
                        RAISE EXCEPTION 'what was said stands' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="messages_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.subject or self.body[:60]

    @property
    def thread_key(self) -> int:
        """The conversation's first message."""
        return self.thread_id or self.pk


class MessageAttachment(models.Model):
    """A file that came or went with a message. One left out for its size keeps its name and size only."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(help_text="Bytes")
    content = models.BinaryField()
    is_left_out = models.BooleanField(default=False)

    class Meta:
        ordering = ["message", "id"]
        constraints = [
            models.CheckConstraint(
                name="attachment_is_whole_or_left_out",
                condition=Q(is_left_out=True, content=b"") | Q(is_left_out=False, size=Length("content")),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="attachments_stand", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


class Mailbox(models.Model):
    """A mailbox that we read: up to which mail, and when it was read last. One poll at a time holds its lease."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, unique=True, help_text="user@server/folder, never the password")
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_no = models.PositiveIntegerField(default=0)
    polled_at = models.DateTimeField(null=True, blank=True, help_text="When it was last read to its end")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


class IncomingMail(models.Model):
    """A mail as it lay in a mailbox, taken exactly once. `raw` is kept only of one that could not be read."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", "Taken"
        TWIN = "twin", "Seen before"
        QUARANTINED = "quarantined", "In quarantine"

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="incoming")
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    outcome = models.CharField(max_length=11, choices=Outcome)
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="incoming")
    size = models.PositiveBigIntegerField(help_text="Bytes, as the server says")
    taken_at = models.DateTimeField()
    raw = models.BinaryField()
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="incoming_mail_taken_once", fields=["mailbox", "uid_validity", "uid"]),
            models.CheckConstraint(
                name="incoming_mail_became_a_message_or_says_why",
                condition=Q(outcome__in=["taken", "twin"], message__isnull=False)
                | (Q(outcome="quarantined", message__isnull=True) & ~Q(error="")),
            ),
        ]
        triggers = [pgtrigger.Protect(name="incoming_mail_stands", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.mailbox_id}/{self.uid_validity}/{self.uid}"
