"""Available to promise: of each line of an order, how much is there when, and from where. One query an order.

What is kept, made or on the way for the line comes first. What nothing is for yet (a draft, or a line that planning has
not seen) takes what is free of the material, in the order of the lines: stock above the safety stock, then by day what
comes and is for nobody, cumulated. The rest counts from today: the usual supplier's days for what is bought, then the
working days of each level that has to be made; a component of which enough is free adds nothing, nor does one for which
enough lies there of what may be used without asking. Made to order without a lead time it has no date here: only a plan
knows it. What lacks and may be replaced by something that is free, if somebody says so, is named beside.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.planning.selectors.promise_query import PROMISE
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class PromisePart:
    """`quantity` that is ready at `at` (empty: shipped, or no plan knows it yet) and where it comes from.

    `source`: shipped, stock (kept for the line), made (for the order), work_order, purchase, planned, transfer (on the
    way from another plant), free_stock (kept for nobody) or lead_time (nothing brings it yet; without `at` nobody has
    said how long making it takes). `number` is the document's, as far as it has one.
    """

    source: str
    quantity: Decimal
    at: dt.datetime | None
    number: str
    document_id: int | None


@dataclass(frozen=True, slots=True)
class UsableInstead:
    """`component` lacks for the line, and `quantity` of `substitute` is free and may be used for it.

    `need_id` is the component of a work order for which somebody can say so; of a draft there is none yet.
    """

    component: str
    substitute: str
    quantity: Decimal
    unit: str
    need_id: int | None


@dataclass(frozen=True, slots=True)
class LinePromise:
    """What a line can have when; `ready_at` is when the last of it is there, empty while some has no date."""

    line_id: int
    line_no: int
    material_id: int
    material_code: str
    unit: str
    quantity: Decimal
    parts: tuple[PromisePart, ...]
    instead: tuple[UsableInstead, ...] = ()

    @property
    def there(self) -> Decimal:
        """How much is there now, or gone already."""
        at_hand = ("shipped", "stock", "made", "free_stock")
        return sum((part.quantity for part in self.parts if part.source in at_hand), ZERO)

    @property
    def ready_at(self) -> dt.datetime | None:
        open_parts = [part for part in self.parts if part.source != "shipped"]
        times = [part.at for part in open_parts if part.at is not None]
        return max(times) if times and len(times) == len(open_parts) else None


def available_to_promise(*, order_id: int, now: dt.datetime) -> list[LinePromise]:
    """Each line of the order, draft or confirmed, with its parts by day."""
    with connection.cursor() as cursor:
        cursor.execute(PROMISE, {"order": order_id, "now": now})
        rows = cursor.fetchall()
    parts: dict[tuple, list[PromisePart]] = defaultdict(list)
    instead: dict[tuple, tuple[UsableInstead, ...]] = {}
    for row in rows:
        parts[row[:6]].append(PromisePart(*row[7:]))
        instead[row[:6]] = tuple(_usable(*one) for one in row[6] or ())
    found = []
    for line, ready in parts.items():
        line_id, line_no, material_id, code, unit, quantity = line
        found.append(LinePromise(line_id, line_no, material_id, code, unit, quantity, tuple(ready), instead[line]))
    return found


def _usable(component: str, substitute: str, quantity: str, unit: str, need_id: str) -> UsableInstead:
    return UsableInstead(component, substitute, Decimal(quantity), unit, int(need_id) if need_id else None)
