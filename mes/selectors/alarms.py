"""Alarms that need somebody."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from mes.models import Alarm


def open_alarms(*, plant_ids: list[int]) -> QuerySet[Alarm]:
    """Alarms of the plants that are not over, newest first."""
    return (
        Alarm.objects.filter(machine__work_centre__plant_id__in=plant_ids)
        .exclude(state__in=[Alarm.State.CLEARED, Alarm.State.CLOSED])
        .select_related("machine__work_centre", "acknowledged_by", "repair_by")
        .prefetch_related("steps")
        .order_by("-raised_at")
    )


def answered_today(*, plant_id: int, since: dt.datetime) -> tuple[int, int | None]:
    """Alarms of the plant that ended since then, and the median minutes until somebody took them."""
    ended = Alarm.objects.filter(machine__work_centre__plant_id=plant_id, cleared_at__gte=since).order_by()
    waits = sorted(
        (taken - raised).total_seconds()
        for raised, taken in ended.values_list("raised_at", "acknowledged_at")
        if taken is not None
    )
    return ended.count(), round(waits[len(waits) // 2] / 60) if waits else None
