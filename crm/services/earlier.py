"""Earlier dates: found with each plan, offered to the customer by sales, promised only when the customer says yes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from crm import facts as crm_facts
from crm.models import EarlierOffer, Promise, PromisePolicy
from crm.selectors.confidence import Spread
from crm.services.messages import queue_message
from crm.services.notice_words import MovedLine, language_of, line_words
from crm.services.notices import NoMailAddress, address_of
from crm.services.promise_versions import PromiseInput, append, row_of
from crm.services.telling import draft_notices
from erp.models import SalesOrderLine
from masterdata import facts, live
from masterdata.documents.wording import Wording
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.lateness import is_late
from masterdata.models import User
from masterdata.worktime import MINUTE, end_of_day

DAY = dt.timedelta(days=1)


class EarlierNotOpen(Refusal):
    """Only an open earlier date can be offered, taken or declined."""

    code = "earlier_not_open"


class EarlierLost(Refusal):
    """The plan does not keep the earlier date any more."""

    code = "earlier_lost"


def look_for_earlier(
    *, lines: Sequence[SalesOrderLine], spreads: Mapping[int, Spread], plan_no: int, now: dt.datetime
) -> None:
    """Open an offer for each line that could be promised days earlier than it is, let lapse what does not hold.

    `lines` come with plant, locked. The date offered is the day by which it comes at P90 (as planned where nothing is
    observed), never before the day wanted: earlier than that nobody asked for. What was declined is not offered again
    unless still earlier.
    """
    open_now = {one.order_line_id: one for one in EarlierOffer.objects.filter(order_line__in=lines, state="open")}
    policies = {one.company_id: one for one in PromisePolicy.objects.all()}
    wanted = {line.pk: at for line in lines if (at := _allowed(line, spreads[line.pk], policies)) is not None}
    declined = defaultdict[int, list[dt.datetime]](list)
    for line_id, at in EarlierOffer.objects.filter(order_line__in=wanted, state="declined").values_list(
        "order_line_id", "offered_at"
    ):
        declined[line_id].append(at)
    in_force = dict(Promise.objects.filter(order_line__in=wanted, closed_at=None).values_list("order_line_id", "pk"))
    fresh, kept, lost = list[EarlierOffer](), list[EarlierOffer](), list[EarlierOffer]()
    for line in lines:
        offer, at = open_now.get(line.pk), wanted.get(line.pk)
        if at is None and offer is not None:
            offer.state, offer.decided_at, offer.why = "lapsed", now, f"Plan {plan_no} does not allow it any more"
            lost.append(offer)
        elif at is not None and (offer is not None or all(at < old for old in declined[line.pk])):
            row = offer or EarlierOffer(order_line=line, made_at=now)
            if offer is None or offer.offered_at != at or offer.promise_id != in_force[line.pk]:
                _fill(row, line, at, spreads[line.pk], in_force[line.pk], plan_no)
                (fresh if offer is None else kept).append(row)
    _write(fresh, kept, lost)


def _fill(
    row: EarlierOffer, line: SalesOrderLine, at: dt.datetime, spread: Spread, promise_id: int, plan_no: int
) -> None:
    if line.expected_at is None:
        raise ValueError(f"order line {line.pk} has no expected date")
    row.offered_at, row.expected_at, row.promise_id, row.plan_no = at, line.expected_at, promise_id, plan_no
    row.sure_percent = spread.sure(line.expected_at, at)
    row.version += 0 if row.pk is None else 1


def _write(fresh: list[EarlierOffer], kept: list[EarlierOffer], lost: list[EarlierOffer]) -> None:
    EarlierOffer.objects.bulk_create(fresh)
    if kept:
        columns = ["offered_at", "expected_at", "promise", "plan_no", "sure_percent", "version"]
        EarlierOffer.objects.bulk_update(kept, columns)
    if lost:
        EarlierOffer.objects.bulk_update(lost, ["state", "decided_at", "why"])
    live.publish_many("earlier", [one.order_line_id for one in (*fresh, *kept, *lost)])


def _allowed(line: SalesOrderLine, spread: Spread, policies: Mapping[int, PromisePolicy]) -> dt.datetime | None:
    """The last minute of the earliest day that could be promised, when that is earlier by the policy's days."""
    promised_at, expected_at = line.promised_at, line.expected_at
    if promised_at is None or expected_at is None or expected_at + DAY > promised_at:
        return None
    zone = ZoneInfo(line.plant.time_zone)
    sure_by = max(spread.p90(expected_at) or expected_at, expected_at)
    day = max(sure_by.astimezone(zone).date(), line.wanted_on)
    policy = policies.get(line.plant.company_id) or PromisePolicy()
    if (promised_at.astimezone(zone).date() - day).days < policy.earlier_days:
        return None
    return end_of_day(day, line.plant.time_zone) - MINUTE


@transaction.atomic
def offer_earlier(*, offer_id: int, now: dt.datetime, by: User | None = None) -> EarlierOffer:
    """Ask the customer by mail whether the earlier date is welcome; nothing is promised yet. Locks the offer.

    States EarlierDateOffered. Raises EarlierNotOpen, EarlierLost, NoMailAddress.
    """
    offer = _open(offer_id, None)
    _words_to(offer, ("earlier_subject", "earlier_opening", "earlier_line", "earlier_question"), now, by)
    offer.told_at, offer.told_by, offer.version = now, by, offer.version + 1
    offer.save(update_fields=["told_at", "told_by", "version"])
    line = offer.order_line
    facts.state(
        crm_facts.EarlierDateOffered(
            offer_id=offer.pk, order_id=line.order_id, order_line_id=line.pk, offered_at=offer.offered_at
        )
    )
    return offer


