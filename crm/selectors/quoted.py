"""What a quotation that is being typed comes to: each line's price and its source, and the sums."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.selectors.prices import PLACES, prices_for
from erp import selectors as erp_now
from masterdata import numbers
from masterdata.models import Currency, Material, Partner, Plant, TaxCode
from masterdata.numbers import ZERO

NOBODY = 0
"""No customer is chosen yet: the price lists for everybody count."""


@dataclass(frozen=True, kw_only=True)
class LineToPrice:
    """A line as typed; without a price that of the price lists is taken. An option is not in the totals."""

    material_id: int
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = ZERO
    is_option: bool = False


@dataclass(frozen=True, kw_only=True)
class LineMoney:
    """`unit_price` is asked, `source` says where it comes from; `net` is after both discounts.

    `base_price` is that of contract or price list, `discounted_price` that of one after both discounts.
    """

    unit_price: Decimal
    base_price: Decimal
    discounted_price: Decimal
    source: str
    net: Decimal
    discount: Decimal


@dataclass(frozen=True, kw_only=True)
class QuoteMoney:
    """The whole in the quotation's currency; `net` is after `discount`, before `tax`."""

    lines: tuple[LineMoney, ...]
    currency: Currency
    net: Decimal
    discount: Decimal
    tax: Decimal
    rate: erp_now.Rate | None = None

    def of_company(self, amount: Decimal | None) -> Decimal | None:
        """An amount of the company's currency, such as a cost, in the quotation's by the rate of the day."""
        if amount is None or self.rate is None:
            return amount
        return self.rate.of(amount, self.currency.decimals)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def quote_money(
    *,
    customer_id: int | None,
    currency: Currency,
    plant_id: int,
    on: dt.date,
    lines: Sequence[LineToPrice],
    discount_percent: Decimal = ZERO,
) -> QuoteMoney:
    """Price all lines; what saving the quotation would store. A handful of queries. Raises NoRate."""
    found = prices_for(
        customer_id=customer_id or NOBODY,
        currency_id=currency.pk,
        plant_id=plant_id,
        on=on,
        wanted=[(line.material_id, line.quantity) for line in lines],
    )
    priced = []
    for line, listed in zip(lines, found, strict=True):
        price = listed.unit_price if line.unit_price is None else line.unit_price
        source = listed.source if line.unit_price is None else ""
        each = discounted(price, line.discount_percent, discount_percent)
        net = numbers.money(each * line.quantity, currency.decimals)
        whole = numbers.money(price * line.quantity, currency.decimals)
        priced.append(
            LineMoney(
                unit_price=price,
                base_price=listed.unit_price,
                discounted_price=each,
                source=source,
                net=net,
                discount=whole - net,
            )
        )
    ordered = [(line, one) for line, one in zip(lines, priced, strict=True) if not line.is_option]
    return QuoteMoney(
        lines=tuple(priced),
        currency=currency,
        net=sum((one.net for _, one in ordered), ZERO),
        discount=sum((one.discount for _, one in ordered), ZERO),
        tax=_tax(customer_id, ordered, currency.decimals),
        rate=_rate(plant_id, currency, on),
    )


def _rate(plant_id: int, currency: Currency, on: dt.date) -> erp_now.Rate | None:
    """From the currency of the plant's company; nothing when that is the quotation's. Raises NoRate."""
    own = Plant.objects.values_list("company__currency_id", flat=True).get(pk=plant_id)
    return None if own == currency.pk else erp_now.rate_on(from_id=own, to_id=currency.pk, day=on)


def discounted(price: Decimal, *percents: Decimal) -> Decimal:
    """The price of one less each percent in turn, six decimals, rounded half up once."""
    for percent in percents:
        price = price * (100 - percent) / 100
    return numbers.money(price, PLACES)


def _tax(customer_id: int | None, ordered: Sequence[tuple[LineToPrice, LineMoney]], decimals: int) -> Decimal:
    """Per tax code on the document: the customer's, else the material's."""
    own = Partner.objects.filter(pk=customer_id).values_list("tax_code_id", flat=True).first() if customer_id else None
    of_material = dict(
        Material.objects.filter(pk__in={line.material_id for line, _ in ordered}).values_list("pk", "tax_code_id")
    )
    nets: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line, one in ordered:
        if code := own or of_material[line.material_id]:
            nets[code] += one.net
    rates = dict(TaxCode.objects.filter(pk__in=list(nets)).values_list("pk", "rate_percent"))
    return sum((numbers.money(net * rates[code] / 100, decimals) for code, net in nets.items()), ZERO)
