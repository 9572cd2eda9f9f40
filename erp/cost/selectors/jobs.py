"""What a work order was planned to cost, has cost so far, and cost in the end, element by element."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from erp.cost.models import CostEntry, Element, VarianceEntry
from erp.cost.rates import kept_rates, rates_of
from masterdata.numbers import ZERO, money

# Production stands above costing: its rows are read by table. Planned minutes at the rates that it was made with.
_PLANNED = f"""
    SELECT w.id, w.number, w.quantity, w.good_qty, w.state, w.planned_unit_cost, y.decimals,
        coalesce(sum(m.minutes * k.labour / 60), 0), coalesce(sum(m.minutes * k.machine / 60), 0),
        coalesce(sum(m.minutes * (k.labour * k.on_labour + k.machine * k.on_machine + 100 * k.an_hour) / 6000), 0),
        w.material_id
    FROM erp_workorder w JOIN masterdata_plant p ON p.id = w.plant_id
    JOIN masterdata_company c ON c.id = p.company_id JOIN masterdata_currency y ON y.id = c.currency_id
    LEFT JOIN LATERAL (
        SELECT o.*, o.setup_min + o.run_min_per_unit * w.quantity AS minutes
        FROM erp_workorderoperation o WHERE o.work_order_id = w.id AND o.mends_id IS NULL
    ) m ON true
    LEFT JOIN LATERAL ({rates_of("m.work_centre_id", at="w.made_at")}) r ON true
    CROSS JOIN LATERAL ({kept_rates("m", "r")}) k
    WHERE w.id = ANY(%s) GROUP BY w.id, y.decimals ORDER BY w.id
"""  # noqa: S608 (our own words)
_OF_ORDER = """
    SELECT w.id FROM erp_workorder w JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    WHERE l.order_id = %s AND w.state <> 'cancelled' ORDER BY w.path, w.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobCost:
    """`planned` and `live` by element, company currency; `taken` went out with what was made, `wip` is still in work.

    What is planned beyond minutes and their overhead is material, with the overhead on it. Parts that the order made
    itself count as material: this is one work order's cost, the order's is `order_cost`. `is_final`: it is closed.
    """

    work_order_id: int
    number: str
    quantity: Decimal
    good_qty: Decimal
    is_final: bool
    planned: dict[str, Decimal]
    live: dict[str, Decimal] = field(default_factory=dict)
    taken: Decimal = ZERO

    @property
    def planned_total(self) -> Decimal:
        return sum(self.planned.values(), ZERO)

    @property
    def live_total(self) -> Decimal:
        return sum(self.live.values(), ZERO)

    @property
    def wip(self) -> Decimal:
        return self.live_total - self.taken

    @property
    def a_piece(self) -> Decimal | None:
        """What a good piece has cost, when there is one."""
        return self.live_total / self.good_qty if self.good_qty else None


def job_cost(work_order_id: int) -> JobCost:
    """One work order's cost; two queries."""
    return _jobs([work_order_id])[0]


def job_costs(order_id: int) -> list[JobCost]:
    """Of each work order of a sales order, the product's first; three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ORDER, [order_id])
        ids = [row[0] for row in cursor.fetchall()]
    by_id = {one.work_order_id: one for one in _jobs(ids)}
    return [by_id[pk] for pk in ids]


def variances_of(work_order_id: int) -> Sequence[VarianceEntry]:
    """A work order's variances with their causes; three queries."""
    rows = VarianceEntry.objects.filter(work_order_id=work_order_id).order_by("id")
    return list(rows.prefetch_related("causes__material", "causes__operation"))


def _jobs(ids: Collection[int]) -> list[JobCost]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, [sorted(ids)])
        rows = cursor.fetchall()
    live: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    taken: dict[int, Decimal] = defaultdict(lambda: ZERO)
    entries = CostEntry.objects.filter(work_order__in=ids)
    columns = "work_order_id", "element", "amount", "kind", "material_id", "journal_line__entry__kind"
    products = {row[0]: row[-1] for row in rows}
    for pk, element, amount, kind, material_id, entry in entries.values_list(*columns).order_by("id"):
        is_rest = entry == "adjustment" and kind == CostEntry.Kind.TRANSFER and material_id == products[pk]
        if is_rest or entry in ("output", "variance"):
            taken[pk] -= amount
        else:
            live[pk][element] += amount
    found = []
    for pk, number, quantity, good, state, unit_cost, decimals, labour, machine, overhead, _ in rows:
        work = {
            str(Element.LABOUR): money(labour, decimals),
            str(Element.MACHINE): money(machine, decimals),
            str(Element.OVERHEAD): money(overhead, decimals),
        }
        material = money(unit_cost * quantity, decimals) - sum(work.values(), ZERO)
        found.append(
            JobCost(
                work_order_id=pk,
                number=number,
                quantity=quantity,
                good_qty=good,
                is_final=state == "closed",
                planned={str(Element.MATERIAL): material, **work},
                live=dict(live[pk]),
                taken=taken[pk],
            )
        )
    return found
