"""The lines of a quotation as they are stored: price, discounts, net amount and tax of each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.models import Quotation, QuotationLine
from crm.selectors.prices import Priced, prices_for
from crm.selectors.quoted import discounted
from erp import selectors as erp_now
from erp import services as erp
from masterdata import numbers
from masterdata.errors import InvalidInput
from masterdata.models import Material, Plant, TaxCode
from masterdata.numbers import ZERO


@dataclass(frozen=True)
class QuotationLineInput:
    """A line as typed; without a price that of the price lists is taken. What `ask_offer` answered is stored as it was
    shown: an `offered_at` that is not later than the writing is refused. Without a cost that of making it is taken.

    An option is shown apart and not in the total. `discount_percent` comes off the price, before the document's.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date
    unit_price: Decimal | None = None
    offered_at: dt.datetime | None = None
    offered_cost: Decimal | None = None
    offered_cause: str = ""
    plan_no: int | None = None
    discount_percent: Decimal = ZERO
    is_option: bool = False
    note: str = ""


def write_lines(
    quotation: Quotation,
    lines: Sequence[QuotationLineInput],
    plants: Mapping[int, Plant],
    today: dt.date,
    now: dt.datetime,
) -> list[QuotationLine]:
    """Store the lines with what they cost. Raises InvalidInput naming the field (`lines.0.quantity`), NoRate."""
    materials = Material.objects.select_related("unit", "tax_code").in_bulk({line.material_id for line in lines})
    for index, line in enumerate(lines):
        if line.material_id not in materials:
            raise InvalidInput("Choose a material that is in use.", field=f"lines.{index}.material")
    found = _prices(quotation, lines, today)
    rows = [
        _row(quotation, index, line, plants[line.plant_id], materials[line.material_id], found[index], now)
        for index, line in enumerate(lines)
    ]
    _set_costs(rows, now)
    set_taxes(quotation, rows)
    return QuotationLine.objects.bulk_create(rows)


def _prices(quotation: Quotation, lines: Sequence[QuotationLineInput], today: dt.date) -> Sequence[Priced | None]:
    """What price lists say for each line; nothing where every price is typed and no rate leads from the list price."""
    try:
        return prices_for(
            customer_id=quotation.customer_id,
            currency_id=quotation.currency_id,
            plant_id=lines[0].plant_id,
            on=today,
            wanted=[(line.material_id, line.quantity) for line in lines],
        )
    except erp_now.NoRate:
        if any(line.unit_price is None for line in lines):
            raise
        return [None] * len(lines)


def _row(
    quotation: Quotation,
    index: int,
    line: QuotationLineInput,
    plant: Plant,
    material: Material,
    found: Priced | None,
    now: dt.datetime,
) -> QuotationLine:
    where = f"lines.{index}."
    price = line.unit_price if line.unit_price is not None else found.unit_price if found else ZERO
    erp.check_wish(
        material=material,
        quantity=line.quantity,
        unit_price=price,
        wanted_on=line.wanted_on,
        time_zone=plant.time_zone,
        now=now,
        where=where,
    )
    check_percent(line.discount_percent, f"{where}discount_percent")
    if line.offered_at is not None and line.offered_at <= now:
        raise InvalidInput(
            f"The date offered for line {index + 1} has passed: ask for a new one.", field=f"{where}offered_at"
        )
    each = discounted(price, line.discount_percent, quotation.discount_percent)
    code = quotation.customer.tax_code_id or material.tax_code_id
    return QuotationLine(
        quotation=quotation,
        line_no=index + 1,
        plant_id=line.plant_id,
        material=material,
        quantity=line.quantity,
        base_price=found.unit_price if found else None,
        price_source=found.source[:240] if found else "",
        price_rule_id=found.price_rule_id if found else None,
        contract_line_id=found.contract_line_id if found and price == found.unit_price else None,
        unit_price=price,
        discount_percent=line.discount_percent,
        discounted_price=each,
        net_amount=numbers.money(each * line.quantity, quotation.currency.decimals),
        tax_code_id=code,
        is_option=line.is_option,
        note=line.note.strip()[:500],
        wanted_on=line.wanted_on,
        offered_at=line.offered_at,
        offered_cost=line.offered_cost or None,
        offered_cause=line.offered_cause[:240],
        plan_no=line.plan_no,
    )


def _set_costs(rows: Sequence[QuotationLine], now: dt.datetime) -> None:
    """What planning did not answer for costs what making it costs today; with nothing to count by nobody knows."""
    unknown: dict[int, list[QuotationLine]] = defaultdict(list)
    for row in rows:
        if row.offered_cost is None:
            unknown[row.plant_id].append(row)
    for plant_id, some in sorted(unknown.items()):
        wanted = [(row.material_id, row.quantity) for row in some]
        for row, found in zip(some, erp_now.prices_together(plant_id=plant_id, wanted=wanted, at=now), strict=True):
            row.offered_cost = found.total or None


def check_percent(percent: Decimal, field: str) -> None:
    """Raises InvalidInput unless it is from 0 to 100 with at most four decimals."""
    if not 0 <= percent <= 100 or numbers.money(percent, 4) != percent:
        raise InvalidInput("Enter a discount from 0 to 100 percent.", field=field)


def set_taxes(quotation: Quotation, rows: Sequence[QuotationLine]) -> None:
    """Tax per code on the lines that count, spread to them; an option that nobody chose has its own. Writes nothing."""
    decimals = quotation.currency.decimals
    rates = tax_rates(rows)
    taken = [row for row in rows if row.is_taken]
    shares = numbers.tax_shares([(row.tax_code_id, row.net_amount) for row in taken], rates, decimals)
    for row, share in zip(taken, shares, strict=True):
        row.tax_amount = share
    for row in rows:
        if not row.is_taken:
            [row.tax_amount] = numbers.tax_shares([(row.tax_code_id, row.net_amount)], rates, decimals)


def tax_rates(rows: Iterable[QuotationLine]) -> dict[int, Decimal]:
    """The rates in percent of the codes on these lines."""
    codes = {row.tax_code_id for row in rows if row.tax_code_id}
    return dict(TaxCode.objects.filter(pk__in=codes).values_list("pk", "rate_percent"))
