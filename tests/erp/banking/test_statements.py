"""Statements are read once, lines are matched with what they are, and matches are undone; worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erp import services as erp
from erp.banking.files import UnreadableStatement
from erp.banking.models import BankLine, BankMatch, BankRule, BankStatement
from erp.banking.selectors import proposals, with_rest
from erp.ledger.models import Account
from erp.models import BankAccount, Invoice, Payment
from erp.treasury.selectors import with_balance
from masterdata.errors import InvalidInput
from masterdata.models import PartnerAccount
from tests.erp.receivables.sold import invoiced, received, terms
from tests.erp.receivables.test_pages import accountant
from tests.erp.shop import NOW, Shop

D = Decimal
GERMAN = {"csv_delimiter": ";", "csv_decimal": ",", "csv_days": "%d.%m.%Y", "csv_booked_on": "Buchung",
          "csv_amount": "Betrag", "csv_text": "Zweck", "csv_partner": "Name", "csv_balance": "Saldo"}  # fmt: skip
CAMT = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">119.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls><TxDtls>
<RltdPties><Dbtr><Pty><Nm>Corner shop</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>GB82WEST12345698765432</IBAN></Id></DbtrAcct>
</RltdPties><RmtInf><Ustrd>Thank you</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""


def bank_of(shop: Shop, **columns: str) -> BankAccount:
    return erp.open_bank_account(
        company_id=shop.company.pk, name="House bank", currency_id=shop.euro.pk, account_code="1010", **columns
    )


def read(bank: BankAccount, *rows: str, head: str = "date,amount,partner,iban,text") -> BankStatement:
    content = "\n".join([head, *rows]).encode()
    return erp.import_statement(bank_account_id=bank.pk, name="march.csv", content=content, now=NOW)


def the_line() -> BankLine:
    return with_rest(BankLine.objects.select_related("bank_account")).order_by("-pk")[0]


def test_a_file_and_a_line_count_once(shop: Shop) -> None:
    """Two equal lines of a day are two; the same file is the same statement; in a longer file only one line is new."""
    bank = bank_of(shop)
    twice = ["2026-03-02,-5.00,Bank,,Fee", "2026-03-02,-5.00,Bank,,Fee"]
    first = read(bank, *twice)
    assert (read(bank, *twice), first.lines.count()) == (first, 2)
    assert read(bank, *twice, "2026-03-03,7.00,Bank,,Interest").lines.count() == 1
    assert BankLine.objects.count() == 3


def test_columns_of_the_bank_and_its_balances(shop: Shop) -> None:
    """1.119,00 from a balance of 100 to 1.219,00 is read; a missing line is found by the balance."""
    bank = bank_of(shop, **GERMAN)
    head = "Buchung;Betrag;Name;Zweck;Saldo"
    statement = read(bank, "02.03.2026;1.119,00;Corner shop;Hello;1.219,00", head=head)
    assert (statement.opening, statement.closing, statement.lines.get().amount) == (D(100), D(1219), D(1119))
    with pytest.raises(UnreadableStatement, match="not whole"):
        read(bank, "02.03.2026;1,00;X;A;101,00", "02.03.2026;1,00;X;B;103,00", head=head)
    with pytest.raises(UnreadableStatement, match="Row 2: 2026-03-02 is no day"):
        read(bank, "2026-03-02;1,00;X;A;101,00", head=head)
    with pytest.raises(UnreadableStatement, match="no column Betrag"):
        read(bank, "02.03.2026;1", head="Buchung;Summe")


def test_camt_is_read_with_name_account_and_balances(shop: Shop) -> None:
    """10.00 + 119.00 = 129.00 is whole, 130.00 is not."""
    bank = bank_of(shop)
    content = CAMT.format(closing="129.00").encode()
    line = erp.import_statement(bank_account_id=bank.pk, name="a.xml", content=content, now=NOW).lines.get()
    assert (line.amount, line.partner_name, line.iban) == (D(119), "Corner shop", "GB82WEST12345698765432")
    wrong = CAMT.format(closing="130.00").encode()
    with pytest.raises(UnreadableStatement, match="not whole"):
        erp.import_statement(bank_account_id=bank.pk, name="b.xml", content=wrong, now=NOW)


def test_an_invoice_is_proposed_and_taken_with_its_discount(shop: Shop) -> None:
    """116.62 with the number of an invoice of 119.00 less 2.38: number 50 + amount 30 + name 15 = 95; it is closed."""
    terms(shop, discount_percent="2", discount_days="10")
    invoice = invoiced(shop)
    bank = bank_of(shop)
    read(bank, f"2026-03-02,116.62,CORNER Trading,,Inv. {invoice.number.replace('-', ' ')}")
    best = proposals(the_line())[0]
    assert (best.kind, best.amount, best.discount, best.score) == ("invoice", D("116.62"), D("2.38"), 95)
    erp.take_proposal(line_id=the_line().pk, kind="invoice", target_id=invoice.pk, now=NOW)
    assert (Invoice.objects.with_open().get().open_amount, the_line().rest) == (0, 0)
    assert with_balance(BankAccount.objects.all()).get().balance == D("116.62")
    with pytest.raises(erp.LineIsMatched):
        erp.take_proposal(line_id=the_line().pk, kind="invoice", target_id=invoice.pk, now=NOW)


def test_a_payment_that_is_recorded_is_found_and_not_booked_again(shop: Shop) -> None:
    """119.00 are in the books; the bank's line is that money: amount 30 + account 25 + 15 for being recorded = 70."""
    invoice = invoiced(shop)
    bank = bank_of(shop)
    received(shop, "119", (invoice, "119"))
    PartnerAccount.objects.create(partner=shop.customer, iban="GB82WEST12345698765432")
    read(bank, "2026-03-02,119.00,Somebody,GB82WEST12345698765432,Thank you")
    best = proposals(the_line())[0]
    assert (best.kind, best.score) == ("payment", 70)
    match = erp.take_proposal(line_id=the_line().pk, kind="payment", target_id=best.target_id, now=NOW)
    assert Payment.objects.count() == 1
    erp.undo_match(match_id=match.pk, reason="Another one", now=NOW)
    assert the_line().rest == D(119)


