"""The quotation as the customer gets it, to be signed and sent back."""

from __future__ import annotations

from crm.models import Quotation, QuotationLine
from masterdata.documents.items import item_columns, item_row, named, totals_with_tax
from masterdata.documents.letters import Cell, Letter, Row
from masterdata.documents.parties import address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording


def quotation_pdf(quotation: Quotation, language: str = "") -> Pdf:
    """In the language asked for, else the customer's. `quotation` comes with company, customer and currency.

    Taxed as its order would be: by the customer's tax code, else the material's.
    """
    customer = quotation.customer
    say = wording(language, customer.language, quotation.company.language)
    lines = list(quotation.lines.select_related("material__unit", "material__tax_code").order_by("line_no"))
    nets = [(customer.tax_code or line.material.tax_code, line.net_amount) for line in lines]
    totals, _total = totals_with_tax(nets, quotation.currency, say)
    letter = Letter(
        language=say.language,
        title=say.title("quotation"),
        number=quotation.number,
        sender=sender_of(quotation.company, say),
        page_of=say.page_of,
        recipient=recipient_of(customer, say, address_of(customer)),
        facts=_facts(quotation, say),
        intro=[say.text("quotation_intro")],
        columns=item_columns(say, currency=quotation.currency),
        rows=[_row(line, quotation, say) for line in lines],
        totals=totals,
        closing=[say.text("quotation_closing")],
        signature=[say.text("quotation_signature")],
    )
    return letter_pdf(letter)


def _facts(quotation: Quotation, say: Wording) -> list[tuple[str, str]]:
    facts = [
        (say.fact("date"), say.day(quotation.made_at)),
        (say.fact("valid_until"), say.day(quotation.valid_until)),
        (say.fact("customer_no"), quotation.customer.code),
    ]
    if quotation.customer_reference:
        facts.append((say.fact("reference"), quotation.customer_reference))
    if quotation.made_by:
        facts.append((say.fact("contact"), quotation.made_by.get_full_name() or quotation.made_by.username))
    if quotation.customer.payment_term:
        facts.append((say.fact("payment"), quotation.customer.payment_term.name))
    return facts


def _row(line: QuotationLine, quotation: Quotation, say: Wording) -> Row:
    currency = quotation.currency
    return item_row(
        line.line_no,
        named(line.material),
        say.quantity(line.quantity, line.material.unit.code),
        Cell(say.short_day(line.offered_at) if line.offered_at else say.text("no_answer_day")),
        [say.price(line.unit_price, currency), say.money(line.net_amount, currency, bare=True)],
    )
