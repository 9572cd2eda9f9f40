"""What customers were told, what waits to be told, and what could come earlier."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from crm.models import EarlierOffer, Message, Notice, NoticeRule, NoticeWish, PromisePolicy
from masterdata.rights import visible_to


def visible_notices(user: Any) -> QuerySet[Notice]:
    """Notices about orders that the user may see, the newest first; `mail_state` and `mail_sent_at` of their mail."""
    mail = Message.objects.filter(notice=OuterRef("pk")).order_by("-pk")
    rows = visible_to(user, Notice.objects.all()).select_related("customer", "order", "decided_by", "rule")
    return rows.annotate(
        mail_state=Subquery(mail.values("state")[:1]), mail_sent_at=Subquery(mail.values("sent_at")[:1])
    ).order_by("-pk")


def visible_earlier_offers(user: Any) -> QuerySet[EarlierOffer]:
    """Earlier dates of lines of plants that the user may see, the newest first."""
    rows = visible_to(user, EarlierOffer.objects.all())
    return rows.select_related("order_line__order__customer", "order_line__material", "decided_by").order_by("-pk")


def visible_notice_rules(user: Any) -> QuerySet[NoticeRule]:
    """By company and rank: the first that fits decides."""
    rows = visible_to(user, NoticeRule.objects.select_related("company", "customer", "group"))
    return rows.order_by("company__name", "rank")


def promise_policy(company_id: int) -> PromisePolicy:
    """As set, else as it is without being set."""
    return PromisePolicy.objects.filter(company_id=company_id).first() or PromisePolicy(company_id=company_id)


def notice_wish(customer_id: int) -> NoticeWish:
    """As set, else as it is without being set."""
    return NoticeWish.objects.filter(customer_id=customer_id).first() or NoticeWish(customer_id=customer_id)
