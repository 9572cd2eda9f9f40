"""Goods received and not invoiced, per purchase order line: what came and at what value, what was invoiced of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from masterdata.numbers import ZERO, money

_OPEN = """
    SELECT l.id, l.unit_price, coalesce(g.quantity, 0), coalesce(g.value, 0), coalesce(i.quantity, 0),
        coalesce(i.cleared, 0), coalesce(i.net, 0)
    FROM erp_purchaseorderline l
    LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN m.kind = 'used' THEN 0 WHEN f.kind = 'supplier' THEN m.quantity
                    ELSE -m.quantity END) AS quantity,
            sum(CASE WHEN f.kind = 'supplier' THEN m.value ELSE m.difference - m.value END) AS value
        FROM erp_stockmove m JOIN masterdata_location f ON f.id = m.source_id
        JOIN masterdata_location t ON t.id = m.target_id
        WHERE m.purchase_order_line_id = l.id AND (f.kind = 'supplier') <> (t.kind = 'supplier')
            AND (%(at)s::timestamptz IS NULL OR m.moved_at <= %(at)s)) g ON true
    LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN s.kind = 'credit_note' THEN -x.quantity ELSE x.quantity END) AS quantity,
            sum(CASE WHEN s.kind = 'credit_note' THEN -x.cleared_amount ELSE x.cleared_amount END) AS cleared,
            sum(CASE WHEN s.kind = 'credit_note' THEN -x.own_net ELSE x.own_net END) AS net
        FROM erp_supplierinvoiceline x JOIN erp_supplierinvoice s ON s.id = x.invoice_id AND s.state = 'posted'
        WHERE x.order_line_id = l.id AND (%(at)s::timestamptz IS NULL OR s.posted_at <= %(at)s)) i ON true
    WHERE l.id = ANY(%(lines)s)
"""


@dataclass(frozen=True, slots=True)
class LineAccount:
    """A purchase order line's account: base units and company money, returns and credit notes taken off."""

    line_id: int
    unit_price: Decimal
    received_qty: Decimal
    received_value: Decimal
    invoiced_qty: Decimal
    cleared: Decimal
    invoiced_net: Decimal

    @property
    def open_qty(self) -> Decimal:
        """Received and not invoiced; below zero when more was invoiced, or goods went back, and no credit note came."""
        return self.received_qty - self.invoiced_qty

    @property
    def open_value(self) -> Decimal:
        return self.received_value - self.cleared

    def worth(self, quantity: Decimal, decimals: int, *, is_credit: bool) -> Decimal:
        """What a paper should ask for so much: an invoice the ordered price, a credit note what was invoiced for it."""
        if is_credit and self.invoiced_qty > 0:
            return money(self.invoiced_net * quantity / self.invoiced_qty, decimals)
        return money(quantity * self.unit_price, decimals)

    def clears(self, quantity: Decimal, decimals: int, *, is_credit: bool = False) -> tuple[Decimal, Decimal]:
        """How much of `quantity` is matched by what is open, and what the whole clears.

        Value-first: the matched part takes its share of what is open, all of it takes all. An invoice beyond the goods
        clears them in advance at the ordered price; a credit note beyond what went back gives back what was cleared.
        """
        sign = -1 if is_credit else 1
        there = max(ZERO, sign * self.open_qty)
        matched = min(quantity, there)
        value = ZERO
        if matched:
            value = self.open_value if matched == there else money(self.open_value * matched / there, decimals)
        beyond = quantity - matched
        if beyond and not is_credit:
            before = max(self.received_qty, self.invoiced_qty)
            value += money((before + beyond) * self.unit_price, decimals) - money(before * self.unit_price, decimals)
        elif beyond:
            left = self.invoiced_qty - matched
            cleared = self.cleared + value
            value -= cleared if beyond == left else money(cleared * beyond / left, decimals)
        return matched, value


def line_accounts(line_ids: Collection[int], *, at: dt.datetime | None = None) -> dict[int, LineAccount]:
    """The accounts of purchase order lines, now (they stand while the lines are locked) or as they were at a moment."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"lines": sorted(line_ids), "at": at})
        return {row[0]: LineAccount(*row) for row in cursor.fetchall()}
