"""Messages over REST: what was said, what waits to leave, mail to be assigned, mailboxes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors, services
from crm.models import Case, IncomingMail, Mailbox, Message, MessageAttachment, Quotation
from erp.models import SalesOrder
from masterdata.api.deeds import creates, deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Partner
from masterdata.models.languages import Language

WRITE = "crm.write_message"
LINKS = ("customer", "quotation", "order", "case")


class AttachmentRow(Row):
    """A file; its content is at `crm/message-attachments/<id>/content/`."""

    class Meta:
        model = MessageAttachment
        fields = ("id", "message", "name", "content_type", "size", "is_left_out")


class MessageRow(Row):
    attachments = AttachmentRow(many=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "company",
            "kind",
            "direction",
            "state",
            *LINKS,
            "contact",
            "notice",
            "thread",
            "answers",
            "subject",
            "body",
            "quoted",
            "language",
            "from_address",
            "to_addresses",
            "cc_addresses",
            "minutes",
            "outcome",
            "is_automatic",
            "is_cut",
            "message_id",
            "attempts",
            "next_at",
            "error",
            "made_at",
            "sent_at",
            "read_at",
            "handled_at",
            "attachments",
        )


class MessageFile(Body):
    """A file to be sent: its bytes in base64."""

    name = serializers.CharField(max_length=200)
    content_type = serializers.CharField(max_length=120, default="application/octet-stream")
    content = serializers.CharField(max_length=25_000_000, trim_whitespace=False)

    def validate_content(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("Give the bytes in base64.", code="not_base64") from None


class MessageAbout(Body):
    """What a message is about; the company only where nothing else says it."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    quotation = Visible(queryset=Quotation.objects.all(), required=False, allow_null=True)
    order = Visible(queryset=SalesOrder.objects.all(), required=False, allow_null=True)
    case = Visible(queryset=Case.objects.all(), required=False, allow_null=True)
    company = Visible(queryset=Company.objects.all(), required=False, allow_null=True)


class MessageBody(MessageAbout):
    """A mail. `hold` keeps it for review; `answers` is the mail that it answers."""

    to = serializers.ListField(child=serializers.CharField(max_length=320), allow_empty=False, max_length=50)
    cc = serializers.ListField(child=serializers.CharField(max_length=320), default=list, max_length=50)
    subject = serializers.CharField(max_length=250, allow_blank=True)
    body = serializers.CharField(max_length=200_000)
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    hold = serializers.BooleanField(default=False)
    answers = Visible(queryset=Message.objects.all(), required=False, allow_null=True)
    attachments = MessageFile(many=True, required=False)


class MessageWords(Body):
    """What a held message shall say, all of it."""

    to = serializers.ListField(child=serializers.CharField(max_length=320), allow_empty=False, max_length=50)
    cc = serializers.ListField(child=serializers.CharField(max_length=320), default=list, max_length=50)
    subject = serializers.CharField(max_length=250, allow_blank=True)
    body = serializers.CharField(max_length=200_000)


class MessageLog(MessageAbout):
    """A call (`direction`: out or in; `minutes`, `outcome`) or a note."""

    kind = serializers.ChoiceField(choices=[("call", "Call"), ("note", "Note")])
    direction = serializers.ChoiceField(choices=[("out", "From us"), ("in", "To us")], default="out")
    subject = serializers.CharField(max_length=250, default="", allow_blank=True)
    body = serializers.CharField(max_length=200_000)
    minutes = serializers.IntegerField(min_value=0, max_value=1440, required=False, allow_null=True)
    outcome = serializers.CharField(max_length=160, default="", allow_blank=True)


