"""Waking: plants that wait for a plan and that nobody is planning."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest

from aps import wake
from aps.models import PlanRun, PlantPlanning
from aps.services import lease as leases
from aps.services.turn import plan_plant

WAKE_AGAIN_AFTER = dt.timedelta(seconds=2)


def wake_waiting_plants(*, now: dt.datetime) -> int:
    """Wake a planning worker for each plant that waits; returns how many. The broker gone, they are planned here."""
    _give_up_orphans(now)
    plants = _claim(now)
    for plant_id in plants:
        if not wake.wake_plant(plant_id):
            plan_plant(plant_id=plant_id, now=now, at_most=settings.THROUGHLINE_SOLVE_SECONDS)
    return len(plants)


@transaction.atomic
def _give_up_orphans(now: dt.datetime) -> None:
    """A worker that vanished behind its publication leaves a run of which nobody wants anything more."""
    orphaned = PlantPlanning.objects.filter(
        Exists(PlanRun.objects.filter(plant=OuterRef("plant"), state=PlanRun.State.RUNNING)),
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        wanted_version=Greatest("planned_version", "proposed_version"),
    )
    for planning in orphaned.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        leases.give_up_runs(planning.plant_id, now, "The worker vanished; the plan in force covers all wishes")


@transaction.atomic
def _claim(now: dt.datetime) -> list[int]:
    waiting = PlantPlanning.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER),
        Q(retry_at__isnull=True) | Q(retry_at__lte=now),
        wanted_version__gt=Greatest("planned_version", "proposed_version"),
    )
    rows = list(waiting.select_for_update(skip_locked=True).order_by("pk"))
    PlantPlanning.objects.filter(pk__in=[row.pk for row in rows]).update(woken_at=now)
    return [row.plant_id for row in rows]
