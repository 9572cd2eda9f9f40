"""What was earned, from the ledger: by product, customer, plant or month. Every row is a sum of journal lines, so that
the rows of each view sum to the same result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.ledger.models import Account
from masterdata import statements
from masterdata.numbers import ZERO

Role = Account.Role
REVENUE = (Role.REVENUE, Role.DISCOUNT_GRANTED)
COST = (Role.COGS, Role.FREIGHT, Role.INSTALLATION, Role.PENALTY)
VARIANCES = (
    Role.PRODUCTION_VARIANCE,
    Role.PRICE_VARIANCE,
    Role.USAGE_VARIANCE,
    Role.RATE_VARIANCE,
    Role.LABOUR_EFFICIENCY,
    Role.MACHINE_EFFICIENCY,
    Role.OVERHEAD_VARIANCE,
    Role.YIELD_VARIANCE,
)


class By(models.TextChoices):
    """What the rows are."""

    PRODUCT = "product", _("Product")
    CUSTOMER = "customer", _("Customer")
    PLANT = "plant", _("Plant")
    MONTH = "month", _("Month")


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One product, customer, plant or month; `key` is its id, of a month its first day, empty what is of none."""

    key: str
    label: str
    revenue: Decimal
    cost: Decimal
    variances: Decimal

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.cost - self.variances

    @property
    def percent(self) -> Decimal | None:
        return round(100 * self.profit / self.revenue, 2) if self.revenue else None


_BASE = """
    SELECT l.id, l.entry_id, l.amount, l.plant_id, l.partner_id, l.sales_order_id, l.work_order_id, l.material_id,
        e.posted_on,
        CASE WHEN a.role = ANY(%s) THEN 'revenue' WHEN a.role = ANY(%s) THEN 'cost' ELSE 'variance' END AS part
    FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_account a ON a.id = l.account_id
    WHERE a.company_id = ANY(%s) AND a.role = ANY(%s) AND e.posted_on BETWEEN %s AND %s AND e.kind <> 'closing'
        AND (%s::bigint IS NULL OR l.plant_id = %s::bigint)
"""


def _shares(row: str) -> str:
    """Of lines with a net amount: own part, parts up to it, all parts; equal ones where nothing has a price."""
    net, all_of_it = f"{row}.net_amount", f"sum({row}.net_amount) OVER ()"
    free = f"CASE WHEN {all_of_it} = 0 THEN"
    return f"""
        {free} 1 ELSE {net} END,
        {free} count(*) OVER (ORDER BY {row}.id) ELSE sum({net}) OVER (ORDER BY {row}.id) END,
        {free} count(*) OVER () ELSE {all_of_it} END
    """


