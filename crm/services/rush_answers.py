"""Answers to rush requests: cards from one input version, first A, B and C, then what levers bring."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import RushDriver, RushMaterial, RushOption, RushPart, RushRequest, RushVictim
from crm.services.rush import close_options, lock_rush, refuse_unless_open
from crm.services.rush_policy import rush_policy_of
from erp.models import SalesOrderLine
from masterdata import facts, live


@dataclass(frozen=True)
class RushVictimInput:
    """An order line that an option makes late or later."""

    order_line_id: int
    old_end_at: dt.datetime
    new_end_at: dt.datetime


@dataclass(frozen=True)
class RushMaterialInput:
    """A material to be ordered fast, `quantity` of it taken from what a work order's need holds, or used instead of
    `instead_of_id`."""

    material_id: int
    need_id: int | None = None
    quantity: Decimal = Decimal(0)
    instead_of_id: int | None = None


@dataclass(frozen=True)
class RushPartInput:
    """How much of a line of the request comes first."""

    line_no: int
    material_id: int
    quantity: Decimal
    first_qty: Decimal


@dataclass(frozen=True)
class RushOptionInput:
    """One card of an answer; money in the company's currency, `offer_key` is the plan kept for it in planning."""

    key: str
    label: str
    is_possible: bool
    deliver_at: dt.datetime | None
    cause: str
    extra_cost: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    margin_percent: Decimal | None = None
    offer_key: uuid.UUID | None = None
    victims: Sequence[RushVictimInput] = ()
    drivers: Sequence[tuple[str, Decimal]] = ()
    lever: str = ""
    ask_first: str = ""
    plant_id: int | None = None
    input_version: str = ""
    parts: Sequence[RushPartInput] = ()
    rest_at: dt.datetime | None = None
    bound_at: dt.datetime | None = None
    materials: Sequence[RushMaterialInput] = ()
    moved_count: int = 0
    sure_percent: int | None = None
    sure_why: str = ""
    p50_at: dt.datetime | None = None
    p90_at: dt.datetime | None = None


@transaction.atomic
def answer_rush(
    *,
    request_id: int,
    input_version: str,
    options: Sequence[RushOptionInput],
    now: dt.datetime,
    note: str = "",
    base_cost: Decimal | None = None,
) -> RushRequest:
    """Store a new answer; older options, and approvals asked for them, become stale. It holds for the minutes of the
    company's policy. Locks the request. Raises RushNotOpen.

    `note` says how planning answered when it did not answer as usual; `base_cost` is what it costs without any rush.
    """
    request = lock_rush(request_id=request_id)
    refuse_unless_open(request)
    close_options(request)
    request.answer_no += 1
    request.answered_at = now
    request.holds_until = now + dt.timedelta(minutes=rush_policy_of(request.plant.company_id).holds_min)
    request.input_version = input_version
    request.note = note[:160]
    request.base_cost = base_cost
    request.save(update_fields=["answer_no", "answered_at", "holds_until", "input_version", "note", "base_cost"])
    _write_options(request, options)
    facts.state(crm_facts.RushAnswered(request_id=request.pk, answer_no=request.answer_no, options=_possible(options)))
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return request


@transaction.atomic
def add_levers(*, request_id: int, answer_no: int, options: Sequence[RushOptionInput], is_last: bool = False) -> bool:
    """More options of the answer, once each; False when the request was answered again or is no longer open.

    Locks the request. `is_last`: no more will come for this answer.
    """
    request = lock_rush(request_id=request_id)
    if request.state != RushRequest.State.OPEN or request.answer_no != answer_no:
        return False
    known = set(RushOption.objects.filter(request=request, answer_no=answer_no).values_list("key", flat=True))
    _write_options(request, [one for one in options if one.key not in known])
    if is_last:
        request.levers_no = answer_no
        request.save(update_fields=["levers_no"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return True


def _possible(options: Sequence[RushOptionInput]) -> int:
    return sum(one.is_possible for one in options)


def _write_options(request: RushRequest, options: Sequence[RushOptionInput]) -> None:
    """The cards with their victims, drivers, parts and what they do about materials: one INSERT a table."""
    written = RushOption.objects.bulk_create([_option(request, given) for given in options])
    pairs = list(zip(written, options, strict=True))
    hurt = {victim.order_line_id for given in options for victim in given.victims}
    promised = dict(SalesOrderLine.objects.filter(pk__in=hurt).values_list("pk", "promised_at"))
    RushVictim.objects.bulk_create(
        RushVictim(
            option=option,
            order_line_id=victim.order_line_id,
            old_end_at=victim.old_end_at,
            new_end_at=victim.new_end_at,
            promised_at=promised.get(victim.order_line_id),
        )
        for option, given in pairs
        for victim in given.victims
    )
    RushDriver.objects.bulk_create(
        RushDriver(option=option, text=text[:120], amount=amount)
        for option, given in pairs
        for text, amount in given.drivers
    )
    RushMaterial.objects.bulk_create(
        RushMaterial(
            option=option,
            material_id=one.material_id,
            need_id=one.need_id,
            quantity=one.quantity,
            instead_of_id=one.instead_of_id,
        )
        for option, given in pairs
        for one in given.materials
    )
    RushPart.objects.bulk_create(
        RushPart(
            option=option,
            line_no=one.line_no,
            material_id=one.material_id,
            quantity=one.quantity,
            first_qty=one.first_qty,
        )
        for option, given in pairs
        for one in given.parts
    )


def _option(request: RushRequest, given: RushOptionInput) -> RushOption:
    return RushOption(
        request=request,
        answer_no=request.answer_no,
        key=given.key,
        label=given.label[:60],
        is_possible=given.is_possible,
        deliver_at=given.deliver_at,
        extra_cost=given.extra_cost,
        cost=given.cost,
        margin_percent=given.margin_percent,
        cause=given.cause[:240],
        offer_key=given.offer_key,
        lever=given.lever,
        ask_first=given.ask_first[:160],
        plant_id=given.plant_id,
        input_version=given.input_version,
        first_qty=given.parts[0].first_qty if len(given.parts) == 1 else None,
        rest_at=given.rest_at,
        bound_at=given.bound_at,
        moved_count=given.moved_count,
        sure_percent=given.sure_percent,
        sure_why=given.sure_why[:120],
        p50_at=given.p50_at,
        p90_at=given.p90_at,
    )
