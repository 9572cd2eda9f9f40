"""The outbox against a real SMTP server process: taken once, refused, tried again, in TLS."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from crm import exchange, wake
from crm import services as crm
from crm.mail import servers as named
from crm.mail import tokens
from crm.models import Message
from masterdata.models import FactRecord
from tests.crm.mail.servers import SmtpServer
from tests.crm.mail.test_messages import queue
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop

LATER = dt.timedelta(hours=2)
"""Longer than any wait before the next try (an hour and a fifth of it)."""


def due_again() -> None:
    """Time passes until the next try."""
    Message.objects.filter(state="queued").update(next_at=timezone.now() - dt.timedelta(seconds=1))


def test_a_mail_is_sent_once_with_its_files_and_the_way_back(shop: Workshop, smtp: SmtpServer) -> None:
    """Reply-To and the envelope's sender carry the token, so answers and bounces find the order."""
    shop.company.email = "sales@c1.example"
    shop.company.save()
    order = confirmed(shop)
    message = queue(
        shop,
        order_id=order.pk,
        subject="Auftrag: Größe",
        body="Grüße, 你好",
        cc=["boss@nordhaus.example"],
        attachments=[("offer.pdf", "application/pdf", b"%PDF-1.7\x00\xff")],
    )
    assert exchange.send_waiting() == 1
    assert exchange.send_waiting() == 0
    (arrived,) = smtp.arrived()
    token = tokens.token_of(message.key)
    assert arrived.sender == f"reply+{token}@c1.example"
    assert arrived.receivers == ["buyer@nordhaus.example", "boss@nordhaus.example"]
    assert arrived.mail["Reply-To"] == f"reply+{token}@c1.example"
    assert "sales@c1.example" in arrived.mail["From"]
    assert arrived.mail["Subject"] == "Auftrag: Größe"
    assert arrived.mail["Message-ID"] == message.message_id
    body = arrived.mail.get_body()
    assert body is not None
    assert body.get_content().strip() == "Grüße, 你好"
    (file,) = arrived.mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("offer.pdf", b"%PDF-1.7\x00\xff")
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == ("sent", 1, "")
    fact = FactRecord.objects.get(kind="MessageSent")
    assert (fact.payload["message_id"], fact.subject) == (message.pk, f"order:{order.pk}")


def test_without_a_mail_server_mail_waits(shop: Workshop, settings: Any) -> None:
    message = queue(shop)
    assert exchange.send_waiting() == 0
    assert wake.wake_outbox() is False
    assert crm.wake_waiting_mail(now=timezone.now()) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)


def test_held_mail_stays(shop: Workshop, smtp: SmtpServer) -> None:
    queue(shop, hold=True)
    assert exchange.send_waiting() == 0
    assert smtp.arrived() == []


def test_a_batch_goes_over_one_connection(shop: Workshop, smtp: SmtpServer) -> None:
    for number in range(5):
        queue(shop, subject=str(number))
    assert exchange.send_waiting() == 5
    assert len({arrived.peer for arrived in smtp.arrived()}) == 1
    assert [arrived.mail["Subject"] for arrived in smtp.arrived()] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("who", "words"), [("gone", "550 5.1.1 No such user here"), ("full", "552 5.2.2 Mailbox full")]
)
def test_what_the_server_refuses_for_good_fails_at_once_in_its_words(
    shop: Workshop, smtp: SmtpServer, who: str, words: str
) -> None:
    message, other = queue(shop, to=f"{who}@nordhaus.example"), queue(shop)
    assert exchange.send_waiting() == 1
    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 1)
    assert words in message.error
    assert other.state == "sent"
    assert FactRecord.objects.get(kind="MessageFailed").payload["message_id"] == message.pk


@pytest.mark.parametrize("who", ["busy", "later"])
def test_what_the_server_puts_off_is_tried_twelve_times_and_then_fails(
    shop: Workshop, smtp: SmtpServer, who: str
) -> None:
    message = queue(shop, to=f"{who}@nordhaus.example")
    for number in range(1, 12):
        before = timezone.now()
        assert exchange.send_waiting() == 0
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("queued", number)
        assert message.next_at is not None
        assert before < message.next_at < timezone.now() + LATER
        assert "451" in message.error
        due_again()
    exchange.send_waiting()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 12)
    crm.retry_message(message_id=message.pk, now=timezone.now())
    exchange.send_waiting()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)


def test_one_receiver_of_two_is_refused_and_named(shop: Workshop, smtp: SmtpServer) -> None:
    message = queue(shop, to=["buyer@nordhaus.example", "gone@nordhaus.example"])
    assert exchange.send_waiting() == 1
    message.refresh_from_db()
    assert message.state == "sent"
    assert message.error == "Not taken for gone@nordhaus.example: 550 5.1.1 No such user here"


