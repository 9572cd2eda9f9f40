"""What money in another currency is worth in the company's own on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db.models import Q

from masterdata.errors import Refusal
from masterdata.models import Company, Currency, ExchangeRate
from masterdata.numbers import money


class NoRate(Refusal):
    """No exchange rate leads from one currency to the other on that day."""

    code: ClassVar[str] = "no_rate"


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of a currency is `times` / `over` units of the other: a fraction, so that an inverse rate is exact."""

    times: Decimal
    over: Decimal
    valid_from: dt.date

    @property
    def value(self) -> Decimal:
        """Units of the other currency for one, as people read it."""
        return self.times / self.over

    def of(self, amount: Decimal, decimals: int) -> Decimal:
        """`amount` in the other currency, rounded half up to its decimals."""
        return money(amount * self.times / self.over, decimals)

    def then(self, other: Rate) -> Rate:
        """This rate, then the other: across a third currency. It is as old as the older of the two."""
        return Rate(self.times * other.times, self.over * other.over, min(self.valid_from, other.valid_from))


def rate_on(*, from_id: int, to_id: int, day: dt.date) -> Rate:
    """The rate between two currencies on a day, of rates valid from then or before. Raises NoRate.

    The newest of the rate as it is written and of its inverse (on the same day: as written); without one, across the
    third currency whose older rate is the newest.
    """
    if from_id == to_id:
        return Rate(Decimal(1), Decimal(1), day)
    steps = _steps(from_id, to_id, day)
    if (from_id, to_id) in steps:
        return steps[from_id, to_id]
    thirds = {to for of, to in steps if of == from_id} & {of for of, to in steps if to == to_id}
    ways = [steps[from_id, third].then(steps[third, to_id]) for third in sorted(thirds)]
    if not ways:
        raise _no_rate(from_id, to_id, day)
    return max(ways, key=lambda way: way.valid_from)


def in_company_currency(*, company: Company, currency_id: int, amount: Decimal, day: dt.date) -> Decimal:
    """`amount` of a currency in the company's own on a day, rounded to its decimals. Raises NoRate."""
    if currency_id == company.currency_id:
        return amount
    rate = rate_on(from_id=currency_id, to_id=company.currency_id, day=day)
    return rate.of(amount, company.currency.decimals)


def _steps(from_id: int, to_id: int, day: dt.date) -> dict[tuple[int, int], Rate]:
    """The rate in force from each currency to each other, of those that touch one of the two."""
    ends = (from_id, to_id)
    rows = ExchangeRate.objects.filter(Q(base__in=ends) | Q(quote__in=ends), valid_from__lte=day)
    found: dict[tuple[int, int], Rate] = {}
    newest = rows.order_by("base_id", "quote_id", "-valid_from").distinct("base_id", "quote_id")
    for row in newest:
        found[row.base_id, row.quote_id] = Rate(row.rate, Decimal(1), row.valid_from)
    for row in newest:
        turned = found.get((row.quote_id, row.base_id))
        if turned is None or turned.valid_from < row.valid_from:
            found[row.quote_id, row.base_id] = Rate(Decimal(1), row.rate, row.valid_from)
    return found


def _no_rate(from_id: int, to_id: int, day: dt.date) -> NoRate:
    codes = dict(Currency.objects.filter(pk__in=(from_id, to_id)).values_list("pk", "code"))
    return NoRate(
        f"There is no exchange rate from {codes[from_id]} to {codes[to_id]} on {day.day} {day:%B %Y}. Enter what one "
        f"{codes[from_id]} is in {codes[to_id]} under Exchange rates, valid from that day or before, then try again.",
        base=codes[from_id],
        quote=codes[to_id],
        day=day.isoformat(),
    )
