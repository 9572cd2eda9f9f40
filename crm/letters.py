"""The quotation and the contract as the customer gets them, to be signed and sent back."""

from __future__ import annotations

from crm.models import Contract, ContractLine, Quotation, QuotationLine
from masterdata.documents.items import item_columns, item_row, named, totals_with_tax
from masterdata.documents.letters import Cell, Letter, Row
from masterdata.documents.parties import address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import Currency
from masterdata.numbers import ZERO, money


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


def contract_pdf(contract: Contract, language: str = "") -> Pdf:
    """The contract, to be signed: in the language asked for, else the customer's."""
    customer, currency = contract.customer, contract.currency
    say = wording(language, customer.language, contract.company.language)
    lines = contract.lines.select_related("material__unit").prefetch_related("prices").order_by("line_no")
    letter = Letter(
        language=say.language,
        title=say.title("contract"),
        number=contract.number,
        sender=sender_of(contract.company, say),
        page_of=say.page_of,
        recipient=recipient_of(customer, say, address_of(customer)),
        facts=_contract_facts(contract, say),
        intro=[*([contract.title] if contract.title else []), say.text("contract_intro")],
        columns=item_columns(say, currency=currency, delivery=False),
        rows=[_contract_row(line, currency, say) for line in lines],
        closing=[say.text("contract_closing")],
        signature=[say.text("quotation_signature"), say.text("quotation_signature")],
        mark="" if contract.released_at else say.word("marks", "draft"),
    )
    return letter_pdf(letter)


def _contract_facts(contract: Contract, say: Wording) -> list[tuple[str, str]]:
    facts = [
        (say.fact("date"), say.day(contract.released_at or contract.made_at)),
        (say.fact("valid_from"), say.day(contract.valid_from)),
        (say.fact("valid_until"), say.day(contract.valid_to)),
        (say.fact("customer_no"), contract.customer.code),
    ]
    if contract.customer_reference:
        facts.append((say.fact("reference"), contract.customer_reference))
    if contract.notice_days:
        facts.append((say.fact("notice"), say.text("contract_days", days=say.number(contract.notice_days))))
    if contract.owner:
        facts.append((say.fact("contact"), contract.owner.get_full_name() or contract.owner.username))
    return facts


def _contract_row(line: ContractLine, currency: Currency, say: Wording) -> Row:
    unit = line.material.unit.code
    said = [
        say.text(
            "contract_step", quantity=say.quantity(step.from_qty, unit), price=say.price(step.unit_price, currency)
        )
        for step in line.prices.all()
    ]
    if line.min_call_qty:
        said.append(say.text("contract_least", quantity=say.quantity(line.min_call_qty, unit)))
    if line.agreed_qty is None:
        agreed, value = "–", line.agreed_value or ZERO
    else:
        agreed, value = say.quantity(line.agreed_qty, unit), money(line.agreed_qty * line.unit_price, currency.decimals)
    what = Cell(line.material.name, [line.material.code, *said], strong=True)
    return item_row(
        line.line_no, what, agreed, None, [say.price(line.unit_price, currency), say.money(value, currency, bare=True)]
    )
