"""A document's money in the company's books: its rate, and the amounts that journal lines carry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp.ledger.rates import Rate, rate_on
from masterdata.errors import InvalidInput
from masterdata.models import Company, Currency
from masterdata.numbers import money

_PLACES = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Conversion:
    """One document's currency into the company's. Both the same: every amount stays, and no line names a currency."""

    currency: Currency
    own: Currency
    rate: Rate

    @property
    def is_foreign(self) -> bool:
        return self.currency.pk != self.own.pk

    @property
    def value(self) -> Decimal:
        """Units of the company's currency for one of the document's, as documents show it."""
        return self.rate.value.quantize(_PLACES, rounding=ROUND_HALF_UP)

    def of(self, amount: Decimal) -> Decimal:
        """In the company's currency, rounded to it."""
        return self.rate.of(amount, self.own.decimals) if self.is_foreign else amount

    def beside(self, amount: Decimal) -> dict[str, Any]:
        """What a LedgerLine says of the document's currency: `**conversion.beside(amount)`."""
        return {"currency_id": self.currency.pk, "currency_amount": amount} if self.is_foreign else {}


def conversion(*, company: Company, currency: Currency, day: dt.date, rate: Decimal | None = None) -> Conversion:
    """At the rate given (company currency for one of the document's), else at the day's. Raises NoRate."""
    if currency.pk == company.currency_id:
        return Conversion(currency, company.currency, Rate(Decimal(1), Decimal(1), day))
    if rate is not None:
        if rate <= 0:
            raise InvalidInput(f"Enter what one {currency.code} is in {company.currency.code}.", field="rate")
        return Conversion(currency, company.currency, Rate(rate, Decimal(1), day))
    found = rate_on(from_id=currency.pk, to_id=company.currency_id, day=day)
    return Conversion(currency, company.currency, found)


def share(*, whole: Decimal, of: Decimal, before: Decimal, now: Decimal, taken: Decimal, decimals: int) -> Decimal:
    """What `now` of `of` takes of `whole`, of which `before` took `taken`; the last part takes all that is left.

    For instance the company amount (`whole`) of an invoice (`of`) that is paid in parts: paid in full, nothing is left
    in either currency.
    """
    return money(whole * (before + now) / of, decimals) - taken
