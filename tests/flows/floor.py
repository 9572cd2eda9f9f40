"""The hands on the floor: events with ids of their own, at the times that a story says."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from erp.models import WorkOrderOperation
from mes import services as mes
from mes.services.runs import FloorEvent
from tests.flows.workshop import Workshop


class Floor:
    """An operator who starts, reports and finishes; each deed happens at the time given."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop

    def event(self, operation: WorkOrderOperation, machine: str, at: dt.datetime, **more: Decimal) -> FloorEvent:
        """A new event of the operator at a machine."""
        return FloorEvent(
            event_id=uuid.uuid4(),
            operation_id=operation.pk,
            machine_id=self.shop.machines[machine].pk,
            operator_id=self.shop.operator.pk,
            happened_at=at,
            **more,
        )

    def make(self, operation: WorkOrderOperation, machine: str, at: dt.datetime, minutes: int, good: int) -> None:
        """Start at `at`, report all good pieces `minutes` later."""
        now = dt.datetime.now(dt.UTC)
        mes.start(event=self.event(operation, machine, at), now=now)
        end = at + dt.timedelta(minutes=minutes)
        mes.report(event=self.event(operation, machine, end, good_qty=Decimal(good)), now=now)


def operation(material: str, sequence: int) -> WorkOrderOperation:
    """The only operation with this sequence in a work order for the material."""
    return WorkOrderOperation.objects.get(work_order__material__code=material, sequence=sequence)
