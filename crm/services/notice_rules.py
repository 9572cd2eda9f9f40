"""Rules of notices, how a company treats moves of its promises, and how a customer wants to be told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F

from crm.models import NoticeRule, NoticeWish, PromisePolicy
from crm.services.notice_words import refuse_unknown
from masterdata import live
from masterdata.errors import InvalidInput, StaleVersion

USUAL = (
    (10, "rush", 0, NoticeRule.Action.HOLD, NoticeRule.Approver.WRITER),
    (20, "", 4, NoticeRule.Action.HOLD, NoticeRule.Approver.LEAD),
    (30, "", 0, NoticeRule.Action.SEND, NoticeRule.Approver.WRITER),
)
"""Displaced by a rush order: looked at. Four days or more: looked at by who approves. Everything else is sent."""


def usual_rules(company_id: int) -> list[NoticeRule]:
    """Of a company that has none of its own yet."""
    return [
        NoticeRule(company_id=company_id, rank=rank, reason=reason, days_from=days, action=action, approver=approver)
        for rank, reason, days, action, approver in USUAL
    ]


@transaction.atomic
def found_notice_rules(*, company_id: int) -> list[NoticeRule]:
    """Give a new company the usual rules, to be changed; one that has rules keeps its own."""
    if NoticeRule.objects.filter(company_id=company_id).exists():
        return []
    return NoticeRule.objects.bulk_create(usual_rules(company_id))


@transaction.atomic
def write_notice_rule(*, company_id: int, rank: int, action: str, **given: Any) -> NoticeRule:
    """A rule; of two that fit the one with the lower rank decides. Raises InvalidInput at the field.

    A company's first one stands before the usual rules, which are written with it: they still hold for all else.
    """
    rule = NoticeRule(company_id=company_id, rank=rank, action=action, **given)
    _check(rule)
    usual = [] if NoticeRule.objects.filter(company_id=company_id).exists() else usual_rules(company_id)
    for one in usual:
        one.rank += one.rank == rank
    rule.save()
    NoticeRule.objects.bulk_create(usual)
    live.publish("notice_rule", rule.pk)
    return rule


@transaction.atomic
def change_notice_rule(*, rule_id: int, expected_version: int | None = None, **given: Any) -> NoticeRule:
    """Change what is given; notices that are written from now on follow it. Raises InvalidInput, StaleVersion."""
    rule = NoticeRule.objects.select_for_update(no_key=True).order_by("pk").get(pk=rule_id)
    _refuse_stale(rule.version, expected_version)
    for name, value in given.items():
        setattr(rule, name, value)
    rule.version += 1
    _check(rule)
    rule.save()
    live.publish("notice_rule", rule.pk)
    return rule


def _check(rule: NoticeRule) -> None:
    if rule.days_to is not None and rule.days_to < rule.days_from:
        raise InvalidInput("The last day comes before the first.", field="days_to")
    same = NoticeRule.objects.filter(company_id=rule.company_id, rank=rule.rank).exclude(pk=rule.pk)
    if same.exists():
        raise InvalidInput(f"Another rule has rank {rule.rank}: choose another.", field="rank")
    for name in ("subject", "body"):
        refuse_unknown(getattr(rule, name), name)


@transaction.atomic
def set_promise_policy(*, company_id: int, expected_version: int | None = None, **given: Any) -> PromisePolicy:
    """How the company treats moves from now on. Raises InvalidInput at the field, StaleVersion."""
    policy = PromisePolicy.objects.select_for_update(no_key=True).order_by("pk").filter(company_id=company_id).first()
    if policy is None:
        policy = PromisePolicy(company_id=company_id)
    else:
        _refuse_stale(policy.version, expected_version)
        policy.version += 1
    for name, value in given.items():
        setattr(policy, name, value)
    for name, least, most in (("noise_min", 15, 10080), ("settle_min", 0, 1440), ("earlier_days", 1, 60)):
        if not least <= getattr(policy, name) <= most:
            raise InvalidInput(f"From {least} to {most:,}.", field=name)
    policy.save()
    live.publish("promise_policy", policy.pk)
    return policy


@transaction.atomic
def set_notice_wish(*, customer_id: int, tone: str, has_hours: bool, email: str = "") -> NoticeWish:
    """How this customer wants to be told from now on."""
    wish, is_new = NoticeWish.objects.update_or_create(
        customer_id=customer_id, defaults={"tone": tone, "has_hours": has_hours, "email": email}
    )
    if not is_new:
        NoticeWish.objects.filter(pk=wish.pk).update(version=F("version") + 1)
    live.publish("notice", customer_id)
    return wish


def _refuse_stale(version: int, expected: int | None) -> None:
    if expected is not None and expected != version:
        raise StaleVersion("Somebody changed it meanwhile: look at it as it is now, then change it.", version=version)
