"""Call-offs: orders at the contract's price, of what is left, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import CallOff, Contract, ContractLine
from crm.selectors.contracts import Taken, Use, price_for, taken_of
from crm.services.contracts.held import held_lines, refuse_unless_active
from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO, money
from masterdata.rights import visible_to


class NotEnoughLeft(Refusal):
    """More than what is left of the contract's line, with its tolerance."""

    code = "not_enough_left"


class TooLittle(Refusal):
    """Less than the least quantity of a call-off."""

    code = "below_least_call_off"


class OutsideContract(Refusal):
    """The day is not one of the contract's."""

    code = "outside_contract"


class OtherContract(Refusal):
    """The order is another customer's, plant's or product's than the contract line's."""

    code = "other_contract"


@dataclass(frozen=True)
class CallOffLine:
    """So much of a contract's line, wanted on a day; `planned_id` is the planned call-off that it was."""

    contract_line_id: int
    quantity: Decimal
    wanted_on: dt.date
    planned_id: int | None = None


@transaction.atomic
def call_off(
    *,
    contract_id: int,
    lines: Sequence[CallOffLine],
    now: dt.datetime,
    by: User | None = None,
    confirm: bool = True,
    reference: str = "",
) -> SalesOrder:
    """Make an order (confirmed, or a draft) of so much of the contract's lines, at its prices.

    Locks the contract's lines, then what `erp.confirm_order` locks: call-offs at the same moment never take more than
    what is left with the tolerance. States ContractCalledOff. Raises ContractNotActive, NotEnoughLeft, TooLittle,
    OutsideContract, InvalidInput, and what writing and confirming the order refuse: CreditHold among it.
    """
    if not lines:
        raise InvalidInput("Say how much of which line is called off.", field="lines")
    held_by_id = {line.pk: line for line in held_lines({one.contract_line_id for one in lines})}
    contract = Contract.objects.select_related("company", "customer", "currency").get(pk=contract_id)
    refuse_unless_active(contract)
    for index, one in enumerate(lines):
        line = held_by_id.get(one.contract_line_id)
        if line is None or line.contract_id != contract.pk:
            raise InvalidInput("Choose a line of this contract.", field=f"lines.{index}.contract_line")
        _check_day(contract, one.wanted_on, f"lines.{index}.wanted_on")
    prices = [price_for(held_by_id[one.contract_line_id], one.quantity) for one in lines]
    order = erp.create_order(
        company=contract.company,
        customer=contract.customer,
        currency=contract.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=held_by_id[one.contract_line_id].plant_id,
                material_id=held_by_id[one.contract_line_id].material_id,
                quantity=one.quantity,
                unit_price=price,
                wanted_on=one.wanted_on,
            )
            for one, price in zip(lines, prices, strict=True)
        ],
        now=now,
        reference=reference or contract.customer_reference or contract.number,
    )
    written = list(order.lines.order_by("line_no"))
    asked = [(held_by_id[one.contract_line_id], row) for one, row in zip(lines, written, strict=True)]
    _check_left(contract, asked)
    _keep(contract, order, asked, now, by, [one.planned_id for one in lines])
    return erp.confirm_order(order_id=order.pk, now=now) if confirm else order


@transaction.atomic
def book_call_offs(
    *, order_id: int, taken: Mapping[int, int], now: dt.datetime, by: User | None = None, reprice: bool = True
) -> list[CallOff]:
    """Let lines of a draft order (order line id -> contract line id) take from contracts, at their prices.

    `reprice` False: the prices stand, as those of a quotation that named the contract. Locks the contract lines, then
    the order. Raises OtherContract, erp's DraftNeeded, and what `call_off` refuses.
    """
    held_by_id = {line.pk: line for line in held_lines(set(taken.values()))}
    contracts = Contract.objects.in_bulk({line.contract_id for line in held_by_id.values()})
    order = SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
    if order.confirmed_at is not None or order.cancelled_at is not None:
        raise OtherContract(f"{order.number} is no draft any more: call off from the contract.", order_id=order.pk)
    rows = {row.pk: row for row in order.lines.filter(pk__in=taken).order_by("pk")}
    for order_line_id, contract_line_id in taken.items():
        if order_line_id not in rows or contract_line_id not in held_by_id:
            raise InvalidInput("Choose a line of the order and a line of a contract.", field="contract_line")
        line = held_by_id[contract_line_id]
        _check_same(order, rows[order_line_id], contracts[line.contract_id], line)
    if reprice:
        prices = {pk: price_for(held_by_id[taken[pk]], row.quantity) for pk, row in rows.items()}
        erp.set_draft_prices(order_id=order.pk, prices=prices)
        rows = {row.pk: row for row in order.lines.filter(pk__in=taken).order_by("pk")}
    kept = []
    for contract_id, contract in contracts.items():
        asked = [
            (held_by_id[taken[pk]], row) for pk, row in rows.items() if held_by_id[taken[pk]].contract_id == contract_id
        ]
        _check_left(contract, asked)
        kept += _keep(contract, order, asked, now, by, [None] * len(asked))
    return kept


