"""Variances of work at standard cost, worked out when its last piece is made; they sum to what is left in work.

With Q planned pieces, G good ones, D pieces that went through an operation, p the standard cost of a material, r the
rate of an hour when the work order was made:

- price: what was issued cost - issued x p
- usage: (issued - need x D / Q) x p
- rate: what minutes cost - minutes x r / 60, labour and machine
- labour, machine efficiency: (minutes - setup - run x D) x r / 60
- overhead: what was absorbed - what the planned figures for D pieces absorb
- yield: what was spent on rework, and what the plan grants for D pieces and one setup - what it grants for G of Q
  (scrap, and a lot made short)
- other: what then remains of work in progress (rounding; a BOM or routing that the standard was not made of)
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.cost.models import CostEntry, Element, VarianceCause, VarianceEntry
from erp.cost.models.variances import ACCOUNT
from erp.cost.rates import Rates, kept_rates, rates_of
from erp.cost.services import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata import statements
from masterdata.numbers import ZERO, money

Kind = VarianceEntry.Kind

# Per operation and element: what went in, and its minutes. Output, by-products and corrections have no operation of
# theirs among the elements of work.
_SPENT = """
    SELECT c.operation_id, c.element, sum(c.amount),
        coalesce(sum(c.quantity) FILTER (WHERE c.element IN ('labour', 'machine')), 0)
    FROM erp_costentry c JOIN erp_journalline l ON l.id = c.journal_line_id JOIN erp_journalentry e ON e.id = l.entry_id
    WHERE c.work_order_id = %s AND e.kind <> 'output' GROUP BY 1, 2
"""
_RATES = f"""
    SELECT o.id, k.* FROM erp_workorderoperation o
    CROSS JOIN LATERAL ({rates_of("o.work_centre_id", at="%s::timestamptz")}) r
    CROSS JOIN LATERAL ({kept_rates("o", "r")}) k WHERE o.work_order_id = %s
"""  # noqa: S608 (our own words)


@dataclass(slots=True)
class Cause:
    """What is behind a part of a variance, exact."""

    planned: Decimal
    actual: Decimal
    planned_qty: Decimal = ZERO
    actual_qty: Decimal = ZERO
    material_id: int | None = None
    operation_id: int | None = None


@dataclass(slots=True)
class Variances:
    """Variances by kind, rounded: their causes' figures rounded one by one, so that parts sum to wholes."""

    work_order: WorkOrder
    decimals: int
    causes: dict[str, list[Cause]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, cause: Cause) -> None:
        """Keep a cause that makes a difference to the cent."""
        cause.planned, cause.actual = money(cause.planned, self.decimals), money(cause.actual, self.decimals)
        if cause.planned != cause.actual:
            self.causes[kind].append(cause)

    def rows(self, left: Decimal, now: dt.datetime) -> list[VarianceEntry]:
        """One row for each kind, the rest as `other`; they sum to `left`."""
        rows = [self._row(kind, self.causes[kind], now) for kind in Kind.values if self.causes.get(kind)]
        rest = left - sum((row.amount for row in rows), ZERO)
        if rest:
            rows.append(self._row(Kind.OTHER, [Cause(ZERO, rest)], now))
        return rows

    def _row(self, kind: str, causes: Sequence[Cause], now: dt.datetime) -> VarianceEntry:
        planned, actual = sum((one.planned for one in causes), ZERO), sum((one.actual for one in causes), ZERO)
        return VarianceEntry(
            work_order=self.work_order,
            kind=kind,
            planned=planned,
            actual=actual,
            amount=actual - planned,
            posted_at=now,
        )


def work_out(*, order: WorkOrder, operations: Sequence[WorkOrderOperation], decimals: int) -> Variances:
    """The variances of a work order whose last piece is made and whose report is written."""
    spent, rates = statements.together((_SPENT, [order.pk]), (_RATES, [order.made_at, order.pk]))
    found = _Plan(order, operations, {pk: Rates(*figures) for pk, *figures in rates}, Variances(order, decimals))
    actual = {(pk, element): (amount, minutes) for pk, element, amount, minutes in spent}
    found.material(actual)
    found.work(actual)
    return found.result


