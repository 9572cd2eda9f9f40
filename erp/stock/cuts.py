"""Reservations that lose their stock: whose go first when less is there than was kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.stock.book import Book
from erp.stock.models import ReservationCut
from masterdata.numbers import ZERO

# Who loses first: soft before hard, the higher number of priority (none counts as 100), the latest promise (none counts
# as the day that was wished, and without an order comes last), the lesser weight, the latest made.
_OPEN = """
    SELECT r.id, r.balance_id, r.quantity, r.kind = 'hard', r.work_order_material_id, r.sales_order_line_id
    FROM erp_reservation r
    LEFT JOIN erp_workordermaterial m ON m.id = r.work_order_material_id
    LEFT JOIN erp_workorder w ON w.id = m.work_order_id
    LEFT JOIN erp_salesorderline l ON l.id = coalesce(r.sales_order_line_id, w.sales_order_line_id)
    WHERE r.balance_id = ANY(%s) AND r.quantity > 0
    ORDER BY r.kind = 'hard', coalesce(r.priority, 100) DESC, coalesce(l.promised_at, l.wanted_on) DESC NULLS FIRST,
        l.weight, r.id DESC
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """`quantity` that a reservation lost. Without either id it was kept for a component that a supplier gets."""

    reservation_id: int
    balance_id: int
    quantity: Decimal
    was_hard: bool
    work_order_material_id: int | None
    sales_order_line_id: int | None


def make_room(*, book: Book, keep: Mapping[int, Decimal], cause: str, document: str, now: dt.datetime) -> list[Cut]:
    """Cut the reservations of balances (id -> what may stay reserved there), the least important first.

    Balances are locked in `book`, which writes them; hard reservations lose only when no soft one is left. The cuts
    are written down.
    """
    excess = {pk: book.balances[pk].reserved - rest for pk, rest in keep.items() if book.balances[pk].reserved > rest}
    if not excess:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [sorted(excess)])
        rows = cursor.fetchall()
    cuts = []
    for reservation_id, balance_id, quantity, was_hard, need_id, line_id in rows:
        part = min(quantity, excess[balance_id])
        if part > ZERO:
            excess[balance_id] -= part
            book.let_go(reservation_id, balance_id, part)
            cuts.append(Cut(reservation_id, balance_id, part, was_hard, need_id, line_id))
    ReservationCut.objects.bulk_create(
        ReservationCut(
            reservation_id=cut.reservation_id,
            quantity=cut.quantity,
            was_hard=cut.was_hard,
            cause=cause,
            document=document,
            cut_at=now,
        )
        for cut in cuts
    )
    return cuts
