"""How the facts before the quote and after the sale read on timelines."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Case, Lead, Opportunity
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    cases, opportunities = Case.objects.all(), Opportunity.objects.select_related("currency", "lost_reason")
    timeline.register_about("CaseOpened", cases, "case_id", _case_opened)
    timeline.register_about("CaseClosed", cases, "case_id", _case_closed)
    timeline.register_about("LeadConverted", Lead.objects.all(), "lead_id", _lead_converted)
    timeline.register_about("OpportunityWon", opportunities, "opportunity_id", _opportunity_won)
    timeline.register_about("OpportunityLost", opportunities, "opportunity_id", _opportunity_lost)


def _case_opened(record: FactRecord, case: Case) -> Happening:
    return Happening(
        record.stated_at,
        _("Case %(number)s opened") % {"number": case.number},
        "lifebuoy",
        timeline.who(record),
        case.subject,
        reverse("crm:case", args=[case.pk]),
    )


def _case_closed(record: FactRecord, case: Case) -> Happening:
    return Happening(
        record.stated_at,
        _("Case %(number)s closed") % {"number": case.number},
        "circle-check",
        timeline.who(record),
        Case.Outcome(record.payload["outcome"]).label,
        reverse("crm:case", args=[case.pk]),
        "good",
    )


def _lead_converted(record: FactRecord, lead: Lead) -> Happening:
    return Happening(
        record.stated_at,
        _("Lead %(number)s converted") % {"number": lead.number},
        "user-search",
        timeline.who(record),
        lead.get_source_display(),
        reverse("crm:lead", args=[lead.pk]),
    )


def _opportunity_won(record: FactRecord, row: Opportunity) -> Happening:
    return _of_opportunity(record, row, _("%(title)s won"), "circle-check", "good")


def _opportunity_lost(record: FactRecord, row: Opportunity) -> Happening:
    return _of_opportunity(record, row, _("%(title)s lost"), "circle-x", "bad")


def _of_opportunity(record: FactRecord, row: Opportunity, sentence: str, icon: str, tone: str) -> Happening:
    return Happening(
        record.stated_at,
        sentence % {"title": row.title},
        icon,
        timeline.who(record),
        shown.money(row.value, row.currency),
        reverse("crm:opportunity", args=[row.pk]),
        tone,
    )
