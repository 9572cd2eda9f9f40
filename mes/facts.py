"""What can happen on the shop floor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MachineDown(Fact):
    """A machine stopped working; `estimated_until_at` is empty when nobody knows."""

    about = ("machine:{machine_id}",)

    machine_id: int
    plant_id: int
    downtime_id: int
    since_at: dt.datetime
    estimated_until_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MachineUp(Fact):
    """A machine works again."""

    about = ("machine:{machine_id}",)

    machine_id: int
    plant_id: int
    downtime_id: int
    until_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class StandardTimesAccepted(Fact):
    """Observed minutes are planned from now on: `routing_id` is the routing's new version, `operations` their names."""

    about = ("material:{material_id}",)

    plant_id: int
    material_id: int
    routing_id: int
    operations: tuple[str, ...]
