"""What an incoming mail answers: its reply token, else the mail that it names, else who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from crm.mail import tokens
from crm.mail.reading import ReadMail
from crm.models import Message
from masterdata.models import Contact, Partner, User


@dataclass(frozen=True)
class Match:
    """`columns` are what the message is about."""

    answered: Message | None
    columns: dict[str, Any]
    owner: User | None


ABOUT = ("customer", "quotation", "order", "case", "notice")


def match_of(mail: ReadMail) -> Match:
    """In this order: token, In-Reply-To and References, the sender's address (the customer only).

    A token is known to whom we wrote only, so whoever brings it may answer from another address. An address of two
    customers says nothing.
    """
    answered = answered_by(mail)
    if answered is not None:
        columns = {name: getattr(answered, name) for name in ABOUT}
        contact = contact_at(mail.sender, columns["customer"]) or None
        return Match(answered, columns | {"contact": contact}, answered.owner)
    customer = _customer(mail.sender)
    columns = dict.fromkeys(ABOUT) | {"customer": customer}
    return Match(None, columns | {"contact": contact_at(mail.sender, customer)}, _owner(customer))


def answered_by(mail: ReadMail) -> Message | None:
    """The message of ours, or an earlier one of theirs, that it answers; a bounce names the mail that came back."""
    rows = Message.objects.select_related(*ABOUT, "owner")
    if hashes := tokens.hashes_in(mail.receivers, mail.subject):
        found = {row.token_hash: row for row in rows.filter(token_hash__in=hashes)}
        for one in hashes:
            if one in found:
                return found[one]
    named = [mail.bounce.message_id] if mail.bounce and mail.bounce.message_id else []
    ids = [*named, *mail.answers]
    by_id = {row.message_id: row for row in rows.filter(message_id__in=ids)} if ids else {}
    return next((by_id[one] for one in ids if one in by_id), None)


def _customer(address: str) -> Partner | None:
    found = Partner.objects.filter(
        Q(email__iexact=address) | Q(pk__in=Contact.objects.filter(email__iexact=address).values("partner")),
        is_customer=True,
    ).order_by("pk")[:2]
    return found[0] if len(found) == 1 else None


def contact_at(address: str, customer: Partner | None) -> Contact | None:
    """The customer's person with that address."""
    if customer is None:
        return None
    return Contact.objects.filter(partner=customer, email__iexact=address).order_by("pk").first()


def _owner(customer: Partner | None) -> User | None:
    """Who wrote to this customer last."""
    if customer is None:
        return None
    ours = Message.objects.filter(customer=customer, direction=Message.Direction.OUT, owner__isnull=False)
    last = ours.select_related("owner").order_by("-pk").first()
    return last.owner if last else None
