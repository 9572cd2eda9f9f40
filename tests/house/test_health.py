"""The addresses that load balancers ask."""

from typing import Any

import pytest
from django.test import Client

from crm.models import Mailbox
from masterdata.models import Company, Currency


def test_healthz_answers_without_a_database() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_says_ok_when_everything_is_there() -> None:
    answer = Client().get("/readyz")
    ok = {"status": "ok", "database": "ok", "broker": "ok", "mail": "no mail server is set up: mail waits"}
    assert (answer.status_code, answer.json()) == (200, ok)


@pytest.mark.django_db
def test_readyz_names_a_mailbox_that_cannot_be_read(settings: Any) -> None:
    company = Company.objects.create(code="C", name="C", currency=Currency.objects.create(code="EUR", name="Euro"))
    settings.SMTP_URL = "smtps://mail.example"
    assert Client().get("/readyz").json()["mail"] == "ok"
    Mailbox.objects.create(company=company, name="sales@mail.example", error="log-in refused")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["mail"]) == (200, "not read: sales@mail.example")
