"""What every report of the ledger is made of: what was asked, and rows of figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from masterdata.models import Company
from masterdata.numbers import ZERO

GROUP, TOTAL = "group", "total"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose books, from which day to which; a plant or a sales order limits the figures to what names it."""

    company: Company
    since: dt.date
    until: dt.date
    plant_id: int | None = None
    order_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out, so that debits equal credits."""
        return self.plant_id is None and self.order_id is None


@dataclass(frozen=True, slots=True)
class TaxSlice:
    """The tax lines behind a figure: of a code, of sales or of purchases, from a day to a day."""

    code_id: int
    is_sale: bool
    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of a report: `level` is empty, GROUP or TOTAL. The ids say where its figures come from."""

    code: str
    label: Any
    figures: tuple[Decimal | None, ...]
    level: str = ""
    account_id: int | None = None
    order_id: int | None = None
    purchase_order_id: int | None = None
    work_order_id: int | None = None
    tax: TaxSlice | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`heads` name the figures, of which the first `quantities` are no money.

    `differences` are what has to be zero for the report to be right.
    """

    heads: Sequence[Any]
    rows: Sequence[ReportRow]
    differences: Sequence[tuple[Any, Decimal]] = ()
    quantities: int = 0

    @property
    def agrees(self) -> bool:
        return all(not amount for _label, amount in self.differences)


def summed(rows: Iterable[ReportRow], width: int) -> tuple[Decimal, ...]:
    """The sums of the figures of single lines, column by column."""
    sums = [ZERO] * width
    for row in rows:
        if not row.level:
            sums = [total + (figure or ZERO) for total, figure in zip(sums, row.figures, strict=True)]
    return tuple(sums)
