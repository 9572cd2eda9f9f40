"""What a customer pays for a material: agreed in a contract, else by price list, else the list price.

The first that says a price wins, in this order:

1. a frame agreement (`AGREED` asks for it);
2. price lists for this customer, then for its group, then for everybody; of these the higher priority first;
3. within one list the rule for the material, then for its category, then for everything;
4. of these the one with the highest quantity that is reached;
5. the list price of the material.

Only price lists in the quotation's currency count. Percents and surcharges go from the list price, which stands in the
company's currency; it is converted by the rate of the day. Prices have six decimals, rounded half up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from crm.models import CustomerTerms, PriceRule
from erp import selectors as erp_now
from masterdata import shown
from masterdata.models import Company, Currency, Material, Plant
from masterdata.numbers import money

PLACES = 6
FOR_CUSTOMER, FOR_GROUP, FOR_EVERYBODY = range(3)


@dataclass(frozen=True, slots=True)
class Priced:
    """A price per unit in the currency asked for, and in words where it comes from."""

    unit_price: Decimal
    source: str
    price_rule_id: int | None = None
    contract_line_id: int | None = None


@dataclass(frozen=True)
class Question:
    """Which customer asks what, in which currency, on which day. Places of `wanted` name the answers."""

    customer_id: int
    currency: Currency
    company: Company
    on: dt.date
    wanted: Sequence[tuple[int, Decimal]]
    materials: Mapping[int, Material] = field(default_factory=dict)
    plant_id: int | None = None

    @cached_property
    def group_id(self) -> int | None:
        return CustomerTerms.objects.filter(customer=self.customer_id).values_list("group", flat=True).first()

    @cached_property
    def _rate(self) -> tuple[erp_now.Rate, str]:
        """From the company's currency to the one asked for, and how it is said. Raises NoRate."""
        own = self.company.currency
        rate = erp_now.rate_on(from_id=own.pk, to_id=self.currency.pk, day=self.on)
        said = f"{shown.plain(money(rate.value, PLACES))} {self.currency.code} for 1 {own.code}"
        return rate, f", at {said} of {rate.valid_from:%d %b %Y}"

    def list_price(self, material: Material) -> tuple[Decimal, str]:
        """Of the material in the currency asked for, and what to say of its conversion. Raises NoRate."""
        if self.currency.pk == self.company.currency_id:
            return material.list_price, ""
        rate, said = self._rate
        return rate.of(material.list_price, PLACES), said


def prices_for(
    *,
    customer_id: int,
    currency_id: int,
    plant_id: int | None,
    on: dt.date,
    wanted: Sequence[tuple[int, Decimal]],
) -> list[Priced]:
    """The price of each wanted material and quantity, in their order; how they are found stands above.

    Without a plant the first company sells. A handful of queries, however many are wanted. Raises NoRate when a list
    price has to be converted and no rate leads there.
    """
    question = Question(
        customer_id=customer_id,
        currency=Currency.objects.get(pk=currency_id),
        company=_company(plant_id),
        on=on,
        wanted=wanted,
        materials=Material.objects.in_bulk({material_id for material_id, _quantity in wanted}),
        plant_id=plant_id,
    )
    found: dict[int, Priced] = {}
    for ask in (*AGREED, by_price_list):
        if len(found) < len(wanted):
            found = ask(question) | found
    return [
        found[place] if place in found else _by_list_price(question, question.materials[material_id])
        for place, (material_id, _quantity) in enumerate(wanted)
    ]


def _company(plant_id: int | None) -> Company:
    if plant_id is not None:
        return Plant.objects.select_related("company__currency").get(pk=plant_id).company
    return Company.objects.select_related("currency").order_by("pk")[0]


def by_price_list(question: Question) -> dict[int, Priced]:
    """What price lists say, by place among what is wanted."""
    rules = _rules(question)
    found = {}
    for place, (material_id, quantity) in enumerate(question.wanted):
        material = question.materials[material_id]
        fitting = [rule for rule in rules if _fits(rule, material, quantity)]
        if fitting:
            found[place] = _priced(question, material, min(fitting, key=_rank))
    return found


def _rules(question: Question) -> list[PriceRule]:
    """All rules in force on the day that may be about these materials and this customer."""
    materials = question.materials.values()
    day = question.on
    for_whom = Q(price_list__customer=question.customer_id) | Q(
        price_list__customer__isnull=True, price_list__group__isnull=True
    )
    if question.group_id is not None:
        for_whom |= Q(price_list__group=question.group_id)
    about = (
        Q(material__in=[one.pk for one in materials])
        | Q(category__in={one.category_id for one in materials})
        | Q(material__isnull=True, category__isnull=True)
    )
    began = Q(price_list__valid_from__lte=day) & (Q(valid_from__isnull=True) | Q(valid_from__lte=day))
    lasts = (Q(price_list__valid_to__isnull=True) | Q(price_list__valid_to__gte=day)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )
    sold = Q(price_list__is_active=True, price_list__company=question.company, price_list__currency=question.currency)
    rows = PriceRule.objects.filter(for_whom & about & began & lasts & sold)
    return list(rows.select_related("price_list__customer", "price_list__group", "category").order_by("pk"))


def _fits(rule: PriceRule, material: Material, quantity: Decimal) -> bool:
    return (
        rule.material_id in (None, material.pk)
        and rule.category_id in (None, material.category_id)
        and rule.from_quantity <= quantity
    )


def _rank(rule: PriceRule) -> tuple[int, int, int, int, Decimal]:
    """What comes first wins. Equal rules of one list do not overlap, lists of equal rank neither."""
    whose = rule.price_list
    scope = FOR_CUSTOMER if whose.customer_id else FOR_GROUP if whose.group_id else FOR_EVERYBODY
    about = 0 if rule.material_id else 1 if rule.category_id else 2
    return scope, -whose.priority, whose.pk, about, -rule.from_quantity


def _priced(question: Question, material: Material, rule: PriceRule) -> Priced:
    said = said_of(rule)
    if rule.fixed_price is not None:
        return Priced(rule.fixed_price, said, rule.pk)
    price, conversion = question.list_price(material)
    if rule.percent_off is not None:
        return Priced(money(price * (100 - rule.percent_off) / 100, PLACES), said + conversion, rule.pk)
    return Priced(price + (rule.surcharge or 0), said + conversion, rule.pk)


def said_of(rule: PriceRule) -> str:
    """Where a price comes from, as it is stored with a line."""
    whose = rule.price_list
    parts = [f"Price list {whose.name}"]
    if whose.customer is not None:
        parts.append(f"for {whose.customer.name}")
    elif whose.group is not None:
        parts.append(f"for {whose.group.name}")
    if rule.category is not None:
        parts.append(f"{rule.category.name}")
    if rule.from_quantity > 0:
        parts.append(f"from {shown.plain(rule.from_quantity)}")
    if rule.percent_off is not None:
        parts.append(f"{shown.plain(rule.percent_off)} % off list")
    if rule.surcharge is not None:
        parts.append(f"{shown.plain(rule.surcharge)} on list")
    return ", ".join(parts)


def _by_list_price(question: Question, material: Material) -> Priced:
    price, conversion = question.list_price(material)
    return Priced(price, f"List price{conversion}")


AGREED: list[Callable[[Question], dict[int, Priced]]] = []
"""Who is asked before the price lists: frame agreements put their question here."""