@transaction.atomic
def accept_earlier(
    *, offer_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Promise:
    """The customer said yes: promise the earlier date, in the transaction that closes the offer.

    Locks the order line, then the offer. Whoever can be reached is sent the new date. States EarlierDateAnswered.
    Raises EarlierNotOpen, StaleVersion, EarlierLost when the plan does not keep it any more: then it lapses with the
    next plan.
    """
    offer = _open(offer_id, expected_version)
    line = offer.order_line
    latest = Promise.objects.filter(order_line=line).order_by("-version_no").values_list("version_no", flat=True)[0]
    who = f" to {by}" if by is not None else ""
    given = PromiseInput(
        line.pk, offer.offered_at, Promise.Reason.CUSTOMER, f"Earlier date: the customer said yes{who}", offer.plan_no
    )
    (promise,) = append([row_of(given, version_no=latest + 1, now=now)], now)
    offer.state, offer.decided_at, offer.decided_by = EarlierOffer.State.ACCEPTED, now, by
    offer.version += 1
    offer.save(update_fields=["state", "decided_at", "decided_by", "version"])
    if address_of(line.order.customer):
        _words_to(offer, ("taken_subject", "taken_opening", "line", ""), now, by)
    draft_notices(order_ids=[line.order_id], now=now)
    _state_answer(offer)
    live.publish("earlier", line.pk)
    return promise


@transaction.atomic
def decline_earlier(
    *, offer_id: int, why: str, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> EarlierOffer:
    """The customer said no, or nobody wants to ask: the date is not offered again.

    States EarlierDateAnswered. Raises EarlierNotOpen.
    """
    offer = _open(offer_id, expected_version, must_hold=False)
    if not why.strip():
        raise InvalidInput("Say why not: the customer's words, or ours.", field="why")
    offer.state, offer.decided_at, offer.decided_by = EarlierOffer.State.DECLINED, now, by
    offer.why, offer.version = " ".join(why.split())[:200], offer.version + 1
    offer.save(update_fields=["state", "decided_at", "decided_by", "why", "version"])
    _state_answer(offer)
    live.publish("earlier", offer.order_line_id)
    return offer


def _state_answer(offer: EarlierOffer) -> None:
    line, is_accepted = offer.order_line, offer.state == EarlierOffer.State.ACCEPTED
    facts.state(
        crm_facts.EarlierDateAnswered(
            offer_id=offer.pk,
            order_id=line.order_id,
            order_line_id=line.pk,
            offered_at=offer.offered_at,
            is_accepted=is_accepted,
        )
    )


def _open(offer_id: int, expected_version: int | None, *, must_hold: bool = True) -> EarlierOffer:
    line_id = EarlierOffer.objects.values_list("order_line_id", flat=True).get(pk=offer_id)
    lines = SalesOrderLine.objects.filter(pk=line_id).select_for_update(of=("self",), no_key=True).order_by("pk")
    line = lines.select_related("order__customer", "order__company", "plant", "material__unit").get()
    offer = EarlierOffer.objects.select_for_update(no_key=True).order_by("pk").get(pk=offer_id)
    offer.order_line = line
    if offer.state != EarlierOffer.State.OPEN:
        word = offer.get_state_display().lower()
        raise EarlierNotOpen(f"This earlier date is not open any more: {word}.", state=offer.state)
    if expected_version is not None and expected_version != offer.version:
        raise StaleVersion("The earlier date has changed meanwhile: look at it again.", version=offer.version)
    still = line.quantity > line.shipped_qty and line.order.cancelled_at is None
    if must_hold and (not still or line.expected_at is None or is_late(offer.offered_at, line.expected_at)):
        raise EarlierLost("The plan does not keep this date any more: nothing was changed.", order_line_id=line.pk)
    return offer


def _words_to(offer: EarlierOffer, keys: tuple[str, str, str, str], now: dt.datetime, by: User | None) -> None:
    line, order = offer.order_line, offer.order_line.order
    address = address_of(order.customer)
    if not address:
        raise NoMailAddress(f"{order.customer.name} has no mail address: give the customer one, or call.", field="to")
    say = Wording(language_of(order.customer.language, order.company.language))
    old_at = line.promised_at or offer.offered_at
    moved = MovedLine(
        line.line_no, line.material.name, line.quantity, line.material.unit.code, line.plant.time_zone, old_at,
        offer.offered_at,
    )  # fmt: skip
    reference = order.customer_reference
    values = {
        "order": order.number,
        "customer": order.customer.name,
        "reference": say.word("notice", "reference", reference=reference) if reference else "",
        "day": say.day(offer.offered_at.astimezone(ZoneInfo(line.plant.time_zone)).date()),
    }
    subject, opening, about, question = keys
    parts = [
        say.word("notice", "dear_formal", **values),
        say.word("notice", opening, **values),
        line_words(say, moved, about, has_hours=False),
        say.word("notice", question) if question else "",
        f"{say.word('notice', 'regards_formal')}\n{order.company.name}",
    ]
    queue_message(
        customer_id=order.customer_id,
        subject=say.word("notice", subject, **values),
        body="\n\n".join(part for part in parts if part),
        to=address,
        language=say.language,
        now=now,
        by=by,
        order_id=order.pk,
    )


def lapse_shipped(*, now: dt.datetime) -> int:
    """Clockwork: what is shipped or cancelled comes no earlier."""
    gone = EarlierOffer.objects.filter(state=EarlierOffer.State.OPEN).filter(
        Q(order_line__shipped_qty__gte=F("order_line__quantity")) | Q(order_line__order__cancelled_at__isnull=False)
    )
    ids = list(gone.values_list("pk", flat=True))
    return EarlierOffer.objects.filter(pk__in=ids, state="open").update(
        state=EarlierOffer.State.LAPSED, decided_at=now, why="Shipped or cancelled"
    )
