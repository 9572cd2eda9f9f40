"""The lines of a quotation as its page shows them, and what is missing in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import ngettext as _n

from crm.models import QuotationLine
from crm.selectors.limits import discount_of
from masterdata import numbers


class ShownLine:
    """A line with what was offered for it, and its margin in the company's currency."""

    def __init__(self, line: QuotationLine, rate: Decimal) -> None:
        self.line, self.rate = line, rate

    @property
    def own_net(self) -> Decimal:
        return numbers.money(self.line.net_amount * self.rate)

    @property
    def margin(self) -> Decimal | None:
        cost = self.line.offered_cost
        return None if cost is None else self.own_net - cost

    @property
    def margin_percent(self) -> Decimal | None:
        if self.margin is None or not self.own_net:
            return None
        return numbers.money(100 * self.margin / self.own_net, 1)

    @property
    def discount(self) -> Decimal:
        """How far what is asked lies below the price lists, in percent."""
        return discount_of(self.line)

    @property
    def is_typed(self) -> bool:
        """Another price than the price lists say."""
        return self.line.base_price is not None and self.line.base_price != self.line.unit_price


def undated_in(lines: Sequence[ShownLine]) -> str:
    """Which lines carry no offered date."""
    numbers_of = [str(one.line.line_no) for one in lines if one.line.offered_at is None]
    if not numbers_of:
        return ""
    return _n(
        "Line %(lines)s has no offered date: the first plan will set its promise.",
        "Lines %(lines)s have no offered date: the first plan will set their promises.",
        len(numbers_of),
    ) % {"lines": ", ".join(numbers_of)}


def uncosted_in(lines: Sequence[ShownLine]) -> str:
    """Which lines nobody knows the cost of."""
    numbers_of = [str(one.line.line_no) for one in lines if one.line.offered_cost is None]
    if not numbers_of:
        return ""
    return _n(
        "What line %(lines)s costs nobody knows: its margin cannot be checked. Give its material a cost.",
        "What lines %(lines)s cost nobody knows: their margin cannot be checked. Give their materials a cost.",
        len(numbers_of),
    ) % {"lines": ", ".join(numbers_of)}
