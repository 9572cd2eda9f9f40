"""Answers kept for requests that are sent twice are kept for a day, and the clock forgets them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from masterdata import services as masterdata
from masterdata.models import IdempotencyKey, User
from suite import tasks
from suite.celery import app

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


def keep(user: User, key: str, *, hours: float, now: dt.datetime = NOW) -> None:
    IdempotencyKey.objects.create(user=user, key=key, fingerprint="f", created_at=now - dt.timedelta(hours=hours))


@pytest.mark.django_db
def test_an_answer_is_forgotten_after_a_day() -> None:
    """Kept for 23, 24 and 25 hours: only the last one is older than a day."""
    user = User.objects.create(username="sara")
    for hours in (23, 24, 25):
        keep(user, f"{hours} h", hours=hours)
    assert masterdata.forget_answers(now=NOW) == 1
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"23 h", "24 h"}
    assert masterdata.forget_answers(now=NOW) == 0


@pytest.mark.django_db
def test_the_clock_forgets_them() -> None:
    keep(User.objects.create(username="sara"), "old", hours=48, now=dt.datetime.now(dt.UTC))
    assert tasks.forget_answers() == 1


def test_the_clock_calls_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    called = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "suite.forget_answers" in called
    assert called <= set(app.tasks)
