"""Rush requests with the options of their latest answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from crm.models import RushApproval, RushLine, RushMaterial, RushOption, RushPart, RushRequest, RushVictim
from erp.models import SalesOrderLine
from masterdata.models import FactRecord
from masterdata.rights import visible_to


@dataclass(frozen=True)
class OptionNow:
    """A card as it stands, with what taking it needs to know."""

    option: RushOption
    request: RushRequest

    @property
    def is_taken(self) -> bool:
        return self.option.state == RushOption.State.TAKEN

    @property
    def is_open(self) -> bool:
        return (
            self.option.state == RushOption.State.OPEN
            and self.request.state == RushRequest.State.OPEN
            and self.option.answer_no == self.request.answer_no
        )


def rush_request(*, request_id: int) -> RushRequest:
    """The request as committed now; the caller has checked who asks."""
    return RushRequest.objects.select_related("order", "for_order", "plant__company__currency").get(pk=request_id)


def visible_rush_requests(user: Any) -> QuerySet[RushRequest]:
    """Requests for plants that the user may see, each with `waits_for_approval`."""
    asked = RushApproval.objects.filter(request=OuterRef("pk"), state=RushApproval.State.ASKED)
    return (
        visible_to(user, RushRequest.objects.all())
        .select_related(
            "customer", "plant__company__currency", "material__unit", "order", "asked_by", "quotation", "for_order"
        )
        .annotate(waits_for_approval=Exists(asked))
    )


def open_approvals(user: Any) -> QuerySet[RushApproval]:
    """What somebody asked to be approved and nobody has decided, in plants that the user may see."""
    return visible_to(user, RushApproval.objects.filter(state=RushApproval.State.ASKED)).select_related(
        "request__customer", "option", "asked_by"
    )


def open_rush_requests(user: Any) -> QuerySet[RushRequest]:
    """Those that wait for a decision, each with `cards`: the options of its latest answer and their victims."""
    return _with_cards(visible_rush_requests(user).filter(state=RushRequest.State.OPEN))


def rush_detail(*, user: Any, request_id: int) -> RushRequest | None:
    """One request with `cards`; cards of older answers have the state "stale"."""
    return _with_cards(visible_rush_requests(user)).filter(pk=request_id).first()


def option_now(*, option_id: int) -> OptionNow:
    """The option and its request as committed now; the caller has checked who asks."""
    option = RushOption.objects.select_related("request").get(pk=option_id)
    return OptionNow(option, option.request)


def rush_approval(*, approval_id: int) -> RushApproval:
    """What somebody asked to be approved; the caller has checked who looks."""
    return RushApproval.objects.select_related("request", "option").get(pk=approval_id)


def taken_option(*, request_id: int) -> RushOption | None:
    """The card that was taken."""
    return RushOption.objects.filter(request=request_id, state=RushOption.State.TAKEN).first()


def rush_taken_fact(*, request_id: int) -> FactRecord:
    """The fact of its latest taking."""
    found = FactRecord.objects.filter(kind="RushTaken", payload__request_id=request_id)
    return found.latest("stated_at")


def giving_operations(*, option_id: int) -> list[int]:
    """The operations of the work orders that an option takes material from."""
    needs = RushMaterial.objects.filter(option=option_id, need__isnull=False)
    return list(needs.values_list("need__work_order__operations", flat=True).order_by("need__work_order__operations"))


def rush_answer(*, request_id: int) -> dict[str, Any]:
    """The latest answer as plain data: decimals as strings, times in ISO 8601."""
    request = RushRequest.objects.get(pk=request_id)
    return {
        "request_id": request.pk,
        "number": request.number,
        "answer_no": request.answer_no,
        "input_version": request.input_version,
        "note": request.note,
        "options": [_plain(option) for option in _cards().filter(request=request, answer_no=request.answer_no)],
    }


def _plain(option: RushOption) -> dict[str, Any]:
    margin = option.margin_percent
    return {
        "id": option.pk,
        "key": option.key,
        "label": option.label,
        "is_possible": option.is_possible,
        "deliver_at": None if option.deliver_at is None else option.deliver_at.isoformat(),
        "cost": f"{option.cost:f}",
        "extra_cost": f"{option.extra_cost:f}",
        "margin_percent": None if margin is None else f"{margin:f}",
        "cause": option.cause,
        "lever": option.lever,
        "rest_at": None if option.rest_at is None else option.rest_at.isoformat(),
        "parts": [
            {"line_no": one.line_no, "quantity": f"{one.quantity:f}", "first_qty": f"{one.first_qty:f}"}
            for one in option.parts.all()
        ],
        "ask_first": option.ask_first,
        "victims": [
            {
                "order_line_id": victim.order_line_id,
                "order_number": victim.order_line.order.number,
                "old_end_at": victim.old_end_at.isoformat(),
                "new_end_at": victim.new_end_at.isoformat(),
            }
            for victim in option.victims.all()
        ],
    }


def planned_now(order_id: int) -> dt.datetime | None:
    """When the whole order reaches its customer as the plan stands; nothing while planning has no end for a line."""
    rows = SalesOrderLine.objects.filter(order=order_id).values_list("expected_at", flat=True)
    times = list(rows)
    return max((at for at in times if at is not None), default=None) if None not in times else None


def _with_cards(requests: QuerySet[RushRequest]) -> QuerySet[RushRequest]:
    lines = RushLine.objects.select_related("material__unit").order_by("line_no")
    approvals = RushApproval.objects.select_related("option", "asked_by", "decided_by").order_by("-pk")
    return requests.prefetch_related(
        Prefetch("options", queryset=_cards(), to_attr="cards"),
        Prefetch("lines", queryset=lines),
        Prefetch("approvals", queryset=approvals),
    )


def _cards() -> QuerySet[RushOption]:
    """Options, the newest answer first, with their victims, drivers and parts."""
    parts = RushPart.objects.select_related("material__unit").order_by("line_no")
    victims = RushVictim.objects.select_related("order_line__order__customer").order_by("new_end_at", "pk")
    return RushOption.objects.order_by("-answer_no", "key").prefetch_related(
        Prefetch("victims", queryset=victims), "drivers", Prefetch("parts", queryset=parts)
    )
