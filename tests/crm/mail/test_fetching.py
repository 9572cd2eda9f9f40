"""Answers fetched from a real IMAP server process: each once, to what it answers, whatever it is made of."""

from __future__ import annotations

import datetime as dt
import threading
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm import exchange
from crm import services as crm
from crm.exchange import fetching
from crm.mail import tokens
from crm.models import IncomingMail, Mailbox, Message
from masterdata.models import Contact, FactRecord
from tests.crm.mail.servers import ImapServer, mail
from tests.crm.mail.test_messages import queue
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def received() -> list[Message]:
    return list(Message.objects.filter(state="received").order_by("pk"))


def reply_to(message: Message) -> str:
    return f"reply+{tokens.token_of(message.key)}@c1.example"


def sent(shop: Workshop, **about: Any) -> Message:
    """A mail of ours that has left."""
    message = queue(shop, **about)
    (claimed,) = crm.claim_mail(now=timezone.now(), most=20)
    crm.mark_sent(message_id=claimed.pk, lease_no=claimed.lease_no, now=timezone.now())
    message.refresh_from_db()
    return message


def test_an_answer_goes_to_the_order_by_its_token(shop: Workshop, imap: ImapServer) -> None:
    """Also from an address that nobody knows; its owner is who wrote to the customer."""
    sara, order = person("sara", "sales", shop.plant), confirmed(shop)
    message = sent(shop, order_id=order.pk, by=sara)
    imap.put(mail("Fine with us.", sender="Boss <boss@elsewhere.example>", to=reply_to(message)))
    assert exchange.fetch_mail() == 1
    (answer,) = received()
    assert (answer.order, answer.customer, answer.owner) == (order, shop.customer, sara)
    assert (answer.answers, answer.thread_key) == (message, message.pk)
    assert (answer.body, answer.from_address, answer.handled_at) == ("Fine with us.", "boss@elsewhere.example", None)
    fact = FactRecord.objects.get(kind="MessageReceived")
    assert (fact.payload["message_id"], fact.subject) == (answer.pk, f"order:{order.pk}")
    message.refresh_from_db()
    assert message.read_at is not None


def test_an_answer_without_token_is_known_by_what_it_names(shop: Workshop, imap: ImapServer) -> None:
    """In-Reply-To; then an answer to that answer, which names ours in References only."""
    order = confirmed(shop)
    message = sent(shop, order_id=order.pk)
    first = mail(in_reply_to=message.message_id, message_id="<one@nordhaus.example>")
    references = f"<far@nordhaus.example> {message.message_id} <lost@nordhaus.example>"
    imap.put(first, mail(references=references), mail(in_reply_to="<one@nordhaus.example>"))
    assert exchange.fetch_mail() == 3
    assert [one.order for one in received()] == [order] * 3
    assert {one.thread_key for one in received()} == {message.pk}
    assert received()[2].answers == received()[0]


def test_a_token_in_the_subject_counts_and_is_not_shown(shop: Workshop, imap: ImapServer, settings: Any) -> None:
    settings.MAIL_PLUS_ADDRESSES = False
    message = sent(shop, order_id=confirmed(shop).pk)
    imap.put(mail(subject=f"Re: Your order [ref:{tokens.token_of(message.key)}]"))
    exchange.fetch_mail()
    (answer,) = received()
    assert (answer.order, answer.subject) == (message.order, "Re: Your order")


def test_a_made_up_token_matches_nothing(shop: Workshop, imap: ImapServer) -> None:
    sent(shop, order_id=confirmed(shop).pk)
    imap.put(mail(to=f"reply+{'a' * 26}@c1.example", sender="thief@elsewhere.example"))
    exchange.fetch_mail()
    assert received()[0].customer is None


def test_a_known_sender_is_the_customer_only(shop: Workshop, imap: ImapServer) -> None:
    Contact.objects.create(partner=shop.customer, name="Ute", email="ute@nordhaus.example")
    imap.put(mail(sender="Ute@Nordhaus.example"))
    exchange.fetch_mail()
    (answer,) = received()
    assert (answer.customer, answer.order, answer.contact and answer.contact.name) == (shop.customer, None, "Ute")


