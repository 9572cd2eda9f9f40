"""A quotation on its way: sent, revised, given a new last day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction

from crm import facts as crm_facts
from crm.models import PortalLink, Quotation
from crm.services.approvals import judge, refuse_unapproved
from crm.services.opened import draft_of, open_quotation
from crm.services.portal import open_link, revoke_links
from crm.services.quotations import VALID_FOR
from masterdata import facts, live
from masterdata.days import check_day_ahead
from masterdata.errors import Refusal
from masterdata.models import Plant, User


class NotSentYet(Refusal):
    """A draft is edited, not revised; its last day is a field of it."""

    code = "quotation_not_sent"


@dataclass(frozen=True)
class Sent:
    """The quotation as sent, and the token of the link that opens it: it is shown once and kept nowhere."""

    quotation: Quotation
    link: PortalLink
    token: str


@transaction.atomic
def send_quotation(
    *, quotation_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Sent:
    """Freeze a draft as the revision that the customer has, and make the link by which it can be accepted.

    Locks the quotation. States QuotationSent. Raises QuotationNotOpen, QuotationSent, ApprovalMissing, DayPassed when
    it is not valid any more, StaleVersion.
    """
    quotation = draft_of(quotation_id, expected_version)
    lines = list(quotation.lines.select_related("material", "plant").order_by("line_no"))
    check_day_ahead(quotation.valid_until, time_zone=lines[0].plant.time_zone, now=now, field="valid_until")
    judge(quotation, lines, now)
    refuse_unapproved(quotation, lines, "send it")
    quotation.state, quotation.sent_at, quotation.sent_by = Quotation.State.SENT, now, by
    _save(quotation, "state", "sent_at", "sent_by")
    link, token = open_link(quotation, now, by)
    facts.state(crm_facts.QuotationSent(quotation_id=quotation.pk, revision_no=quotation.revision_no))
    return Sent(quotation, link, token)


@transaction.atomic
def revise_quotation(
    *, quotation_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Quotation:
    """Open the next revision of what was sent as a draft; the one before stays as it was, and can't be accepted.

    Its last day is kept while it is ahead, else it is 30 days from now. Locks the quotation. Raises NotSentYet.
    """
    quotation = open_quotation(quotation_id, expected_version)
    _refuse_draft(quotation, "edit it")
    _keep_as_it_was(quotation)
    revoke_links(quotation, now)
    today = now.astimezone(ZoneInfo(_plant(quotation).time_zone)).date()
    quotation.revision_no += 1
    quotation.state, quotation.sent_at, quotation.sent_by = Quotation.State.DRAFT, None, None
    quotation.extended_no, quotation.changed_by = 0, by
    if quotation.valid_until < today:
        quotation.valid_until = today + VALID_FOR
    _save(quotation, "revision_no", "state", "sent_at", "sent_by", "extended_no", "changed_by", "valid_until")
    judge(quotation, list(quotation.lines.select_related("material").order_by("line_no")), now)
    return quotation


@transaction.atomic
def extend_quotation(
    *, quotation_id: int, valid_until: dt.date, now: dt.datetime, expected_version: int | None = None
) -> Quotation:
    """Give what was sent a new last day at the same prices; its paper and its links follow. Locks the quotation."""
    quotation = open_quotation(quotation_id, expected_version)
    _refuse_draft(quotation, "edit its last day")
    check_day_ahead(valid_until, time_zone=_plant(quotation).time_zone, now=now, field="valid_until")
    if valid_until != quotation.valid_until:
        quotation.valid_until = valid_until
        quotation.extended_no += 1
        _save(quotation, "valid_until", "extended_no")
        for link in quotation.links.filter(revoked_at=None, revision_no=quotation.revision_no).order_by("pk"):
            link.expires_at = PortalLink.end_for(valid_until)
            link.save(update_fields=["expires_at"])
    return quotation


def _keep_as_it_was(quotation: Quotation) -> None:
    """A copy of the quotation and its lines, for ever as they were sent. The row itself becomes the next revision."""
    lines = list(quotation.lines.order_by("line_no"))
    kept = Quotation.objects.get(pk=quotation.pk)
    Quotation.objects.filter(pk=quotation.pk).update(revision_no=quotation.revision_no + 1)
    kept.pk, kept._state.adding = None, True
    kept.state, kept.replaced_by_id, kept.order = Quotation.State.REPLACED, quotation.pk, None
    kept.opportunity = None  # the newest one stands for it
    kept.save(force_insert=True)
    for line in lines:
        line.pk, line._state.adding, line.quotation = None, True, kept
    type(lines[0]).objects.bulk_create(lines)


def _refuse_draft(quotation: Quotation, instead: str) -> None:
    if quotation.state == Quotation.State.DRAFT:
        raise NotSentYet(f"{quotation.number} is a draft: {instead}.")


def _plant(quotation: Quotation) -> Plant:
    return quotation.lines.select_related("plant").order_by("line_no")[0].plant


def _save(quotation: Quotation, *fields: str) -> None:
    quotation.version += 1
    quotation.save(update_fields=[*fields, "version"])
    live.publish("quotation", quotation.pk, quotation.version)
