"""What has to be done before a period is closed, and what only should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from erp.books.models import ManualEntry
from erp.ledger.models import JournalEntry, JournalLine, Period, UnsealedEntry
from erp.stock.models import OwedIssue

ENTRIES = "erp:manual_entries"


@dataclass(frozen=True, slots=True)
class Check:
    """One item of the list: how many rows stand in the way, the page where they are; closing waits for what blocks."""

    code: str
    label: Any
    count: int
    blocks: bool
    place: str = ""

    @property
    def is_done(self) -> bool:
        return self.count == 0


def checklist(period: Period) -> list[Check]:
    """The items of a period, those that block first."""
    return [
        Check("unsealed", _("Entries that wait for their seal"), _unsealed(period), blocks=True),
        Check("owed", _("Missing material booked later"), _owed(period), blocks=True, place="erp:work_orders"),
        Check(
            "waiting", _("Manual entries that wait for a yes"), _manual(period, "submitted"), True, "erp:manual_entries"
        ),
        Check(
            "drafts", _("Drafts of manual entries"), _manual(period, "draft", "refused"), False, "erp:manual_entries"
        ),
        Check("currencies", _("Open items in other currencies that are not valued"), _not_valued(period), False),
        Check("earlier", _("Earlier periods that are open"), _earlier(period), blocks=False, place="erp:periods"),
    ]


def standing_in_the_way(checks: Sequence[Check]) -> list[Check]:
    """What blocks and is not done."""
    return [check for check in checks if check.blocks and not check.is_done]


def _unsealed(period: Period) -> int:
    return UnsealedEntry.objects.filter(entry__period=period).count()


def _owed(period: Period) -> int:
    """Owed issues that were opened in the period and are open."""
    return OwedIssue.objects.filter(
        work_order_material__work_order__plant__company=period.company_id,
        opened_at__date__range=(period.starts_on, period.ends_on),
        settled_at=None,
    ).count()


def _manual(period: Period, *states: str) -> int:
    days = (period.starts_on, period.ends_on)
    return ManualEntry.objects.filter(company=period.company_id, posted_on__range=days, state__in=states).count()


def _not_valued(period: Period) -> int:
    """Open items by account, partner and currency, when no entry of the period's last day values them."""
    source = f"currencies:{period.ends_on.isoformat()}"
    if JournalEntry.objects.filter(source=source, company=period.company_id).exists():
        return 0
    lines = JournalLine.objects.filter(
        account__company=period.company_id,
        account__role__in=["receivable", "payable", "bank", "deposit"],
        currency__isnull=False,
        entry__posted_on__lte=period.ends_on,
    )
    items = lines.order_by().values("account", "partner", "currency").annotate(left=Sum("currency_amount"))
    return items.exclude(left=0).count()


def _earlier(period: Period) -> int:
    return Period.objects.filter(
        ~Q(state=Period.State.CLOSED), company=period.company_id, ends_on__lt=period.starts_on
    ).count()
