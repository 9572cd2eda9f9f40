"""What can happen on the shop floor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MachineDown(Fact):
    """A machine stopped working; `estimated_until_at` is empty when nobody knows."""

    machine_id: int
    plant_id: int
    downtime_id: int
    since_at: dt.datetime
    estimated_until_at: dt.datetime | None = None

    @property
    def subject(self) -> str:
        return f"machine:{self.machine_id}"


@dataclass(frozen=True, kw_only=True)
class MachineUp(Fact):
    """A machine works again."""

    machine_id: int
    plant_id: int
    downtime_id: int
    until_at: dt.datetime

    @property
    def subject(self) -> str:
        return f"machine:{self.machine_id}"
