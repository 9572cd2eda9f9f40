"""What a final invoice deducts of what was invoiced as a deposit, and what a deposit invoice still has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from erp.ledger.models import Account
from erp.receivables.models import InvoiceLine
from erp.receivables.services.documents import Charge
from erp.sales.models import SalesOrderLine
from erp.treasury.conversion import share
from masterdata.numbers import ZERO, money

_AMOUNTS = ("net_amount", "tax_amount", "own_net", "own_tax")


@dataclass(frozen=True, slots=True)
class DepositLine:
    """A line of a deposit invoice less its credit notes (`given`), and what was deducted of it (`taken`)."""

    line: InvoiceLine
    order_id: int
    given: dict[str, Decimal]
    taken: dict[str, Decimal]

    @property
    def left(self) -> Decimal:
        """Net, not deducted yet."""
        return self.given["net_amount"] - self.taken["net_amount"]


def deposit_lines(order_ids: Collection[int]) -> list[DepositLine]:
    """Every line of the orders' deposit invoices, oldest first."""
    rows = InvoiceLine.objects.filter(invoice__kind="deposit", invoice__order__in=order_ids)
    lines = list(rows.select_related("plant", "invoice__company__currency").order_by("pk"))
    credited = _sums("credits", lines)
    deducted = _sums("deposit", lines)
    return [
        DepositLine(
            line,
            line.invoice.order_id or 0,
            {name: getattr(line, name) + credited.get(line.pk, {}).get(name, ZERO) for name in _AMOUNTS},
            {name: -deducted.get(line.pk, {}).get(name, ZERO) for name in _AMOUNTS},
        )
        for line in lines
    ]


def _sums(by: str, lines: Sequence[InvoiceLine]) -> dict[int, dict[str, Decimal]]:
    """The sums of all amounts of the rows that point to each line."""
    found: dict[int, dict[str, Decimal]] = {}
    for row in InvoiceLine.objects.filter(**{f"{by}__in": lines}).values(by, *_AMOUNTS):
        sums = found.setdefault(row[by], dict.fromkeys(_AMOUNTS, ZERO))
        for name in _AMOUNTS:
            sums[name] += row[name]
    return found


def deductions(order_ids: Collection[int], goods: Sequence[Charge], decimals: int) -> list[Charge]:
    """What the deposits of the orders take off these charges: as much of each as of the order is charged by now.

    The invoice that charges the last of an order takes all that is left, so that nothing of a deposit remains.
    """
    found = deposit_lines(order_ids)
    if not any(one.left for one in found):
        return []
    shares = {order_id: _charged_share(order_id, goods) for order_id in order_ids}
    charges = []
    for one in found:
        target = money(one.given["net_amount"] * shares[one.order_id], decimals)
        now = target - one.taken["net_amount"]
        if now > 0:
            charges.append(_deduction(one, now, decimals))
    return charges


def _charged_share(order_id: int, goods: Sequence[Charge]) -> Decimal:
    """How much of the order's net amount is charged, these charges included; 1 when all is."""
    net = SalesOrderLine.objects.filter(order=order_id).aggregate(total=Sum("net_amount"))["total"] or ZERO
    before = InvoiceLine.objects.filter(order_line__order=order_id).exclude(quantity=0)
    charged = before.aggregate(total=Sum("net_amount"))["total"] or ZERO
    now = sum((one.net for one in goods if one.order_id == order_id), ZERO)
    return min(Decimal(1), (charged + now) / net) if net else Decimal(1)


def _deduction(one: DepositLine, now: Decimal, decimals: int) -> Charge:
    own_decimals = one.line.invoice.company.currency.decimals

    def part(name: str, places: int) -> Decimal:
        return share(
            whole=one.given[name], of=one.given["net_amount"], before=one.taken["net_amount"], now=now,
            taken=one.taken[name], decimals=places,
        )  # fmt: skip

    assert one.line.plant is not None
    return Charge(
        net=-now,
        tax=-part("tax_amount", decimals),
        own_net=-part("own_net", own_decimals),
        own_tax=-part("own_tax", own_decimals),
        role=Account.Role.DEPOSIT,
        plant=one.line.plant,
        order_id=one.order_id,
        tax_code_id=one.line.tax_code_id,
        text=f"Deposit {one.line.invoice.number}",
        deposit=one.line,
    )
