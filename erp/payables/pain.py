"""A payment proposal as files for the bank: ISO 20022 pain.001.001.09 (credit transfers), and CSV.

Written from the Message Definition Report "Payments Initiation": one PmtInf for the day and account, one CdtTrfTxInf
for each supplier with his references.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from xml.etree import ElementTree as Xml

from erp.payables.models import PaymentProposal
from masterdata.errors import Refusal
from masterdata.models import PartnerAccount
from masterdata.numbers import ZERO, money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_TEXT = 140


class NoAccountToPay(Refusal):
    """A supplier, or the company's bank account, has no account number."""

    code: ClassVar[str] = "no_account_to_pay"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one supplier gets, at which account, with his invoices' numbers."""

    supplier_id: int
    name: str
    iban: str
    bic: str
    amount: Decimal
    text: str


def transfers(proposal: PaymentProposal) -> list[Transfer]:
    """One for each supplier, by name. Raises NoAccountToPay with the suppliers who have no account."""
    lines = list(proposal.lines.select_related("invoice__supplier").order_by("invoice__supplier__name", "id"))
    accounts: dict[int, PartnerAccount] = {}
    for row in PartnerAccount.objects.filter(partner__in={line.invoice.supplier_id for line in lines}).order_by(
        "is_main", "-id"
    ):
        accounts[row.partner_id] = row
    lacking = sorted({line.invoice.supplier.name for line in lines if line.invoice.supplier_id not in accounts})
    if lacking:
        raise NoAccountToPay(f"Enter the bank account of {', '.join(lacking)}, then make the file.")
    found = []
    for supplier_id in dict.fromkeys(line.invoice.supplier_id for line in lines):
        own = [line for line in lines if line.invoice.supplier_id == supplier_id]
        supplier, account = own[0].invoice.supplier, accounts[supplier_id]
        amount = money(sum((line.amount for line in own), ZERO), proposal.currency.decimals)
        text = ", ".join(line.invoice.reference for line in own)[:LONGEST_TEXT]
        found.append(Transfer(supplier_id, account.holder or supplier.name, account.iban, account.bic, amount, text))
    return found


def pain_001(proposal: PaymentProposal, now: dt.datetime) -> bytes:
    """The XML message. Raises NoAccountToPay."""
    bank = proposal.bank_account
    if bank is None or not bank.iban:
        raise NoAccountToPay("Choose a bank account with an IBAN for the proposal, then make the file.")
    rows = transfers(proposal)
    total = f"{sum((row.amount for row in rows), ZERO):f}"
    root = Xml.Element("Document", {"xmlns": NAMESPACE})
    message = Xml.SubElement(root, "CstmrCdtTrfInitn")
    head = Xml.SubElement(message, "GrpHdr")
    _text(head, "MsgId", proposal.number)
    _text(head, "CreDtTm", now.strftime("%Y-%m-%dT%H:%M:%S"))
    _text(head, "NbOfTxs", str(len(rows)))
    _text(head, "CtrlSum", total)
    _text(Xml.SubElement(head, "InitgPty"), "Nm", proposal.company.name[:140])
    block = Xml.SubElement(message, "PmtInf")
    for tag, text in (
        ("PmtInfId", proposal.number),
        ("PmtMtd", "TRF"),
        ("NbOfTxs", str(len(rows))),
        ("CtrlSum", total),
    ):
        _text(block, tag, text)
    _text(Xml.SubElement(block, "ReqdExctnDt"), "Dt", proposal.pay_on.isoformat())
    _text(Xml.SubElement(block, "Dbtr"), "Nm", proposal.company.name[:140])
    _account(block, "DbtrAcct", bank.iban)
    _agent(block, "DbtrAgt", bank.bic)
    for number, row in enumerate(rows, start=1):
        _transfer(block, f"{proposal.number}-{number}", row, proposal.currency.code)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _transfer(block: Xml.Element, reference: str, row: Transfer, currency: str) -> None:
    part = Xml.SubElement(block, "CdtTrfTxInf")
    _text(Xml.SubElement(part, "PmtId"), "EndToEndId", reference)
    amount = Xml.SubElement(Xml.SubElement(part, "Amt"), "InstdAmt", {"Ccy": currency})
    amount.text = f"{row.amount:f}"
    if row.bic:
        _agent(part, "CdtrAgt", row.bic)
    _text(Xml.SubElement(part, "Cdtr"), "Nm", row.name[:140])
    _account(part, "CdtrAcct", row.iban)
    _text(Xml.SubElement(part, "RmtInf"), "Ustrd", row.text)


def _text(parent: Xml.Element, tag: str, text: str) -> None:
    Xml.SubElement(parent, tag).text = text


def _account(parent: Xml.Element, tag: str, iban: str) -> None:
    _text(Xml.SubElement(Xml.SubElement(parent, tag), "Id"), "IBAN", iban)


def _agent(parent: Xml.Element, tag: str, bic: str) -> None:
    institution = Xml.SubElement(Xml.SubElement(parent, tag), "FinInstnId")
    if bic:
        _text(institution, "BICFI", bic)
    else:
        _text(Xml.SubElement(institution, "Othr"), "Id", "NOTPROVIDED")


def as_csv(proposal: PaymentProposal) -> str:
    """One line for each supplier. Raises NoAccountToPay."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["name", "iban", "bic", "amount", "currency", "pay_on", "text"])
    for row in transfers(proposal):
        day = proposal.pay_on.isoformat()
        sheet.writerow([row.name, row.iban, row.bic, f"{row.amount:f}", proposal.currency.code, day, row.text])
    return out.getvalue()
