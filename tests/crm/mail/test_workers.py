"""Mail with real workers and a real server: sent by itself, and by another when the first one dies in the middle."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from crm import services as crm
from crm.models import Message
from masterdata.models import FactRecord
from tests.crew import Crew, until
from tests.crm.mail.servers import ImapServer, SmtpServer, mail
from tests.crm.mail.test_messages import queue
from tests.flows import workshop

ENVIRONMENT = ("SMTP_URL", "IMAP_URL", "MAIL_REPLY_TO")


@pytest.fixture
def postmen(
    committed: None, crew: Crew, tmp_path: Path, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Crew, SmtpServer]]:
    """A mail worker and a relay that know the servers; what an earlier test has started without them goes first."""
    server = SmtpServer(tmp_path)
    server.start()
    for name, value in zip(ENVIRONMENT, (server.url, imap_server.url, "reply@c1.example"), strict=True):
        monkeypatch.setitem(os.environ, name, value)
    crew.end()
    crew.flush_broker()
    crew.start("mail", "relay")
    yield crew, server
    crew.end()
    server.stop()


def state_of(message: Message) -> str:
    return str(Message.objects.values_list("state", flat=True).get(pk=message.pk))


@pytest.mark.crash
def test_a_queued_mail_is_sent_by_itself_and_once(postmen: tuple[Crew, SmtpServer]) -> None:
    _crew, server = postmen
    message = queue(workshop.build(), now=timezone.now())
    until(lambda: state_of(message) == "sent", 60, "the mail is sent")
    assert [one.mail["Message-ID"] for one in server.arrived()] == [message.message_id]
    assert FactRecord.objects.filter(kind="MessageSent").count() == 1


@pytest.mark.crash
def test_a_worker_killed_while_the_server_takes_the_mail_costs_a_twin_and_no_mail(
    postmen: tuple[Crew, SmtpServer],
) -> None:
    """The server has the mail, its answer is on the way, the worker dies: when the lease is over another one sends it
    again under the same Message-ID, by which the receiver's program knows the twin. Then it is sent, and told once."""
    crew, server = postmen
    message = queue(workshop.build(), to="slow@nordhaus.example", now=timezone.now())
    until(server.arrived, 60, "the server has the mail")
    assert state_of(message) == "sending"
    crew.kill("mail")
    server.be_quick()
    crew.start("mail")
    assert crm.claim_mail(now=timezone.now(), most=1) == []
    Message.objects.filter(pk=message.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    until(lambda: state_of(message) == "sent", 60, "another worker sends it")
    assert [one.mail["Message-ID"] for one in server.arrived()] == [message.message_id] * 2
    assert FactRecord.objects.filter(kind="MessageSent").count() == 1


@pytest.mark.crash
def test_a_worker_fetches_what_lies_in_the_mailbox(postmen: tuple[Crew, SmtpServer], imap_server: ImapServer) -> None:
    from celery import current_app

    workshop.build()
    imap_server.put(mail("For the worker.", message_id="<worker@x.example>"))
    current_app.send_task("crm.tasks.mail_fetch", queue="mail")
    until(lambda: Message.objects.filter(message_id="<worker@x.example>").exists(), 60, "the mail is a message")
