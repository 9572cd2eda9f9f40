"""Mailboxes: one poll at a time holds the lease; how far it was read stands in the row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.models import Mailbox
from masterdata import live
from masterdata.errors import InvalidInput
from masterdata.models import Company

LEASE = dt.timedelta(minutes=4)
"""Longer than a task may take (CELERY_TASK_TIME_LIMIT): whoever holds an older lease is dead."""


@transaction.atomic
def claim_mailbox(*, name: str, company_code: str, now: dt.datetime) -> Mailbox | None:
    """Lease the mailbox of that name, made when it is new; None while another poll reads it."""
    Mailbox.objects.bulk_create([Mailbox(name=name, company=_company(company_code))], ignore_conflicts=True)
    box = Mailbox.objects.select_for_update(skip_locked=True, no_key=True).order_by("pk").filter(name=name).first()
    if box is None or (box.leased_until is not None and box.leased_until >= now):
        return None
    box.leased_until, box.lease_no = now + LEASE, box.lease_no + 1
    box.save(update_fields=["leased_until", "lease_no"])
    return box


@transaction.atomic
def enter_mailbox(*, mailbox_id: int, lease_no: int, uid_validity: int) -> int:
    """The last UID that was taken; 0 when the server counts anew (another UIDVALIDITY). Locks the mailbox."""
    box = _leased(mailbox_id, lease_no)
    if box.uid_validity != uid_validity:
        box.uid_validity, box.last_uid = uid_validity, 0
        box.save(update_fields=["uid_validity", "last_uid"])
    return box.last_uid


@transaction.atomic
def leave_mailbox(*, mailbox_id: int, lease_no: int, now: dt.datetime, error: str = "") -> None:
    """Give the lease back and say how it went. Locks the mailbox."""
    box = Mailbox.objects.select_for_update(no_key=True).order_by("pk").get(pk=mailbox_id)
    if box.lease_no != lease_no:
        return
    is_news = box.error != error[:4000]
    box.leased_until, box.error = None, error[:4000]
    box.polled_at = box.polled_at if error else now
    box.save(update_fields=["leased_until", "error", "polled_at"])
    if is_news:
        live.publish("mailbox", box.pk)


def _leased(mailbox_id: int, lease_no: int) -> Mailbox:
    box = Mailbox.objects.select_for_update(no_key=True).order_by("pk").get(pk=mailbox_id)
    if box.lease_no != lease_no:
        raise LeaseLost(f"Another poll reads {box.name} now.")
    return box


class LeaseLost(RuntimeError):
    """Somebody else reads the mailbox: this poll took too long."""


def _company(code: str) -> Company:
    companies = Company.objects.order_by("pk")
    found = companies.filter(code=code).first() if code else companies.first()
    if found is None:
        raise InvalidInput(f"IMAP_URL names company {code or 'none'}, which there is not.", field="company")
    return found