def test_an_address_of_two_customers_says_nothing(shop: Workshop, imap: ImapServer) -> None:
    for partner in (shop.customer, shop.other_customer):
        Contact.objects.create(partner=partner, name="Ute", email="ute@nordhaus.example")
    imap.put(mail())
    exchange.fetch_mail()
    assert received()[0].customer is None


def test_what_nobody_knows_is_assigned_by_a_person_and_known_from_then_on(shop: Workshop, imap: ImapServer) -> None:
    order = confirmed(shop)
    imap.put(mail())
    exchange.fetch_mail()
    (unknown,) = received()
    assert not FactRecord.objects.filter(kind="MessageReceived").exists()
    crm.assign_message(
        message_id=unknown.pk, customer_id=shop.customer.pk, order_id=order.pk, make_contact=True, now=timezone.now()
    )
    unknown.refresh_from_db()
    assert (unknown.customer, unknown.order, str(unknown.contact)) == (shop.customer, order, "Ute")
    assert FactRecord.objects.filter(kind="MessageReceived").count() == 1
    with pytest.raises(crm.AlreadyAssigned):
        crm.assign_message(message_id=unknown.pk, customer_id=shop.other_customer.pk, now=timezone.now())
    imap.put(mail("Me again."))
    exchange.fetch_mail()
    assert received()[1].customer == shop.customer


def test_each_mail_is_taken_once_however_often_it_is_polled(shop: Workshop, imap: ImapServer) -> None:
    imap.put(mail("One.", message_id="<1@x.example>"), mail("Two, without an id."))
    assert [exchange.fetch_mail() for _ in range(3)] == [2, 0, 0]
    imap.put(mail("Three.", message_id="<3@x.example>"))
    assert exchange.fetch_mail() == 1
    assert [one.body for one in received()] == ["One.", "Two, without an id.", "Three."]


def test_the_same_mail_twice_in_the_mailbox_is_one_message(shop: Workshop, imap: ImapServer) -> None:
    imap.put(*[mail(message_id="<1@x.example>")] * 2, *[mail("No id.")] * 2)
    exchange.fetch_mail()
    assert len(received()) == 2
    assert list(IncomingMail.objects.order_by("uid").values_list("outcome", flat=True)) == [
        "taken", "twin", "taken", "twin",
    ]  # fmt: skip


def test_a_mailbox_that_counts_anew_brings_nothing_twice(shop: Workshop, imap: ImapServer) -> None:
    """Another UIDVALIDITY: all is read again, what is known is known by its id, what is new is taken."""
    imap.put(mail("One.", message_id="<1@x.example>"), mail("Two, without an id."))
    exchange.fetch_mail()
    before = Mailbox.objects.get().uid_validity
    imap.count_anew()
    imap.put(mail("Three."))
    assert exchange.fetch_mail() == 1
    assert Mailbox.objects.get().uid_validity != before
    assert [one.body for one in received()] == ["One.", "Two, without an id.", "Three."]


