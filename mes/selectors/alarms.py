"""Alarms that need somebody."""

from __future__ import annotations

from django.db.models import QuerySet

from mes.models import Alarm


def open_alarms(*, plant_ids: list[int]) -> QuerySet[Alarm]:
    """Raised and acknowledged alarms of the plants, newest first."""
    return (
        Alarm.objects.filter(machine__work_centre__plant_id__in=plant_ids)
        .exclude(state=Alarm.State.CLEARED)
        .select_related("machine__work_centre", "acknowledged_by")
        .order_by("-raised_at")
    )
