"""Notices on their way: sent when they have settled, or looked at, rewritten, sent or discarded by somebody."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from crm import facts as crm_facts
from crm.models import Notice, NoticeCause, NoticeRule, NoticeWish
from crm.services.messages import queue_message
from crm.services.notice_words import LINK
from erp.models import SalesOrderLine
from masterdata import facts, live, rights
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Contact, Partner, User

LONGEST_WAIT = dt.timedelta(minutes=30)
"""A notice that has settled waits this long for a plan that is being made, and not longer."""
AT_ONCE = 500


class NoticeNotWaiting(Refusal):
    """Only a notice that waits can be changed, sent or discarded."""

    code = "notice_not_waiting"


class NoMailAddress(Refusal):
    """The customer has no mail address."""

    code = "no_mail_address"


@transaction.atomic
def send_due_notices(*, now: dt.datetime, busy_plants: Collection[int] = ()) -> int:
    """Give the notices that have settled to the post; how many were sent, held or discarded.

    Of an order with a line of a plant that is being planned it waits on, `LONGEST_WAIT` at most. What nobody can be
    reached about is held. Locks the notices, passing by those that somebody works on.
    """
    due = Notice.objects.filter(state=Notice.State.DRAFTED, settles_at__lte=now)
    if busy_plants:
        theirs = SalesOrderLine.objects.filter(plant__in=busy_plants).values("order")
        due = due.exclude(order__in=theirs, settles_at__gt=now - LONGEST_WAIT)
    rows = due.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("order", "customer")
    notices = list(rows.order_by("pk")[:AT_ONCE])
    for notice in notices:
        _send(notice, now, None)
    return len(notices)


@transaction.atomic
def approve_notice(
    *, notice_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Notice:
    """Looked at and good: send it now. Locks the notice.

    Raises NotAllowed when its rule wants somebody else's approval, NoticeNotWaiting, NoMailAddress, StaleVersion.
    """
    notice = _waiting(notice_id, by, expected_version)
    if not address_of(notice.customer):
        raise NoMailAddress(
            f"{notice.customer.name} has no mail address: give the customer one, then send it.", field="to"
        )
    notice.decided_by, notice.decided_at = by, now
    _send(notice, now, by)
    return notice


@transaction.atomic
def rewrite_notice(
    *,
    notice_id: int,
    subject: str,
    body: str,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
) -> Notice:
    """Say it in other words; from then on somebody has to send it. Locks the notice; raises as `approve_notice`."""
    notice = _waiting(notice_id, by, expected_version)
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    if not subject or len(subject) > 160:
        raise InvalidInput("Write a subject of up to 160 characters.", field="subject")
    if not body:
        raise InvalidInput("Write something.", field="body")
    notice.subject, notice.body, notice.is_edited = subject, body, True
    notice.state = Notice.State.HELD
    notice.held_why = notice.held_why or "Changed by hand: send it when it is good"
    notice.decided_by, notice.decided_at = by, now
    _save(notice)
    return notice


@transaction.atomic
def discard_notice(
    *, notice_id: int, why: str, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Notice:
    """It is not to be said, and why. The customer still knows the date of before. Raises as `approve_notice`."""
    notice = _waiting(notice_id, by, expected_version)
    if not why.strip():
        raise InvalidInput("Say why the customer is not told.", field="why")
    _discard(notice, " ".join(why.split())[:200], now, by)
    return notice


@transaction.atomic
def read_notice(*, token: str, now: dt.datetime, looks_ahead: bool = False) -> Notice | None:
    """The customer opened the link in a notice; the first time is kept, unless a program only `looks_ahead`.

    States NoticeRead that first time. None: no such link.
    """
    rows = Notice.objects.select_related("order__company")
    notice = rows.filter(token_hash=hash_of(token), state=Notice.State.QUEUED).first()
    if notice is not None and notice.read_at is None and not looks_ahead:
        if Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now):
            facts.state(crm_facts.NoticeRead(notice_id=notice.pk, order_id=notice.order_id))
        live.publish("notice", notice.order_id)
    return notice


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def address_of(customer: Partner) -> str:
    """Where notices to a customer go: as it wishes, else its own address, else its first contact's; empty: nowhere."""
    wished = NoticeWish.objects.filter(customer=customer).exclude(email="").values_list("email", flat=True).first()
    if wished or customer.email:
        return wished or customer.email
    contacts = Contact.objects.filter(partner=customer).exclude(email="").order_by("pk")
    return contacts.values_list("email", flat=True).first() or ""


def _waiting(notice_id: int, by: User | None, expected_version: int | None) -> Notice:
    rows = Notice.objects.select_for_update(of=("self",), no_key=True).select_related("order", "customer")
    notice = rows.order_by("pk").get(pk=notice_id)
    needs = "crm.approve_notice" if notice.approver == NoticeRule.Approver.LEAD else "crm.write_quotation"
    plants = set(notice.lines.values_list("order_line__plant_id", flat=True))
    for plant_id in sorted(plants):
        rights.demand(by, needs, plant_id)
    if not notice.is_waiting:
        word = notice.get_state_display().lower()
        raise NoticeNotWaiting(f"This notice does not wait any more: {word}.", state=notice.state)
    if expected_version is not None and expected_version != notice.version:
        raise StaleVersion(
            "The notice was rewritten meanwhile: read it as it is now, then decide.", version=notice.version
        )
    return notice


def _send(notice: Notice, now: dt.datetime, by: User | None) -> None:
    """Queue its mail, hold it where nobody can be reached, or discard it when nothing is left to be told."""
    open_lines = notice.lines.filter(order_line__shipped_qty__lt=F("order_line__quantity"))
    if notice.order.cancelled_at is not None or not open_lines.exists():
        _discard(notice, "Shipped or cancelled before it was sent", now, by)
        return
    address = address_of(notice.customer)
    if not address:
        notice.state, notice.held_why = Notice.State.HELD, "The customer has no mail address"
        _save(notice)
        return
    mail, notice.body = _with_link(notice)
    notice.state, notice.queued_at, notice.held_why = Notice.State.QUEUED, now, ""
    notice.decided_at = notice.decided_at or now
    _save(notice)
    queue_message(
        customer_id=notice.customer_id,
        subject=notice.subject,
        body=mail,
        to=address,
        language=notice.language,
        now=now,
        by=by,
        order_id=notice.order_id,
        notice_id=notice.pk,
    )
    facts.state(crm_facts.CustomerTold(notice_id=notice.pk, order_id=notice.order_id))


def _with_link(notice: Notice) -> tuple[str, str]:
    """The mail with a fresh link, and what is kept of it: the link is a key, so it is not. Without an address of ours
    the paragraph that names it is left out."""
    kept = "\n\n".join(part for part in notice.body.split("\n\n") if LINK not in part)
    if LINK not in notice.body or not settings.PUBLIC_URL:
        return kept, kept
    token = secrets.token_urlsafe(32)
    notice.token_hash = hash_of(token)
    url = settings.PUBLIC_URL.rstrip("/") + reverse("crm:order_seen", args=[token])
    return notice.body.replace(LINK, url), kept


def _discard(notice: Notice, why: str, now: dt.datetime, by: User | None) -> None:
    notice.state, notice.discarded_why, notice.held_why = Notice.State.DISCARDED, why, ""
    notice.decided_by, notice.decided_at = by, now
    NoticeCause.objects.filter(notice=notice).delete()
    _save(notice)


def _save(notice: Notice) -> None:
    notice.version += 1
    notice.save()
    live.publish("notice", notice.order_id)
