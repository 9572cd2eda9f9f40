"""Accounts beside what they stand for: stock, work in progress, goods received and not invoiced."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from erp.books.selectors.report import GROUP, TOTAL, Asked, Report, ReportRow, summed
from erp.ledger.models import Account
from erp.payables.grni import LineAccount, line_accounts
from erp.stock.moments import value_at
from erp.supply.models import PurchaseOrderLine
from masterdata.models import Plant
from masterdata.numbers import ZERO

Role = Account.Role

_WIP = """
    SELECT w.id, w.number, s.number, sum(c.amount)
    FROM erp_costentry c JOIN erp_journalline l ON l.id = c.journal_line_id
    JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_account a ON a.id = l.account_id AND a.role = 'wip'
    JOIN erp_workorder w ON w.id = c.work_order_id
    LEFT JOIN erp_salesorderline x ON x.id = w.sales_order_line_id LEFT JOIN erp_salesorder s ON s.id = x.order_id
    WHERE w.plant_id = %s AND e.posted_at <= %s
    GROUP BY w.id, w.number, s.number HAVING sum(c.amount) <> 0 ORDER BY s.number NULLS LAST, w.number
"""
_LEDGER = """
    SELECT coalesce(sum(l.amount), 0) FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id
    JOIN erp_journalentry e ON e.id = l.entry_id
    WHERE a.company_id = %s AND a.role = %s AND e.posted_at <= %s AND (%s::bigint IS NULL OR l.plant_id = %s)
"""
_OF_NO_PLANT = """
    SELECT coalesce(sum(l.amount), 0) FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id
    JOIN erp_journalentry e ON e.id = l.entry_id
    WHERE a.company_id = %s AND a.role = %s AND e.posted_at <= %s AND l.plant_id IS NULL
"""


def valuation(asked: Asked) -> Report:
    """Stock by category and open work orders at the end of the day, plant by plant, beside their accounts."""
    rows: list[ReportRow] = []
    differences: list[tuple[Any, Decimal]] = []
    for plant in _plants(asked):
        moment = end_of(asked.until, plant)
        then = value_at(moment=moment, plant_ids=[plant.pk])[0]
        stock = [ReportRow("", name, (value, None, None)) for name, value in sorted(then.by_category.items()) if value]
        rows += _beside(_("Stock of %(plant)s") % {"plant": plant.code}, stock, then.ledger)
        ledger = _asked(_LEDGER, [asked.company.pk, Role.WIP, moment, plant.pk, plant.pk])[0][0]
        work = [
            ReportRow(number, _work_for(order), (value, None, None), work_order_id=pk)
            for pk, number, order, value in _asked(_WIP, [plant.pk, moment])
        ]
        rows += _beside(_("Work in progress of %(plant)s") % {"plant": plant.code}, work, ledger)
        differences += [
            (_("Stock of %(plant)s") % {"plant": plant.code}, then.value - then.ledger),
            (_("Work in progress of %(plant)s") % {"plant": plant.code}, summed(work, 3)[0] - ledger),
        ]
    return Report([_("Value"), _("Account"), _("Difference")], rows, differences)


def received_not_invoiced(asked: Asked) -> Report:
    """Purchase lines with goods that no invoice has come for, or an invoice without goods, supplier by supplier.

    As it was at the end of the day `until`, plant by plant where the plant is; beside the account of that moment.
    """
    rows: list[ReportRow] = []
    differences: list[tuple[Any, Decimal]] = []
    found: dict[tuple[str, str], list[ReportRow]] = {}
    for plant in _plants(asked):
        moment = end_of(asked.until, plant)
        lines = _open_lines(plant, moment)
        ledger = -_asked(_LEDGER, [asked.company.pk, Role.GRNI, moment, plant.pk, plant.pk])[0][0]
        open_value = sum((account.open_value for _line, account in lines), ZERO)
        differences.append((_("Open less account in %(plant)s") % {"plant": plant.code}, open_value - ledger))
        for line, account in lines:
            supplier = line.order.supplier
            row = ReportRow(
                line.order.number,
                f"{line.material.code} {line.material.name}",
                (account.open_qty, account.received_value, account.cleared, account.open_value),
                purchase_order_id=line.order_id,
            )
            found.setdefault((supplier.name, supplier.code), []).append(row)
    if asked.plant_id is None:
        loose = _asked(_OF_NO_PLANT, [asked.company.pk, Role.GRNI, end_of_day(asked.until, dt.UTC)])[0][0]
        differences.append((_("The account without a plant"), loose))
    for (name, _code), of_supplier in sorted(found.items()):
        rows += [ReportRow("", name, (None, *summed(of_supplier, 4)[1:]), GROUP), *of_supplier]
    rows.append(ReportRow("", _("Total"), (None, *summed(rows, 4)[1:]), TOTAL))
    return Report([_("Open quantity"), _("Received"), _("Invoiced"), _("Open")], rows, differences, quantities=1)


def _open_lines(plant: Plant, moment: dt.datetime) -> list[tuple[PurchaseOrderLine, LineAccount]]:
    """The plant's purchase lines with something open then, by order."""
    lines = PurchaseOrderLine.objects.filter(order__plant=plant).order_by("order__number", "line_no")
    accounts = line_accounts(list(lines.values_list("pk", flat=True)), at=moment)
    wanted = [pk for pk, account in accounts.items() if account.open_value or account.open_qty]
    rows = lines.filter(pk__in=wanted).select_related("order__supplier", "material")
    return [(line, accounts[line.pk]) for line in rows]


def _work_for(order: str | None) -> str:
    return _("Work order for %(order)s") % {"order": order} if order else _("Work order for stock")


def end_of(day: dt.date, plant: Plant) -> dt.datetime:
    """The last moment of the day where the plant is."""
    return end_of_day(day, ZoneInfo(plant.time_zone))


def end_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.max, zone)


def _beside(label: str, rows: list[ReportRow], ledger: Decimal) -> list[ReportRow]:
    value = summed(rows, 3)[0]
    return [ReportRow("", label, (value, ledger, value - ledger), GROUP), *rows]


def _plants(asked: Asked) -> list[Plant]:
    plants = Plant.objects.filter(company=asked.company).order_by("code")
    return list(plants if asked.plant_id is None else plants.filter(pk=asked.plant_id))


def _asked(query: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