@pytest.mark.usefixtures("committed")
def test_polls_at_the_same_time_take_each_mail_once(imap: ImapServer) -> None:
    from tests.flows import workshop

    workshop.build()
    imap.put(*(mail(f"Mail {number}.", message_id=f"<{number}@x.example>") for number in range(20)))
    found: list[int] = []

    def poll() -> None:
        try:
            found.append(exchange.fetch_mail())
        finally:
            connection.close()

    threads = [threading.Thread(target=poll) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exchange.fetch_mail()
    assert sum(found) == 20
    assert sorted(one.body for one in received()) == sorted(f"Mail {number}." for number in range(20))
    assert Mailbox.objects.get().error == ""


def test_a_poll_that_lost_its_lease_writes_nothing(shop: Workshop, imap: ImapServer) -> None:
    now = timezone.now()
    old = crm.claim_mailbox(name="box", company_code="", now=now)
    assert old is not None
    assert crm.claim_mailbox(name="box", company_code="", now=now + dt.timedelta(minutes=3)) is None
    new = crm.claim_mailbox(name="box", company_code="", now=now + dt.timedelta(minutes=5))
    assert new is not None
    given = {"uid_validity": 1, "uid": 1, "size": 1, "raw": b"x", "error": "x", "now": now}
    assert crm.quarantine_mail(mailbox_id=old.pk, lease_no=old.lease_no, **given) == "seen"
    assert not IncomingMail.objects.exists()
    with pytest.raises(crm.LeaseLost):
        crm.enter_mailbox(mailbox_id=old.pk, lease_no=old.lease_no, uid_validity=1)


def test_a_server_that_is_not_there_is_said_at_the_mailbox(shop: Workshop, imap: ImapServer, settings: Any) -> None:
    settings.IMAP_URL = "imap://sales:secret@127.0.0.1:9/INBOX?tls=none"
    assert exchange.fetch_mail() == 0
    box = Mailbox.objects.get()
    assert box.name == "sales@127.0.0.1:9/INBOX"
    assert "refused" in box.error
    assert (box.polled_at, box.leased_until) == (None, None)


def test_a_wrong_password_is_said_and_not_repeated(shop: Workshop, imap: ImapServer, settings: Any) -> None:
    settings.IMAP_URL = f"imap://demouser:wr0ngpass@127.0.0.1:{imap.port}/Answers?tls=none"
    assert exchange.fetch_mail() == 0
    assert Mailbox.objects.get().error
    assert "wr0ngpass" not in Mailbox.objects.get().error + Mailbox.objects.get().name


def report(message_id: str, action: str = "failed") -> EmailMessage:
    """A bounce as mail servers write it (RFC 3464)."""
    raw = f"""From: MAILER-DAEMON@mx.example
To: sales@c1.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <bounce-{action}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I am sorry to have to inform you.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; buyer@nordhaus.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user
 here

--B
Content-Type: text/rfc822-headers

From: sales@c1.example
Message-ID: {message_id}
Subject: Your order

--B--
"""
    from email import message_from_string, policy

    return message_from_string(raw, policy=policy.default)  # type: ignore[return-value]


def test_a_bounce_marks_the_mail_as_failed_in_its_words(shop: Workshop, imap: ImapServer) -> None:
    sara = person("sara", "sales", shop.plant)
    message = sent(shop, order_id=confirmed(shop).pk, by=sara)
    imap.put(report(message.message_id))
    exchange.fetch_mail()
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "buyer@nordhaus.example: 550 5.1.1 No such user here")
    assert message.read_at is None
    (bounce,) = received()
    assert (bounce.is_automatic, bounce.handled_at, bounce.owner, bounce.order) == (True, None, sara, message.order)
    assert not FactRecord.objects.filter(kind="MessageReceived").exists()
    assert FactRecord.objects.get(kind="MessageFailed").payload["message_id"] == message.pk
    assert crm.retry_message(message_id=message.pk, now=timezone.now()).state == "queued"


def test_a_delay_is_noted_and_fails_nothing(shop: Workshop, imap: ImapServer) -> None:
    message = sent(shop)
    imap.put(report(message.message_id, "delayed"))
    exchange.fetch_mail()
    message.refresh_from_db()
    assert message.state == "sent"
    assert message.error.startswith("buyer@nordhaus.example")


def test_out_of_office_is_kept_and_rings_nobody(shop: Workshop, imap: ImapServer) -> None:
    message = sent(shop, order_id=confirmed(shop).pk)
    imap.put(mail("I am away.", to=reply_to(message), auto_submitted="auto-replied"))
    exchange.fetch_mail()
    (answer,) = received()
    message.refresh_from_db()
    assert (answer.is_automatic, answer.order) == (True, message.order)
    assert answer.handled_at is not None
    assert message.read_at is None
    assert not FactRecord.objects.filter(kind="MessageReceived").exists()


def test_a_mail_that_is_too_large_is_kept_as_its_head(
    shop: Workshop, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST_MAIL", 2000)
    imap.put(mail("x " * 2000, subject="The drawings"), mail("Small."))
    assert exchange.fetch_mail() == 2
    large, small = received()
    assert (large.subject, large.body, large.is_cut) == ("The drawings", "", True)
    assert IncomingMail.objects.get(message=large).size > 2000
    assert (small.body, small.is_cut) == ("Small.", False)


def test_files_come_along(shop: Workshop, imap: ImapServer) -> None:
    written = mail("See the drawing.")
    written.add_attachment(b"\x00\x01PNG", maintype="image", subtype="png", filename="../../Größe.png")
    imap.put(written)
    exchange.fetch_mail()
    (file,) = received()[0].attachments.all()
    assert (file.name, file.content_type, bytes(file.content)) == ("Größe.png", "image/png", b"\x00\x01PNG")