def test_a_server_that_is_down_and_comes_back(shop: Workshop, smtp: SmtpServer) -> None:
    smtp.stop()
    first, second = queue(shop), queue(shop)
    assert exchange.send_waiting() == 0
    for message in (first, second):
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("queued", 1)
        assert "127.0.0.1 is not reached" in message.error
    smtp.start()
    assert exchange.send_waiting() == 0
    due_again()
    assert exchange.send_waiting() == 2
    assert len(smtp.arrived()) == 2


def test_what_a_dead_worker_held_leaves_again_under_the_same_id(shop: Workshop, smtp: SmtpServer) -> None:
    """Claimed and never told about: not due until the lease is over, and what the dead one tells then is void."""
    message = queue(shop)
    (lost,) = crm.claim_mail(now=timezone.now(), most=20)
    assert exchange.send_waiting() == 0
    Message.objects.filter(pk=message.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert exchange.send_waiting() == 1
    assert crm.mark_sent(message_id=lost.pk, lease_no=lost.lease_no, now=timezone.now()) is False
    failed = {"message_id": lost.pk, "lease_no": lost.lease_no, "now": timezone.now(), "error": "x", "is_final": True}
    assert crm.mark_failed(**failed) is False
    assert smtp.arrived()[0].mail["Message-ID"] == message.message_id
    assert FactRecord.objects.filter(kind="MessageSent").count() == 1


def test_what_takes_its_worker_along_each_time_is_given_up(shop: Workshop, smtp: SmtpServer) -> None:
    message = queue(shop)
    for _ in range(12):
        assert len(crm.claim_mail(now=timezone.now(), most=20)) == 1
        Message.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert crm.claim_mail(now=timezone.now(), most=20) == []
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "Its worker died at each try.")
    assert FactRecord.objects.filter(kind="MessageFailed").count() == 1


def test_what_was_not_tried_is_given_back_without_a_try(shop: Workshop) -> None:
    message = queue(shop)
    (claimed,) = crm.claim_mail(now=timezone.now(), most=20)
    crm.give_back(claimed={claimed.pk: claimed.lease_no}, now=timezone.now())
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)


def test_the_relay_sends_for_somebody_once_in_ten_seconds(shop: Workshop, smtp: SmtpServer) -> None:
    queue(shop, now=timezone.now())
    now = timezone.now()
    later = now + dt.timedelta(seconds=11)
    assert [crm.wake_waiting_mail(now=at) for at in (now, later, later)] == [0, 1, 0]


@pytest.fixture
def secure(tmp_path: Path, settings: Any) -> Any:
    """A server that takes mail in TLS only."""
    server = SmtpServer(tmp_path, with_tls=True)
    server.start()
    settings.SMTP_URL = server.url
    yield server
    server.stop()


def test_mail_leaves_in_tls(shop: Workshop, secure: SmtpServer) -> None:
    queue(shop)
    assert exchange.send_waiting() == 1
    assert [arrived.was_encrypted for arrived in secure.arrived()] == [True]


def test_an_unknown_certificate_is_refused(shop: Workshop, secure: SmtpServer, settings: Any) -> None:
    settings.SMTP_URL = f"smtp://127.0.0.1:{secure.port}/"
    message = queue(shop)
    assert exchange.send_waiting() == 0
    message.refresh_from_db()
    assert message.state == "queued"
    assert "certificate" in message.error.lower()
    assert secure.arrived() == []


def test_a_server_without_tls_gets_neither_log_in_nor_mail(shop: Workshop, smtp: SmtpServer, settings: Any) -> None:
    settings.SMTP_URL = f"smtp://sales:secret@127.0.0.1:{smtp.port}"
    message = queue(shop)
    assert exchange.send_waiting() == 0
    message.refresh_from_db()
    assert message.state == "queued"
    assert "STARTTLS" in message.error
    assert "secret" not in message.error
    assert smtp.arrived() == []


def test_the_password_is_no_part_of_what_is_logged(settings: Any) -> None:
    settings.SMTP_URL = "smtps://sales%40c1.example:s%2Fcret@mail.c1.example"
    server = named.outgoing()
    assert server is not None
    assert (server.user, server.password, server.port, server.security) == ("sales@c1.example", "s/cret", 465, "in-tls")
    assert "s/cret" not in repr(server) + server.name


def test_without_plus_addresses_the_subject_carries_the_token(shop: Workshop, smtp: SmtpServer, settings: Any) -> None:
    settings.MAIL_PLUS_ADDRESSES = False
    message = queue(shop)
    exchange.send_waiting()
    (arrived,) = smtp.arrived()
    assert arrived.mail["Subject"] == f"Your order [ref:{tokens.token_of(message.key)}]"
    assert arrived.mail["Reply-To"] == arrived.sender == "reply@c1.example"
