"""Waking: plants that wait for a plan and that nobody is planning."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from aps import wake
from aps.models import PlantPlanning
from aps.services.turn import plan_plant

WAKE_AGAIN_AFTER = dt.timedelta(seconds=2)


def wake_waiting_plants(*, now: dt.datetime) -> int:
    """Wake a planning worker for each plant that waits; returns how many. The broker gone, they are planned here."""
    plants = _claim(now)
    for plant_id in plants:
        if not wake.wake_plant(plant_id):
            plan_plant(plant_id=plant_id, now=now)
    return len(plants)


@transaction.atomic
def _claim(now: dt.datetime) -> list[int]:
    waiting = PlantPlanning.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER),
        Q(retry_at__isnull=True) | Q(retry_at__lte=now),
        wanted_version__gt=F("planned_version"),
    )
    rows = list(waiting.select_for_update(skip_locked=True).order_by("pk"))
    PlantPlanning.objects.filter(pk__in=[row.pk for row in rows]).update(woken_at=now)
    return [row.plant_id for row in rows]
