"""Waking the workers of mail: a message carries nothing. The truth is in PostgreSQL."""

from __future__ import annotations

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

SEND = "crm.tasks.mail_send"
FETCH = "crm.tasks.mail_fetch"
QUEUE = "mail"
log = structlog.get_logger(__name__)


def wake_outbox() -> bool:
    """Have somebody look into the outbox. False when the broker does not answer: the relay looks each second."""
    if not settings.SMTP_URL:
        return False
    try:
        current_app.send_task(SEND, queue=QUEUE, expires=60)
    except OperationalError as error:
        log.warning("broker_unreachable", outbox=True, error=str(error))
        return False
    return True
