"""Messages: queued, held, changed, discarded; calls and notes logged; what was said stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from crm import services as crm
from crm.models import Message
from masterdata.errors import InvalidInput
from masterdata.models import Contact, FactRecord
from tests.crm.orders import NOW, confirmed
from tests.flows.workshop import Workshop


def queue(shop: Workshop, **change: Any) -> Message:
    """A mail to the workshop's customer."""
    given = {
        "customer_id": shop.customer.pk,
        "subject": "Your order",
        "body": "It is on its way.",
        "to": "buyer@nordhaus.example",
        "language": "en",
        "now": NOW,
    }
    return crm.queue_message(**(given | change))


def test_a_queued_message_knows_its_id_before_it_is_sent(shop: Workshop) -> None:
    message = queue(shop)
    assert (message.state, message.next_at) == ("queued", NOW)
    assert message.message_id.startswith("<")
    assert message.message_id.endswith(">")
    assert len(message.token_hash) == 64
    assert message.company == shop.company


def test_a_message_to_a_contact_knows_them(shop: Workshop) -> None:
    contact = Contact.objects.create(partner=shop.customer, name="Ute", email="ute@nordhaus.example")
    assert queue(shop, to=["UTE@nordhaus.example"]).contact == contact


def test_a_message_about_an_order_is_of_its_company_and_customer(shop: Workshop) -> None:
    order = confirmed(shop)
    assert queue(shop, order_id=order.pk).order == order
    with pytest.raises(InvalidInput) as refused:
        queue(shop, order_id=confirmed(shop, other=True).pk)
    assert refused.value.field == "order"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": "not an address"}, "to"),
        ({"to": ""}, "to"),
        ({"to": [f"a{i}@x.example" for i in range(51)]}, "to"),
        ({"body": " \n "}, "body"),
        ({"cc": ["nobody"]}, "cc"),
        ({"attachments": [("a.txt", "text/plain", b"x")] * 21}, "attachments"),
        ({"attachments": [("a.bin", "application/octet-stream", b"x" * (15 * 1024 * 1024 + 1))]}, "attachments"),
        ({"customer_id": 0}, "customer"),
        ({"quotation_id": 0}, "quotation"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(shop: Workshop, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        queue(shop, **change)
    assert refused.value.field == field
    assert not Message.objects.exists()


def test_a_line_break_in_a_subject_begins_no_header(shop: Workshop) -> None:
    assert queue(shop, subject="Hello\r\nBcc: all@x.example").subject == "Hello Bcc: all@x.example"


def test_addresses_typed_in_one_field_are_taken_apart_and_count_once(shop: Workshop) -> None:
    assert queue(shop, to="a@x.example; B@x.example, b@x.example").to_addresses == ["a@x.example", "B@x.example"]


def test_a_held_message_is_changed_and_then_sent(shop: Workshop) -> None:
    message = queue(shop, hold=True)
    assert (message.state, message.next_at) == ("held", None)
    crm.rewrite_message(message_id=message.pk, subject="Better", body="Better words.", to=["c@x.example"], now=NOW)
    message = crm.release_message(message_id=message.pk, now=NOW)
    assert (message.state, message.subject, message.to_addresses) == ("queued", "Better", ["c@x.example"])
    with pytest.raises(crm.MessageNotHeld):
        crm.rewrite_message(message_id=message.pk, subject="No", body="No", to=["c@x.example"], now=NOW)


def test_a_held_message_is_discarded_and_kept(shop: Workshop) -> None:
    message = queue(shop, hold=True)
    assert crm.discard_message(message_id=message.pk, by=None, now=NOW).state == "discarded"
    with pytest.raises(crm.MessageNotHeld):
        crm.release_message(message_id=message.pk, now=NOW)


@pytest.mark.parametrize("change", [{"body": "other"}, {"subject": "other"}, {"to_addresses": ["x@x.example"]}])
def test_what_was_said_stands(shop: Workshop, change: dict[str, Any]) -> None:
    message = queue(shop, attachments=[("a.txt", "text/plain", b"x")])
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        message.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        message.attachments.update(content=b"y")


def test_a_call_and_a_note_are_logged(shop: Workshop) -> None:
    order = confirmed(shop)
    call = crm.log_message(
        kind="call",
        customer_id=shop.customer.pk,
        order_id=order.pk,
        direction="in",
        body="Asked for the date.",
        minutes=7,
        outcome="Told Thursday",
        now=NOW,
    )
    note = crm.log_message(kind="note", customer_id=shop.customer.pk, body="Likes oak.", now=NOW)
    assert (call.direction, call.state, call.minutes, call.outcome) == ("in", "noted", 7, "Told Thursday")
    assert (note.direction, note.state, note.minutes) == ("none", "noted", None)
    noted = FactRecord.objects.filter(kind="MessageNoted").order_by("stated_at").values_list("subject", flat=True)
    assert list(noted) == [f"order:{order.pk}", f"customer:{shop.customer.pk}"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "mail"}, "kind"),
        ({"body": ""}, "body"),
        ({"kind": "call", "direction": "none"}, "direction"),
        ({"minutes": 3}, "minutes"),
        ({"outcome": "well"}, "outcome"),
        ({"kind": "call", "minutes": 1441}, "minutes"),
    ],
)
def test_what_cannot_be_logged_is_refused_at_its_field(shop: Workshop, change: dict[str, Any], field: str) -> None:
    given = {"kind": "note", "customer_id": shop.customer.pk, "body": "Words.", "now": NOW}
    with pytest.raises(InvalidInput) as refused:
        crm.log_message(**(given | change))
    assert refused.value.field == field


def test_only_what_failed_is_sent_again(shop: Workshop) -> None:
    message = queue(shop)
    with pytest.raises(crm.NothingToRetry):
        crm.retry_message(message_id=message.pk, now=NOW)
    Message.objects.filter(pk=message.pk).update(state="failed", attempts=12, error="550 no such user")
    again = crm.retry_message(message_id=message.pk, now=NOW)
    assert (again.state, again.attempts, again.error, again.message_id) == ("queued", 0, "", message.message_id)
