"""Planned call-offs: dates and quantities that become orders in time, each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, Func, IntegerField, Q

from crm.models import Contract, PlannedCallOff
from crm.services.contracts.calling import CallOffLine, OutsideContract, call_off
from crm.services.contracts.held import held, refuse_unless_active
from masterdata import live
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.units import check_quantity

TRY_AGAIN_AFTER = dt.timedelta(hours=1)
MOST_AT_ONCE = 200


class NotPlanned(Refusal):
    """Called off or dropped already."""

    code = "call_off_not_planned"


@dataclass(frozen=True)
class PlannedLine:
    """So much of a contract's line is wanted on that day."""

    contract_line_id: int
    wanted_on: dt.date
    quantity: Decimal


@transaction.atomic
def plan_call_offs(
    *, contract_id: int, lines: Sequence[PlannedLine], now: dt.datetime, by: User | None = None
) -> list[PlannedCallOff]:
    """Add to the schedule of an active contract. Takes nothing yet: what is left is checked when each is called off.

    Locks the contract. Raises ContractNotActive, OutsideContract, InvalidInput naming the field.
    """
    contract, own = held(contract_id)
    refuse_unless_active(contract)
    by_id = {line.pk: line for line in own}
    if not lines:
        raise InvalidInput("Add at least one day and quantity.", field="lines")
    for index, one in enumerate(lines):
        line = by_id.get(one.contract_line_id)
        if line is None:
            raise InvalidInput("Choose a line of this contract.", field=f"lines.{index}.contract_line")
        check_quantity(material=line.material, quantity=one.quantity, field=f"lines.{index}.quantity")
        where = f"lines.{index}.wanted_on"
        check_day_ahead(one.wanted_on, time_zone=line.plant.time_zone, now=now, field=where)
        if not contract.valid_from <= one.wanted_on <= contract.valid_to:
            raise OutsideContract(
                f"{contract.number} is from {contract.valid_from:%d %b %Y} to {contract.valid_to:%d %b %Y}.",
                field=where,
            )
    rows = PlannedCallOff.objects.bulk_create(
        PlannedCallOff(
            contract_line_id=one.contract_line_id,
            wanted_on=one.wanted_on,
            quantity=one.quantity,
            made_at=now,
            made_by=by,
        )
        for one in lines
    )
    live.publish("contract", contract.pk, contract.version)
    return rows


@transaction.atomic
def drop_planned(*, planned_id: int, now: dt.datetime) -> PlannedCallOff:
    """It is not wanted any more. Locks it. Raises NotPlanned."""
    row = _held(planned_id)
    if row.state != PlannedCallOff.State.PLANNED:
        raise NotPlanned("This is no longer planned: cancel its order instead.", state=row.state)
    row.state = PlannedCallOff.State.DROPPED
    row.problem = ""
    row.save(update_fields=["state", "problem"])
    live.publish("contract", row.contract_line.contract_id)
    return row


def call_planned(*, now: dt.datetime, planned_id: int | None = None) -> list[int]:
    """Make orders of what is due (or of the one named), each in a transaction of its own; the ids of the orders.

    Done again, it does nothing: a planned call-off becomes one order. One that is refused says why at its row and is
    tried again after an hour.
    """
    orders = []
    for pk in _due(now) if planned_id is None else [planned_id]:
        try:
            order_id = _call(pk, now)
        except Refusal as refusal:
            if planned_id is not None:
                raise
            _note(pk, refusal.sentence, now)
        else:
            orders += [order_id] if order_id else []
    return orders


def _due(now: dt.datetime) -> list[int]:
    ahead = Func(F("contract_line__contract__call_ahead_days"), function="", output_field=IntegerField())
    rows = PlannedCallOff.objects.filter(
        Q(tried_at=None) | Q(tried_at__lt=now - TRY_AGAIN_AFTER),
        state=PlannedCallOff.State.PLANNED,
        contract_line__contract__state=Contract.State.ACTIVE,
    ).annotate(call_on=ExpressionWrapper(F("wanted_on") - ahead, output_field=DateField()))
    return list(
        rows.filter(call_on__lte=now.date()).order_by("wanted_on", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    )


@transaction.atomic
def _call(planned_id: int, now: dt.datetime) -> int | None:
    row = PlannedCallOff.objects.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    planned = row.select_related("contract_line__contract").filter(pk=planned_id).first()
    if planned is None or planned.state != PlannedCallOff.State.PLANNED:
        return None
    contract = planned.contract_line.contract
    order = call_off(
        contract_id=contract.pk,
        lines=[CallOffLine(planned.contract_line_id, planned.quantity, planned.wanted_on, planned.pk)],
        now=now,
        by=planned.made_by,
        confirm=contract.confirms_planned,
    )
    planned.state = PlannedCallOff.State.CALLED
    planned.problem, planned.tried_at = "", now
    planned.save(update_fields=["state", "problem", "tried_at"])
    return order.pk


@transaction.atomic
def _note(planned_id: int, sentence: str, now: dt.datetime) -> None:
    row = _held(planned_id)
    row.problem, row.tried_at = sentence[:240], now
    row.save(update_fields=["problem", "tried_at"])
    live.publish("contract", row.contract_line.contract_id)


def _held(planned_id: int) -> PlannedCallOff:
    rows = PlannedCallOff.objects.select_for_update(of=("self",)).select_related("contract_line")
    return rows.order_by("pk").get(pk=planned_id)
