"""Documents as PDF: an order confirmation of 30 lines, from the rows to the bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._clock import milliseconds, percentile
from benchmarks._scratch import database
from erp import services as erp
from erp.models import SalesOrder
from erp.sales.letters import confirmation_pdf
from tests.erp.shop import Shop

GOAL, LINES = 300.0, 30


def run(say: Callable[[str], None], *, times: int) -> dict[str, Figure]:
    """The first one also reads templates and fonts; in Chinese too, whose font is the large one."""
    with database("bench_pdf"):
        order = _order()
        first = milliseconds(partial(confirmation_pdf, order))
        took = [
            milliseconds(partial(confirmation_pdf, order, ("en", "zh-hans")[number % 2])) for number in range(times)
        ]
        size = len(confirmation_pdf(order).content)
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"PDF of {LINES} lines: first {first:.0f} ms, then p50 {p50:.0f} ms, p95 {p95:.0f} ms, {size} bytes")
    return {
        "a PDF, p95": figure(p95, "ms", goal=GOAL),
        "a PDF, p50": figure(p50, "ms", goal=GOAL),
        "the first PDF of a process": figure(first, "ms", goal=GOAL),
    }


def _order() -> SalesOrder:
    shop, today = Shop(), timezone.localdate()
    materials = [shop.buy(f"PART-{number:02d}") for number in range(LINES)]
    return erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.euro,
        lines=[
            erp.OrderLineInput(shop.plant.pk, one.pk, Decimal(3), Decimal("19.99"), today + dt.timedelta(days=30))
            for one in materials
        ],
        now=timezone.now(),
    )