@transaction.atomic
def book_order_line(
    *, order_line_id: int, contract_line_id: int, now: dt.datetime, user: User, by: User | None = None
) -> CallOff:
    """As `book_call_offs` for one line of an order that `user` may see. Raises InvalidInput for another."""
    rows = visible_to(user, SalesOrderLine.objects.filter(pk=order_line_id))
    order_id = rows.values_list("order_id", flat=True).first()
    if order_id is None:
        raise InvalidInput("Choose a line of an order that you see.", field="order_line")
    return book_call_offs(order_id=order_id, taken={order_line_id: contract_line_id}, now=now, by=by)[0]


def _check_same(order: SalesOrder, row: SalesOrderLine, contract: Contract, line: ContractLine) -> None:
    refuse_unless_active(contract)
    _check_day(contract, row.wanted_on, "wanted_on")
    if CallOff.objects.filter(order_line=row).exists():
        raise OtherContract(f"Line {row.line_no} of {order.number} is a call-off already.", order_line_id=row.pk)
    same = (
        order.customer_id == contract.customer_id
        and order.company_id == contract.company_id
        and order.currency_id == contract.currency_id
        and (row.material_id, row.plant_id) == (line.material_id, line.plant_id)
    )
    if not same:
        raise OtherContract(
            f"Line {line.line_no} of {contract.number} is for another customer, plant, product or currency than line "
            f"{row.line_no} of {order.number}: choose the line that fits.",
            contract_line_id=line.pk,
            order_line_id=row.pk,
        )


def _check_day(contract: Contract, day: dt.date, field: str) -> None:
    if not contract.valid_from <= day <= contract.valid_to:
        raise OutsideContract(
            f"{contract.number} is from {contract.valid_from:%d %b %Y} to {contract.valid_to:%d %b %Y}: choose a day "
            "in between.",
            field=field,
            valid_from=contract.valid_from.isoformat(),
            valid_to=contract.valid_to.isoformat(),
        )


def _check_left(contract: Contract, asked: Sequence[tuple[ContractLine, SalesOrderLine]]) -> None:
    """Raises NotEnoughLeft or TooLittle; the lines are locked, the order's lines not booked yet."""
    taken = taken_of([line.pk for line, _row in asked])
    for index, (line, row) in enumerate(asked):
        before = taken.get(line.pk, Taken())
        use = Use(line, before, contract.tolerance_percent)
        needs = row.net_amount if use.is_by_value else row.quantity
        if needs > use.can_be_called:
            raise NotEnoughLeft(_enough(contract, use), field=f"lines.{index}.quantity", **_left(use))
        if row.quantity < line.min_call_qty and needs != use.left:
            raise TooLittle(
                f"Line {line.line_no} of {contract.number} is called off in {plain(line.min_call_qty)} "
                f"{line.material.unit.code} or more, or the rest at once.",
                field=f"lines.{index}.quantity",
                least=str(line.min_call_qty),
            )
        taken[line.pk] = Taken(before.quantity + row.quantity, before.value + row.net_amount, before.shipped)


def _enough(contract: Contract, use: Use) -> str:
    line = use.line
    if use.is_by_value:
        left = f"{money(use.can_be_called, contract.currency.decimals):,f} {contract.currency.code}"
    else:
        left = f"{plain(use.can_be_called)} {line.material.unit.code}"
    if not use.can_be_called:
        return f"Nothing of line {line.line_no} of {contract.number} is left: amend the contract first."
    return f"{left} of line {line.line_no} of {contract.number} can still be called off: take at most that."


def _left(use: Use) -> dict[str, str]:
    name = "left_value" if use.is_by_value else "left"
    return {"contract_line_id": str(use.line.pk), name: str(use.can_be_called)}


def _keep(
    contract: Contract,
    order: SalesOrder,
    asked: Sequence[tuple[ContractLine, SalesOrderLine]],
    now: dt.datetime,
    by: User | None,
    planned_ids: Sequence[int | None],
) -> list[CallOff]:
    kept = CallOff.objects.bulk_create(
        CallOff(contract_line=line, order_line=row, planned_id=planned_id, made_at=now, made_by=by)
        for (line, row), planned_id in zip(asked, planned_ids, strict=True)
    )
    facts.state(
        crm_facts.ContractCalledOff(
            contract_id=contract.pk, order_id=order.pk, order_line_ids=tuple(row.pk for _line, row in asked)
        )
    )
    live.publish("contract", contract.pk, contract.version)
    return kept


def plain(quantity: Decimal) -> str:
    """Without the column's trailing zeros."""
    return f"{quantity.normalize() + ZERO:f}"
