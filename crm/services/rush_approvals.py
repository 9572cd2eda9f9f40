"""Approvals of rush options: who may not take one himself asks, who may says yes or no."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm import facts as crm_facts
from crm.models import RushApproval, RushOption, RushPolicy, RushRequest
from crm.services.rush import lock_rush, refuse_unless_open
from crm.services.rush_policy import rush_policy_of
from masterdata import facts, live
from masterdata.access import may
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

MAY = "crm.approve_rush"


class RushNeedsApproval(Refusal):
    """Somebody is hurt by it, or it costs more than one may decide alone."""

    code = "rush_needs_approval"


class ApprovalNotOpen(Refusal):
    """Decided already, or the request was answered again."""

    code = "approval_not_open"


def why_approval(option: RushOption, policy: RushPolicy) -> str:
    """Why taking the option needs an approval by the company's rules; empty when it needs none."""
    hurt = len({one.order_line.order_id for one in option.victims.all()}) if policy.asks_when_hurt else 0
    if hurt:
        return f"{hurt} order{'s' if hurt > 1 else ''} of other customers would be later"
    if policy.cost_above is not None and option.extra_cost > policy.cost_above:
        return f"it costs more than {policy.cost_above:,.2f} extra"
    return ""


def refuse_unapproved(option: RushOption, request: RushRequest, by: User | None) -> None:
    """Raises RushNeedsApproval unless `by` may decide it; nobody is the house itself, which may."""
    if by is None or may(by, MAY):
        return
    if why := why_approval(option, rush_policy_of(request.plant.company_id)):
        raise RushNeedsApproval(
            f"Option {option.key} needs an approval: {why}. Ask for it, or take another option.", option_id=option.pk
        )


@transaction.atomic
def ask_rush_approval(*, option_id: int, why: str, now: dt.datetime, by: User | None = None) -> RushApproval:
    """Ask those who may. Asking for another option of the request withdraws the first; for the same one it stays.

    Locks the request. Raises RushNotOpen, ApprovalNotOpen (a stale or impossible option), InvalidInput (none needed).
    """
    option = RushOption.objects.get(pk=option_id)
    request = lock_rush(request_id=option.request_id)
    refuse_unless_open(request)
    option.refresh_from_db()
    if option.state != RushOption.State.OPEN or not option.is_possible or option.ask_first:
        raise ApprovalNotOpen("This option can't be taken any more: look at the newest options.", option_id=option_id)
    if not why_approval(option, rush_policy_of(request.plant.company_id)):
        raise InvalidInput("This option hurts nobody and needs no approval: take it.", field="option")
    asked = RushApproval.objects.filter(request=request, state=RushApproval.State.ASKED)
    same = asked.filter(option=option).first()
    if same is not None:
        return same
    asked.update(state=RushApproval.State.STALE)
    approval = RushApproval.objects.create(
        request=request, option=option, why=why.strip()[:240], asked_by=by, asked_at=now
    )
    facts.state(crm_facts.RushApprovalAsked(request_id=request.pk, option_id=option.pk, approval_id=approval.pk))
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return approval


@transaction.atomic
def approve_rush(*, approval_id: int, now: dt.datetime, by: User | None = None) -> RushApproval:
    """Yes; who calls it takes the option in the same transaction. The request is locked. Raises ApprovalNotOpen."""
    return _decide(approval_id, RushApproval.State.APPROVED, "", now, by)


@transaction.atomic
def reject_rush(*, approval_id: int, answer: str, now: dt.datetime, by: User | None = None) -> RushApproval:
    """No, and why; the request stays open for another option. Raises ApprovalNotOpen, InvalidInput."""
    if not answer.strip():
        raise InvalidInput("Say why not: whoever asked has to tell the customer.", field="answer")
    return _decide(approval_id, RushApproval.State.REJECTED, answer.strip()[:240], now, by)


def _decide(approval_id: int, state: str, answer: str, now: dt.datetime, by: User | None) -> RushApproval:
    request_id = RushApproval.objects.values_list("request_id", flat=True).get(pk=approval_id)
    request = lock_rush(request_id=request_id)
    approval = RushApproval.objects.select_related("option", "request", "asked_by").get(pk=approval_id)
    if approval.state != RushApproval.State.ASKED:
        raise ApprovalNotOpen(
            f"{request.number}: this was decided or answered again meanwhile. Look at the newest options.",
            state=approval.state,
        )
    approval.state, approval.answer = state, answer
    approval.decided_by, approval.decided_at = by, now
    approval.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    facts.state(
        crm_facts.RushApprovalDecided(
            request_id=request.pk, approval_id=approval.pk, is_approved=state == RushApproval.State.APPROVED
        )
    )
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return approval
