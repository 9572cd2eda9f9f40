"""Statements as banks write them: CSV by the columns of the bank account, and camt.053 (ISO 20022)."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import ClassVar
from xml.etree import ElementTree as Xml

from erp.treasury.models import BankAccount
from masterdata.errors import InvalidInput
from masterdata.numbers import ZERO

LARGEST = 5_000_000  # bytes


class UnreadableStatement(InvalidInput):
    """The file is not what the bank account says that its statements are."""

    code: ClassVar[str] = "unreadable_statement"


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the file."""

    booked_on: dt.date
    amount: Decimal
    partner_name: str
    iban: str
    text: str
    line_hash: str = ""


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A file: its lines in the order of the file, and its balances when it has some."""

    lines: list[ReadLine]
    opening: Decimal | None
    closing: Decimal | None


def read(content: bytes, bank: BankAccount) -> ReadStatement:
    """Read a file. Raises UnreadableStatement with row and column, or when the balances do not add up."""
    if len(content) > LARGEST:
        raise UnreadableStatement("The file is larger than 5 MB: split it.", field="file")
    found = _camt(content, bank) if content.lstrip()[:1] == b"<" else _csv(content, bank)
    if not found.lines:
        raise UnreadableStatement("The file has no lines.", field="file")
    total = sum((line.amount for line in found.lines), ZERO)
    if found.opening is not None and found.closing is not None and found.opening + total != found.closing:
        raise UnreadableStatement(
            f"The lines come to {total}, but the balances go from {found.opening} to {found.closing}: "
            "the file is not whole.",
            field="file",
        )
    return ReadStatement(_told_apart(found.lines), found.opening, found.closing)


def _told_apart(lines: list[ReadLine]) -> list[ReadLine]:
    """Each line with a hash of its own: of equal ones of a day the first, the second and so on."""
    seen: Counter[tuple[object, ...]] = Counter()
    told = []
    for line in lines:
        key = (line.booked_on, line.amount, line.iban, line.partner_name, line.text)
        seen[key] += 1
        text = "|".join(map(str, (*key, seen[key])))
        told.append(
            ReadLine(
                line.booked_on, line.amount, line.partner_name, line.iban, line.text,
                hashlib.sha256(text.encode()).hexdigest(),
            )
        )  # fmt: skip
    return told


def _csv(content: bytes, bank: BankAccount) -> ReadStatement:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    rows = list(csv.reader(io.StringIO(text), delimiter=bank.csv_delimiter or ","))
    if not rows:
        raise UnreadableStatement("The file is empty.", field="file")
    head = [name.strip().lower() for name in rows[0]]
    columns = {
        name: _column(head, getattr(bank, f"csv_{name}"), name in ("booked_on", "amount"))
        for name in ("booked_on", "amount", "partner", "iban", "text", "balance")
    }
    lines, balances = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[at].strip() if at is not None and at < len(row) else "" for name, at in columns.items()}
        amount = _amount(cells["amount"], bank, number)
        if amount:
            iban = "".join(cells["iban"].split()).upper()[:34]
            day = _day(cells["booked_on"], bank, number)
            lines.append(ReadLine(day, amount, cells["partner"][:140], iban, cells["text"][:400]))
        if cells["balance"]:
            balances.append((amount, _amount(cells["balance"], bank, number)))
    if not balances:
        return ReadStatement(lines, None, None)
    first_amount, first = balances[0]
    return ReadStatement(lines, first - first_amount, balances[-1][1])


def _column(head: list[str], name: str, is_needed: bool) -> int | None:
    """Where a column is: by its name in the head, or its number from 1."""
    if name.isdigit() and 0 < int(name) <= len(head):
        return int(name) - 1
    if name and name.lower() in head:
        return head.index(name.lower())
    if is_needed or name not in ("", "partner", "iban", "text"):
        raise UnreadableStatement(
            f"There is no column {name}; the file has {', '.join(head)}. Say on the bank account how it is called.",
            field="file",
        )
    return None


def _amount(text: str, bank: BankAccount, number: int) -> Decimal:
    thousands = "." if bank.csv_decimal == "," else ","
    try:
        amount = Decimal(text.replace(thousands, "").replace(" ", "").replace(bank.csv_decimal or ".", "."))
    except InvalidOperation:
        raise UnreadableStatement(f"Row {number}: {text or 'nothing'} is no amount.", field="file") from None
    if not amount.is_finite() or round(amount, bank.currency.decimals) != amount:
        raise UnreadableStatement(f"Row {number}: {text} is no amount of {bank.currency.code}.", field="file")
    return amount


def _day(text: str, bank: BankAccount, number: int) -> dt.date:
    try:
        return dt.datetime.strptime(text, bank.csv_days).date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        raise UnreadableStatement(
            f"Row {number}: {text or 'nothing'} is no day like {bank.get_csv_days_display()}.", field="file"
        ) from None


def _camt(content: bytes, bank: BankAccount) -> ReadStatement:
    """camt.053 of any version: entries (Ntry) with their details, and the balances OPBD and CLBD."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableStatement("A statement of a bank declares no entities.", field="file")
    try:
        root = Xml.fromstring(content)  # noqa: S314 (no entities, see above)
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        lines = [_camt_line(entry) for entry in root.iter("Ntry")]
        balances = {_text(one, "Tp/CdOrPrtry/Cd"): _signed(one) for one in root.iter("Bal")}
    except (Xml.ParseError, InvalidOperation, ValueError) as wrong:
        raise UnreadableStatement(f"This is no camt.053 file: {wrong}.", field="file") from None
    return ReadStatement(lines, balances.get("OPBD"), balances.get("CLBD"))


def _camt_line(entry: Xml.Element) -> ReadLine:
    amount = _signed(entry)
    other = "Dbtr" if amount > 0 else "Cdtr"
    day = (_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm"))[:10]
    name = _text(entry, f".//RltdPties/{other}/Nm") or _text(entry, f".//RltdPties/{other}/Pty/Nm")
    texts = [element.text or "" for element in entry.iterfind(".//RmtInf/Ustrd")]
    return ReadLine(
        dt.date.fromisoformat(day),
        amount,
        name[:140],
        _text(entry, f".//RltdPties/{other}Acct/Id/IBAN"),
        (" ".join(texts) or _text(entry, "AddtlNtryInf"))[:400],
    )


def _signed(element: Xml.Element) -> Decimal:
    amount = Decimal(_text(element, "Amt"))
    return amount if _text(element, "CdtDbtInd") == "CRDT" else -amount


def _text(element: Xml.Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""