class MessageAssignment(Body):
    """Whose mail it is; `make_contact` keeps the sender as a contact."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    quotation = Visible(queryset=Quotation.objects.all(), required=False, allow_null=True)
    order = Visible(queryset=SalesOrder.objects.all(), required=False, allow_null=True)
    case = Visible(queryset=Case.objects.all(), required=False, allow_null=True)
    make_contact = serializers.BooleanField(default=False)
    contact_name = serializers.CharField(max_length=120, default="", allow_blank=True)


def _ids(given: dict[str, Any], *names: str) -> dict[str, Any]:
    """Rows as ids, as the services take them."""
    return {f"{name}_id": row.pk if (row := given.get(name)) is not None else None for name in names}


class Messages(ReadableRows):
    """Every mail in and out, every call and note with customers."""

    queryset = Message.objects.prefetch_related("attachments")
    serializer_class = MessageRow
    view_deed = "crm.view"
    filterset_fields: Any = ("kind", "direction", "state", *LINKS, "company", "thread", "owner", "is_automatic")
    search_fields = ("subject", "body", "from_address")
    ordering_fields = ("made_at", "sent_at")

    @creates(WRITE, takes=MessageBody, gives=MessageRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A mail into the outbox; it leaves as soon as the mail server takes it."""
        given = self.taken(MessageBody)
        customer = given["customer"]
        message = services.queue_message(
            **_ids(given, *LINKS, "company", "answers"),
            to=given["to"],
            cc=given["cc"],
            subject=given["subject"],
            body=given["body"],
            language=given.get("language") or customer.language,
            hold=given["hold"],
            attachments=[(one["name"], one["content_type"], one["content"]) for one in given.get("attachments", [])],
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(message, status=201)

    @deed(WRITE, takes=MessageLog, on_one=False, gives=MessageRow, status=201)
    def log(self, request: Request) -> Response:
        """A call or a note."""
        given = self.taken()
        message = services.log_message(
            **_ids(given, *LINKS, "company"),
            **{name: given[name] for name in ("kind", "direction", "subject", "body", "outcome")},
            minutes=given.get("minutes"),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(message, status=201)

    @deed(WRITE, takes=MessageWords)
    def rewrite(self, request: Request, pk: str) -> Response:
        """Change what is held for review."""
        return self.answer(
            services.rewrite_message(message_id=self.get_object().pk, now=timezone.now(), **self.taken())
        )

    @deed(WRITE)
    def release(self, request: Request, pk: str) -> Response:
        """Send what was held for review."""
        return self.answer(services.release_message(message_id=self.get_object().pk, now=timezone.now()))

    @deed(WRITE)
    def discard(self, request: Request, pk: str) -> Response:
        """What was held is not to be said: kept, never sent."""
        row = self.get_object()
        return self.answer(services.discard_message(message_id=row.pk, by=self.caller(), now=timezone.now()))

    @deed(WRITE)
    def retry(self, request: Request, pk: str) -> Response:
        """Send again what failed."""
        return self.answer(services.retry_message(message_id=self.get_object().pk, now=timezone.now()))

    @deed(WRITE)
    def handle(self, request: Request, pk: str) -> Response:
        """Mail that came in needs nothing more."""
        row = self.get_object()
        return self.answer(services.mark_handled(message_id=row.pk, by=self.caller(), now=timezone.now()))

    @deed(WRITE)
    def reopen(self, request: Request, pk: str) -> Response:
        """It needs something after all."""
        return self.answer(services.mark_unhandled(message_id=self.get_object().pk, now=timezone.now()))

    @deed(WRITE, takes=MessageAssignment)
    def assign(self, request: Request, pk: str) -> Response:
        """Say whose mail it is, and what it is about."""
        given, row = self.taken(), self.get_object()
        message = services.assign_message(
            message_id=row.pk,
            **_ids(given, *LINKS),
            make_contact=given["make_contact"],
            contact_name=given["contact_name"],
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(message)


class AttachmentContent(serializers.Serializer):
    """The bytes in base64."""

    content = serializers.CharField()


class Attachments(ReadableRows):
    """Files of messages."""

    queryset = MessageAttachment.objects.defer("content")
    serializer_class = AttachmentRow
    view_deed = "crm.view"
    filterset_fields: Any = ("message",)

    @part("crm.view", gives=AttachmentContent)
    def content(self, request: Request, pk: str) -> Response:
        """Its bytes in base64; empty when it was left out for its size."""
        return Response({"content": base64.b64encode(bytes(self.get_object().content)).decode()})


class MailboxRow(Row):
    quarantined = serializers.IntegerField()

    class Meta:
        model = Mailbox
        fields = ("id", "company", "name", "uid_validity", "last_uid", "polled_at", "error", "quarantined")


class Mailboxes(ReadableRows):
    """Mailboxes that are read, how far, and what is in the way."""

    queryset = Mailbox.objects.all()
    serializer_class = MailboxRow
    view_deed = "crm.view"

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.with_quarantined(super().get_queryset())


class IncomingMailRow(Row):
    class Meta:
        model = IncomingMail
        fields = ("id", "mailbox", "uid_validity", "uid", "outcome", "message", "size", "taken_at", "error")


class Incoming(ReadableRows):
    """What became of each mail in a mailbox."""

    queryset = IncomingMail.objects.defer("raw")
    serializer_class = IncomingMailRow
    view_deed = "crm.view"
    filterset_fields: Any = ("mailbox", "outcome", "message")


VIEWSETS = (
    ("messages", Messages),
    ("message-attachments", Attachments),
    ("mailboxes", Mailboxes),
    ("incoming-mail", Incoming),
)
