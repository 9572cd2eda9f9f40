"""An operation as one transaction holds it while it takes several of its events: nothing is locked or read twice."""

from __future__ import annotations

from dataclasses import dataclass

from erp import services as erp
from mes.models import OperationRun
from mes.services import progress


@dataclass(slots=True)
class LockedJob:
    """ERP's floor and the run, both locked. True from event to event of one operation; after a rollback to a savepoint,
    or another deed in the same transaction, lock it anew."""

    floor: erp.Floor
    run: OperationRun | None


def lock_job(operation_id: int) -> LockedJob:
    """Locks sales order < work order < operations < run. Raises WorkOrderOperation.DoesNotExist."""
    floor = erp.hold_floor(operation_id)
    return LockedJob(floor, progress.locked(operation_id))
