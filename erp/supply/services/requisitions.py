"""Requisitions: asked for by anybody, agreed to by somebody whose limit holds the value, then planned to be bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from erp.supply.models import ApprovalLimit, Peg, PlannedOrder, Requisition, RequisitionLine
from erp.supply.sources import best_offer, prices_in_force
from masterdata import live
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, NotAllowed, Refusal, StaleVersion
from masterdata.models import Material, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity


class AlreadyDecided(Refusal):
    """The requisition was agreed to or refused before."""

    code = "already_decided"


@dataclass(frozen=True, slots=True)
class RequisitionLineInput:
    """`quantity` in base units; `unit_price` is a guess (empty: the price of the day, else the standard cost)."""

    material_id: int
    quantity: Decimal
    needed_on: dt.date
    unit_price: Decimal | None = None


@transaction.atomic
def request_purchase(
    *, plant: Plant, by: User, reason: str, lines: Sequence[RequisitionLineInput], now: dt.datetime
) -> Requisition:
    """Ask that something is bought. Whose own approval limit holds its value needs nobody else.

    Raises InvalidInput, PartOfStep, DayPassed.
    """
    if not reason.strip():
        raise InvalidInput("Say what it is for.", field="reason")
    if not lines:
        raise InvalidInput("A requisition needs at least one line.", field="lines")
    rows = _rows(plant, lines, now)
    total = sum((row.quantity * row.unit_price for row in rows), ZERO)
    requisition = Requisition.objects.create(
        number=next_numbers(company=plant.company, kind="RQ", year=now.year)[0],
        plant=plant,
        requested_by=by,
        requested_at=now,
        reason=reason.strip()[:200],
        value=money(total, plant.company.currency.decimals),
    )
    for row in rows:
        row.requisition = requisition
    RequisitionLine.objects.bulk_create(rows)
    own = ApprovalLimit.objects.filter(plant=plant, approver=by).first()
    if own is not None and requisition.value <= own.max_value:
        _approve(requisition, by, now)
    live.publish("purchase", requisition.pk, plant_id=plant.pk)
    return requisition


def _rows(plant: Plant, lines: Sequence[RequisitionLineInput], now: dt.datetime) -> list[RequisitionLine]:
    ids = {line.material_id for line in lines}
    materials = Material.objects.select_related("unit").in_bulk(ids)
    prices = prices_in_force(plant_id=plant.pk, material_ids=ids, now=now)
    rows = []
    for index, line in enumerate(lines):
        material = materials.get(line.material_id)
        if material is None or not material.is_active:
            raise InvalidInput("Choose a material that is in use.", field=f"lines.{index}.material")
        check_quantity(material=material, quantity=line.quantity, field=f"lines.{index}.quantity")
        check_day_ahead(line.needed_on, time_zone=plant.time_zone, now=now, field=f"lines.{index}.needed_on")
        offer = best_offer(prices.get(material.pk, ()), line.quantity)
        known = offer.unit_price if offer else material.standard_cost
        price = line.unit_price if line.unit_price is not None else known
        if price < 0:
            raise InvalidInput("A price can't be below zero.", field=f"lines.{index}.unit_price")
        rows.append(
            RequisitionLine(
                line_no=index + 1,
                material=material,
                quantity=line.quantity,
                needed_on=line.needed_on,
                unit_price=price,
            )
        )
    return rows


@transaction.atomic
def approve_requisition(
    *, requisition_id: int, by: User, now: dt.datetime, expected_version: int | None = None
) -> Requisition:
    """Agree: its lines become planned orders, pegged to them, which a buyer (or the buying limits) orders.

    In a plant with approval limits only somebody whose limit holds the value may; nobody without one agrees to their
    own. Locks the requisition. Raises AlreadyDecided, NotAllowed, StaleVersion.
    """
    requisition = _hold(requisition_id, expected_version)
    limits = {row.approver_id: row for row in ApprovalLimit.objects.filter(plant=requisition.plant_id)}
    mine = limits.get(by.pk)
    if limits and (mine is None or requisition.value > mine.max_value):
        able = [row for row in limits.values() if row.max_value >= requisition.value]
        names = ", ".join(sorted(str(User.objects.get(pk=row.approver_id)) for row in able))
        advice = f"ask {names}" if names else "nobody's limit holds it: ask for a higher one"
        raise NotAllowed(
            f"{requisition.number} is worth more than you may agree to: {advice}.", value=requisition.value
        )
    if not limits and requisition.requested_by_id == by.pk:
        raise NotAllowed("Somebody else has to agree to what you ask for.")
    _approve(requisition, by, now)
    return requisition


def _approve(requisition: Requisition, by: User, now: dt.datetime) -> None:
    lines = list(requisition.lines.order_by("line_no"))
    for line in lines:
        noon = dt.datetime.combine(line.needed_on, dt.time(12), ZoneInfo(requisition.plant.time_zone))
        line.planned_order = PlannedOrder.objects.create(
            plant_id=requisition.plant_id,
            material_id=line.material_id,
            quantity=line.quantity,
            due_at=noon,
            problem=f"{requisition.number} for {requisition.requested_by}: order it"[:200],
        )
    RequisitionLine.objects.bulk_update(lines, ["planned_order"])
    Peg.objects.bulk_create(
        Peg(planned_order=line.planned_order, requisition_line=line, quantity=line.quantity) for line in lines
    )
    requisition.approved_at, requisition.decided_by = now, by
    _changed(requisition)


@transaction.atomic
def refuse_requisition(
    *, requisition_id: int, by: User, because: str, now: dt.datetime, expected_version: int | None = None
) -> Requisition:
    """Say no, and why. Locks the requisition. Raises AlreadyDecided, InvalidInput, StaleVersion."""
    if not because.strip():
        raise InvalidInput("Say why.", field="because")
    requisition = _hold(requisition_id, expected_version)
    requisition.refused_at, requisition.decided_by = now, by
    requisition.refused_because = because.strip()[:200]
    _changed(requisition)
    return requisition


def _hold(requisition_id: int, expected_version: int | None) -> Requisition:
    rows = Requisition.objects.select_for_update(no_key=True, of=("self",)).select_related("plant", "requested_by")
    requisition = rows.order_by("pk").get(pk=requisition_id)
    if expected_version is not None and requisition.version != expected_version:
        raise StaleVersion(
            f"{requisition.number} was changed meanwhile: look at it again.", version=requisition.version
        )
    if requisition.decided_by_id is not None:
        word = "agreed to" if requisition.approved_at else "refused"
        raise AlreadyDecided(f"{requisition.number} was {word} already.", requisition_id=requisition.pk)
    return requisition


def _changed(requisition: Requisition) -> None:
    requisition.version += 1
    requisition.save()
    live.publish("purchase", requisition.pk, plant_id=requisition.plant_id)
