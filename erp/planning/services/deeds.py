"""What a person decides about planned supply: keep it as it is, or be quiet about a message for a while."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from erp.facts import SupplyPlanned
from erp.planning.firming import write_unit_costs
from erp.planning.models import ActionMessage
from erp.production.models import WorkOrder
from erp.supply.models import PlannedOrder
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion


class NotProposed(Refusal):
    """Only what planning proposes can be made firm."""

    code = "not_proposed"


class MessageGone(Refusal):
    """What the message said is no longer so."""

    code = "message_gone"


@transaction.atomic
def firm_work_order(*, work_order_id: int, now: dt.datetime, expected_version: int | None = None) -> WorkOrder:
    """Proposed work becomes firm: it is scheduled and planning leaves it alone. States SupplyPlanned.

    Locks the work order. Raises NotProposed, StaleVersion.
    """
    order = WorkOrder.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=work_order_id)
    if order.state != WorkOrder.State.PROPOSED:
        raise NotProposed(
            f"{order.number} is {WorkOrder.State(order.state).label.lower()}: only proposed work can be made firm.",
            work_order_id=work_order_id,
        )
    check_version(order.number, order.version, expected_version)
    order.state = WorkOrder.State.FIRM
    order.version += 1
    order.save(update_fields=["state", "version"])
    write_unit_costs(work_order_ids=[order.pk], now=now)
    facts.state(SupplyPlanned(plant_id=order.plant_id, work_order_ids=(order.pk,), order_ids=()))
    live.publish("supply", order.plant_id, plant_id=order.plant_id)
    return order


@transaction.atomic
def firm_planned_order(*, planned_order_id: int, is_firm: bool, expected_version: int | None = None) -> PlannedOrder:
    """Keep a planned order as it is, or give it back to planning. Locks it. Raises NotProposed, StaleVersion."""
    planned = PlannedOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=planned_order_id)
    if planned.closed_at is not None:
        raise NotProposed("It is ordered already: change the purchase order.", planned_order_id=planned.pk)
    if planned.transfer_line_id is not None:
        raise NotProposed("It is on the way: receive the transfer, or give up the rest.", planned_order_id=planned.pk)
    check_version("The planned order", planned.version, expected_version)
    if not is_firm and planned.pegs.filter(is_planned=False).exists():
        raise NotProposed(
            "An order's own need can't go back to planning: order it, or let the order go.", planned_order_id=planned.pk
        )
    planned.is_firm = is_firm
    planned.version += 1
    planned.save(update_fields=["is_firm", "version"])
    live.publish("supply", planned.plant_id, plant_id=planned.plant_id)
    return planned


@transaction.atomic
def dismiss_message(
    *, message_id: int, until: dt.date, today: dt.date, expected_version: int | None = None
) -> ActionMessage:
    """Be quiet about a message until a day, or until what it says changes. Raises MessageGone, InvalidInput."""
    message = ActionMessage.objects.select_for_update(of=("self",)).filter(pk=message_id).order_by("pk").first()
    if message is None:
        raise MessageGone("That is settled meanwhile: look at the list again.", message_id=message_id)
    check_version("The message", message.version, expected_version)
    if until <= today:
        raise InvalidInput("Choose a day after today.", field="until")
    message.dismissed_until = until
    message.version += 1
    message.save(update_fields=["dismissed_until", "version"])
    live.publish("supply", message.plant_id, plant_id=message.plant_id)
    return message


def check_version(name: str, version: int, expected: int | None) -> None:
    """Raises StaleVersion when somebody changed it meanwhile."""
    if expected is not None and expected != version:
        raise StaleVersion(f"{name} was changed meanwhile: look at it again.", version=version)
