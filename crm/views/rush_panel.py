"""What the page of one rush request shows: its question, the cards of the latest answer, and what may be done now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import services
from crm.models import RushApproval, RushRequest
from crm.selectors.catalogue import named
from crm.selectors.rush import planned_now
from crm.views.options import OptionCard, cards_of, standing, verdict
from crm.views.ruler import ruler
from masterdata import numbers, shown
from masterdata.access import may
from masterdata.numbers import ZERO

ALL_BY = dt.timedelta(seconds=30)
"""However slow planning is, nobody waits longer for an option."""
UNDO_FOR = dt.timedelta(seconds=10)


def context(row: RushRequest, user: Any, asked: Mapping[str, str], now: dt.datetime) -> dict[str, Any]:
    """For the template; `asked` is the address: the card that is looked at, and why the page came back."""
    options = [one for one in row.cards if one.answer_no == row.answer_no]  # type: ignore[attr-defined]
    sees_cost, is_open = may(user, "erp.view_cost"), row.state == RushRequest.State.OPEN
    net = sum((line.net_amount for line in row.lines.all()), ZERO)
    may_approve = may(user, "crm.approve_rush")
    rules = services.rush_policy_of(row.plant.company_id)
    needs = {one.key: services.why_approval(one, rules) for one in options if one.is_possible and not one.ask_first}
    all_cards = cards_of(
        options,
        row.wanted_on,
        sees_cost=sees_cost,
        base_margin=_margin(net, row.base_cost),
        approvals={} if may_approve else needs,
    )
    cards = [card for card in all_cards if card.is_possible or not card.lever]
    best = next((card for card in cards if card.is_best), None)
    chosen = _chosen(cards, asked.get("option", "")) or best
    looks_further = _looks_further(row, now)
    return {
        "cards": cards,
        "looked_at": [card for card in all_cards if not card.is_possible and card.lever],
        "best": best,
        "chosen": chosen,
        "chosen_says": needs.get(chosen.key, "") if chosen is not None else "",
        "verdict": verdict(cards, row.wanted_on),
        "standing": standing(cards, planned_now(row.for_order_id)) if row.for_order_id and is_open else "",
        "ruler": ruler(cards, row.wanted_on),
        "sees_cost": sees_cost,
        "can_take": is_open and may(user, "crm.accept_rush"),
        "may_approve": may_approve,
        "approval": _approval(row),
        "rejected": _rejected(row),
        "change_url": _change_url(row) if may(user, "crm.ask_rush") and is_open else "",
        "looks_further": looks_further,
        "no_time": is_open and not looks_further and row.levers_no < row.answer_no,
        "has_moved": "moved" in asked and is_open,
        "has_expired": is_open and row.holds_until is not None and now > row.holds_until,
        "undo_left": _undo_left(row, now) if may(user, "crm.accept_rush") else 0,
        "price_text": shown.money(row.unit_price, row.plant.company.currency),
        "lines": list(row.lines.all()),
        "meta": _("Answered %(when)s · plan %(plan)s")
        % {"when": shown.when(row.answered_at), "plan": row.input_version.split(".")[0]},
        "net": net,
        "currency": row.plant.company.currency,
    }


def _margin(net: Decimal, cost: Decimal | None) -> Decimal | None:
    return numbers.money(100 * (net - cost) / net) if net and cost is not None else None


def _chosen(cards: Sequence[OptionCard], key: str) -> OptionCard | None:
    """The card that the board and "Taking it does this" are about."""
    taken = next((card for card in cards if card.state == "taken"), None)
    return taken or next((card for card in cards if card.key == key and card.is_possible), None)


def _approval(row: RushRequest) -> RushApproval | None:
    asked = [one for one in row.approvals.all() if one.state == RushApproval.State.ASKED]
    return asked[0] if asked else None


def _rejected(row: RushRequest) -> RushApproval | None:
    """The last word, if it was a no to one of the cards that stand here."""
    last = next(iter(row.approvals.all()), None)
    is_here = last is not None and last.option.answer_no == row.answer_no
    return last if last is not None and is_here and last.state == RushApproval.State.REJECTED else None


def _change_url(row: RushRequest) -> str:
    if row.quotation_id is not None:
        return reverse("suite:rush_for_quotation", args=[row.quotation_id], query={"replaces": row.pk})
    if row.for_order_id is not None:
        return reverse("suite:rush_for_order", args=[row.for_order_id], query={"replaces": row.pk})
    question = {
        "customer": named(row.customer),
        "material": named(row.material),
        "plant": row.plant_id,
        "quantity": shown.plain(row.quantity),
        "unit_price": shown.plain(row.unit_price),
        "wanted_on": row.wanted_on.isoformat(),
        "replaces": row.pk,
    }
    return reverse("suite:rush_ask", query=question)


def _looks_further(row: RushRequest, now: dt.datetime) -> bool:
    """Whether levers of the latest answer may still come: they have half a minute."""
    is_new = row.answered_at is not None and now - row.answered_at < ALL_BY
    return is_new and row.state == RushRequest.State.OPEN and row.levers_no < row.answer_no


def _undo_left(row: RushRequest, now: dt.datetime) -> int:
    """Seconds in which it may be given back."""
    if row.state != RushRequest.State.TAKEN or row.taken_at is None:
        return 0
    return max(0, int((row.taken_at + UNDO_FOR - now).total_seconds()))
