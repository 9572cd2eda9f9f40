"""Prices beyond what sales may give: asked for, approved by somebody else, or not; and the limits themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import CategoryFloor, Quotation, QuotationApproval, QuotationLine, SalesPolicy
from crm.selectors.limits import Need, figures_of, need_of
from crm.services.opened import draft_of
from masterdata import facts, live, numbers
from masterdata.errors import InvalidInput, NotAllowed, Refusal, StaleVersion
from masterdata.models import Company, User
from masterdata.rights import demand

Approval, Decision = Quotation.Approval, QuotationApproval.Decision
APPROVE = "crm.approve_discount"


class ApprovalMissing(Refusal):
    """Its price is beyond what sales may give, and nobody has approved it."""

    code = "approval_missing"


class ApprovalNotNeeded(Refusal):
    """Within the limits, or asked for already."""

    code = "approval_not_needed"


class PriceNotAsked(Refusal):
    """Decided already, or the quotation was changed since it was asked for."""

    code = "price_not_asked"


class OwnApproval(NotAllowed):
    """Nobody approves their own quotation."""

    code = "own_approval"


def judge(quotation: Quotation, lines: Sequence[QuotationLine], now: dt.datetime) -> Need:
    """Say on the quotation whether it needs approval, and drop approvals of other figures. Within its transaction."""
    need = need_of(quotation, lines)
    standing = _standing(quotation)
    if standing is not None and (not need.is_needed or standing.figures != figures_of(quotation, lines)):
        _decide(standing, Decision.DROPPED, now, None, "Price, quantity or cost changed")
        standing = None
    if not need.is_needed:
        wanted = Approval.FREE
    elif standing is None:
        wanted = Approval.NEEDED
    else:
        wanted = Approval.APPROVED if standing.decision == Decision.APPROVED else Approval.ASKED
    if quotation.approval != wanted:
        quotation.approval = wanted
        quotation.save(update_fields=["approval"])
    return need


def refuse_unapproved(quotation: Quotation, lines: Sequence[QuotationLine], then: str) -> None:
    """Raises ApprovalMissing unless it is within the limits or just these figures are approved."""
    need = need_of(quotation, lines)
    if not need.is_needed:
        return
    standing = _standing(quotation)
    is_same = standing is not None and standing.figures == figures_of(quotation, lines)
    if standing is not None and is_same and standing.decision == Decision.APPROVED:
        return
    asked = standing is not None and is_same
    what = "it was asked for: wait for the answer" if asked else "ask for it"
    raise ApprovalMissing(
        f"{quotation.number} has {need.because}, which somebody else has to approve: {what}, then {then}.",
        approval=Approval.ASKED if asked else Approval.NEEDED,
    )


@transaction.atomic
def ask_approval(
    *,
    quotation_id: int,
    now: dt.datetime,
    note: str = "",
    by: User | None = None,
    expected_version: int | None = None,
) -> QuotationApproval:
    """Put a draft before those who may approve it, with why it should pass. Locks it. States PriceApprovalAsked."""
    quotation = draft_of(quotation_id, expected_version)
    lines = list(quotation.lines.select_related("material").order_by("line_no"))
    need = judge(quotation, lines, now)
    if quotation.approval in (Approval.FREE, Approval.APPROVED, Approval.ASKED):
        said = {
            Approval.FREE: "is within the limits: send it",
            Approval.APPROVED: "is approved: send it",
            Approval.ASKED: "waits for approval already",
        }[Approval(quotation.approval)]
        raise ApprovalNotNeeded(f"{quotation.number} {said}.")
    found = QuotationApproval.objects.create(
        quotation=quotation,
        revision_no=quotation.revision_no,
        figures=figures_of(quotation, lines),
        because=need.said[:240],
        margin_percent=need.margin_percent,
        discount_percent=need.discount_percent,
        note=note.strip()[:400],
        asked_at=now,
        asked_by=by,
    )
    _set(quotation, Approval.ASKED)
    facts.state(
        crm_facts.PriceApprovalAsked(quotation_id=quotation.pk, revision_no=found.revision_no, approval_id=found.pk)
    )
    return found


@transaction.atomic
def decide_approval(
    *, approval_id: int, is_approved: bool, now: dt.datetime, reason: str = "", by: User | None = None
) -> QuotationApproval:
    """Approve a price, or not; not needs a reason. Locks the quotation. States PriceApprovalDecided.

    Raises OwnApproval for who wrote, changed or asked for it, PriceNotAsked when its figures are others by now.
    """
    found = QuotationApproval.objects.get(pk=approval_id)
    quotation = draft_of(found.quotation_id, None)
    demand(by, APPROVE)
    found = QuotationApproval.objects.select_for_update().order_by("pk").get(pk=approval_id)
    if by is not None and by.pk in (quotation.made_by_id, quotation.changed_by_id, found.asked_by_id):
        raise OwnApproval(f"You wrote {quotation.number} or asked for this: somebody else has to decide it.")
    lines = list(quotation.lines.select_related("material").order_by("line_no"))
    if found.decision != Decision.OPEN or found.figures != figures_of(quotation, lines):
        raise PriceNotAsked(f"{quotation.number} was decided or changed since: look at it again.")
    if not is_approved and not reason.strip():
        raise InvalidInput("Say why it is not approved, so that it can be changed.", field="reason")
    _decide(found, Decision.APPROVED if is_approved else Decision.REJECTED, now, by, reason)
    _set(quotation, Approval.APPROVED if is_approved else Approval.REJECTED)
    return found


@transaction.atomic
def set_sales_policy(
    *,
    company: Company,
    floor_percent: Decimal | None,
    discount_limit_percent: Decimal | None,
    floors: Mapping[int, Decimal] | None = None,
    expected_version: int | None = None,
) -> SalesPolicy:
    """How far sales may go in a company; `floors` by category replace those there. Drafts are judged when sent.

    Raises InvalidInput, StaleVersion.
    """
    for value, low, name in (
        (floor_percent, -100, "floor_percent"),
        (discount_limit_percent, 0, "discount_limit_percent"),
    ):
        if value is not None and (not low <= value <= 100 or numbers.money(value, 2) != value):
            raise InvalidInput(f"Enter a percentage from {low} to 100, to two decimals.", field=name)
    for value in (floors or {}).values():
        if not -100 <= value <= 100 or numbers.money(value, 2) != value:
            raise InvalidInput("Enter a percentage from -100 to 100, to two decimals.", field="floors")
    SalesPolicy.objects.get_or_create(company=company)
    policy = SalesPolicy.objects.select_for_update().order_by("pk").get(company=company)
    if expected_version is not None and policy.version != expected_version:
        raise StaleVersion("The limits were changed meanwhile. Look at them again.", version=policy.version)
    policy.floor_percent, policy.discount_limit_percent = floor_percent, discount_limit_percent
    policy.version += 1
    policy.save()
    if floors is not None:
        policy.floors.all().delete()
        CategoryFloor.objects.bulk_create(
            CategoryFloor(policy=policy, category_id=category, floor_percent=floor)
            for category, floor in sorted(floors.items())
        )
    return policy


def _standing(quotation: Quotation) -> QuotationApproval | None:
    """What is open or approved of this quotation's present revision."""
    rows = quotation.approvals.filter(
        decision__in=[Decision.OPEN, Decision.APPROVED], revision_no=quotation.revision_no
    )
    return rows.order_by("-pk").first()


def _decide(row: QuotationApproval, decision: str, now: dt.datetime, by: User | None, reason: str) -> None:
    row.decision, row.reason, row.decided_at, row.decided_by = decision, reason.strip()[:400], now, by
    row.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
    facts.state(
        crm_facts.PriceApprovalDecided(
            quotation_id=row.quotation_id, revision_no=row.revision_no, approval_id=row.pk, decision=row.decision
        )
    )
    live.publish("quotation-approval", row.pk)


def _set(quotation: Quotation, approval: str) -> None:
    quotation.approval = approval
    quotation.version += 1
    quotation.save(update_fields=["approval", "version"])
    live.publish("quotation", quotation.pk, quotation.version)
    live.publish("quotation-approval", quotation.pk)
