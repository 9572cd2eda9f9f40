"""Activities: planned, changed, done with an outcome and the next one, and reminded of once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from crm.models import Activity, Case, Lead, Opportunity, Quotation
from crm.selectors.owners import owners
from erp.models import SalesOrder
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Partner, User

WRITE = "crm.write_activity"
MOST_AT_ONCE = 200


class ActivityIsDone(Refusal):
    """It is done: what was done stands."""

    code = "activity_is_done"


@dataclass(frozen=True, kw_only=True)
class ActivityInput:
    """What is to be done, by whom and until when. `due_at` of a whole day is the end of that day."""

    kind: str
    subject: str
    due_at: dt.datetime
    owner_id: int
    is_whole_day: bool = False
    remind_at: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class About:
    """What it is about: a lead, or a customer with perhaps one document of theirs, which then names the customer."""

    lead_id: int | None = None
    customer_id: int | None = None
    opportunity_id: int | None = None
    quotation_id: int | None = None
    order_id: int | None = None
    case_id: int | None = None
    company_id: int | None = None


@transaction.atomic
def plan_activity(*, about: About, activity: ActivityInput, now: dt.datetime, by: User | None = None) -> Activity:
    """Something to do. Raises InvalidInput. The caller has checked that `by` may see what the ids name."""
    row = Activity(**_about(about), made_at=now, made_by=by)
    _fill(row, activity, now)
    row.save()
    _tell(row)
    return row


@transaction.atomic
def change_activity(
    *, activity_id: int, activity: ActivityInput, now: dt.datetime, expected_version: int | None = None
) -> Activity:
    """What, who or when; another reminder rings again. Locks the activity. Raises ActivityIsDone, StaleVersion."""
    row = _open(activity_id, expected_version)
    before, owner = row.remind_at, row.owner_id
    _fill(row, activity, now)
    if (row.remind_at, row.owner_id) != (before, owner):
        row.rung_at = row.seen_at = row.mailed_at = None
    row.version += 1
    row.save()
    _tell(row, owner)
    return row


@transaction.atomic
def finish_activity(
    *,
    activity_id: int,
    outcome: str,
    now: dt.datetime,
    by: User | None = None,
    following: ActivityInput | None = None,
    expected_version: int | None = None,
) -> tuple[Activity, Activity | None]:
    """Done, with what came of it; `following` is the next one, about the same, in the same transaction.

    Locks the activity. Raises ActivityIsDone, StaleVersion, InvalidInput.
    """
    row = _open(activity_id, expected_version)
    row.done_at, row.done_by, row.outcome = now, by, outcome.strip()[:400]
    row.version += 1
    row.save()
    _tell(row)
    if following is None:
        return row, None
    same = ("company", "lead", "customer", "opportunity", "quotation", "order", "case")
    coming = Activity(**{f"{name}_id": getattr(row, f"{name}_id") for name in same}, made_at=now, made_by=by)
    _fill(coming, following, now)
    coming.save()
    _tell(coming)
    return row, coming


@transaction.atomic
def ring_reminders(*, now: dt.datetime) -> list[Activity]:
    """Reminders whose time has come, each once: its owner's bell rings. What another process rings is left to it."""
    rows = list(
        Activity.objects.select_for_update(skip_locked=True)
        .filter(done_at__isnull=True, rung_at__isnull=True, remind_at__lte=now)
        .order_by("pk")[:MOST_AT_ONCE]
    )
    for row in rows:
        row.rung_at = now
    Activity.objects.bulk_update(rows, ["rung_at"])
    for owner_id in sorted({row.owner_id for row in rows}):
        live.publish("bell", owner_id)
    return rows


@transaction.atomic
def claim_reminder_mails(*, now: dt.datetime, most: int = MOST_AT_ONCE) -> list[Activity]:
    """Reminders that have rung and that their owner is to be told of by mail: taken before they are sent, so that a
    mail never goes out twice; what could not be sent is given back."""
    rows = list(
        Activity.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner", "company", "customer", "lead")
        .filter(done_at__isnull=True, rung_at__isnull=False, mailed_at__isnull=True)
        .exclude(owner__email="")
        .order_by("pk")[:most]
    )
    Activity.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    return rows


@transaction.atomic
def give_back_reminder_mails(*, activity_ids: Sequence[int]) -> None:
    """They could not be sent: they are tried again."""
    Activity.objects.filter(pk__in=activity_ids).update(mailed_at=None)


@transaction.atomic
def see_reminders(*, user: User, now: dt.datetime) -> int:
    """The user has looked at the bell: how many reminders that were new."""
    seen = Activity.objects.filter(owner=user, rung_at__isnull=False, seen_at__isnull=True).update(seen_at=now)
    if seen:
        live.publish("bell", user.pk)
    return seen


def _tell(row: Activity, former_owner: int | None = None) -> None:
    live.publish("activity", row.pk, row.version)
    for owner_id in {row.owner_id, former_owner or row.owner_id}:
        live.publish("bell", owner_id)


def _open(activity_id: int, expected_version: int | None) -> Activity:
    row = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("company", "owner")
        .order_by("pk")
        .get(pk=activity_id)
    )
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"“{row.subject}” was changed meanwhile. Look at it again.", version=row.version)
    if row.done_at is not None:
        raise ActivityIsDone(f"“{row.subject}” is done already: plan the next one.")
    return row


def _fill(row: Activity, given: ActivityInput, now: dt.datetime) -> None:
    if given.kind not in Activity.Kind.values:
        raise InvalidInput("Choose what is to be done.", field="kind")
    if not given.subject.strip():
        raise InvalidInput("Say in a few words what is to be done.", field="subject")
    if given.remind_at is not None and given.remind_at > given.due_at:
        raise InvalidInput("Remind before it is due, not after.", field="remind_at")
    owner = owners(row.company, WRITE).filter(pk=given.owner_id).first()
    if owner is None:
        raise InvalidInput("Choose somebody who works with customers of this company.", field="owner")
    row.kind, row.subject, row.note = given.kind, given.subject.strip(), given.note.strip()
    row.due_at, row.is_whole_day = given.due_at, given.is_whole_day
    row.remind_at, row.owner = given.remind_at, owner


def _about(about: About) -> dict[str, Any]:
    """The columns: the most particular thing named says customer and company."""
    named: list[tuple[str, Any, int | None]] = [
        ("lead", Lead, about.lead_id),
        ("opportunity", Opportunity, about.opportunity_id),
        ("quotation", Quotation, about.quotation_id),
        ("order", SalesOrder, about.order_id),
        ("case", Case, about.case_id),
    ]
    rows: dict[str, Any] = {}
    for name, model, pk in named:
        if pk is not None:
            rows[name] = model.objects.select_related("company", "customer").filter(pk=pk).first()
            if rows[name] is None:
                raise InvalidInput("Choose something that is still there.", field=name)
    customers = {pk for pk in (*(row.customer_id for row in rows.values()), about.customer_id) if pk is not None}
    companies: set[int] = {row.company_id for row in rows.values()} or {
        pk for pk in (about.company_id,) if pk is not None
    }
    if len(customers) > 1 or len(companies) > 1:
        raise InvalidInput("These are of different customers or companies: choose one.", field="customer")
    if not customers and "lead" not in rows:
        raise InvalidInput("Say whom it is about: a lead or a customer.", field="customer")
    if not companies:
        raise InvalidInput("Choose the company that it is for.", field="company")
    customer = Partner.objects.filter(pk=customers.pop()).first() if customers else None
    return {**rows, "customer": customer, "company": Company.objects.get(pk=companies.pop())}
