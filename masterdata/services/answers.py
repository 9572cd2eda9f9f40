"""Answers kept with idempotency keys, so that a request sent twice is done once: how long they are kept."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from masterdata.models import IdempotencyKey

KEPT_FOR = dt.timedelta(hours=24)


@transaction.atomic
def forget_answers(*, now: dt.datetime) -> int:
    """Delete keys older than `KEPT_FOR` with their answers; returns how many. Such a key may then be used again."""
    count, _ = IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return count
