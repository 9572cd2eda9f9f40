"""A linked entry that undoes another one, line by line."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction

from erp.ledger.models import JournalEntry, JournalLine
from erp.ledger.services import ADJUSTING, EntryDraft, LedgerLine, write_entries
from masterdata.errors import Refusal


class AlreadyReversed(Refusal):
    """The entry was undone before."""

    code: ClassVar[str] = "already_reversed"


def mirrored(line: JournalLine) -> LedgerLine:
    """The line the other way round, with all that it is about."""
    return LedgerLine(
        account_id=line.account_id,
        amount=-line.amount,
        plant=line.plant,
        partner=line.partner,
        sales_order_id=line.sales_order_id,
        work_order_id=line.work_order_id,
        material_id=line.material_id,
        currency_id=line.currency_id,
        currency_amount=None if line.currency_amount is None else -line.currency_amount,
        tax_code_id=line.tax_code_id,
        tax_base=None if line.tax_base is None else -line.tax_base,
    )


@transaction.atomic
def reverse_entry(
    *, entry_id: int, now: dt.datetime, memo: str = "", source: str = "", posted_on: dt.date | None = None
) -> JournalEntry:
    """Post the entry's lines the other way round, linked to it, in the open period. Locks the entry.

    `posted_on` empty: the day of `now` where the entry belongs. Raises AlreadyReversed, PeriodClosed.
    """
    rows = JournalEntry.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    entry = rows.get(pk=entry_id)
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed(
            f"{entry.memo or entry.source} was undone before: nothing is left to undo.", entry_id=entry.pk
        )
    draft = EntryDraft(
        company_id=entry.company_id,
        kind=JournalEntry.Kind.REVERSAL,
        source=source or entry.source,
        lines=[mirrored(line) for line in entry.lines.select_related("plant", "partner").order_by("pk")],
        memo=(memo or f"Reversal of {entry.memo or entry.source}")[:200],
        posted_on=posted_on,
        reverses_id=entry.pk,
        is_adjustment=entry.kind in ADJUSTING,
    )
    posted = write_entries(drafts=[draft], now=now)[0].entry
    assert posted is not None, "an entry has lines, and none of them is zero"
    return posted
