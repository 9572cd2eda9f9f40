"""Machine breakdown: the machine is a hole in its calendar, and the plant wants a plan around it."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from aps import services as aps
from masterdata.models import FactRecord
from mes import facts
from suite.asks import alarms, warm


def block_machine(fact: facts.MachineDown, record: FactRecord) -> None:
    """The shifted plan comes at once, a better one behind it; `spread_plan` tells lines, cost and customers.

    The warm worker makes the first one, the planning worker the second, and both where there is no warm one.
    """
    is_warm = warm.is_there()
    aps.block_machine(
        machine_id=fact.machine_id,
        source=f"downtime:{fact.downtime_id}",
        since_at=fact.since_at,
        until_at=fact.estimated_until_at,
        fact=record,
        is_answered=is_warm,
    )
    if is_warm:
        transaction.on_commit(partial(alarms.tell, fact.plant_id))


def free_machine(fact: facts.MachineUp, record: FactRecord) -> None:
    """The hole ends now; what was pushed behind it may come forward."""
    aps.free_machine(
        machine_id=fact.machine_id, source=f"downtime:{fact.downtime_id}", until_at=fact.until_at, fact=record
    )
