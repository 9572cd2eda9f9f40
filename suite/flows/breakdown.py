"""Machine breakdown: the machine is a hole in its calendar, and the plant wants a plan around it."""

from __future__ import annotations

from aps import services as aps
from masterdata.models import FactRecord
from mes import facts


def block_machine(fact: facts.MachineDown, record: FactRecord) -> None:
    """Right-shift comes at once, a better plan behind it; `spread_plan` tells lines, cost and customers."""
    aps.block_machine(
        machine_id=fact.machine_id,
        source=f"downtime:{fact.downtime_id}",
        since_at=fact.since_at,
        until_at=fact.estimated_until_at,
        fact=record,
    )


def free_machine(fact: facts.MachineUp, record: FactRecord) -> None:
    """The hole ends now; what was pushed behind it may come forward."""
    aps.free_machine(
        machine_id=fact.machine_id, source=f"downtime:{fact.downtime_id}", until_at=fact.until_at, fact=record
    )