class _Plan:
    """What the copied BOM and routing grant, at standard costs and at the rates of the day that it was made."""

    def __init__(
        self,
        order: WorkOrder,
        operations: Sequence[WorkOrderOperation],
        rates: dict[int, Rates],
        result: Variances,
    ) -> None:
        self.order, self.operations, self.rates, self.result = order, operations, rates, result
        self.good = operations[-1].good_qty
        self.through = {one.sequence: one.good_qty + one.scrap_qty for one in operations}
        self.by_sequence = {one.sequence: one for one in operations}
        self.overhead: dict[int, Decimal] = defaultdict(lambda: ZERO)

    def material(self, actual: dict[Any, Any]) -> None:
        """Price, usage and yield of each component."""
        total = sum((amount for (_, element), (amount, _) in actual.items() if element in _MATERIAL), ZERO)
        seen = ZERO
        for need in WorkOrderMaterial.objects.filter(work_order=self.order).select_related("material"):
            quantity, value = need.issued_qty, need.issued_value
            price = need.material.standard_cost
            through = self.through.get(need.operation_sequence, self.good)
            granted = need.quantity * through / self.order.quantity
            of: dict[str, Any] = {"material_id": need.material_id, "planned_qty": granted, "actual_qty": quantity}
            self.result.add(Kind.PRICE, Cause(quantity * price, value, **of))
            self.result.add(Kind.USAGE, Cause(granted * price, quantity * price, **of))
            for_good = need.quantity * self.good / self.order.quantity
            yielded = of | {"planned_qty": for_good, "actual_qty": granted}
            operation = self.by_sequence.get(need.operation_sequence)
            percent = self.rates[operation.pk].on_material if operation else ZERO
            full = price * (1 + percent / 100)
            self.result.add(Kind.YIELD, Cause(for_good * full, granted * full, **yielded))
            if operation:
                self.overhead[operation.pk] += granted * price * percent / 100
            seen += value
        # What came later or was settled at another value is a price too.
        self.result.add(Kind.PRICE, Cause(ZERO, total - seen))

    def work(self, actual: dict[Any, Any]) -> None:
        """Rate, efficiency, overhead and yield of each operation."""
        for one in self.operations:
            rates, through = self.rates[one.pk], one.good_qty + one.scrap_qty
            granted = one.setup_min + one.run_min_per_unit * through
            if not (one.worked_min or through):
                granted = ZERO
            for_good = (one.setup_min + one.run_min_per_unit * self.order.quantity) * self.good / self.order.quantity
            for element, kind, rate in (
                ("labour", Kind.LABOUR, rates.labour),
                ("machine", Kind.MACHINE, rates.machine),
            ):
                amount, minutes = actual.get((one.pk, element), (ZERO, one.worked_min))
                of: dict[str, Any] = {"operation_id": one.pk, "planned_qty": granted, "actual_qty": minutes}
                self.result.add(Kind.RATE, Cause(minutes * rate / 60, amount, **of))
                self.result.add(kind, Cause(granted * rate / 60, minutes * rate / 60, **of))
            self._overhead(one, rates, granted, actual)
            yielded: dict[str, Any] = {"operation_id": one.pk, "planned_qty": for_good, "actual_qty": granted}
            self.result.add(Kind.YIELD, Cause(for_good * rates.full / 60, granted * rates.full / 60, **yielded))
        for (pk, element), (amount, _) in actual.items():
            if element == "rework":
                self.result.add(Kind.YIELD, Cause(ZERO, amount, operation_id=pk))

    def _overhead(self, one: WorkOrderOperation, rates: Rates, granted: Decimal, actual: dict[Any, Any]) -> None:
        of_work = rates.full - rates.labour - rates.machine
        planned = granted * of_work / 60 + self.overhead[one.pk]
        amount, _ = actual.get((one.pk, "overhead"), (ZERO, ZERO))
        of: dict[str, Any] = {"operation_id": one.pk, "planned_qty": granted, "actual_qty": one.worked_min}
        self.result.add(Kind.OVERHEAD, Cause(planned, amount, **of))


_MATERIAL = ("material", "subcontract")


def post_variances(
    *,
    order: WorkOrder,
    operations: Sequence[WorkOrderOperation],
    left: Decimal,
    source: str,
    now: dt.datetime,
) -> list[int]:
    """Post what is `left` in work, split by what caused it, each part on its account, and keep the causes; the entry.

    The caller holds the work order and has written everything else of its last report.
    """
    plant = order.plant
    found = work_out(order=order, operations=operations, decimals=plant.company.currency.decimals)
    rows = found.rows(left, now)
    if not rows:
        return []
    dimensions: dict[str, Any] = {"plant": plant, "work_order_id": order.pk, "material_id": order.material_id}
    lines = [LedgerLine(role=ACCOUNT[row.kind], amount=row.amount, **dimensions) for row in rows]
    lines.append(LedgerLine(role=Account.Role.WIP, amount=-left, **dimensions))
    draft = EntryDraft(company_id=plant.company_id, kind=JournalEntry.Kind.VARIANCE, source=source, lines=lines)
    posted = write_entries(drafts=[draft], now=now)[0]
    tag = CostTag(kind=CostEntry.Kind.TRANSFER, element=Element.MATERIAL, material_id=order.material_id)
    book_costs(postings=[(posted.lines[-1], tag)], now=now)
    for row, line in zip(rows, posted.lines, strict=False):
        row.journal_line = line
    VarianceEntry.objects.bulk_create(rows)
    VarianceCause.objects.bulk_create(
        VarianceCause(
            variance=row,
            material_id=one.material_id,
            operation_id=one.operation_id,
            planned_qty=one.planned_qty,
            actual_qty=one.actual_qty,
            planned=one.planned,
            actual=one.actual,
        )
        for row in rows
        for one in found.causes.get(row.kind, ())
    )
    return [posted.entry.pk] if posted.entry is not None else []
