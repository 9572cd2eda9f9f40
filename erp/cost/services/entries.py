"""What flows into and out of work in progress, and versions of estimates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.cost.models import CostEntry, CostEstimate, Element
from erp.ledger.models import JournalLine
from masterdata import inserts, statements
from masterdata.causes import Cause
from masterdata.numbers import ZERO

_NEWEST = """
    SELECT DISTINCT ON (sales_order_id) sales_order_id, version_no, total FROM erp_costestimate
    WHERE sales_order_id = ANY(%s) ORDER BY sales_order_id, version_no DESC
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class CostTag:
    """What a WIP journal line is for: kind and element of its cost entry, and where it arose.

    `quantity` is in base units for material, in minutes for work; `rate`, `basis`, `grade_id` and `pieces` say what the
    amount was worked out from, `person_id` whose work it was.
    """

    kind: str
    element: str
    quantity: Decimal | None = None
    operation_id: int | None = None
    material_id: int | None = None
    machine_id: int | None = None
    rate: Decimal | None = None
    basis: str = ""
    grade_id: int | None = None
    person_id: int | None = None
    pieces: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What an order is expected to cost in the end, by element, rounded to the currency."""

    order_id: int
    material: Decimal
    labour: Decimal
    machine: Decimal
    overhead: Decimal = ZERO
    subcontract: Decimal = ZERO
    freight: Decimal = ZERO
    installation: Decimal = ZERO
    rework: Decimal = ZERO
    penalty: Decimal = ZERO
    other: Decimal = ZERO

    @property
    def elements(self) -> dict[str, Decimal]:
        """Amount by element, in the order of the elements."""
        return {str(element): getattr(self, element) for element in Element}

    @property
    def total(self) -> Decimal:
        return sum(self.elements.values(), ZERO)


@transaction.atomic(savepoint=False)
def book_costs(
    *, postings: Sequence[tuple[JournalLine | None, CostTag]], now: dt.datetime, worker_id: int | None = None
) -> list[CostEntry]:
    """One cost entry per line of work in progress, or of an order's own expense, with the line's amount, order and work
    order. Empty lines are left out. All of them came with a report of the worker, if one is named."""
    rows = [
        CostEntry(
            journal_line=line,
            kind=tag.kind,
            element=tag.element,
            amount=line.amount,
            quantity=tag.quantity,
            sales_order_id=line.sales_order_id,
            work_order_id=line.work_order_id,
            operation_id=tag.operation_id,
            material_id=tag.material_id,
            machine_id=tag.machine_id,
            rate=tag.rate,
            basis=tag.basis,
            grade_id=tag.grade_id,
            person_id=tag.person_id,
            pieces=tag.pieces,
            worker_id=worker_id,
            posted_at=now,
        )
        for line, tag in postings
        if line is not None
    ]
    inserts.insert(rows)
    return rows


@transaction.atomic(savepoint=False)
def write_estimates(*, estimates: Sequence[Estimate], cause: Cause, now: dt.datetime) -> list[CostEstimate]:
    """A new version for each order whose total differs from its newest estimate, or which has none yet.

    The caller holds the orders or is the only one to estimate them; two writers at once are refused by the
    version's uniqueness.
    """
    found = statements.run(_NEWEST, [statements.array(item.order_id for item in estimates)])
    newest = {order_id: (version_no, total) for order_id, version_no, total in found}
    rows = []
    for item in estimates:
        version_no, total = newest.get(item.order_id, (0, None))
        if total == item.total:
            continue
        rows.append(
            CostEstimate(
                sales_order_id=item.order_id,
                version_no=version_no + 1,
                **item.elements,
                total=item.total,
                cause=cause.text[:200],
                fact_id=cause.fact_id,
                made_at=now,
            )
        )
    inserts.give_ids(rows)
    inserts.insert(rows)
    return rows
