"""Plant time: what belongs to a plant is shown in that plant's time zone, whatever plant the person looks from."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from django.utils import timezone


@contextmanager
def plant_time(request: HttpRequest, plant_id: int | None) -> Iterator[None]:
    """Times in the zone of a plant that the user may see; of any other, as the page's."""
    plants = getattr(request, "plants", ())
    zone = next((plant.time_zone for plant in plants if plant.pk == plant_id), "")
    if not zone:
        yield
        return
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        yield


def plant_of(row: Any, path: str) -> int | None:
    """The id at a dotted path of plain attributes; None where the row has no such thing."""
    value = row
    for name in path.split("."):
        value = getattr(value, name, None)
    return value if isinstance(value, int) else None
