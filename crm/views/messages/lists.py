"""Messages: what waits for somebody, what waits to leave, what failed, everything."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import IncomingMail, Message
from crm.selectors.messages import TO_HANDLE, UNDELIVERED, UNMATCHED, WAITING
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Days,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    View,
    When,
)


def whom(row: Message) -> str:
    """The other side: a person, an address, or nobody."""
    if row.contact:
        return str(row.contact.name)
    if row.direction == Message.Direction.IN:
        return str(row.from_address)
    return ", ".join(row.to_addresses)


def about(row: Message) -> str:
    """Number of the document that it is about."""
    document = row.case or row.order or row.quotation
    return str(document.number) if document else ""


def headline(row: Message) -> str:
    """The subject; of a call or a note what was said, or what came of it."""
    return row.subject or row.outcome or _short(row.body) or _t("No subject")


def preview(row: Message) -> str:
    """The first words under the headline; of what has no more words who wrote it down."""
    words = _short(row.body)
    if row.subject or row.outcome:
        return words
    return _t("by %(who)s") % {"who": row.made_by} if row.made_by else words


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 140 else words[:139] + "…"


class Messages(ListPage):
    """Who wrote, and who waits for us?"""

    permission = "crm.view"
    title, question = _("Messages"), _("Who wrote, and who waits for an answer?")
    template_name = "crm/messages/list.html"
    columns = [
        State(lambda row: state_look(row), _("State"), word=lambda row: state_word(row)),
        Column(lambda row: headline(row), _("Message"), sort="subject", link=True, second=preview, css="wide"),
        Column(
            "customer.name",
            _("Customer"),
            sort="customer__name",
            second=lambda row: whom(row),
            empty=_("Nobody knows the sender"),
        ),
        Code(about, _("About"), empty=_("Nothing in particular")),
        Column("owner", _("Ours"), sort="owner__username", empty=_("Nobody yet")),
        When("made_at", _("When"), sort="made_at", css="num"),
    ]
    search_fields = [
        "subject",
        "body",
        "from_address",
        "customer__name",
        "quotation__number",
        "order__number",
        "case__number",
    ]
    filters = [
        Choice("kind", _("Kind"), choices=Message.Kind.choices),
        Choice("state", _("State"), choices=Message.State.choices),
        Choice("direction", _("From whom"), choices=Message.Direction.choices),
        Flag("open", _("To handle"), condition=TO_HANDLE),
        Flag("unmatched", _("Sender unknown"), condition=UNMATCHED & TO_HANDLE),
        Flag("waiting", _("Waits to be sent"), condition=WAITING),
        Flag("undelivered", _("Did not arrive"), condition=UNDELIVERED),
        Flag("automatic", _("Written by a machine"), condition=Q(is_automatic=True)),
        Days("made", _("When"), field="made_at", is_moment=True),
    ]
    order_by = "-made_at"
    live = ["message", "mailbox"]
    empty = Empty(
        _("Nothing has been said yet"),
        _("Write to a customer from a quotation or an order, or log a call: it all stands here."),
        "mail",
    )

    def get_rows(self) -> QuerySet[Message]:
        rows = selectors.visible_messages(self.request.user)
        return rows.filter(owner_id=self.request.user.pk) if self.request.GET.get("mine") else rows

    def get_views(self) -> list[View]:
        counts = selectors.message_counts(self.request.user)
        return [
            View("all", _("All")),
            View("mine", _("To me"), "mine=1&open=1", count=counts.mine),
            View("open", _("To handle"), "open=1", count=counts.to_handle),
            View("unmatched", _("Sender unknown"), "unmatched=1", count=counts.unmatched),
            View("held", _("Held"), "state=held", count=counts.held),
            View("waiting", _("To be sent"), "waiting=1", count=counts.waiting),
            View("failed", _("Failed"), "undelivered=1", count=counts.failed, tone="late" if counts.failed else ""),
        ]

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Templates"), reverse("crm:message_templates"), "template", "crm.edit_template"),
            Action(_("Mailboxes"), reverse("crm:incoming_mail"), "inbox"),
            Action(_("Log a call or note"), reverse("crm:message_log"), "phone", "crm.write_message"),
            Action(_("Write"), reverse("crm:message_write"), "pencil", "crm.write_message", is_main=True),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("crm:message", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        if row.state == Message.State.FAILED:
            return "is-quiet" if row.handled_at else "is-late"
        return "is-quiet" if row.is_automatic or row.state == Message.State.DISCARDED else ""

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return super().get_context_data(rows) | {"troubles": selectors.mail_trouble(self.request.user)}


def state_look(row: Message) -> str:
    """Its look: what came in by whether somebody has handled it, a call and a note as what they are."""
    if row.kind == Message.Kind.CALL:
        return "called"
    if row.state == Message.State.RECEIVED:
        return "handled" if row.handled_at else "unhandled"
    return row.state


def state_word(row: Message) -> str:
    """The state in a word, a call and a note by what they are; what came in and was handled says so."""
    if row.kind == Message.Kind.CALL:
        return _t("They called") if row.direction == Message.Direction.IN else _t("We called")
    if row.kind == Message.Kind.NOTE:
        return _t("Note")
    if row.state == Message.State.RECEIVED:
        return _t("Handled") if row.handled_at else _t("To handle")
    return str(row.get_state_display())


class Incoming(ListPage):
    """What became of each mail in our mailboxes?"""

    permission = "crm.view"
    title, question = _("Mailboxes"), _("Did every mail arrive, and what could not be read?")
    template_name = "crm/messages/list.html"
    columns = [
        State("outcome", _("Outcome")),
        Column("mailbox.name", _("Mailbox"), sort="mailbox__name"),
        Column("message.subject", _("Message"), link=True, css="wide", second="error", empty=_("Could not be read")),
        Number("uid", _("Number there"), sort="uid"),
        Number("size", _("Bytes"), sort="size"),
        When("taken_at", _("Taken"), sort="taken_at", css="num"),
    ]
    search_fields = ["mailbox__name", "message__subject", "error"]
    filters = [
        Choice("outcome", _("Outcome"), choices=IncomingMail.Outcome.choices),
        Days("taken", _("Taken"), field="taken_at", is_moment=True),
    ]
    order_by = "-taken_at"
    live = ["mailbox", "message"]
    empty = Empty(_("No mail was fetched yet"), _("IMAP_URL names a mailbox: see docs/running.md."), "inbox")

    def get_rows(self) -> QuerySet[IncomingMail]:
        return selectors.visible_incoming(self.request.user).select_related("mailbox", "message")

    def get_views(self) -> list[View]:
        return [View("all", _("All")), View("aside", _("In quarantine"), "outcome=quarantined")]

    def get_url(self, row: Any) -> str:
        return reverse("crm:message", args=[row.message_id]) if row.message_id else ""

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return super().get_context_data(rows) | {"troubles": selectors.mail_trouble(self.request.user)}
