"""The customer's yes: an order is made, confirmed and promised in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Promise, Quotation, QuotationLine
from crm.services.approvals import refuse_unapproved
from crm.services.contracts import book_call_offs
from crm.services.opened import QuotationNotOpen, open_quotation
from crm.services.pipeline import give_back_win, win_by_quotation
from crm.services.pricing import set_taxes
from crm.services.promises import PromiseInput, promise_order
from crm.services.quotations import QuotationEmpty
from erp import services as erp
from erp.models import SalesOrder
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO


class QuotationExpired(Refusal):
    """Its last day of validity is past."""

    code = "quotation_expired"


@dataclass(frozen=True)
class RushTerms:
    """How a quotation is accepted whose lines were taken as a rush order: with these order lines, confirmed so.

    `lines` gives with each order line the place, from 0, of the quotation's line that it is of: one that is sent in two
    parts has two. Planning has promised its dates itself.
    """

    lines: Callable[[Sequence[erp.OrderLineInput]], Sequence[tuple[int, erp.OrderLineInput]]]
    confirm: Callable[[SalesOrder, erp.Quoted | None], SalesOrder]


@dataclass(frozen=True)
class Yes:
    """Who said yes for the customer and how; `options` are the optional lines (by id) that are taken as well."""

    name: str = ""
    how: str = ""
    options: Collection[int] = ()


@transaction.atomic
def accept_quotation(
    *,
    quotation_id: int,
    now: dt.datetime,
    expected_version: int | None = None,
    credit_reason: str = "",
    by: User | None = None,
    rush: RushTerms | None = None,
    yes: Yes | None = None,
) -> SalesOrder:
    """The customer said yes: make and confirm the order and promise what was offered, all in this transaction.

    The order has the quotation's currency, rate, payment term and prices after discount; chosen options become lines.
    As a `rush` order it is confirmed as its option says, and the caller promises it.

    Locks the quotation, then what `erp.confirm_order` locks. A line without an offered date, or whose date has passed
    meanwhile, gets its first promise from the first plan. `credit_reason`: `by` lets the order pass although its
    customer's credit stops it, which is kept. Raises QuotationNotOpen, QuotationExpired, StaleVersion, ApprovalMissing,
    NotOnHold and whatever confirming refuses: CreditHold among it.
    """
    quotation = open_quotation(quotation_id, expected_version)
    yes = yes or Yes()
    every = list(quotation.lines.select_related("plant", "material").order_by("line_no"))
    if not every:
        raise QuotationEmpty(f"{quotation.number} has no line yet: add one first.")
    refuse_unapproved(quotation, every, "accept it")
    lines = _taken(quotation, every, yes.options)
    _refuse_late_yes(quotation, lines, now)
    wanted = [
        erp.OrderLineInput(
            plant_id=line.plant_id,
            material_id=line.material_id,
            quantity=line.quantity,
            unit_price=line.discounted_price,
            wanted_on=line.wanted_on,
            tax_code_id=line.tax_code_id,
        )
        for line in lines
    ]
    placed = list(enumerate(wanted)) if rush is None else rush.lines(wanted)
    order = erp.create_order(
        company=quotation.company,
        customer=quotation.customer,
        currency=quotation.currency,
        lines=[line for _, line in placed],
        now=now,
        rate=quotation.rate,
        payment_term_id=quotation.payment_term_id,
        is_rush=rush is not None,
        reference=quotation.customer_reference,
        quoted_at=quotation.made_at,
    )
    _call_off(order, [lines[at] for at, _ in placed], now, by)
    if credit_reason:
        erp.release_credit(order_id=order.pk, reason=credit_reason, by=by, now=now)
    quoted = _quoted(quotation, lines)
    if rush is None:
        order = erp.confirm_order(order_id=order.pk, now=now, quoted=quoted)
        _promise_offered(order, lines, now)
    else:
        order = rush.confirm(order, quoted)
    quotation.state = Quotation.State.ACCEPTED
    quotation.order = order
    quotation.accepted_at = now
    quotation.accepted_name, quotation.accepted_how = yes.name.strip()[:120], yes.how.strip()[:200]
    quotation.version += 1
    quotation.save(update_fields=["state", "order", "accepted_at", "accepted_name", "accepted_how", "version"])
    facts.state(crm_facts.QuotationAccepted(quotation_id=quotation.pk, order_id=order.pk))
    win_by_quotation(quotation, now, by)
    live.publish("quotation", quotation.pk, quotation.version)
    return order


@transaction.atomic
def reopen_quotation(*, quotation_id: int, now: dt.datetime, by: User | None = None) -> Quotation:
    """It was accepted and its order is given back in this transaction: open again. Raises QuotationNotOpen."""
    quotation = Quotation.objects.select_for_update(of=("self",)).order_by("pk").get(pk=quotation_id)
    if quotation.state != Quotation.State.ACCEPTED or quotation.order_id is None:
        raise QuotationNotOpen(f"{quotation.number} is not accepted: there is nothing to take back.")
    before = Quotation.State.SENT if quotation.sent_at else Quotation.State.DRAFT
    return take_back_yes(quotation, order_id=quotation.order_id, state=before, now=now, by=by)


def take_back_yes(quotation: Quotation, *, order_id: int, state: str, now: dt.datetime, by: User | None) -> Quotation:
    """A locked quotation as it was before its yes: who said it is forgotten, options are open again, and so is the
    opportunity that it had won. What the customer signed is kept. Within the caller's transaction."""
    accepted_at = quotation.accepted_at
    quotation.state, quotation.order, quotation.accepted_at = state, None, None
    quotation.accepted_name = quotation.accepted_how = ""
    quotation.version += 1
    quotation.save(update_fields=["state", "order", "accepted_at", "accepted_name", "accepted_how", "version"])
    lines = list(quotation.lines.order_by("line_no"))
    if any(line.is_chosen for line in lines):
        for line in lines:
            line.is_chosen = False
        set_taxes(quotation, lines)
        QuotationLine.objects.bulk_update(lines, ["is_chosen", "tax_amount"])
    give_back_win(quotation, accepted_at, now, by)
    facts.state(crm_facts.QuotationReopened(quotation_id=quotation.pk, order_id=order_id))
    live.publish("quotation", quotation.pk, quotation.version)
    return quotation


