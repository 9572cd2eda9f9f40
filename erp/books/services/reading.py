"""A manual entry's lines from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from erp.books.services.drafts import ManualLine
from erp.ledger.models import Account
from erp.sales.models import SalesOrder
from masterdata.errors import InvalidInput
from masterdata.models import Company, Partner, Plant, TaxCode
from masterdata.numbers import ZERO

COLUMNS = ("account", "debit", "credit", "text", "plant", "partner", "order", "tax", "base")


def lines_from_csv(*, company: Company, text: str) -> list[ManualLine]:
    """Lines of a file whose first row names the columns that it has (COLUMNS); account is needed.

    Comma or semicolon; codes and numbers as people know them. Raises InvalidInput with the first row that can't be
    meant, and what was expected.
    """
    head = text.lstrip("\ufeff").split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in head else ",")
    names = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if not {"account"} <= names or names - set(COLUMNS):
        raise InvalidInput(f"Name the columns in the first row: {', '.join(COLUMNS)}.", field="file")
    known = _Known(company)
    found = []
    for number, row in enumerate(rows, start=2):
        values = {(name or "").strip().lower(): (value or "").strip() for name, value in row.items()}
        if any(values.values()):
            found.append(known.line(number, values))
    if not found:
        raise InvalidInput("The file has no lines.", field="file")
    return found


class _Known:
    """Looks codes up, each kind once."""

    def __init__(self, company: Company) -> None:
        self.found: dict[str, Mapping[str, int]] = {
            "account": dict(Account.objects.filter(company=company).values_list("code", "pk")),
            "plant": dict(Plant.objects.filter(company=company).values_list("code", "pk")),
            "partner": dict(Partner.objects.values_list("code", "pk")),
            "tax": dict(TaxCode.objects.values_list("code", "pk")),
        }
        self.company = company

    def line(self, number: int, values: Mapping[str, str]) -> ManualLine:
        account = self.code(number, values, "account")
        if account is None:
            raise InvalidInput(f"Row {number} names no account.", field="file")
        amount = self.figure(number, values, "debit") - self.figure(number, values, "credit")
        return ManualLine(
            account,
            amount,
            text=values.get("text", "")[:120],
            plant_id=self.code(number, values, "plant"),
            partner_id=self.code(number, values, "partner"),
            sales_order_id=self.order(number, values),
            tax_code_id=self.code(number, values, "tax"),
            tax_base=self.figure(number, values, "base") if values.get("base") else None,
        )

    def code(self, number: int, values: Mapping[str, str], name: str) -> int | None:
        wanted = values.get(name, "")
        if not wanted:
            return None
        if wanted not in self.found[name]:
            raise InvalidInput(f"Row {number}: there is no {name} {wanted}.", field="file")
        return self.found[name][wanted]

    def order(self, number: int, values: Mapping[str, str]) -> int | None:
        wanted = values.get("order", "")
        if not wanted:
            return None
        found: Any = SalesOrder.objects.filter(company=self.company, number=wanted).values_list("pk", flat=True).first()
        if found is None:
            raise InvalidInput(f"Row {number}: there is no order {wanted}.", field="file")
        return int(found)

    def figure(self, number: int, values: Mapping[str, str], name: str) -> Decimal:
        wanted = values.get(name, "")
        try:
            found = Decimal(wanted) if wanted else ZERO
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise InvalidInput(f"Row {number}: {wanted} is no amount; write 1234.50.", field="file")
        return found
