"""Journal entries over REST: read only, postings follow from deeds."""

from __future__ import annotations

from typing import Any

from erp.ledger.models import JournalEntry, JournalLine
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row


class LineRow(Row):
    class Meta:
        model = JournalLine
        fields = (
            "id", "account", "amount", "plant", "partner", "sales_order", "work_order", "material", "currency",
            "currency_amount", "tax_code", "tax_base",
        )  # fmt: skip


class EntryRow(Row):
    lines = LineRow(many=True)

    class Meta:
        model = JournalEntry
        fields = ("id", "company", "period", "kind", "posted_on", "posted_at", "memo", "source", "reverses", "lines")


class Entries(ReadableRows):
    """Balanced postings with their lines; a positive amount is a debit."""

    queryset = JournalEntry.objects.prefetch_related("lines").order_by("-id")
    serializer_class = EntryRow
    view_deed = "erp.view_ledger"
    filterset_fields: Any = (
        "company",
        "kind",
        "posted_on",
        "source",
        "lines__sales_order",
        "lines__account",
        "lines__tax_code",
    )


VIEWSETS: list[tuple[str, Any]] = [
    ("journal-entries", Entries),
]