def _taken(quotation: Quotation, lines: Sequence[QuotationLine], options: Collection[int]) -> list[QuotationLine]:
    """The lines that are ordered; the chosen options are written down, and what tax then is."""
    chosen = set(options)
    if chosen - {line.pk for line in lines if line.is_option}:
        raise InvalidInput("Choose among the options of this quotation.", field="options")
    if chosen != {line.pk for line in lines if line.is_chosen}:
        for line in lines:
            line.is_chosen = line.pk in chosen
        set_taxes(quotation, lines)
        QuotationLine.objects.bulk_update(lines, ["is_chosen", "tax_amount"])
    return [line for line in lines if line.is_taken]


def _call_off(order: SalesOrder, lines: Sequence[QuotationLine], now: dt.datetime, by: User | None) -> None:
    """Lines at a contract's price take from the contract; `lines` are those that the order's are of, in its sequence.

    Raises NotEnoughLeft when others have taken it meanwhile.
    """
    written = order.lines.order_by("line_no").values_list("pk", flat=True)
    taken = {pk: line.contract_line_id for pk, line in zip(written, lines, strict=True) if line.contract_line_id}
    if taken:
        book_call_offs(order_id=order.pk, taken=taken, now=now, by=by, reprice=False)


def _quoted(quotation: Quotation, lines: Sequence[QuotationLine]) -> erp.Quoted | None:
    """What the order was said to cost, when a cost is known of every line."""
    costs = [line.offered_cost for line in lines if line.offered_cost is not None]
    return erp.Quoted(quotation.number, sum(costs, ZERO)) if len(costs) == len(lines) else None


def _refuse_late_yes(quotation: Quotation, lines: Sequence[QuotationLine], now: dt.datetime) -> None:
    """Raises QuotationExpired when its last day, or the day that a line is wanted, has passed."""
    today = now.astimezone(ZoneInfo(lines[0].plant.time_zone)).date()
    if quotation.valid_until < today:
        raise QuotationExpired(
            f"{quotation.number} was valid until {quotation.valid_until:%d %b %Y}. "
            "Check price and date, give it a new last day, then accept it.",
            valid_until=quotation.valid_until.isoformat(),
        )
    for line in lines:
        if line.wanted_on < min(today, now.astimezone(dt.UTC).date()):
            raise QuotationExpired(
                f"Line {line.line_no} of {quotation.number} was wanted on {line.wanted_on:%d %b %Y}. "
                "Ask the customer for a new day, edit the quotation, then accept it.",
                line_no=line.line_no,
                wanted_on=line.wanted_on.isoformat(),
            )


def _promise_offered(order: SalesOrder, lines: Sequence[QuotationLine], now: dt.datetime) -> None:
    written = order.lines.order_by("line_no").values_list("pk", flat=True)
    promises = [
        PromiseInput(
            order_line_id=pk,
            promised_at=line.offered_at,
            reason=Promise.Reason.QUOTE,
            cause=f"Offered in quotation {line.quotation.number}",
            plan_no=line.plan_no,
        )
        for line, pk in zip(lines, written, strict=True)
        if line.offered_at is not None and line.offered_at > now
    ]
    if promises:
        promise_order(promises=promises, now=now)
