"""Suppliers' answers side by side: what each would cost in all, when it comes, who is best."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from erp.supply.models import QuotationRequest, QuotationRequestLine, SupplierAnswer
from masterdata.numbers import money


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer to a line: the amount of what would have to be ordered, and when it comes."""

    answer: SupplierAnswer
    quantity: Decimal
    amount: Decimal
    comes_at: dt.datetime
    is_cheapest: bool
    is_fastest: bool
    is_in_time: bool


def compare(request: QuotationRequest, now: dt.datetime) -> list[tuple[QuotationRequestLine, list[Compared]]]:
    """Each line with its answers, the cheapest in all first; two queries."""
    answers: dict[int, list[SupplierAnswer]] = defaultdict(list)
    for one in SupplierAnswer.objects.filter(line__request=request).select_related("invitation__supplier"):
        answers[one.line_id].append(one)
    lines = request.lines.select_related("material__unit", "awarded_to").order_by("line_no")
    decimals = request.plant.company.currency.decimals
    return [(line, _compared(line, answers[line.pk], now, decimals)) for line in lines]


def _compared(
    line: QuotationRequestLine, answers: list[SupplierAnswer], now: dt.datetime, decimals: int
) -> list[Compared]:
    if not answers:
        return []
    quantity = {one.pk: max(line.quantity, one.min_quantity) for one in answers}
    amount = {one.pk: money(quantity[one.pk] * one.unit_price, decimals) for one in answers}
    fastest = min(one.lead_time_days for one in answers)
    found = []
    for one in sorted(answers, key=lambda answer: (amount[answer.pk], answer.lead_time_days, answer.pk)):
        comes_at = now + dt.timedelta(days=one.lead_time_days)
        found.append(
            Compared(
                one,
                quantity[one.pk],
                amount[one.pk],
                comes_at,
                is_cheapest=amount[one.pk] == min(amount.values()),
                is_fastest=one.lead_time_days == fastest,
                is_in_time=comes_at <= line.needed_at,
            )
        )
    return found
