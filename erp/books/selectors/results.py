"""Results by sales order, and taxes by code: sums over journal lines."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from erp.books.selectors.report import GROUP, TOTAL, Asked, Report, ReportRow, TaxSlice, summed
from erp.ledger.models import Account, JournalLine
from masterdata.models import Company, TaxCode
from masterdata.models.fields import MoneyField
from masterdata.numbers import ZERO

_ORDERS = """
    SELECT s.id, s.number, p.name, -coalesce(sum(l.amount) FILTER (WHERE a.kind = 'income'), 0),
        coalesce(sum(l.amount) FILTER (WHERE a.kind = 'expense'), 0)
    FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.kind IN ('income', 'expense')
    JOIN erp_journalentry e ON e.id = l.entry_id
    LEFT JOIN erp_salesorder s ON s.id = l.sales_order_id LEFT JOIN masterdata_partner p ON p.id = s.customer_id
    WHERE a.company_id = %(company)s AND e.posted_on BETWEEN %(since)s AND %(until)s
        AND (%(plant)s::bigint IS NULL OR l.plant_id = %(plant)s) AND e.kind <> 'closing'
        AND NOT EXISTS (SELECT FROM erp_journalentry o WHERE o.id = e.reverses_id AND o.kind = 'closing')
    GROUP BY s.id, s.number, p.name ORDER BY s.number NULLS LAST
"""
# Of an entry under a code the side is that of its account: what we owe or earn is sales, the rest purchases.
_TAXES = """
    SELECT a.role = 'tax_payable' OR a.kind = 'income' OR a.role IN ('receivable', 'deposit') AS is_sale,
        l.tax_code_id, p.starts_on, p.ends_on, coalesce(sum(l.tax_base), 0),
        coalesce(sum(l.amount) FILTER (WHERE a.role IN ('tax_payable', 'input_tax')), 0)
    FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_account a ON a.id = l.account_id
    JOIN erp_period p ON p.id = e.period_id
    WHERE l.tax_code_id IS NOT NULL AND e.company_id = %(company)s AND e.posted_on BETWEEN %(since)s AND %(until)s
        AND (%(plant)s::bigint IS NULL OR l.plant_id = %(plant)s)
    GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3
"""
_UNCODED = """
    SELECT coalesce(sum(l.amount), 0) FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id
    JOIN erp_account a ON a.id = l.account_id
    WHERE a.role IN ('tax_payable', 'input_tax') AND l.tax_code_id IS NULL AND e.company_id = %(company)s
        AND e.posted_on BETWEEN %(since)s AND %(until)s AND (%(plant)s::bigint IS NULL OR l.plant_id = %(plant)s)
"""


def tax_lines(company: Company, piece: TaxSlice, plant_id: int | None = None) -> QuerySet[JournalLine]:
    """The journal lines behind a figure of the tax report, each with the `base` and the `tax` that it adds there."""
    of_tax = Q(account__role__in=["tax_payable", "input_tax"])
    is_sale = Q(account__role__in=["tax_payable", "receivable", "deposit"]) | Q(account__kind=Account.Kind.INCOME)
    sign = -1 if piece.is_sale else 1
    rows = JournalLine.objects.filter(
        is_sale if piece.is_sale else ~is_sale,
        tax_code=piece.code_id,
        entry__company=company,
        entry__posted_on__range=(piece.since, piece.until),
    )
    if plant_id is not None:
        rows = rows.filter(plant=plant_id)
    return rows.annotate(
        base=Coalesce(F("tax_base") * sign, ZERO, output_field=MoneyField()),
        tax=Case(When(of_tax, then=F("amount") * sign), default=ZERO, output_field=MoneyField()),
    )


def profit_by_order(asked: Asked) -> Report:
    """Income and expense of each sales order, and of what names none."""
    rows = [
        ReportRow(number or "", customer or _("No order"), (income, expense, income - expense), order_id=pk)
        for pk, number, customer, income, expense in _asked(_ORDERS, asked)
    ]
    rows.append(ReportRow("", _("Total"), summed(rows, 3), TOTAL))
    return Report([_("Income"), _("Expense"), _("Result")], rows)


def taxes(asked: Asked) -> Report:
    """Base and tax by code and period, of sales (as owed) and of purchases (as claimed)."""
    codes = TaxCode.objects.in_bulk()
    rows: list[ReportRow] = []
    due = []
    for is_sale, label in ((True, _("Sales")), (False, _("Purchases"))):
        sign = -1 if is_sale else 1
        found = [
            ReportRow(
                codes[code].code,
                f"{codes[code].name}, {first:%Y-%m}",
                (sign * base, sign * tax),
                tax=TaxSlice(code, is_sale, max(first, asked.since), min(last, asked.until)),
            )
            for side, code, first, last, base, tax in _asked(_TAXES, asked)
            if side == is_sale
        ]
        total = summed(found, 2)
        due.append(-sign * total[1])
        rows += [ReportRow("", label, total, GROUP), *found]
    rows.append(ReportRow("", _("To be paid"), (None, due[0] + due[1]), TOTAL))
    uncoded = _asked(_UNCODED, asked)[0][0]
    return Report([_("Base"), _("Tax")], rows, [(_("Tax without a code"), uncoded)])


def _asked(query: str, asked: Asked) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {"company": asked.company.pk, "since": asked.since, "until": asked.until, "plant": asked.plant_id},
        )
        return list(cursor.fetchall())
