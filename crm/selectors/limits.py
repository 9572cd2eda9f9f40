"""Whether a quotation is within what sales may give: its margin by its costs, its discount against price lists."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.models import Quotation, QuotationLine, SalesPolicy
from crm.selectors.quoted import LineMoney
from erp import selectors as erp_now
from masterdata import numbers, shown
from masterdata.models import Company, Currency, Material
from masterdata.numbers import ZERO


@dataclass(frozen=True)
class Need:
    """What is beyond the limits. `margin_percent` is None where a cost is not known: then the discount alone decides.

    `because` carries no margin, so that it may be shown to everybody.
    """

    because: str
    margin_percent: Decimal | None
    discount_percent: Decimal
    uncosted: tuple[int, ...] = ()
    """Numbers of the lines whose cost nobody knows."""
    lines: tuple[int, ...] = ()
    """Numbers of the lines that bring it beyond the limits."""

    @property
    def is_needed(self) -> bool:
        return bool(self.because)

    @property
    def said(self) -> str:
        """What is beyond the limits, and what could not be checked."""
        lines = ", ".join(str(one) for one in self.uncosted)
        word = "lines" if len(self.uncosted) > 1 else "line"
        return f"{self.because}; what {word} {lines} costs nobody knows" if lines else self.because


def need_of(quotation: Quotation, lines: Sequence[QuotationLine]) -> Need:
    """Judged with every line that counts, and with the options that the customer might take.

    `lines` come with their material. Two queries at most.
    """
    policy = SalesPolicy.objects.filter(company=quotation.company_id).first()
    discount = max((discount_of(line) for line in lines), default=ZERO)
    margin = _margin(quotation, [line for line in lines if line.is_taken])
    uncosted = tuple(sorted(line.line_no for line in lines if line.offered_cost is None))
    if policy is None:
        return Need("", margin, discount, uncosted)
    reasons, beyond = [], set()
    if policy.discount_limit_percent is not None and discount > policy.discount_limit_percent:
        reasons.append(
            f"a discount of {_said(discount)} %, above the limit of {_said(policy.discount_limit_percent)} %"
        )
        beyond = {line.line_no for line in lines if discount_of(line) > policy.discount_limit_percent}
    below = _below_floor(quotation, lines, policy)
    if below is not None:
        reasons.append("a margin below the floor")
        beyond |= below
    return Need(" and ".join(reasons), margin, discount, uncosted, tuple(sorted(beyond)))


@dataclass(frozen=True, kw_only=True)
class TypedLine:
    """A line that is being typed, as it was priced, and what it costs in the company's currency."""

    material: Material
    quantity: Decimal
    money: LineMoney
    cost: Decimal | None
    is_option: bool


def need_while_typed(
    *, company: Company, currency: Currency, on: dt.date, rate: Decimal | None, lines: Sequence[TypedLine]
) -> Need:
    """What saving these lines would find beyond the limits; they are numbered from 1. Raises InvalidInput, NoRate."""
    found = erp_now.conversion(company=company, currency=currency, day=on, rate=rate)
    rows = [
        QuotationLine(
            line_no=number,
            material=line.material,
            quantity=line.quantity,
            base_price=line.money.base_price,
            unit_price=line.money.unit_price,
            discounted_price=line.money.discounted_price,
            net_amount=line.money.net,
            offered_cost=line.cost or None,
            is_option=line.is_option,
        )
        for number, line in enumerate(lines, start=1)
    ]
    return need_of(Quotation(company=company, currency=currency, rate=found.value), rows)


def figures_of(quotation: Quotation, lines: Iterable[QuotationLine]) -> str:
    """A fingerprint of what an approval is about: prices, quantities, discounts and costs."""
    parts = [f"{quotation.currency_id}|{_exact(quotation.rate)}|{_exact(quotation.discount_percent)}"]
    for line in sorted(lines, key=lambda one: one.line_no):
        numbers_of = (line.quantity, line.unit_price, line.discount_percent, line.net_amount, line.offered_cost)
        exact = "|".join("" if one is None else _exact(one) for one in numbers_of)
        parts.append(f"{line.plant_id}|{line.material_id}|{exact}|{line.is_option}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _exact(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _said(percent: Decimal) -> str:
    return shown.plain(numbers.money(percent, 1))


def discount_of(line: QuotationLine) -> Decimal:
    """How far what is asked lies below what the price list says (else below the price before discounts), in percent."""
    base = line.base_price if line.base_price is not None else line.unit_price
    if base <= 0:
        return ZERO
    return max(ZERO, numbers.money(100 * (base - line.discounted_price) / base, 2))


def _margin(quotation: Quotation, lines: Sequence[QuotationLine]) -> Decimal | None:
    """In percent of the net, both in the company's currency; None when a cost is not known or nothing is charged."""
    costs = [line.offered_cost for line in lines if line.offered_cost is not None]
    net = sum((line.net_amount for line in lines), ZERO) * quotation.rate
    if len(costs) < len(lines) or not net:
        return None
    return numbers.money(100 * (net - sum(costs, ZERO)) / net, 2)


def _below_floor(quotation: Quotation, lines: Sequence[QuotationLine], policy: SalesPolicy) -> set[int] | None:
    """The numbers of the lines by which a floor is missed; nothing when each is kept.

    The lines of a category with its own floor are judged by that, the whole by the company's.

    Options count as the customer would take them to our harm: those below the floor are thought chosen.
    """
    own = dict(policy.floors.values_list("category", "floor_percent"))
    groups: list[tuple[Decimal | None, list[QuotationLine]]] = [(policy.floor_percent, list(lines))]
    for category, floor in own.items():
        groups.append((floor, [line for line in lines if line.material.category_id == category]))
    missed = [(floor, some) for floor, some in groups if floor is not None and _harmed(quotation, some, floor)]
    if not missed:
        return None
    return {line.line_no for floor, some in missed for line in some if _is_below(quotation, [line], floor)}


def _harmed(quotation: Quotation, lines: Sequence[QuotationLine], floor: Decimal) -> bool:
    taken = [line for line in lines if line.is_taken]
    harmful = [line for line in lines if not line.is_taken and _is_below(quotation, [line], floor)]
    return _is_below(quotation, taken, floor) or bool(harmful and _is_below(quotation, [*taken, *harmful], floor))


def _is_below(quotation: Quotation, part: Sequence[QuotationLine], floor: Decimal) -> bool:
    if any(line.offered_cost is not None and not line.net_amount for line in part):
        costs = sum((line.offered_cost or ZERO for line in part), ZERO)
        net = sum((line.net_amount for line in part), ZERO)
        if not net and costs > 0:
            return True  # given away
    margin = _margin(quotation, part)
    return margin is not None and margin < floor
