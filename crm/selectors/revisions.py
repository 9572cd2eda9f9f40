"""Where a quotation stands, what its revisions were, and what changed from one to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateField, DateTimeField, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext as _

from crm.models import Quotation, QuotationLine
from crm.selectors.quotations import every_revision
from crm.selectors.quoted import discounted
from masterdata import numbers, shown
from masterdata.numbers import ZERO

State, Approval = Quotation.State, Quotation.Approval
OPEN = (State.DRAFT, State.SENT)
PLANT_ZONE = Subquery(
    QuotationLine.objects.filter(quotation=OuterRef("pk"))
    .order_by("line_no")
    .values_list(F("plant__time_zone"), flat=True)[:1],
    output_field=CharField(),
)
"""Of a quotation: the time zone of the plant that its first line comes from. By its day a quotation expires."""
LAST_PLANT = Subquery(
    QuotationLine.objects.filter(quotation=OuterRef("pk"))
    .order_by(F("offered_at").desc(nulls_last=True), "line_no")
    .values_list("plant_id", flat=True)[:1]
)
"""Of a quotation: the plant whose line was offered for the last day. That day is of its clock."""
_PLANT_DAY = Cast(Func(PLANT_ZONE, Now(), function="timezone", output_field=DateTimeField()), DateField())
EXPIRED = Q(state__in=OPEN, valid_until__lt=_PLANT_DAY)


@dataclass(frozen=True)
class TaxLine:
    """What a tax code comes to on the document."""

    name: str
    percent: Decimal
    base: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Change:
    """What differs between two revisions, in words."""

    what: str
    before: str
    after: str


def shown_state(quotation: Quotation, time_zone: str | None, now: dt.datetime) -> tuple[str, str]:
    """Its state and the word for it: what is open beyond its last day has expired, what waits for approval says so.

    `time_zone` is `PLANT_ZONE` of it.
    """
    if quotation.state in OPEN and quotation.valid_until < now.astimezone(ZoneInfo(time_zone or "UTC")).date():
        return "expired", _("Expired")
    if quotation.state == State.DRAFT and quotation.approval not in (Approval.FREE, Approval.APPROVED):
        return quotation.approval, str(quotation.get_approval_display())
    return quotation.state, str(quotation.get_state_display())


def revisions_of(user: Any, quotation: Quotation) -> QuerySet[Quotation]:
    """All revisions of its number that the user may see, the newest first."""
    newest = quotation.replaced_by_id or quotation.pk
    return every_revision(user).filter(Q(pk=newest) | Q(replaced_by=newest)).order_by("-revision_no")


def taxes_of(lines: Sequence[QuotationLine]) -> list[TaxLine]:
    """Per tax code of the lines that count, as it stands on the paper; lines come with their tax code."""
    found: dict[int, list[QuotationLine]] = {}
    for line in lines:
        if line.is_taken and line.tax_code_id:
            found.setdefault(line.tax_code_id, []).append(line)
    return [
        TaxLine(
            rows[0].tax_code.name,  # type: ignore[union-attr]
            rows[0].tax_code.rate_percent,  # type: ignore[union-attr]
            sum((row.net_amount for row in rows), ZERO),
            sum((row.tax_amount for row in rows), ZERO),
        )
        for _code, rows in sorted(found.items())
    ]


def before_discount(line: QuotationLine, decimals: int) -> Decimal:
    """What the line comes to after its own discount, before the document's."""
    each = discounted(line.unit_price, line.discount_percent)
    return numbers.money(each * line.quantity, decimals)


def changes_between(before: Quotation, after: Quotation) -> list[Change]:
    """What a later revision says otherwise: terms first, then line by line; lines are compared by their number."""
    found = [
        Change(what, old, new) for what, old, new in zip(_terms_named(), _terms(before), _terms(after), strict=True)
    ]
    old_lines, new_lines = _lines(before), _lines(after)
    for number in sorted(old_lines.keys() | new_lines.keys()):
        what = _("Line %(number)d") % {"number": number}
        found.append(Change(what, old_lines.get(number, shown.DASH), new_lines.get(number, shown.DASH)))
    return [one for one in found if one.before != one.after]


def _terms_named() -> list[str]:
    return [
        _("Valid until"), _("Their number"), _("Discount on all"), _("Delivery terms"), _("Payment"), _("Language"),
        _("Note"),
    ]  # fmt: skip


def _terms(row: Quotation) -> list[str]:
    return [
        shown.day(row.valid_until),
        row.customer_reference or shown.DASH,
        f"{shown.plain(row.discount_percent)} %",
        f"{row.incoterm} {row.incoterm_place}".strip() or shown.DASH,
        row.payment_term.name if row.payment_term else _("the customer's"),
        row.get_language_display() or _("the customer's"),
        row.note or shown.DASH,
    ]


def _lines(quotation: Quotation) -> dict[int, str]:
    rows = quotation.lines.select_related("material__unit", "plant").order_by("line_no")
    return {line.line_no: _said(line, quotation) for line in rows}


def _said(line: QuotationLine, quotation: Quotation) -> str:
    parts = [
        f"{shown.plain(line.quantity)} {line.material.unit.code} {line.material.name}",
        shown.money(line.unit_price, quotation.currency),
    ]
    if line.discount_percent:
        parts.append(_("less %(percent)s %%") % {"percent": shown.plain(line.discount_percent)})
    if line.is_option:
        parts.append(_("option"))
    parts.append(_("wanted %(day)s") % {"day": shown.day(line.wanted_on)})
    if line.offered_at is not None:
        day = line.offered_at.astimezone(ZoneInfo(line.plant.time_zone)).date()
        parts.append(_("offered for %(day)s") % {"day": shown.day(day)})
    if line.note:
        parts.append(line.note)
    return ", ".join(parts)
