"""The pipeline: opportunities, the columns of the board with exact sums, and what is expected by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    DateTimeField,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, RowNumber, TruncMonth

from crm.models import Activity, Opportunity, Stage
from masterdata.rights import visible_to

_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=24, decimal_places=4)


class _Rounded(Func):
    """Half away from zero, as PostgreSQL rounds numerics: half up, for what is never below zero."""

    function = "ROUND"
    output_field = _MONEY


def weighted() -> _Rounded:
    """An opportunity's value times the probability of its stage, rounded half up to its currency, at its row."""
    share = ExpressionWrapper(F("value") * F("stage__probability") / Value(Decimal(100)), output_field=_MONEY)
    return _Rounded(share, Cast(F("currency__decimals"), IntegerField()))


def visible_opportunities(user: Any) -> QuerySet[Opportunity]:
    """Opportunities of companies in which the user works, with `weighted` and when their `next_at` activity is due."""
    coming = Activity.objects.filter(opportunity=OuterRef("pk"), done_at__isnull=True).order_by("due_at", "pk")
    return (
        visible_to(user, Opportunity.objects.all())
        .select_related("customer", "currency", "stage", "owner", "plant", "company", "lost_reason")
        .annotate(
            weighted=weighted(),
            next_at=Subquery(coming.values("due_at")[:1], output_field=DateTimeField()),
            next_subject=Subquery(coming.values("subject")[:1]),
            next_is_whole_day=Subquery(coming.values("is_whole_day")[:1]),
        )
    )


@dataclass(frozen=True)
class Sums:
    """Of opportunities in one currency."""

    currency: str
    count: int
    value: Decimal
    weighted: Decimal


@dataclass
class BoardColumn:
    """A stage with its first cards; count and sums are of all that is in it."""

    stage: Stage
    cards: list[Opportunity] = field(default_factory=list)
    count: int = 0
    sums: list[Sums] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


CARDS = 50
RECENT = dt.timedelta(days=30)
"""Of what is won or lost the board shows the last month."""


def on_board(rows: QuerySet[Opportunity], now: dt.datetime) -> QuerySet[Opportunity]:
    """What the board shows of these opportunities: all that are open, and what was won or lost lately."""
    return rows.filter(Q(state="open") | Q(closed_at__gte=now - RECENT))


def board(rows: QuerySet[Opportunity], stages: Sequence[Stage]) -> list[BoardColumn]:
    """The columns: their first cards by the day they are decided, counts and sums of all. Two queries."""
    columns = {stage.pk: BoardColumn(stage) for stage in stages}
    place = Window(RowNumber(), partition_by=F("stage"), order_by=[F("expected_on").asc(), F("pk").asc()])
    for card in rows.annotate(place=place).filter(place__lte=CARDS).order_by("expected_on", "pk"):
        if card.stage_id in columns:
            columns[card.stage_id].cards.append(card)
    for stage_id, sums in _sums(rows, "stage").items():
        if stage_id in columns:
            columns[stage_id].sums = sums
            columns[stage_id].count = sum(one.count for one in sums)
    return list(columns.values())


@dataclass(frozen=True)
class Month:
    """What is decided in a month, in one currency; `share` of the largest, in percent. Without a month: overdue."""

    month: dt.date | None
    sums: Sums
    share: int


def forecast(rows: QuerySet[Opportunity], today: dt.date) -> list[Month]:
    """Open opportunities by the month in which they are decided, and by currency, one query.

    First those whose day has passed: nobody expects them in the month of that day any more.
    """
    month = Case(When(expected_on__gte=today, then=Cast(TruncMonth("expected_on"), DateField())))
    by_month = _sums(rows.filter(state="open").annotate(month=month), "month")
    largest: dict[str, Decimal] = defaultdict(Decimal)
    for sums in by_month.values():
        for one in sums:
            largest[one.currency] = max(largest[one.currency], one.value)
    return [
        Month(month, one, int(100 * one.weighted / largest[one.currency]) if largest[one.currency] else 0)
        for month, sums in sorted(by_month.items(), key=lambda one: one[0] or dt.date.min)
        for one in sums
    ]


def totals(rows: QuerySet[Opportunity]) -> list[Sums]:
    """Of all of them, by currency. One query."""
    return _sums(rows.annotate(all=Value(1)), "all").get(1, [])


def stages() -> list[Stage]:
    """The columns in use, from left to right."""
    return list(Stage.objects.filter(is_active=True).order_by("place", "pk"))


def _sums(rows: QuerySet[Opportunity], by: str) -> dict[Any, list[Sums]]:
    """Exact: each opportunity is rounded once, then added up by currency."""
    found: dict[Any, list[Sums]] = defaultdict(list)
    grouped = (
        rows.order_by()
        .values(by, "currency__code")
        .annotate(count=Count("pk"), worth=Sum("value"), likely=Sum("weighted", output_field=_MONEY))
        .order_by(by, "currency__code")
    )
    for row in grouped:
        found[row[by]].append(Sums(row["currency__code"], row["count"], row["worth"], row["likely"]))
    return found


def next_is(row: Any, now: dt.datetime) -> str:
    """How the next activity stands: "late", "risk" when there is none while it is open, else empty."""
    if row.state != "open":
        return ""
    if row.next_at is None:
        return "risk"
    return "late" if row.next_at <= now else ""
