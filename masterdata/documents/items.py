"""Lines of goods in a letter, and their totals with tax."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from masterdata.documents.letters import Cell, Column, Row, Total
from masterdata.documents.wording import Wording
from masterdata.models import Currency, Material, TaxCode
from masterdata.numbers import ZERO, money


def item_columns(say: Wording, *, currency: Currency | None, delivery: bool = True) -> list[Column]:
    """Number, description, quantity, delivery, and with a currency price and amount in it."""
    found = [Column(say.head("no"), "right"), Column(say.head("description"), wide=True)]
    found.append(Column(say.head("quantity"), "right"))
    if delivery:
        found.append(Column(say.head("delivery")))
    if currency is not None:
        found += [
            Column(f"{say.head('price')} {currency.code}", "right"),
            Column(f"{say.head('amount')} {currency.code}", "right"),
        ]
    return found


def named(material: Material, *beside: str) -> Cell:
    """What it is: its name, under it its code and what else is to be said."""
    return Cell(material.name, [" · ".join([material.code, *(one for one in beside if one)])], strong=True)


def item_row(
    no: int,
    what: Cell,
    quantity: str,
    delivery: Cell | None = None,
    amounts: Sequence[str] = (),
) -> Row:
    """One line under `item_columns`."""
    cells = [Cell(str(no)), what, Cell(quantity)]
    if delivery is not None:
        cells.append(delivery)
    return Row([*cells, *(Cell(amount) for amount in amounts)])


def totals_with_tax(
    nets: Iterable[tuple[TaxCode | None, Decimal]], currency: Currency, say: Wording
) -> tuple[list[Total], Decimal]:
    """Net, tax once per code on the document (rounded half up), total; and the total as a number."""
    bases: dict[TaxCode | None, Decimal] = {}
    for code, net in nets:
        bases[code] = bases.get(code, ZERO) + net
    taxes = {code: money(base * code.rate_percent / 100, currency.decimals) for code, base in bases.items() if code}
    net = sum(bases.values(), ZERO)
    total = net + sum(taxes.values(), ZERO)
    found = [Total(say.total("net"), say.money(net, currency))]
    for code, tax in sorted(taxes.items(), key=lambda one: one[0].code):
        found.append(tax_total(code, bases[code], tax, currency, say))
    found.append(Total(say.total("total"), say.money(total, currency), strong=True))
    return found, total


def tax_total(code: TaxCode, base: Decimal, tax: Decimal, currency: Currency, say: Wording) -> Total:
    """One tax code's line under the table; a code without a rate says why there is no tax."""
    if not code.rate_percent:
        return Total(say.total("tax_free", name=code.name), say.money(tax, currency))
    words = say.total("tax", rate=say.number(code.rate_percent), base=say.money(base, currency))
    return Total(words, say.money(tax, currency))
