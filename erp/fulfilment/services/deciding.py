"""What becomes of goods that came back: stock again, scrap, work, or the customer gets them, or others, again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from erp.fulfilment.models import ReturnReceipt
from erp.fulfilment.services.holding import hold_order
from erp.fulfilment.services.mending import mend
from erp.fulfilment.services.returning import close_when_done
from erp.production.models import WorkOrder
from erp.production.services import ReworkStep
from erp.sales.models import SalesOrderLine
from erp.sales.services.orders import OrderLineInput, create_order
from erp.sales.services.shortages import scrap_stock
from erp.stock import transferring
from erp.stock.models import StockBalance, StockMove
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO

Outcome = ReturnReceipt.Outcome


class AlreadyDecided(Refusal):
    """Somebody has decided on these pieces."""

    code: ClassVar[str] = "return_already_decided"


@dataclass(frozen=True, slots=True)
class DecidedPart:
    """What was done to a part of the pieces: a move in stock, or the work order that mends them."""

    move: StockMove | None = None
    work_order: WorkOrder | None = None


@transaction.atomic
def decide_return(
    *,
    receipt_id: int,
    outcome: str,
    now: dt.datetime,
    by: User | None,
    target_id: int | None = None,
    reason_id: int | None = None,
    replace: bool = False,
    note: str = "",
) -> ReturnReceipt:
    """Back to stock (`target_id`, else the default place), scrapped (`reason_id`), to be reworked or sent back.

    To be reworked and to be sent back stay in quarantine, where the next deed takes them. `replace`: the customer gets
    as many new pieces with a draft order without charge. Pieces that are sent back or replaced are the customer's
    again: they are charged as if they had not come back. Locks the order, then balances. Raises AlreadyDecided,
    InvalidInput, NotEnoughStock.
    """
    order_id = ReturnReceipt.objects.values_list("line__customer_return__order_id", flat=True).get(pk=receipt_id)
    order = hold_order(order_id)
    related = "move", "line__customer_return__plant", "line__shipment_line__order_line__material"
    rows = ReturnReceipt.objects.select_for_update(no_key=True, of=("self",)).select_related(*related)
    receipt = rows.order_by("pk").get(pk=receipt_id)
    if receipt.outcome:
        raise AlreadyDecided(f"These pieces are {receipt.get_outcome_display().lower()}.", receipt_id=receipt_id)
    if receipt.decided_qty:
        raise AlreadyDecided(
            "A part of these pieces is decided: the rest is decided in parts too, by its non-conformance.",
            receipt_id=receipt_id,
        )
    if outcome not in ReturnReceipt.CHOSEN:
        raise InvalidInput("Choose what becomes of them.", field="outcome")
    receipt.outcome_move = _done(receipt, outcome, receipt.quantity, target_id, reason_id, now, note)
    receipt.outcome, receipt.decided_at, receipt.decided_by = outcome, now, by
    if replace:
        receipt.replaced_by = _replacement(receipt.line.shipment_line.order_line, receipt.quantity, now)
    if replace or outcome == Outcome.SEND_BACK:
        line = SalesOrderLine.objects.filter(pk=receipt.line.shipment_line.order_line_id)
        line.update(taken_back_qty=F("taken_back_qty") - receipt.quantity)
    receipt.save(update_fields=["outcome", "outcome_move", "decided_at", "decided_by", "replaced_by"])
    held = receipt.line.customer_return
    close_when_done(held, now)
    assert order.pk == held.order_id
    return receipt


@transaction.atomic
def decide_return_part(
    *,
    receipt_id: int,
    outcome: str,
    quantity: Decimal,
    now: dt.datetime,
    by: User | None,
    target_id: int | None = None,
    reason_id: int | None = None,
    steps: Sequence[ReworkStep] = (),
    note: str = "",
) -> DecidedPart:
    """So many of the pieces back to stock, scrapped, or into a work order of their own that mends them (`steps`).

    When the last part is decided the receipt is. Sent back or replaced are all of them or none. Locks the order, the
    receipt, balances, then the number. Raises AlreadyDecided, InvalidInput, NotEnoughStock, PeriodClosed.
    """
    order_id = ReturnReceipt.objects.values_list("line__customer_return__order_id", flat=True).get(pk=receipt_id)
    hold_order(order_id)
    related = "move", "line__customer_return__plant", "line__shipment_line__order_line__material"
    rows = ReturnReceipt.objects.select_for_update(no_key=True, of=("self",)).select_related(*related)
    receipt = rows.order_by("pk").get(pk=receipt_id)
    if receipt.outcome:
        raise AlreadyDecided(f"These pieces are {receipt.get_outcome_display().lower()}.", receipt_id=receipt_id)
    left = receipt.quantity - receipt.decided_qty
    if not ZERO < quantity <= left:
        raise InvalidInput(f"Decide on at most {left.normalize() + ZERO:f}.", field="quantity", left=str(left))
    if outcome not in (Outcome.RESTOCK, Outcome.SCRAP, Outcome.REWORK):
        raise InvalidInput("In parts pieces are used, scrapped or reworked.", field="outcome")
    if outcome == Outcome.REWORK:
        done = DecidedPart(work_order=mend(receipt, quantity, steps, now))
    else:
        done = DecidedPart(move=_done(receipt, outcome, quantity, target_id, reason_id, now, note))
    receipt.decided_qty += quantity
    if receipt.decided_qty == receipt.quantity:
        receipt.outcome, receipt.decided_at, receipt.decided_by = Outcome.PARTS, now, by
    receipt.save(update_fields=["decided_qty", "outcome", "decided_at", "decided_by"])
    close_when_done(receipt.line.customer_return, now)
    return done


def _done(
    receipt: ReturnReceipt,
    outcome: str,
    quantity: Decimal,
    target_id: int | None,
    reason_id: int | None,
    now: dt.datetime,
    note: str,
) -> StockMove | None:
    if outcome not in (Outcome.RESTOCK, Outcome.SCRAP):
        return None
    move = receipt.move
    balance = StockBalance.objects.get(
        material=move.material_id, location=move.target_id, sales_order=None, lot=move.lot_id
    )
    if outcome == Outcome.RESTOCK:
        return transferring.set_free(balance_id=balance.pk, quantity=quantity, target_id=target_id, now=now, note=note)
    if reason_id is None:
        raise InvalidInput("Choose why they are scrapped.", field="scrap_reason")
    return scrap_stock(balance_id=balance.pk, quantity=quantity, reason_id=reason_id, now=now, note=note)


def _replacement(line: SalesOrderLine, quantity: Decimal, now: dt.datetime) -> SalesOrderLine:
    """A draft order without charge for the same pieces, wanted as soon as it can be."""
    order = line.order
    draft = create_order(
        company=order.company,
        customer=order.customer,
        currency=order.currency,
        lines=[
            OrderLineInput(
                plant_id=line.plant_id,
                material_id=line.material_id,
                quantity=quantity,
                unit_price=Decimal(0),
                wanted_on=now.date() + dt.timedelta(days=1),
                tax_code_id=line.tax_code_id,
                weight=line.weight,
            )
        ],
        now=now,
        reference=order.customer_reference,
    )
    return draft.lines.get()
