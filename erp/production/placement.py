"""Where and when an operation runs, as a plan tells it to ERP and MES."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """One operation on one machine, half-open interval in aware UTC; setup in working minutes at its start."""

    operation_id: int
    machine_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    setup_min: int = 0
