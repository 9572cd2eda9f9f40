"""How the facts before the quote and after the sale read on timelines."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Case, Lead, Opportunity
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("CaseOpened", _case_opened)
    timeline.register("CaseClosed", _case_closed)
    timeline.register("LeadConverted", _lead_converted)
    timeline.register("OpportunityWon", _opportunity_won)
    timeline.register("OpportunityLost", _opportunity_lost)


def _case_opened(records: Sequence[FactRecord]) -> timeline.Told:
    found = Case.objects.in_bulk({record.payload["case_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Case %(number)s opened") % {"number": case.number},
            "lifebuoy",
            timeline.who(record),
            case.subject,
            reverse("crm:case", args=[case.pk]),
        )
        for record in records
        if (case := found.get(record.payload["case_id"]))
    }


def _case_closed(records: Sequence[FactRecord]) -> timeline.Told:
    found = Case.objects.in_bulk({record.payload["case_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Case %(number)s closed") % {"number": case.number},
            "circle-check",
            timeline.who(record),
            Case.Outcome(record.payload["outcome"]).label,
            reverse("crm:case", args=[case.pk]),
            "good",
        )
        for record in records
        if (case := found.get(record.payload["case_id"]))
    }


def _lead_converted(records: Sequence[FactRecord]) -> timeline.Told:
    found = Lead.objects.in_bulk({record.payload["lead_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Lead %(number)s converted") % {"number": lead.number},
            "user-search",
            timeline.who(record),
            lead.get_source_display(),
            reverse("crm:lead", args=[lead.pk]),
        )
        for record in records
        if (lead := found.get(record.payload["lead_id"]))
    }


def _opportunity_won(records: Sequence[FactRecord]) -> timeline.Told:
    return _opportunities(records, _("%(title)s won"), "circle-check", "good")


def _opportunity_lost(records: Sequence[FactRecord]) -> timeline.Told:
    return _opportunities(records, _("%(title)s lost"), "circle-x", "bad")


def _opportunities(records: Sequence[FactRecord], sentence: str, icon: str, tone: str) -> timeline.Told:
    rows = Opportunity.objects.select_related("currency", "lost_reason")
    found = rows.in_bulk({record.payload["opportunity_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            sentence % {"title": row.title},
            icon,
            timeline.who(record),
            shown.money(row.value, row.currency),
            reverse("crm:opportunity", args=[row.pk]),
            tone,
        )
        for record in records
        if (row := found.get(record.payload["opportunity_id"]))
    }