# A line belongs to the product that it names or whose work it is; what an invoice charges to its lines by what they
# charge; what is left (freight, a penalty, a discount) to the order's lines by their net amounts. A share is what the
# lines up to it get less what those before it got, both rounded: the shares sum to the whole.
_PRODUCTS = f"""
    WITH base AS MATERIALIZED ({_BASE}), placed AS (
        SELECT b.part, x.material_id,
            CASE WHEN x.whole IS NULL THEN b.amount
            ELSE round(b.amount * x.upto / x.whole, 4) - round(b.amount * (x.upto - x.own) / x.whole, 4) END AS amount
        FROM base b LEFT JOIN LATERAL (
            SELECT s.material_id, 1::numeric AS own, 1::numeric AS upto, 1::numeric AS whole FROM erp_workorder w
            LEFT JOIN erp_salesorderline s ON s.id = w.sales_order_line_id
            WHERE w.id = b.work_order_id AND s.id IS NOT NULL
            UNION ALL
            SELECT coalesce(b.material_id, w.material_id), 1, 1, 1 FROM (SELECT b.work_order_id AS id) asked
            LEFT JOIN erp_workorder w ON w.id = asked.id
            WHERE b.part <> 'revenue' AND w.sales_order_line_id IS NULL
                AND coalesce(b.material_id, w.material_id) IS NOT NULL
            UNION ALL
            SELECT s.material_id, {_shares("i")}
            FROM erp_invoice d JOIN erp_invoiceline i ON i.invoice_id = d.id
            JOIN erp_salesorderline s ON s.id = i.order_line_id AND s.plant_id = b.plant_id
            WHERE b.part = 'revenue' AND d.entry_id = b.entry_id AND i.deposit_id IS NULL
                AND i.order_id IS NOT DISTINCT FROM b.sales_order_id
            UNION ALL
            SELECT s.material_id, {_shares("s")}
            FROM erp_salesorderline s
            WHERE s.order_id = b.sales_order_id AND b.work_order_id IS NULL AND (b.part = 'revenue'
                AND NOT EXISTS (SELECT FROM erp_invoice d WHERE d.entry_id = b.entry_id)
                OR b.part <> 'revenue' AND b.material_id IS NULL)
        ) x ON true
    )
    SELECT coalesce(m.id::text, ''), coalesce(m.code || ' ' || m.name, ''), p.part, sum(p.amount)
    FROM placed p LEFT JOIN masterdata_material m ON m.id = p.material_id GROUP BY 1, 2, 3
"""  # noqa: S608 (our own words)
_OTHERS = {
    By.CUSTOMER: f"""
        WITH base AS ({_BASE})
        SELECT coalesce(c.id::text, ''), coalesce(c.name, ''), b.part, sum(b.amount)
        FROM base b LEFT JOIN erp_salesorder s ON s.id = b.sales_order_id
        LEFT JOIN masterdata_partner c ON c.id = coalesce(
            s.customer_id, CASE WHEN b.part = 'revenue' THEN b.partner_id END)
        GROUP BY 1, 2, 3
    """,  # noqa: S608 (our own words)
    By.PLANT: f"""
        WITH base AS ({_BASE})
        SELECT coalesce(p.id::text, ''), coalesce(p.name, ''), b.part, sum(b.amount)
        FROM base b LEFT JOIN masterdata_plant p ON p.id = b.plant_id GROUP BY 1, 2, 3
    """,  # noqa: S608 (our own words)
    By.MONTH: f"""
        WITH base AS ({_BASE})
        SELECT to_char(date_trunc('month', b.posted_on), 'YYYY-MM-DD'), '', b.part, sum(b.amount)
        FROM base b GROUP BY 1, 3
    """,  # noqa: S608 (our own words)
}


def profit_by(
    by: str, *, company_ids: Collection[int], first: dt.date, last: dt.date, plant_id: int | None = None
) -> list[Group]:
    """What was posted from `first` to `last`, both included, in each group; the largest revenue first, months in order.

    Revenue is less cash discounts; cost is cost of goods, freight, installation and penalties; variances are what
    standard cost leaves. One query.
    """
    roles = [*REVENUE, *COST, *VARIANCES]
    values = [
        statements.array(REVENUE),
        statements.array(COST),
        statements.array(sorted(company_ids)),
        statements.array(roles),
        first,
        last,
        plant_id,
        plant_id,
    ]
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for key, label, part, amount in statements.run(_PRODUCTS if by == By.PRODUCT else _OTHERS[By(by)], values):
        found.setdefault((key, label), {})[part] = amount
    groups = [
        Group(
            key=key,
            label=label,
            revenue=-parts.get("revenue", ZERO),
            cost=parts.get("cost", ZERO),
            variances=parts.get("variance", ZERO),
        )
        for (key, label), parts in found.items()
    ]
    if by == By.MONTH:
        return sorted(groups, key=lambda group: group.key)
    return sorted(groups, key=lambda group: (-group.revenue, group.label))


def total_of(groups: Sequence[Group]) -> Group:
    """All of them together."""
    return Group(
        key="",
        label="",
        revenue=sum((group.revenue for group in groups), ZERO),
        cost=sum((group.cost for group in groups), ZERO),
        variances=sum((group.variances for group in groups), ZERO),
    )
