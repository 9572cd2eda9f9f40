"""Quotations as pages and integrations read them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from crm.models import TAKEN, Quotation, QuotationLine
from masterdata.rights import visible_to

_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=20, decimal_places=4)


@dataclass(frozen=True)
class QuotationDetail:
    """A quotation with its lines and total (the sum of the rounded lines)."""

    quotation: Quotation
    lines: list[QuotationLine]
    net_amount: Decimal


def visible_quotations(user: Any) -> QuerySet[Quotation]:
    """Quotations of the user's companies or with a line for one of the user's plants, each in its newest revision.

    `net_amount` sums the lines that count: all but options that nobody chose.
    """
    return every_revision(user).filter(replaced_by=None)


def every_revision(user: Any) -> QuerySet[Quotation]:
    """The same with the revisions that were replaced."""
    net = Coalesce(Sum("lines__net_amount", filter=TAKEN), Value(Decimal(0)), output_field=_MONEY)
    return (
        visible_to(user, Quotation.objects.all())
        .select_related("customer", "currency", "order", "made_by")
        .annotate(net_amount=net)
    )


def quotation_detail(*, user: Any, quotation_id: int) -> QuotationDetail | None:
    """The quotation, or nothing when there is none that the user may see."""
    quotation = visible_quotations(user).filter(pk=quotation_id).first()
    if quotation is None:
        return None
    lines = list(quotation.lines.select_related("plant", "material__unit").order_by("line_no"))
    return QuotationDetail(quotation, lines, sum((line.net_amount for line in lines if line.is_taken), Decimal(0)))


def lines_to_order(quotation_id: int) -> list[QuotationLine]:
    """The lines that a yes orders, in their sequence: options only when they were chosen."""
    lines = QuotationLine.objects.filter(quotation=quotation_id).order_by("line_no")
    return [line for line in lines if line.is_taken]
