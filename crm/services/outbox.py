"""The outbox: who may send which mail now, and what became of it. The sending itself is in crm/exchange, outside any
transaction; each step here is one short transaction of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from crm import facts as crm_facts
from crm import wake
from crm.models import Message
from crm.services.cases import mark_case_answered
from crm.services.subjects import fact_ids
from masterdata import facts, live

MAX_ATTEMPTS = 12
LEASE = dt.timedelta(minutes=4)
"""Longer than a task may take (CELERY_TASK_TIME_LIMIT): whoever holds an older lease is dead, so nobody else sends."""
WAKE_AGAIN_AFTER = dt.timedelta(seconds=10)
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
State = Message.State
log = structlog.get_logger(__name__)


@transaction.atomic
def claim_mail(*, now: dt.datetime, most: int) -> list[Message]:
    """Lease what is due to the caller, the oldest first: rows that another worker holds are passed by.

    What a worker took and never told about is due again when its lease is over; the mail may have left already, then it
    leaves a second time under the same Message-ID.
    """
    _give_up_lost(now)
    rows = list(
        Message.objects.filter(_due(now))
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("next_at", "pk")[:most]
    )
    ids = [row.pk for row in rows]
    Message.objects.filter(pk__in=ids).update(
        state=State.SENDING, leased_until=now + LEASE, lease_no=F("lease_no") + 1, attempts=F("attempts") + 1
    )
    taken = Message.objects.filter(pk__in=ids).select_related("company", "answers__answers")
    return list(taken.prefetch_related("attachments").order_by("next_at", "pk"))


@transaction.atomic
def mark_sent(*, message_id: int, lease_no: int, now: dt.datetime, note: str = "") -> bool:
    """The server took it. False when the lease was lost meanwhile: then another worker tells."""
    message = _leased(message_id, lease_no)
    if message is None:
        return False
    message.state, message.sent_at, message.error = State.SENT, now, note[:4000]
    message.leased_until = message.next_at = None
    message.save(update_fields=["state", "sent_at", "error", "leased_until", "next_at"])
    if message.case_id is not None:
        mark_case_answered(case_id=message.case_id, now=now)
    facts.state(crm_facts.MessageSent(**fact_ids(message)))
    live.publish("message", message.pk)
    return True


@transaction.atomic
def mark_failed(*, message_id: int, lease_no: int, now: dt.datetime, error: str, is_final: bool) -> bool:
    """It could not be sent. For good when the server said so or it was tried often enough; else tried again later."""
    message = _leased(message_id, lease_no)
    if message is None:
        return False
    message.leased_until, message.error = None, error[:4000]
    if is_final or message.attempts >= MAX_ATTEMPTS:
        message.state, message.next_at = State.FAILED, None
    else:
        message.state, message.next_at, message.woken_at = State.QUEUED, now + wait(message.attempts), None
    message.save(update_fields=["state", "next_at", "woken_at", "leased_until", "error"])
    if message.state == State.FAILED:
        tell_failed([message])
    log.warning("mail_not_sent", message=message.pk, attempts=message.attempts, error=error, final=is_final)
    live.publish("message", message.pk)
    return True


@transaction.atomic
def give_back(*, claimed: dict[int, int], now: dt.datetime) -> None:
    """Not tried after all (message -> lease): they wait as before, without a try counted."""
    rows = Message.objects.select_for_update(no_key=True).filter(pk__in=claimed, state=State.SENDING).order_by("pk")
    ids = [row.pk for row in rows if row.lease_no == claimed[row.pk]]
    Message.objects.filter(pk__in=ids).update(
        state=State.QUEUED, next_at=now, woken_at=None, leased_until=None, attempts=F("attempts") - 1
    )


@transaction.atomic
def wake_waiting_mail(*, now: dt.datetime) -> int:
    """Send for somebody when mail is due; returns how much. Nobody is sent for while there is no mail server."""
    if not settings.SMTP_URL:
        return 0
    due = Message.objects.filter(_due(now), Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER))
    ids = list(due.select_for_update(skip_locked=True, no_key=True).order_by("pk").values_list("pk", flat=True)[:500])
    if ids:
        Message.objects.filter(pk__in=ids).update(woken_at=now)
        transaction.on_commit(wake.wake_outbox)
    return len(ids)


def wait(attempts: int) -> dt.timedelta:
    """Before the next try: half a minute, doubled each time, at most an hour, with jitter of a fifth."""
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    return dt.timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, not a secret)


def _give_up_lost(now: dt.datetime) -> None:
    """What took its worker along at every try is not tried for ever."""
    lost = Message.objects.filter(state=State.SENDING, leased_until__lt=now, attempts__gte=MAX_ATTEMPTS)
    rows = list(lost.select_for_update(skip_locked=True, no_key=True).order_by("pk"))
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.FAILED, leased_until=None, next_at=None, error="Its worker died at each try."
    )
    tell_failed(rows)


def tell_failed(rows: Sequence[Message]) -> None:
    """State MessageFailed of each, and ring at its owner's bell."""
    facts.state_all([crm_facts.MessageFailed(**fact_ids(row)) for row in rows])
    for owner_id in {row.owner_id for row in rows if row.owner_id is not None}:
        live.publish("bell", owner_id)


def _due(now: dt.datetime) -> Q:
    return Q(state=State.QUEUED, next_at__lte=now) | Q(state=State.SENDING, leased_until__lt=now)


def _leased(message_id: int, lease_no: int) -> Message | None:
    rows = Message.objects.select_for_update(no_key=True).filter(state=State.SENDING, lease_no=lease_no)
    return rows.order_by("pk").filter(pk=message_id).first()
