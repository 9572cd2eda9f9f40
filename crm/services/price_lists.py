"""Price lists: written, changed, their rules set as a whole; customers put into groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Q

from crm.models import CustomerGroup, CustomerTerms, Incoterm, PriceList, PriceRule
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Currency, Partner

FOREVER = dt.date.max


class PricesOverlap(Refusal):
    """Two prices would hold for the same thing at once."""

    code: ClassVar[str] = "prices_overlap"


@dataclass(frozen=True, kw_only=True)
class PriceListInput:
    """A list as it shall be: for a customer, a group, or (neither) everybody."""

    name: str
    company: Company
    currency: Currency
    valid_from: dt.date
    valid_to: dt.date | None = None
    customer: Partner | None = None
    group: CustomerGroup | None = None
    priority: int = 0
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class PriceRuleInput:
    """A price as it shall be; exactly one of the three is given."""

    material_id: int | None = None
    category_id: int | None = None
    from_quantity: Decimal = Decimal(0)
    fixed_price: Decimal | None = None
    percent_off: Decimal | None = None
    surcharge: Decimal | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def what(self) -> tuple[int | None, int | None, Decimal]:
        """What two rules may not both say at once."""
        return self.material_id, self.category_id, self.from_quantity.normalize()


@transaction.atomic
def write_price_list(
    *, given: PriceListInput, price_list_id: int | None = None, expected_version: int | None = None
) -> PriceList:
    """A new list, or the terms of one changed. Raises InvalidInput, PricesOverlap, StaleVersion.

    Lists of a company are locked, so that two that overlap are not written at once.
    """
    Company.objects.select_for_update(no_key=True).order_by("pk").get(pk=given.company.pk)
    row = PriceList.objects.get(pk=price_list_id) if price_list_id else PriceList(version=0)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.name} was changed meanwhile. Look at it again.", version=row.version)
    if price_list_id and row.company_id != given.company.pk:
        raise InvalidInput("A price list stays with its company: write a new one.", field="company")
    _check_list(given)
    _refuse_twin(given, price_list_id)
    for name, value in vars(given).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    live.publish("price-list", row.pk, row.version)
    return row


@transaction.atomic
def set_price_rules(
    *, price_list_id: int, rules: Sequence[PriceRuleInput], expected_version: int | None = None
) -> PriceList:
    """Replace the rules of a list, all or none; those that stay as they are keep their key. Locks the list.

    Raises InvalidInput or PricesOverlap at `rules.0.material`, counted as given.
    """
    row = PriceList.objects.select_for_update().order_by("pk").get(pk=price_list_id)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.name} was changed meanwhile. Look at it again.", version=row.version)
    for index, rule in enumerate(rules):
        _check_rule(rule, f"rules.{index}.")
    _refuse_equal(rules)
    fields = list(PriceRuleInput.__dataclass_fields__)
    standing = {PriceRuleInput(**{name: getattr(one, name) for name in fields}): one.pk for one in row.rules.all()}
    wanted = set(rules)
    row.rules.exclude(pk__in=[pk for rule, pk in standing.items() if rule in wanted]).delete()
    PriceRule.objects.bulk_create(PriceRule(price_list=row, **asdict(rule)) for rule in rules if rule not in standing)
    row.version += 1
    row.save(update_fields=["version"])
    live.publish("price-list", row.pk, row.version)
    return row


@transaction.atomic
def write_customer_group(*, code: str, name: str) -> CustomerGroup:
    """A group of customers with prices in common. Raises InvalidInput when there is one of that code or name."""
    for field, value in (("code", code.strip()), ("name", name.strip())):
        if not value:
            raise InvalidInput("Enter a code and a name.", field=field)
        if CustomerGroup.objects.filter(**{f"{field}__iexact": value}).exists():
            raise InvalidInput(f"There is a group {value} already.", field=field)
    return CustomerGroup.objects.create(code=code.strip(), name=name.strip())


@transaction.atomic
def set_customer_terms(
    *,
    customer: Partner,
    group: CustomerGroup | None,
    incoterm: str = "",
    incoterm_place: str = "",
    expected_version: int | None = None,
) -> CustomerTerms:
    """The one group of a customer, and how it is delivered to unless a quotation says otherwise."""
    if incoterm and incoterm not in Incoterm.values:
        raise InvalidInput("Choose delivery terms from the list.", field="incoterm")
    if incoterm_place.strip() and not incoterm:
        raise InvalidInput("Choose delivery terms for this place.", field="incoterm")
    CustomerTerms.objects.get_or_create(customer=customer)
    row = CustomerTerms.objects.select_for_update().order_by("pk").get(customer=customer)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion("These terms were changed meanwhile. Look at them again.", version=row.version)
    row.group, row.incoterm, row.incoterm_place = group, incoterm, incoterm_place.strip()[:80]
    row.version += 1
    row.save()
    return row


def _check_list(given: PriceListInput) -> None:
    if not given.name.strip():
        raise InvalidInput("Enter a name.", field="name")
    if given.customer is not None and given.group is not None:
        raise InvalidInput("Choose a customer or a group, not both.", field="group")
    if given.valid_to is not None and given.valid_to < given.valid_from:
        raise InvalidInput("The last day is before the first.", field="valid_to")


def _refuse_twin(given: PriceListInput, price_list_id: int | None) -> None:
    others = PriceList.objects.filter(company=given.company).exclude(pk=price_list_id or 0).order_by("pk")
    if others.filter(name__iexact=given.name.strip()).exists():
        raise InvalidInput(f"There is a price list {given.name} already.", field="name")
    if not given.is_active:
        return
    meets = Q(valid_to__isnull=True) | Q(valid_to__gte=given.valid_from)
    same = others.filter(
        meets,
        valid_from__lte=given.valid_to or FOREVER,
        currency=given.currency,
        customer=given.customer,
        group=given.group,
        priority=given.priority,
        is_active=True,
    )
    if twin := same.first():
        raise PricesOverlap(
            f"{twin.name} holds for the same customers on the same days: give one of the two another priority.",
            field="priority",
            price_list_id=twin.pk,
        )


def _check_rule(rule: PriceRuleInput, where: str) -> None:
    if rule.material_id and rule.category_id:
        raise InvalidInput("Choose a product or a category, not both.", field=f"{where}category")
    said = [one for one in (rule.fixed_price, rule.percent_off, rule.surcharge) if one is not None]
    if len(said) != 1:
        raise InvalidInput("Give one of: fixed price, percent off list, surcharge.", field=f"{where}figure")
    if rule.percent_off is not None and not 0 < rule.percent_off <= 100:
        raise InvalidInput("Enter a percentage above 0 and up to 100.", field=f"{where}figure")
    if said[0] < 0 or (rule.surcharge is not None and rule.surcharge == 0):
        raise InvalidInput("Enter an amount above zero.", field=f"{where}figure")
    if rule.from_quantity < 0:
        raise InvalidInput("Enter zero or more.", field=f"{where}from_quantity")
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise InvalidInput("The last day is before the first.", field=f"{where}valid_to")


def _refuse_equal(rules: Sequence[PriceRuleInput]) -> None:
    seen: dict[tuple[int | None, int | None, Decimal], list[tuple[int, PriceRuleInput]]] = {}
    for index, rule in enumerate(rules):
        for place, other in seen.setdefault(rule.what, []):
            starts = max(rule.valid_from or dt.date.min, other.valid_from or dt.date.min)
            if starts <= min(rule.valid_to or FOREVER, other.valid_to or FOREVER):
                raise PricesOverlap(
                    f"Row {place + 1} says a price for the same thing, quantity and days: "
                    "change one of them, or end it before the other begins.",
                    field=f"rules.{index}.from_quantity",
                )
        seen[rule.what].append((index, rule))
