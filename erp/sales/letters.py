"""The order confirmation as the customer gets it."""

from __future__ import annotations

from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.documents.items import item_columns, item_row, named, totals_with_tax
from masterdata.documents.letters import Cell, Letter, Row
from masterdata.documents.parties import address_lines, address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import Address


def confirmation_pdf(order: SalesOrder, language: str = "") -> Pdf:
    """In the language asked for, else the customer's. `order` comes with company, customer and currency."""
    say = wording(language, order.customer.language, order.company.language)
    lines = list(order.lines.select_related("material__unit", "tax_code").order_by("line_no"))
    totals, _total = totals_with_tax([(line.tax_code, line.net_amount) for line in lines], order.currency, say)
    billing = address_of(order.customer)
    mark = say.word("marks", "cancelled") if order.cancelled_at else ""
    if not order.confirmed_at and not mark:
        mark = say.word("marks", "draft")
    letter = Letter(
        language=say.language,
        title=say.title("order_confirmation"),
        number=order.number,
        sender=sender_of(order.company, say),
        page_of=say.page_of,
        recipient=recipient_of(order.customer, say, billing),
        facts=_facts(order, say),
        intro=[say.text("confirmation_intro")],
        columns=item_columns(say, currency=order.currency),
        rows=[_row(line, order, say) for line in lines],
        totals=totals,
        closing=[say.text("confirmation_closing"), say.text("goods_remain_ours")],
        mark=mark,
    )
    return letter_pdf(letter)


def _facts(order: SalesOrder, say: Wording) -> list[tuple[str, str]]:
    customer = order.customer
    facts = [
        (say.fact("date"), say.day(order.confirmed_at or order.ordered_on)),
        (say.fact("customer_no"), customer.code),
    ]
    if order.customer_reference:
        facts.append((say.fact("reference"), order.customer_reference))
    if term := order.payment_term or customer.payment_term:
        facts.append((say.fact("payment"), say.term(term)))
    if customer.tax_no:
        facts.append((say.fact("their_tax_no"), customer.tax_no))
    delivery = address_of(customer, Address.Kind.DELIVERY)
    if delivery is not None and delivery.kind == Address.Kind.DELIVERY:
        facts.append((say.fact("deliver_to"), ", ".join(address_lines(delivery, say))))
    return facts


def _row(line: SalesOrderLine, order: SalesOrder, say: Wording) -> Row:
    day = line.promised_at or line.expected_at
    return item_row(
        line.line_no,
        named(line.material),
        say.quantity(line.quantity, line.material.unit.code),
        Cell(say.short_day(day or line.wanted_on)),
        [say.price(line.unit_price, order.currency), say.money(line.net_amount, order.currency, bare=True)],
    )
