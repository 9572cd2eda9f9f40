"""Drafts what customers are told about moved promises: one notice for each order, never two, by rule."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction

from crm.models import Notice, NoticeCause, NoticeLine, NoticeRule
from crm.models.notices import WAITING
from crm.services.notice_ground import Ground, Moved, ground_of, moved_lines
from crm.services.notice_words import MovedLine, Told, language_of, words
from masterdata import live

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('crm.notices'))"
"""Two who draft for one order would write two: everybody drafts after the other."""
_COLUMNS = (
    "state",
    "reason",
    "days_late",
    "language",
    "tone",
    "rule",
    "approver",
    "is_correction",
    "subject",
    "body",
    "is_edited",
    "held_why",
    "discarded_why",
    "decided_at",
    "settles_at",
    "version",
)


@dataclass(frozen=True, slots=True)
class _Draft:
    notice: Notice
    lines: list[Moved]


@transaction.atomic
def draft_notices(*, order_ids: Collection[int], now: dt.datetime) -> list[Notice]:
    """Write what the customers of these orders have to be told, or rewrite what waits; the notices that now wait.

    A move that the customer does not see sends nothing. What was told already about the same cause is corrected, and
    says so. What waits for a date that holds again is discarded. Some queries, however many orders; nobody drafts at
    the same time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
    moved = defaultdict[int, list[Moved]](list)
    for line in moved_lines(order_ids):
        moved[line.order_id].append(line)
    waits = Notice.objects.filter(order__in=order_ids, state__in=WAITING)
    waiting = {one.order_id: one for one in waits.select_for_update(no_key=True).order_by("pk")}
    if not moved and not waiting:
        return []
    facts = {fact for lines in moved.values() for line in lines for fact in line.facts}
    ground = ground_of({*moved, *waiting}, facts, [one.pk for one in waiting.values()])
    drafts, held_up = [], []
    for order_id in sorted({*moved, *waiting}):
        draft = _draft(ground, order_id, moved[order_id], waiting.get(order_id), now)
        if draft is not None:
            drafts.append(draft)
        elif order_id in waiting:
            held_up.append(_withdrawn(waiting[order_id], now))
    _write(ground, drafts, held_up)
    live.publish_many("notice", [one.order_id for one in (*(draft.notice for draft in drafts), *held_up)])
    return [draft.notice for draft in drafts if draft.notice.is_waiting]


def _draft(ground: Ground, order_id: int, moved: list[Moved], notice: Notice | None, now: dt.datetime) -> _Draft | None:
    order = ground.orders[order_id]
    policy, wish = ground.policy(order), ground.wish(order)
    lines = [line for line in moved if line.is_seen(policy, wish.has_hours)]
    if not lines:
        return None
    worst = max(lines, key=lambda line: (line.days, line.move))
    language = language_of(order.customer.language, order.company.language)
    rule = ground.rule(order, worst.reason, worst.days, language)
    told = Told(
        customer=order.customer.name,
        company=order.company.name,
        order_no=order.number,
        reference=order.customer_reference,
        reason=worst.reason,
        kind=ground.kinds[worst.fact_id].get(policy.machine_words, "") if worst.fact_id in ground.kinds else "",
        tone=rule.tone or wish.tone,
        language=language,
        has_hours=wish.has_hours or not policy.is_same_day_noise,
        is_correction=any((order_id, fact) in ground.told for line in lines for fact in line.facts),
        lines=[
            MovedLine(one.line_no, one.what, one.quantity, one.unit_code, one.time_zone, one.known_at, one.promised_at)
            for one in lines
        ],
        own_subject=rule.subject,
        own_body=rule.body,
    )
    fresh = notice is None
    notice = notice or Notice(order=order, customer=order.customer, written_at=now)
    edited = notice.is_edited
    notice.subject, notice.body = words(told)
    notice.reason, notice.days_late, notice.language = worst.reason, worst.days, language
    notice.tone, notice.is_correction, notice.is_edited = told.tone, told.is_correction, False
    notice.rule, notice.approver = (rule if rule.pk else None), rule.approver
    notice.version += 0 if fresh else 1
    if fresh:
        notice.settles_at = now + dt.timedelta(minutes=policy.settle_min)
    _decide(notice, rule, edited, now)
    return _Draft(notice, lines)


def _decide(notice: Notice, rule: NoticeRule, was_edited: bool, now: dt.datetime) -> None:
    """By the rule: what settles, what somebody looks at, what is not said."""
    notice.held_why = ""
    if rule.action == NoticeRule.Action.SKIP:
        notice.state, notice.decided_at = Notice.State.DISCARDED, now
        notice.discarded_why = f"Rule {rule.rank}: not sent"
    elif was_edited:
        notice.state, notice.held_why = Notice.State.HELD, "The date moved again after its words were changed by hand"
    elif rule.action == NoticeRule.Action.HOLD:
        notice.state = Notice.State.HELD
        notice.held_why = f"Rule {rule.rank}: held for review" if rule.rank else "No rule fits: held"
    else:
        notice.state = Notice.State.DRAFTED


def _withdrawn(notice: Notice, now: dt.datetime) -> Notice:
    notice.state, notice.decided_at, notice.held_why = Notice.State.DISCARDED, now, ""
    notice.discarded_why = "Nothing is left to tell: the date holds again, or it is shipped or cancelled"
    return notice


def _write(ground: Ground, drafts: list[_Draft], withdrawn: list[Notice]) -> None:
    """One statement per table."""
    old = [draft.notice for draft in drafts if draft.notice.pk]
    NoticeLine.objects.filter(notice__in=old).delete()
    NoticeCause.objects.filter(notice__in=[*old, *withdrawn]).delete()
    if old or withdrawn:
        # Not bulk_update: its CASE for each row and column takes seconds for a thousand notices.
        Notice.objects.bulk_create(
            [*old, *withdrawn], update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS
        )
    Notice.objects.bulk_create([draft.notice for draft in drafts if not draft.notice.pk])
    NoticeLine.objects.bulk_create(
        NoticeLine(notice=draft.notice, order_line_id=line.line_id, before_id=line.known_id, promise_id=line.promise_id)
        for draft in drafts
        for line in draft.lines
    )
    NoticeCause.objects.bulk_create(
        NoticeCause(
            notice=draft.notice,
            order_id=draft.notice.order_id,
            fact_id=fact,
            is_correction=(draft.notice.order_id, fact) in ground.told,
        )
        for draft in drafts
        if draft.notice.is_waiting
        for fact in _facts(draft)
    )


def _facts(draft: _Draft) -> list[uuid.UUID]:
    return list(dict.fromkeys(fact for line in draft.lines for fact in line.facts))
