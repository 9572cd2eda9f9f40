"""Trial balance, profit and loss, balance sheet: from the balances of accounts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from erp.books.selectors.report import GROUP, TOTAL, Asked, Report, ReportRow, summed
from erp.ledger.balances import Balance, balances, months
from erp.ledger.models import Account
from masterdata.models import Plant
from masterdata.numbers import ZERO

Kind = Account.Kind
OF_RESULT = (Kind.INCOME, Kind.EXPENSE)


def trial_balance(asked: Asked) -> Report:
    """Each account with a figure: opening, debit, credit, closing; above zero is debit. Of all plants: zero in all."""
    found = _balances(asked, asked.since)
    rows: list[ReportRow] = []
    for kind, label in Kind.choices:
        of_kind = [
            ReportRow(
                one.account.code,
                one.account.name,
                (one.opening, one.debit, one.credit, one.closing),
                account_id=one.account.pk,
            )
            for one in found
            if one.account.kind == kind and (one.opening or one.debit or one.credit)
        ]
        if of_kind:
            rows += [ReportRow("", label, summed(of_kind, 4), GROUP), *of_kind]
    total = summed(rows, 4)
    rows.append(ReportRow("", _("Total"), total, TOTAL))
    differences = [(_("Debits less credits"), total[1] - total[2]), (_("Closing balances"), total[3])]
    heads = [_("Opening"), _("Debit"), _("Credit"), _("Closing")]
    return Report(heads, rows, differences if asked.is_whole else ())


def profit_and_loss(asked: Asked) -> Report:
    """Income and expense month by month, in all, and in the same months a year before; above zero is as usual."""
    now = _by_account(asked, asked.since, asked.until)
    before = _by_account(asked, _year_before(asked.since), _year_before(asked.until))
    firsts = sorted({first for figures in now.values() for first in figures})
    heads = [*(formats.date_format(first, "M Y") for first in firsts), _("Total"), _("A year before")]
    width = len(heads)
    accounts = Account.objects.filter(company=asked.company, kind__in=OF_RESULT).order_by("code")
    rows: list[ReportRow] = []
    results = [ZERO] * width
    for kind in OF_RESULT:
        sign = -1 if kind == Kind.INCOME else 1
        of_kind = []
        for account in accounts:
            figures, earlier = now.get(account.pk, {}), before.get(account.pk, {})
            if account.kind == kind and (figures or earlier):
                each = [sign * figures.get(first, ZERO) for first in firsts]
                whole = sign * sum(figures.values(), ZERO), sign * sum(earlier.values(), ZERO)
                of_kind.append(ReportRow(account.code, account.name, (*each, *whole), account_id=account.pk))
        total = summed(of_kind, width)
        results = [result - sign * part for result, part in zip(results, total, strict=True)]
        rows += [ReportRow("", kind.label, total, GROUP), *of_kind]
    rows.append(ReportRow("", _("Result"), tuple(results), TOTAL))
    return Report(heads, rows)


def profit_by_plant(asked: Asked) -> Report:
    """Income and expense plant by plant, with what names none."""
    plants = list(Plant.objects.filter(company=asked.company).order_by("code"))
    found: dict[int, dict[int | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in months(asked.company.pk, since=asked.since, until=asked.until, order_id=asked.order_id):
        found[one.account_id][one.plant_id] += one.amount
    columns: list[int | None] = [*(plant.pk for plant in plants), None]
    rows: list[ReportRow] = []
    results = [ZERO] * (len(columns) + 1)
    accounts = Account.objects.filter(company=asked.company, pk__in=found).order_by("code")
    for kind in OF_RESULT:
        sign = -1 if kind == Kind.INCOME else 1
        of_kind = [
            ReportRow(
                account.code,
                account.name,
                (
                    *(sign * found[account.pk][column] for column in columns),
                    sign * sum(found[account.pk].values(), ZERO),
                ),
                account_id=account.pk,
            )
            for account in accounts
            if account.kind == kind
        ]
        total = summed(of_kind, len(columns) + 1)
        results = [result - sign * part for result, part in zip(results, total, strict=True)]
        rows += [ReportRow("", kind.label, total, GROUP), *of_kind]
    rows.append(ReportRow("", _("Result"), tuple(results), TOTAL))
    return Report([*(plant.code for plant in plants), _("No plant"), _("Total")], rows)


def balance_sheet(asked: Asked) -> Report:
    """What there is and whose it is before the day `since` and on the day `until`, and what changed between.

    What was earned stands beside it: in the year of `until`, and in earlier years that were not closed.
    """
    first = asked.until.replace(month=1, day=1)
    found = _balances(asked, asked.since)
    before, now = _earned(found)
    earlier = _earned(found if asked.since == first else _balances(asked, first))[0]
    opened = earlier if asked.since >= first else before
    assets = _side(found, Kind.ASSET, 1)
    owed = [
        *_side(found, Kind.LIABILITY, -1),
        *_side(found, Kind.EQUITY, -1),
        ReportRow("", _("Result of the year"), _changed(before - opened, now - earlier)),
    ]
    if opened or earlier:
        owed.append(ReportRow("", _("Results of earlier years, not closed"), _changed(opened, earlier)))
    have, owe = summed(assets, 3), summed(owed, 3)
    rows = [
        *assets,
        ReportRow("", _("Assets in all"), have, TOTAL),
        *owed,
        ReportRow("", _("Liabilities and equity in all"), owe, TOTAL),
    ]
    label = _("Assets less liabilities and equity")
    differences = [(label, have[0] - owe[0]), (label, have[2] - owe[2])] if asked.is_whole else []
    return Report([_("Opening"), _("Change"), _("Balance")], rows, differences)


def _balances(asked: Asked, since: dt.date) -> list[Balance]:
    return balances(asked.company.pk, since=since, until=asked.until, plant_id=asked.plant_id, order_id=asked.order_id)


def _earned(found: Sequence[Balance]) -> tuple[Decimal, Decimal]:
    """What was earned and not brought to equity: before the first day, and to the last."""
    of_result = [one for one in found if one.account.kind in OF_RESULT]
    return -sum((one.opening for one in of_result), ZERO), -sum((one.closing for one in of_result), ZERO)


def _changed(opening: Decimal, closing: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    return opening, closing - opening, closing


def _side(found: Sequence[Balance], kind: str, sign: int) -> list[ReportRow]:
    rows = [
        ReportRow(
            one.account.code,
            one.account.name,
            _changed(sign * one.opening, sign * one.closing),
            account_id=one.account.pk,
        )
        for one in found
        if one.account.kind == kind and (one.opening or one.debit or one.credit)
    ]
    return [ReportRow("", Kind(kind).label, summed(rows, 3), GROUP), *rows] if rows else []


def _by_account(asked: Asked, since: dt.date, until: dt.date) -> dict[int, dict[dt.date, Decimal]]:
    found: dict[int, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    of_result = set(
        Account.objects.filter(company=asked.company, kind__in=OF_RESULT).order_by().values_list("pk", flat=True)
    )
    for one in months(asked.company.pk, since=since, until=until, plant_id=asked.plant_id, order_id=asked.order_id):
        if one.account_id in of_result:
            found[one.account_id][one.starts_on] += one.amount
    return found


def _year_before(day: dt.date) -> dt.date:
    """The same day; the end of a month stays one."""
    after = day + dt.timedelta(days=1)
    if after.day == 1:
        return after.replace(year=after.year - 1) - dt.timedelta(days=1)
    return day.replace(year=day.year - 1)
