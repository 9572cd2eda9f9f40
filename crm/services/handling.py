"""What a person does with mail: assigns what came in to a customer, sets that or what failed handled."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Message
from crm.selectors.messages import WAITS
from crm.services.cases import mark_case_waiting
from crm.services.messages import locked
from crm.services.subjects import fact_ids, subject_of
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Contact, User


class NotReceived(Refusal):
    """Only what came in is assigned; only that and what failed is handled."""

    code = "message_not_received"


class AlreadyAssigned(Refusal):
    """It belongs to a customer already."""

    code = "message_already_assigned"


@transaction.atomic
def assign_message(
    *,
    message_id: int,
    customer_id: int,
    now: dt.datetime,
    by: User | None = None,
    quotation_id: int | None = None,
    order_id: int | None = None,
    case_id: int | None = None,
    make_contact: bool = False,
    contact_name: str = "",
) -> Message:
    """Say whose mail it is, and what it is about; `make_contact` keeps the sender as a person at the customer.

    What its sender writes next is then known. Locks the message. Raises NotReceived, AlreadyAssigned.
    """
    message = _received(message_id)
    if message.customer_id is not None and message.customer_id != customer_id:
        raise AlreadyAssigned(f"This mail belongs to {message.customer} already.", customer=message.customer_id)
    was_unmatched = message.customer_id is None
    about = subject_of(
        customer_id=customer_id,
        company_id=message.company_id,
        quotation_id=quotation_id,
        order_id=order_id,
        case_id=case_id,
    )
    message.customer, message.owner = about.customer, about.owner or message.owner or by
    for name, row in about.documents.items():
        setattr(message, name, row)
    message.contact = _contact(message, contact_name, make=make_contact)
    message.save(update_fields=["customer", "owner", "contact", *about.documents])
    if message.case_id is not None and not message.is_automatic:
        mark_case_waiting(case_id=message.case_id)
    if was_unmatched and not message.is_automatic:
        facts.state(crm_facts.MessageReceived(**fact_ids(message)))
    _tell(message)
    return message


@transaction.atomic
def mark_handled(*, message_id: int, by: User | None, now: dt.datetime) -> Message:
    """It needs nothing more. Twice changes nothing. Locks the message; raises NotReceived."""
    message = _waits(message_id)
    if message.handled_at is None:
        message.handled_at, message.handled_by = now, by
        message.save(update_fields=["handled_at", "handled_by"])
        _tell(message)
    return message


@transaction.atomic
def mark_unhandled(*, message_id: int, now: dt.datetime) -> Message:
    """It needs something after all. Locks the message; raises NotReceived."""
    message = _waits(message_id)
    if message.handled_at is not None:
        message.handled_at = message.handled_by = None
        message.save(update_fields=["handled_at", "handled_by"])
        _tell(message)
    return message


def _tell(message: Message) -> None:
    """Open pages, and the bell of whom it concerns."""
    live.publish("message", message.pk)
    if message.owner_id is not None:
        live.publish("bell", message.owner_id)


def _received(message_id: int) -> Message:
    message = locked(message_id)
    if message.state != Message.State.RECEIVED:
        raise NotReceived("Only mail that came in is assigned to a customer.", state=message.state)
    return message


def _waits(message_id: int) -> Message:
    message = locked(message_id)
    if message.state not in WAITS:
        raise NotReceived("Only mail that came in or failed is set handled.", state=message.state)
    return message


def _contact(message: Message, name: str, *, make: bool) -> Contact | None:
    """The person at the customer with the sender's address; made when there is none and that is wished."""
    assert message.customer is not None
    address = message.from_address
    known = Contact.objects.filter(partner=message.customer, email__iexact=address).order_by("pk").first()
    if known is not None or not make:
        return known
    if len(address) > 254:
        raise InvalidInput("This address is too long for a contact.", field="make_contact")
    written = " ".join(name.split())[:120] or address.partition("@")[0].replace(".", " ").title()[:120]
    return Contact.objects.create(partner=message.customer, name=written, email=address)
