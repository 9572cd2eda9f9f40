"""The quotation and the contract as the customer gets them, to be signed and sent back; the quotation signed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.html import escape

from crm.models import Contract, ContractLine, Quotation, QuotationLine, QuotationSignature
from crm.selectors.revisions import before_discount
from masterdata.documents.issued import issued, issued_language
from masterdata.documents.items import item_columns, item_row, named, totals_with_tax
from masterdata.documents.letters import Cell, Letter, Row, Total
from masterdata.documents.parties import address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import Currency, IssuedDocument
from masterdata.numbers import ZERO, money

RELATED = (
    "company__currency", "customer__payment_term", "customer__tax_code", "currency", "made_by", "payment_term",
)  # fmt: skip
Kind = IssuedDocument.Kind
BOX = "0 0 600 200"


def wording_of(quotation: Quotation, language: str = "") -> Wording:
    """In the language asked for, else the quotation's, else the customer's, else ours."""
    return wording(language, quotation.language, quotation.customer.language, quotation.company.language)


def quotation_pdf(quotation: Quotation, language: str = "", now: dt.datetime | None = None) -> Pdf:
    """A draft as it is now; what was sent as it was sent, byte for byte. `quotation` comes with `RELATED`.

    In a language that it was not sent in, a copy of what was sent.
    """
    kept = issued_language(company=quotation.company, kind=Kind.QUOTATION, number=quotation.paper_no)
    say = wording_of(quotation, language or kept)
    if quotation.sent_at is None or kept not in ("", say.language):
        return letter_pdf(_letter(quotation, say))
    content = issued(
        company=quotation.company,
        kind=Kind.QUOTATION,
        number=quotation.paper_no,
        language=say.language,
        make=lambda: letter_pdf(_letter(quotation, say), archival=True).content,
        now=now or quotation.sent_at,
    )
    return Pdf(f"{say.title('quotation')} {quotation.paper_no}", content)


def signed_pdf(quotation: Quotation, now: dt.datetime) -> Pdf | None:
    """The quotation with the customer's signature, issued once and kept; nothing when nobody signed."""
    signature: QuotationSignature | None = quotation.signature
    if signature is None:
        return None
    say = wording_of(quotation)
    number = f"{quotation.paper_no}-signed"
    content = issued(
        company=quotation.company,
        kind=Kind.SIGNED_QUOTATION,
        number=number,
        language=issued_language(company=quotation.company, kind=Kind.SIGNED_QUOTATION, number=number) or say.language,
        make=lambda: letter_pdf(_letter(quotation, say, signature), archival=True).content,
        now=now,
    )
    return Pdf(f"{say.title('quotation')} {number}", content)


def offered_day(line: QuotationLine) -> dt.date | None:
    """The day that was offered, of the plant's clock: the same whoever prints or reads it."""
    return line.offered_at and line.offered_at.astimezone(ZoneInfo(line.plant.time_zone)).date()


def sha256_of(pdf: Pdf) -> str:
    """By which the bytes are known again."""
    return hashlib.sha256(pdf.content).hexdigest()


def _letter(quotation: Quotation, say: Wording, signature: QuotationSignature | None = None) -> Letter:
    customer = quotation.customer
    rows = quotation.lines.select_related("material__unit", "tax_code", "plant").order_by("line_no")
    lines = [line for line in rows if line.is_taken or signature is None]
    taken = [line for line in lines if line.is_taken]
    return Letter(
        language=say.language,
        title=say.title("quotation"),
        number=quotation.paper_no,
        sender=sender_of(quotation.company, say),
        page_of=say.page_of,
        recipient=recipient_of(customer, say, address_of(customer)),
        facts=_facts(quotation, say),
        intro=[say.text("quotation_intro")],
        columns=item_columns(say, currency=quotation.currency),
        rows=_rows(lines, quotation, say),
        totals=_totals(taken, quotation, say),
        closing=[*quotation.note.splitlines(), say.text("quotation_closing")] if signature is None else [],
        signature=[say.text("quotation_signature")] if signature is None else [],
        signed=_signed(signature, say) if signature is not None else [],
        drawing=drawing_of(signature) if signature is not None else "",
        dated_on=(quotation.sent_at or quotation.made_at).date() if quotation.sent_at else None,
    )


