"""Celery tasks of planning: clockwork only, the turn itself is a service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from aps import services, wake

LONGEST_TURN_SECONDS = services.MOST_SECONDS + 180


@shared_task(name=wake.PLAN, time_limit=LONGEST_TURN_SECONDS)
def plan(plant_id: int) -> str:
    """A worker's turn for the plant; says how it ended."""
    return services.plan_plant(plant_id=plant_id, now=timezone.now())


@shared_task(name=wake.SOLVE, time_limit=LONGEST_TURN_SECONDS)
def solve(run_id: int) -> str:
    """A solve of a scenario; says how it ended."""
    return services.run_scenario(run_id=run_id, now=timezone.now())
