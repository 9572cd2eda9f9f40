"""What happens to a purchase order, noted for its timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

from erp.facts import PurchaseChanged
from erp.supply.models import PurchaseOrder, PurchaseOrderLine
from masterdata import facts
from masterdata.numbers import ZERO

Figure = Decimal | dt.datetime | int | str


def note(
    order: PurchaseOrder,
    lines: Iterable[PurchaseOrderLine],
    what: str,
    before: Figure = "",
    after: Figure = "",
    why: str = "",
) -> None:
    """State PurchaseChanged, with plain figures and days of the plant."""
    facts.state(
        PurchaseChanged(
            purchase_order_id=order.pk,
            line_nos=tuple(sorted(line.line_no for line in lines)),
            what=what,
            before=_read(before, order),
            after=_read(after, order),
            why=why.strip()[:200],
        )
    )


def _read(figure: Figure, order: PurchaseOrder) -> str:
    if isinstance(figure, dt.datetime):
        return figure.astimezone(ZoneInfo(order.plant.time_zone)).date().isoformat()
    if isinstance(figure, Decimal):
        return f"{figure.normalize() + ZERO:f}"
    return str(figure)
