"""The page of open items by age, for customers and suppliers, on any day, as a page, CSV or XLSX."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.banking import ageing
from erp.ledger.models import Account
from erp.ledger.selectors import account_balance
from masterdata.access import Guarded, visible_to
from masterdata.models import Company
from masterdata.numbers import money
from masterdata.pages import exports

SEE = "erp.view_ledger"


class Ageing(Guarded):
    """Who owes us (or whom we owe) since when; its sum beside the balance of the account."""

    permission = SEE
    is_payable: ClassVar[bool] = False
    file_name: ClassVar[str] = "open-items"
    title: ClassVar[Any] = _l("Open items of customers")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        companies = visible_to(request.user, Company.objects.select_related("currency").order_by("name"), SEE)
        wanted = request.GET.get("company", "")
        company = companies.filter(pk=wanted).first() if wanted.isdecimal() else companies.first()
        if company is None:
            raise Http404
        on = _day(request.GET.get("on", ""))
        find = ageing.aged_payables if self.is_payable else ageing.aged_receivables
        rows = find(company_id=company.pk, on=on)
        wish = request.GET.get("export", "")
        if wish in ("csv", "xlsx"):
            return _export(f"{self.file_name}-{on}", rows, company.currency.decimals, wish)
        role = Account.Role.PAYABLE if self.is_payable else Account.Role.RECEIVABLE
        context = {
            "page_title": self.title,
            "rows": rows,
            "totals": ageing.totals(rows),
            "on": on,
            "company": company,
            "companies": companies,
            "balance": account_balance(company, role) * (-1 if self.is_payable else 1),
            "is_payable": self.is_payable,
            "is_today": on >= timezone.localdate(),
        }
        return render(request, "erp/banking/ageing.html", context)


class PayablesAgeing(Ageing):
    """Whom we owe."""

    permission = SEE
    is_payable, file_name = True, "open-items-suppliers"
    title = _l("Open items of suppliers")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


def _export(name: str, rows: list[ageing.Aged], decimals: int, wish: str) -> HttpResponse:
    """A line for each partner, and their sums."""
    heads = [_("Code"), _("Name"), _("Total"), _("Not due"), "1-30", "31-60", "61-90", "> 90"]
    columns = ("total", *ageing.BUCKETS)
    sums = ageing.totals(rows)
    lines = [[row.code, row.name, *(money(getattr(row, one), decimals) for one in columns)] for row in rows]
    lines.append([_("Total"), "", *(money(sums[one], decimals) for one in columns)])
    return exports.as_csv(name, heads, lines) if wish == "csv" else exports.as_xlsx(name, heads, lines)
