"""A hall to test with: two saws, a packing bench, shelves to make, people, reasons, and hands that send events."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from erp import services as erp
from erp.models import WorkOrder, WorkOrderOperation
from erp.production.placement import Placement
from masterdata.models import Employee, Membership, ReasonCode, User, WorkCentre
from mes import services as mes
from mes.services.runs import FloorEvent
from tests.erp.workbench import make, order_line, spec
from tests.factories import NOW, Factory, centre, factory, material, stock


def at(minutes: int) -> dt.datetime:
    """So many minutes after the tests' nine o'clock."""
    return NOW + dt.timedelta(minutes=minutes)


@dataclass
class Hall:
    """The rows by code; `start`, `report` and so on are an operator's taps, each with an event id of its own."""

    shop: Factory
    operator: Employee
    reasons: dict[str, ReasonCode] = field(default_factory=dict)

    def machine(self, code: str) -> int:
        """The id of a machine."""
        return self.shop.machines[code].pk

    def event(
        self,
        operation: WorkOrderOperation,
        machine: str,
        minute: int,
        good: str = "0",
        scrap: str = "0",
        **more: object,
    ) -> FloorEvent:
        """A new event, scrap with its reason; `more` may set event_id or reason_id."""
        reason_id = self.reasons["S-CHIP"].pk if Decimal(scrap) else None
        values = {"event_id": uuid.uuid4(), "reason_id": reason_id, **more}
        return FloorEvent(
            operation_id=operation.pk,
            machine_id=self.machine(machine),
            operator_id=self.operator.pk,
            happened_at=at(minute),
            good_qty=Decimal(good),
            scrap_qty=Decimal(scrap),
            **values,  # type: ignore[arg-type]
        )

    def start(self, operation: WorkOrderOperation, machine: str, minute: int = 0) -> FloorEvent:
        """Start it; the event, to send it once more."""
        event = self.event(operation, machine, minute)
        mes.start(event=event, now=at(minute))
        return event

    def report(
        self, operation: WorkOrderOperation, machine: str, minute: int, good: str, scrap: str = "0"
    ) -> FloorEvent:
        """Report pieces; the event, to send it once more."""
        event = self.event(operation, machine, minute, good, scrap)
        mes.report(event=event, now=at(minute))
        return event

    def shelves(self, quantity: str = "10", *, is_ordered: bool = False) -> WorkOrder:
        """A firm work order: saw (10 + 5 min a piece, 2 boards each), then pack (2 min a piece)."""
        line = order_line(self.shop, "SHELF", quantity) if is_ordered else None
        need = str(2 * Decimal(quantity))
        steps = [("SAW", "10", "5"), ("PACK", "0", "2")]
        return make(spec(self.shop, "SHELF", quantity, steps, [("BOARD", need, 10)], line=line))[0]

    def tell(
        self,
        *told: tuple[WorkOrderOperation, str, int, int],
        plan_no: int = 1,
        planned: Sequence[WorkOrderOperation] | None = None,
    ) -> None:
        """Put operations on machines' lists: (operation, machine, start and end in minutes from nine).

        `planned` are all of the plan when those told are only what it changes.
        """
        placements = [
            Placement(operation.pk, self.machine(machine), at(start), at(end), 10)
            for operation, machine, start, end in told
        ]
        ids = None if planned is None else [operation.pk for operation in planned]
        mes.dispatch_plan(plant_id=self.shop.plant.pk, plan_no=plan_no, placements=placements, planned_ids=ids)

    def person(self, role: str, *, plant: bool = True) -> User:
        """A log-in with a role in this plant, or in the whole company."""
        user = User.objects.create_user(role, password="a-long-password", first_name="Li", last_name="Wei")
        Membership.objects.create(
            user=user, role=role, company=self.shop.company, plant=self.shop.plant if plant else None
        )
        return user


def hall(time_zone: str = "UTC", boards: str = "100") -> Hall:
    """Boards on the shelf, machines SAW-1, SAW-2 and PACK-1, Li Wei at work."""
    shop = factory(time_zone=time_zone)
    if (year := timezone.now().year) != NOW.year:  # pages book by the clock
        erp.open_books(company=shop.company, year=year)
    material(shop, "BOARD", standard_cost="3")
    material(shop, "SHELF", supply="make")
    centre(shop, "SAW", machine_rate="60", labour_rate="30", machines=2)
    centre(shop, "PACK", labour_rate="24")
    stock(shop, "BOARD", boards, "3")
    WorkCentre.objects.update(is_tended_together=True)  # Li Wei alone does everything here; test_labour wants more
    found = Hall(shop, Employee.objects.create(code="E1", name="Li Wei", badge="B-1001", plant=shop.plant))
    for code, name, kind in (
        ("P-BREAK", "Break", "pause"),
        ("S-CHIP", "Edge chipped", "scrap"),
        ("D-MECH", "Mechanical fault", "downtime"),
    ):
        found.reasons[code] = ReasonCode.objects.create(code=code, name=name, kind=kind)
    return found


def step(order: WorkOrder, sequence: int) -> WorkOrderOperation:
    """The operation as it stands in the database."""
    return order.operations.get(sequence=sequence)
