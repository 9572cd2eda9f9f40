"""The purchase order as its supplier gets it: what is still agreed, without what was cancelled."""

from __future__ import annotations

from typing import Any

from erp.supply.models import PurchaseOrder
from erp.supply.selectors.papers import lines_on_paper
from masterdata.documents.items import item_columns, item_row, named
from masterdata.documents.letters import Cell, Letter, Row, Total
from masterdata.documents.parties import address_of, own_lines, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.numbers import ZERO, money


def purchase_order_pdf(order: PurchaseOrder, language: str = "", *, with_prices: bool = True) -> Pdf:
    """In the language asked for, else the supplier's. `order` comes with supplier, plant and the plant's company."""
    company = order.plant.company
    say = wording(language, order.supplier.language, company.language)
    currency = company.currency if with_prices else None
    lines = lines_on_paper(order)
    amounts = {line.pk: money(line.quantity * line.unit_price, company.currency.decimals) for line in lines}
    total = say.money(sum(amounts.values(), ZERO), company.currency)
    letter = Letter(
        language=say.language,
        title=say.title("purchase_order"),
        number=order.number,
        sender=sender_of(company, say),
        page_of=say.page_of,
        recipient=recipient_of(order.supplier, say, address_of(order.supplier)),
        facts=_facts(order, say),
        intro=[say.text("purchase_intro")],
        columns=item_columns(say, currency=currency),
        rows=[_row(line, amounts[line.pk], say, currency) for line in lines],
        totals=[Total(say.total("net"), total, strong=True)] if with_prices else [],
        closing=[say.text("purchase_closing", number=order.number)],
        mark=say.word("marks", "cancelled") if order.cancelled_at else "",
    )
    return letter_pdf(letter)


def _facts(order: PurchaseOrder, say: Wording) -> list[tuple[str, str]]:
    supplier, plant = order.supplier, order.plant
    place = [plant.name, *own_lines(plant.address, say)]
    facts = [
        (say.fact("date"), say.day(order.ordered_at)),
        (say.fact("supplier_no"), supplier.code),
        (say.fact("deliver_to"), ", ".join(place)),
    ]
    if supplier.payment_term:
        facts.append((say.fact("payment"), say.term(supplier.payment_term)))
    return facts


def _row(line: Any, amount: Any, say: Wording, currency: Any) -> Row:
    beside = [say.text("your_number", number=line.article)] if line.article else []
    supplied = [f"{say.quantity(one.needed, one.material.unit.code)} {one.material.name}" for one in line.supplied]
    what = named(line.material, *beside)
    if supplied:
        what = Cell(what.main, [*what.sub, say.text("supplied_by_us", what=", ".join(supplied))], strong=True)
    day = Cell(say.short_day(line.confirmed_at or line.due_at), [say.text("as_confirmed")] if line.confirmed_at else [])
    shown = [say.price(line.unit_price, currency), say.money(amount, currency, bare=True)] if currency else []
    return item_row(line.line_no, what, say.quantity(line.quantity, line.material.unit.code), day, shown)