def _facts(quotation: Quotation, say: Wording) -> list[tuple[str, str]]:
    facts = [(say.fact("date"), say.day(quotation.sent_at or quotation.made_at))]
    if quotation.revision_no > 1:
        facts.append((say.fact("revision"), str(quotation.revision_no)))
    facts += [
        (say.fact("valid_until"), say.day(quotation.valid_until)),
        (say.fact("customer_no"), quotation.customer.code),
    ]
    if quotation.customer_reference:
        facts.append((say.fact("reference"), quotation.customer_reference))
    if quotation.made_by:
        facts.append((say.fact("contact"), quotation.made_by.get_full_name() or quotation.made_by.username))
    if term := quotation.payment_term or quotation.customer.payment_term:
        facts.append((say.fact("payment"), say.term(term)))
    if quotation.incoterm:
        facts.append((say.fact("delivery_terms"), f"{quotation.incoterm} {quotation.incoterm_place}".strip()))
    return facts


def _rows(lines: Sequence[QuotationLine], quotation: Quotation, say: Wording) -> list[Row]:
    """What counts, then the options under a heading of their own."""
    open_options = [line for line in lines if not line.is_taken]
    rows = [_row(line, quotation, say) for line in lines if line.is_taken]
    if open_options:
        rows.append(Row(heading=say.text("options_heading")))
        rows += [_row(line, quotation, say) for line in open_options]
    return rows


def _row(line: QuotationLine, quotation: Quotation, say: Wording) -> Row:
    currency = quotation.currency
    beside = [line.note] if line.note else []
    if line.is_chosen:
        beside.append(say.text("chosen_option"))
    what = named(line.material)
    row = item_row(
        line.line_no,
        Cell(what.main, [*what.sub, *beside], strong=True),
        say.quantity(line.quantity, line.material.unit.code),
        Cell(say.short_day(day) if (day := offered_day(line)) else say.text("no_answer_day")),
        [
            say.price(line.unit_price, currency),
            say.money(before_discount(line, currency.decimals), currency, bare=True),
        ],
    )
    if not line.discount_percent:
        return row
    price = Cell(row.cells[-2].main, [say.text("less_percent", percent=say.number(line.discount_percent))])
    return Row([*row.cells[:-2], price, row.cells[-1]])


def _totals(lines: Sequence[QuotationLine], quotation: Quotation, say: Wording) -> list[Total]:
    currency = quotation.currency
    totals, _total = totals_with_tax([(line.tax_code, line.net_amount) for line in lines], currency, say)
    if not quotation.discount_percent:
        return totals
    whole = sum((before_discount(line, currency.decimals) for line in lines), ZERO)
    net = sum((line.net_amount for line in lines), ZERO)
    percent = say.number(quotation.discount_percent)
    return [
        Total(say.total("lines_sum"), say.money(whole, currency)),
        Total(say.total("discount", percent=percent), say.money(net - whole, currency)),
        *totals,
    ]


def _signed(signature: QuotationSignature, say: Wording) -> list[str]:
    day = f"{say.day(signature.signed_at)}, {signature.signed_at:%H:%M} UTC"
    return [
        say.text("signed_by", name=signature.name, day=day),
        say.text("signed_hash", hash=signature.document_sha256),
    ]


def drawing_of(signature: QuotationSignature) -> str:
    """The signature as SVG: what was drawn, else the typed name in a hand. Its path is only moves and lines."""
    if signature.path:
        ink = (
            f'<path d="{escape(signature.path)}" fill="none" stroke="#0b1220" stroke-width="4" stroke-linecap="round"/>'
        )
    else:
        ink = (
            '<text x="20" y="130" font-family="Inter" font-style="italic" font-size="64" fill="#0b1220">'
            f"{escape(signature.name)}</text>"
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{BOX}" width="600" height="200">{ink}</svg>'


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
