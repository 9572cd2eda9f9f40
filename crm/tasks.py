"""Celery tasks of mail: clockwork and wake-ups only."""

from __future__ import annotations

from celery import shared_task

from crm import exchange, wake


@shared_task(name=wake.SEND)
def mail_send() -> int:
    """Send what waits in the outbox; how much the mail server took."""
    return exchange.send_waiting()


@shared_task(name=wake.FETCH)
def mail_fetch() -> int:
    """Clockwork: fetch what lies in our mailboxes; how much was new."""
    return exchange.fetch_mail()


@shared_task(name="crm.tasks.mail_reminders")
def mail_reminders() -> int:
    """Clockwork: owners are told by mail of what has rung; how many."""
    return exchange.send_reminders()
