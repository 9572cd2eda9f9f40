"""All that happened with a customer, newest first, a page at a time: one query finds what, one a source reads it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.dateparse import parse_datetime

from crm.models import Activity, Message, Notice, Opportunity, Quotation
from erp.models import Invoice, Payment, SalesOrder
from masterdata.models import FactRecord
from masterdata.pages import timeline
from masterdata.rights import allows, visible_to

PAGE = 30
MONEY = "erp.view_invoice"
# Facts of which another row tells more are left out here; those of promises, cases and the pipeline are kinds apart.
TOLD_BY_ROWS = {
    "InvoicePosted", "PaymentReceived", "MessageSent", "MessageReceived", "MessageFailed", "MessageNoted",
}  # fmt: skip
KINDS_OF_FACTS: dict[str, tuple[str, ...]] = {
    "promises": ("PromiseChanged",),
    "cases": ("CaseOpened", "CaseClosed"),
    "pipeline": ("LeadConverted", "OpportunityWon", "OpportunityLost", "QuotationAccepted"),
}
NEWEST = ("-happened_at", "-told_by", "-told_key")
KINDS = ("orders", "pipeline", "quotations", "promises", "messages", "activities", "cases", "money")


@dataclass(frozen=True)
class Place:
    """Where a page of the timeline begins: after this entry. Entries of one moment are ordered by source and key."""

    at: dt.datetime
    source: str
    key: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}|{self.source}|{self.key}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """From an address; nothing when it is none."""
        parts = text.split("|")
        if len(parts) != 3:
            return None
        try:
            at = parse_datetime(parts[0])
        except ValueError:
            return None
        return cls(at, parts[1], parts[2]) if at is not None and at.tzinfo is not None else None


@dataclass(frozen=True)
class Entry:
    """One line: `source` is the model that tells it, `row` that row (of a fact: its sentence), `key` its id."""

    at: dt.datetime
    source: str
    kind: str
    row: Any
    key: str


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    earlier: Place | None


def happened(user: Any, customer_id: int, *, kinds: Sequence[str] = (), after: Place | None = None) -> Page:
    """A page of what the user may see; a constant number of queries, however many entries of however many kinds."""
    wanted = [kind for kind in KINDS if not kinds or kind in kinds]
    arms = [_arm(source, kind, rows, at, after) for source, kind, rows, at in _sources(user, customer_id, wanted)]
    if not arms:
        return Page([], None)
    together = arms[0].union(*arms[1:], all=True).order_by(*NEWEST)[: PAGE + 1] if len(arms) > 1 else arms[0]
    found = list(together)
    shown = found[:PAGE]
    rows = _rows(shown)
    entries = [
        Entry(one["happened_at"], one["told_by"], one["told_as"], row, one["told_key"])
        for one in shown
        if (row := rows.get((one["told_by"], one["told_key"]))) is not None
    ]
    last = shown[-1] if len(found) > PAGE else None
    return Page(entries, Place(last["happened_at"], last["told_by"], last["told_key"]) if last else None)


Source = tuple[str, str, QuerySet[Any], Any]


def _sources(user: Any, customer_id: int, wanted: Sequence[str]) -> Iterable[Source]:
    """Source, kind, rows and the time of each row; limited to what the user may see."""
    orders = visible_to(user, SalesOrder.objects.filter(customer=customer_id))
    facts = _facts(orders, customer_id)
    apart = [name for names in KINDS_OF_FACTS.values() for name in names]
    for kind in wanted:
        if kind in KINDS_OF_FACTS:
            yield f"fact-{kind}", kind, facts.filter(kind__in=KINDS_OF_FACTS[kind]), F("stated_at")
    own = {"customer": customer_id}
    found: list[tuple[str, str, Any, Any]] = [
        ("fact-orders", "orders", lambda: facts.exclude(kind__in=apart), F("stated_at")),
        ("order", "orders", lambda: orders, F("made_at")),
        ("opportunity", "pipeline", lambda: visible_to(user, Opportunity.objects.filter(**own)), F("made_at")),
        ("quotation", "quotations", lambda: visible_to(user, Quotation.objects.filter(**own)), F("made_at")),
        ("notice", "promises", lambda: visible_to(user, Notice.objects.filter(**own)), F("written_at")),
        ("message", "messages", lambda: visible_to(user, Message.objects.filter(**own)), F("made_at")),
        (
            "activity",
            "activities",
            lambda: visible_to(user, Activity.objects.filter(**own, done_at__isnull=False)),
            F("done_at"),
        ),
    ]
    if allows(user, MONEY):
        found += [
            (
                "invoice",
                "money",
                lambda: visible_to(user, Invoice.objects.filter(**own), MONEY),
                _day("issued_on"),
            ),
            (
                "payment",
                "money",
                lambda: visible_to(user, Payment.objects.filter(**own), MONEY),
                _day("received_on"),
            ),
        ]
    yield from ((source, kind, rows(), at) for source, kind, rows, at in found if kind in wanted)


def _day(field: str) -> Any:
    """When it was posted; what posted nothing stands at the begin of its day."""
    return Coalesce(F("entry__posted_at"), Cast(F(field), DateTimeField()))


def _facts(orders: QuerySet[SalesOrder], customer_id: int) -> QuerySet[FactRecord]:
    subjects = orders.annotate(subject=Concat(Value("order:"), Cast("pk", CharField()))).values("subject")
    told = sorted(timeline.kinds() - TOLD_BY_ROWS)
    about = Q(subject__in=subjects) | Q(subject=f"customer:{customer_id}")
    return FactRecord.objects.filter(about, kind__in=told)


def _arm(source: str, kind: str, rows: QuerySet[Any], at: Any, after: Place | None) -> QuerySet[Any]:
    """The newest of one source as (when, source, kind, key); no more than a page of them can be shown."""
    arm = rows.annotate(
        happened_at=at,
        told_by=Value(source, output_field=CharField()),
        told_as=Value(kind, output_field=CharField()),
        told_key=Cast("pk", CharField()),
    )
    if after is not None:
        arm = arm.filter(_later(source, after))
    picked = arm.order_by("-happened_at", "-told_key")[: PAGE + 1]
    return picked.values("happened_at", "told_by", "told_as", "told_key")


def _later(source: str, after: Place) -> Q:
    before = Q(happened_at__lt=after.at)
    if source < after.source:
        return before | Q(happened_at=after.at)
    if source == after.source:
        return before | Q(happened_at=after.at, told_key__lt=after.key)
    return before


_READ: dict[str, tuple[Any, tuple[str, ...]]] = {
    "order": (SalesOrder, ("currency",)),
    "opportunity": (Opportunity, ("currency", "made_by")),
    "quotation": (Quotation, ("made_by", "lost_reason")),
    "notice": (Notice, ("order",)),
    "message": (Message, ("made_by",)),
    "activity": (Activity, ("done_by",)),
    "invoice": (Invoice, ("currency",)),
    "payment": (Payment, ("currency",)),
}


def _rows(found: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """The rows behind the entries, by source and key: one query a source, and what the facts' tellers ask."""
    keys: dict[str, list[str]] = defaultdict(list)
    for one in found:
        keys[one["told_by"]].append(one["told_key"])
    rows: dict[tuple[str, str], Any] = {}
    for source, wanted in keys.items():
        if source in _READ:
            model, related = _READ[source]
            same = model.objects.select_related(*related).filter(pk__in=wanted)
            rows |= {(source, str(row.pk)): row for row in same}
    facts = [(source, key) for source, wanted in keys.items() if source not in _READ for key in wanted]
    records = FactRecord.objects.filter(pk__in=[key for _source, key in facts]).select_related("by")
    told = timeline.tell(list(records)) if facts else {}
    by_key = {str(pk): line for pk, line in told.items()}
    return rows | {(source, key): by_key[key] for source, key in facts if key in by_key}
