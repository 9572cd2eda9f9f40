"""The page of open items by age, for customers and suppliers, on any day, with CSV."""

from __future__ import annotations

import csv
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

SEE = "erp.view_ledger"


class Ageing(Guarded):
    """Who owes us (or whom we owe) since when; its sum beside the balance of the account."""

    permission = SEE
    is_payable: ClassVar[bool] = False
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
        if request.GET.get("export") == "csv":
            return _csv(rows, on)
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
    is_payable = True
    title = _l("Open items of suppliers")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


def _csv(rows: list[ageing.Aged], on: dt.date) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="open-items-{on}.csv"'
    sheet = csv.writer(answer)
    sheet.writerow([_("Code"), _("Name"), _("Total"), _("Not due"), "1-30", "31-60", "61-90", "> 90"])
    for row in rows:
        name = f"'{row.name}" if row.name[:1] in "=+-@" else row.name
        sheet.writerow([row.code, name, row.total, *(getattr(row, bucket) for bucket in ageing.BUCKETS)])
    return answer
