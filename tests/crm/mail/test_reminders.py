"""Reminders by mail against a real SMTP server: to the owner, once; given back while no server answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from crm import exchange
from crm import services as crm
from crm.models import Activity
from masterdata.models import User
from tests.crm.mail.servers import SmtpServer
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


@pytest.fixture
def rung(shop: Workshop) -> Activity:
    """A call of Sara's, due in an hour, that has just rung."""
    sara, now = person("sara", "sales", shop.plant), timezone.now()
    User.objects.filter(pk=sara.pk).update(email="sara@c1.example")
    call = crm.ActivityInput(
        kind="call", subject="Größe klären", due_at=now + dt.timedelta(hours=1), remind_at=now, owner_id=sara.pk
    )
    about = crm.About(customer_id=shop.customer.pk, company_id=shop.company.pk)
    row = crm.plan_activity(about=about, activity=call, now=now)
    crm.ring_reminders(now=now)
    return row


def test_the_owner_is_told_once(rung: Activity, smtp: SmtpServer) -> None:
    assert exchange.send_reminders() == 1
    assert exchange.send_reminders() == 0
    (arrived,) = smtp.arrived()
    assert arrived.receivers == ["sara@c1.example"]


def test_what_cannot_be_sent_is_tried_again(rung: Activity, settings: Any, shop: Workshop) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:9?tls=none"
    assert exchange.send_reminders() == 0
    rung.refresh_from_db()
    assert rung.mailed_at is None
    settings.SMTP_URL = ""
    assert exchange.send_reminders() == 0, "without a server nothing is taken, it waits"


def test_what_is_done_is_not_told(rung: Activity, smtp: SmtpServer) -> None:
    crm.finish_activity(activity_id=rung.pk, outcome="", now=timezone.now())
    assert exchange.send_reminders() == 0
