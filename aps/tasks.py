"""Celery tasks of planning: wake-ups that carry the plant's id only."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from aps.services import turn

log = structlog.get_logger(__name__)


@shared_task(name="aps.tasks.plan", queue="plan")
def plan(plant_id: int) -> str:
    """A worker's turn for the plant; says how it ended."""
    return plan_here(plant_id)


def plan_here(plant_id: int) -> str:
    """The worker's turn in this process."""
    return turn.plan_plant(plant_id=plant_id, now=timezone.now())


def queue_of(plant_id: int) -> str:
    """`plan`, or `plan.<plant>` for the plants that have workers of their own (THROUGHLINE_PLAN_QUEUES="3,7")."""
    return f"plan.{plant_id}" if plant_id in settings.THROUGHLINE_PLAN_QUEUES else "plan"


def wake_plant(plant_id: int) -> bool:
    """Send the plant's id to its queue. False when the broker does not answer: the relay finds the plant."""
    try:
        plan.apply_async((plant_id,), queue=queue_of(plant_id))
    except OperationalError as error:
        log.warning("broker_unreachable", plant=plant_id, error=str(error))
        return False
    return True
