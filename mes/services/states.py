"""Machine state intervals: one state at a time, no gaps once begun."""

from __future__ import annotations

import datetime as dt

from mes.models import MachineState


def enter(*, machine_id: int, state: str, at: dt.datetime) -> None:
    """End the open interval at `at` and begin `state`. Call inside a transaction while holding the machine's lock.

    An event older than the open interval's beginning changes nothing here: what is known about now is newer.
    """
    current = (
        MachineState.objects.select_for_update()
        .filter(machine_id=machine_id, until_at__isnull=True)
        .order_by("pk")
        .first()
    )
    if current is not None:
        if current.state == state or at < current.since_at:
            return
        if at == current.since_at:
            current.state = state
            current.save(update_fields=["state"])
            return
        current.until_at = at
        current.save(update_fields=["until_at"])
    MachineState.objects.create(machine_id=machine_id, state=state, since_at=at)
