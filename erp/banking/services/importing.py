"""Read a file of the bank, once."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from erp.banking.files import read
from erp.banking.models import BankLine, BankStatement
from erp.treasury.models import BankAccount
from masterdata import live
from masterdata.models import User


@transaction.atomic
def import_statement(
    *, bank_account_id: int, name: str, content: bytes, now: dt.datetime, by: User | None = None
) -> BankStatement:
    """Read a statement (CSV by the account's columns, or camt.053); lines that came with another file are left out.

    The same file again is the same statement and changes nothing. Locks the bank account. Raises UnreadableStatement.
    """
    rows = BankAccount.objects.select_for_update(no_key=True, of=("self",)).select_related("currency").order_by("pk")
    bank = rows.get(pk=bank_account_id)
    file_hash = hashlib.sha256(content).hexdigest()
    if known := BankStatement.objects.filter(bank_account=bank, file_hash=file_hash).first():
        return known
    found = read(content, bank)
    days = [line.booked_on for line in found.lines]
    statement = BankStatement.objects.create(
        bank_account=bank,
        name=name[:120] or file_hash[:12],
        file_hash=file_hash,
        opening=found.opening,
        closing=found.closing,
        first_on=min(days),
        last_on=max(days),
        imported_at=now,
        imported_by=by,
    )
    hashes = [line.line_hash for line in found.lines]
    seen = set(BankLine.objects.filter(bank_account=bank, line_hash__in=hashes).values_list("line_hash", flat=True))
    BankLine.objects.bulk_create(
        BankLine(
            statement=statement,
            bank_account=bank,
            line_no=number,
            booked_on=line.booked_on,
            amount=line.amount,
            partner_name=line.partner_name,
            iban=line.iban,
            text=line.text,
            line_hash=line.line_hash,
        )
        for number, line in enumerate(found.lines, start=1)
        if line.line_hash not in seen
    )
    live.publish("bank", bank.pk)
    return statement
