"""Waking workers: a message carries the id of a plant, or of a scenario's solve, only. The truth is in PostgreSQL."""

from __future__ import annotations

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

PLAN = "aps.tasks.plan"
SOLVE = "aps.tasks.solve"
SCENARIOS = "scenario"
log = structlog.get_logger(__name__)


def queue_of(plant_id: int) -> str:
    """`plan`, or `plan.<plant>` for plants that have workers of their own (THROUGHLINE_PLAN_QUEUES)."""
    return f"plan.{plant_id}" if plant_id in settings.THROUGHLINE_PLAN_QUEUES else "plan"


def wake_plant(plant_id: int) -> bool:
    """Send the plant's id to its queue. False when the broker does not answer: the relay finds the plant."""
    try:
        current_app.send_task(PLAN, args=[plant_id], queue=queue_of(plant_id))
    except OperationalError as error:
        log.warning("broker_unreachable", plant=plant_id, error=str(error))
        return False
    return True


def wake_scenario(run_id: int) -> bool:
    """Send a solve to the scenarios' own queue. False when the broker does not answer: the relay sends it again."""
    try:
        current_app.send_task(SOLVE, args=[run_id], queue=SCENARIOS)
    except OperationalError as error:
        log.warning("broker_unreachable", scenario_run=run_id, error=str(error))
        return False
    return True
