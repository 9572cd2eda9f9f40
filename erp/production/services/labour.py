"""What people cost at an operation: each at their own grade's hour or by the piece, and what is put right later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from erp.cost.models import CostEntry, Element
from erp.cost.rates import PEOPLE_HERE, RATES_HERE, Absorbed, Labour, Person, Rates
from erp.cost.services import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.services.absorbing import absorption
from erp.production.services.floor import hold_floor
from masterdata import live, statements
from masterdata.errors import InvalidInput
from masterdata.numbers import ZERO

Role = Account.Role


def cost_of_people(
    labour: Sequence[Labour], operation: WorkOrderOperation, *, now: dt.datetime, decimals: int
) -> list[Absorbed]:
    """What each person's part costs at the operation's work centre, at the rates of the day. Raises InvalidInput."""
    found = people_here([one.employee_id for one in labour], operation, now)
    return [found[one.employee_id].absorbed(one, decimals) for one in labour]


def people_here(ids: Sequence[int], operation: WorkOrderOperation, now: dt.datetime) -> dict[int, Person]:
    """What an hour or a piece of each of them costs at the operation that day. Raises InvalidInput."""
    if not ids:
        return {}
    material_id = operation.work_order.material_id
    values = [material_id, operation.name, now, statements.array(ids), operation.work_centre_id]
    found = {row[0]: Person(*row) for row in statements.run(PEOPLE_HERE, values)}
    if len(set(ids)) != len(ids) or set(ids) - set(found):
        raise InvalidInput("Name each person who worked once, by an employee of the house.", field="labour")
    return found


def booked_labour(labour: Sequence[Labour], costs: Sequence[Absorbed]) -> tuple[Labour, ...]:
    """The parts that cost something and were booked."""
    return tuple(one for one, cost in zip(labour, costs, strict=True) if cost.amount)


@transaction.atomic(savepoint=False)
def book_labour(*, operation_id: int, labour: Sequence[Labour], now: dt.datetime) -> tuple[Labour, ...]:
    """Book what people's work costs more or less than was booked with the reports; the parts that cost something.

    Labour and the overhead on it; the machine's minutes stay. When the work order has ended, the difference goes where
    its rest went: to the cost of goods of its order, or to production variance. Locks sales order < work order <
    operations. Raises InvalidInput, PeriodClosed.
    """
    floor = hold_floor(operation_id)
    operation, order = floor.worked, floor.work_order
    decimals = order.plant.company.currency.decimals
    costs = cost_of_people(labour, operation, now=now, decimals=decimals)
    booked = booked_labour(labour, costs)
    if not booked:
        return ()
    *figures, _grade = statements.run(RATES_HERE, [None, operation.machine_id, now, operation.work_centre_id])[0]
    found = Rates(*figures).absorbed(minutes=ZERO, material=ZERO, decimals=decimals, people=costs)
    where: dict[str, Any] = {"plant": order.plant, "sales_order_id": floor.sales_order_id, "work_order_id": order.pk}
    element = Element.REWORK if floor.step or order.is_rework else ""
    lines, tags = absorption(found, where, operation_id=operation.pk, machine_id=operation.machine_id, element=element)
    drafts, all_tags = [_draft(order, operation, JournalEntry.Kind.LABOUR, lines)], [tags]
    value = sum((line.amount for line in lines if line.role == Role.WIP), ZERO)
    if floor.is_done or order.state == WorkOrder.State.CANCELLED:
        drafts.append(_draft(order, operation, JournalEntry.Kind.ADJUSTMENT, _rest(value, where)))
        all_tags.append([None, _taken(order, operation)])
    posted = write_entries(drafts=drafts, now=now)
    book_costs(
        postings=[
            (line, tag)
            for entry, row in zip(posted, all_tags, strict=True)
            for line, tag in zip(entry.lines, row, strict=True)
            if tag is not None
        ],
        now=now,
    )
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
    return booked


def _draft(order: WorkOrder, operation: WorkOrderOperation, kind: str, lines: list[LedgerLine]) -> EntryDraft:
    return EntryDraft(company_id=order.plant.company_id, kind=kind, source=f"operation:{operation.pk}", lines=lines)


def _rest(value: Decimal, where: dict[str, Any]) -> list[LedgerLine]:
    role = Role.COGS if where["sales_order_id"] else Role.PRODUCTION_VARIANCE
    return [
        LedgerLine(role=role, amount=value, **where),
        LedgerLine(role=Role.WIP, amount=-value, **where),
    ]


def _taken(order: WorkOrder, operation: WorkOrderOperation) -> CostTag:
    return CostTag(
        kind=CostEntry.Kind.TRANSFER,
        element=Element.MATERIAL,
        operation_id=operation.pk,
        material_id=order.material_id,
    )