def test_fees_are_booked_and_remembered(shop: Shop) -> None:
    """5.00 of fees to bank charges; the next line with the word is proposed for it; undone, nothing is left."""
    bank = bank_of(shop)
    fee = Account.objects.get(company=shop.company, role=Account.Role.BANK_FEE)
    read(bank, "2026-03-02,-5.00,Bank,,Account fee 02")
    match = erp.book_line(line_id=the_line().pk, account_id=fee.pk, words="account fee", now=NOW)
    assert (sum(line.amount for line in fee.lines.all()), BankRule.objects.get().words) == (D(5), "account fee")
    erp.undo_match(match_id=match.pk, reason="Too early", now=NOW)
    assert (sum(line.amount for line in fee.lines.all()), the_line().rest) == (0, D(-5))
    read(bank, "2026-03-31,-6.00,Bank,,ACCOUNT FEE 03")
    assert [(one.kind, one.target_id) for one in proposals(the_line())] == [("account", fee.pk)]
    receivable = Account.objects.get(company=shop.company, role=Account.Role.RECEIVABLE)
    with pytest.raises(InvalidInput):
        erp.book_line(line_id=the_line().pk, account_id=receivable.pk, now=NOW)


def test_part_of_a_line_and_the_rest_on_account(shop: Shop) -> None:
    """200.00 came: 119.00 for the invoice, the other 81.00 stay on account."""
    invoice = invoiced(shop)
    bank = bank_of(shop)
    read(bank, f"2026-03-02,200.00,Corner shop,,{invoice.number}")
    erp.take_proposal(line_id=the_line().pk, kind="invoice", target_id=invoice.pk, now=NOW)
    assert the_line().rest == D(81)
    erp.take_on_account(line_id=the_line().pk, customer_id=shop.customer.pk, now=NOW)
    assert (the_line().rest, BankMatch.objects.count()) == (0, 2)


def test_pages_of_the_bank(shop: Shop) -> None:
    """The file is uploaded, what it may be is offered, one click takes it; the account's list says what is left."""
    invoice = invoiced(shop)
    bank, client = bank_of(shop), accountant(shop)
    text = f"date,amount,partner,iban,text\n{NOW:%Y-%m-%d},119.00,Corner shop,,{invoice.number}\n"
    file = SimpleUploadedFile("march.csv", text.encode())
    answer = client.post(f"/bank-accounts/{bank.pk}/read/", {"file": file})
    assert answer["Location"] == f"/bank-accounts/{bank.pk}/?open=1"
    listed = client.get(answer["Location"]).content.decode()
    assert "Corner shop" in listed
    assert "House bank</h1>" in listed
    page = f"/bank-lines/{the_line().pk}/"
    assert invoice.number in client.get(page).content.decode()
    client.post(f"{page}take/", {"kind": "invoice", "target": invoice.pk})
    assert the_line().rest == 0
    match = BankMatch.objects.get()
    client.post(f"/bank-matches/{match.pk}/undo/", {"reason": "Wrong"})
    assert the_line().rest == D(119)
    fee = Account.objects.get(company=shop.company, role=Account.Role.BANK_FEE)
    client.post(f"{page}book/", {"account": fee.pk, "words": ""})
    assert (the_line().rest, client.get("/bank-accounts/").status_code) == (0, 200)
    assert client.get(f"/bank-accounts/{bank.pk}/edit/").status_code == 200
