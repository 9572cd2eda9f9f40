"""Pages of the reports: one form, one table, files of both kinds; each figure leads to its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from erp.books import selectors
from erp.books.selectors import Asked, Report, ReportRow
from erp.sales.models import SalesOrder
from masterdata.access import Guarded, visible_to
from masterdata.models import Company, Plant
from masterdata.pages import exports

SEE = "erp.view_ledger"
DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class Kind:
    """One report: how it is called, what it answers, what it asks for."""

    key: str
    label: Any
    question: Any
    build: Callable[[Asked], Report]
    has_start: bool = True
    has_plant: bool = True
    has_order: bool = False


KINDS = [
    Kind(
        "ledger",
        _("Trial balance"),
        _("Where does the money stand, and do the books agree?"),
        selectors.trial_balance,
        has_order=True,
    ),
    Kind(
        "profit_and_loss",
        _("Profit and loss"),
        _("What was earned, month by month?"),
        selectors.profit_and_loss,
        has_order=True,
    ),
    Kind("balance_sheet", _("Balance sheet"), _("What is there, and whose is it?"), selectors.balance_sheet),
    Kind(
        "profit_by_plant",
        _("Result by plant"),
        _("Which plant earned it?"),
        selectors.profit_by_plant,
        has_plant=False,
        has_order=True,
    ),
    Kind("profit_by_order", _("Result by order"), _("Which orders earned it?"), selectors.profit_by_order),
    Kind(
        "valuation",
        _("Stock and work in progress"),
        _("Do stock and work orders come to what their accounts say?"),
        selectors.valuation,
        has_start=False,
    ),
    Kind(
        "received_not_invoiced",
        _("Goods without invoice"),
        _("What had come and was not invoiced that day, and does the account say the same?"),
        selectors.received_not_invoiced,
        has_start=False,
    ),
    Kind("taxes", _("Taxes"), _("What is owed to the tax office, by code and period?"), selectors.taxes),
]


class AskedForm(forms.Form):
    """Whose books, which days, which plant, which sales order."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"), empty_label=None)
    since = forms.DateField(label=_("From"), widget=DAY)
    until = forms.DateField(label=_("To"), widget=DAY)
    plant = forms.ModelChoiceField(Plant.objects.none(), label=_("Plant"), required=False, empty_label=_("All"))
    order = forms.CharField(
        label=_("Sales order"), required=False, max_length=40, widget=forms.TextInput({"placeholder": _("All")})
    )

    def __init__(self, *args: Any, user: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = visible_to(user, Company.objects.filter(accounts__isnull=False).distinct(), SEE).order_by("name")
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["plant"].queryset = Plant.objects.filter(company__in=companies).order_by("code")  # type: ignore[attr-defined]
        if not kind.has_start:
            del self.fields["since"]
            self.fields["until"].label = _("On")
        if not kind.has_plant:
            del self.fields["plant"]
        if not kind.has_order:
            del self.fields["order"]

    def clean(self) -> dict[str, Any]:
        """The sales order by its number, of the company; days in their order."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error(None, _("The first day is after the last: choose an earlier one."))
        number, company = given.get("order", "").strip(), given.get("company")
        given["sales_order"] = None
        if number and company:
            given["sales_order"] = SalesOrder.objects.filter(company=company, number__iexact=number).first()
            if given["sales_order"] is None:
                self.add_error("order", _("The company has no order with this number: choose another, or none."))
        return given

    @property
    def problems(self) -> list[Any]:
        """What keeps the report from being shown; anything else that is wrong or missing is as usual."""
        return [*self.errors.get("order", []), *self.non_field_errors()]


def asked_of(request: HttpRequest, kind: Kind, form: AskedForm) -> Asked | None:
    """What the address asks for; what is missing or wrong is this year, whole, of the first company."""
    given = form.cleaned_data if form.is_valid() else {}
    company = given.get("company") or form.fields["company"].queryset.first()  # type: ignore[attr-defined]
    if company is None:
        return None
    year = timezone.localdate().year
    until = given.get("until") or dt.date(year, 12, 31)
    since = given.get("since") or until.replace(month=1, day=1)
    plant = given.get("plant")
    plant_id = plant.pk if plant is not None and plant.company_id == company.pk else None
    order = given.get("sales_order")
    return Asked(company, min(since, until), until, plant_id, order.pk if order else None)


class ReportPage(Guarded):
    """One of the reports, as a page or as a file."""

    permission = SEE
    key: ClassVar[str] = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind = next((one for one in KINDS if one.key == self.key), None)
        if kind is None:
            raise Http404
        form = AskedForm(request.GET or None, user=request.user, kind=kind)
        asked = asked_of(request, kind, form)
        report = kind.build(asked) if asked and not form.problems else None
        wish = request.GET.get("export", "")
        if report is not None and wish in ("csv", "xlsx"):
            return _file(kind, report, wish)
        return render(request, "erp/books/report.html", self.context(kind, form, asked, report))

    def context(self, kind: Kind, form: AskedForm, asked: Asked | None, report: Report | None) -> dict[str, Any]:
        initial = _initial(asked) if asked else {}
        shown = (
            form
            if form.is_bound and (form.is_valid() or form.problems)
            else AskedForm(initial=initial, user=self.request.user, kind=kind)
        )
        kept = self.request.GET.copy()
        kept.pop("export", None)
        return {
            "page_title": kind.label,
            "kind": kind,
            "kinds": KINDS,
            "form": shown,
            "asked": asked,
            "report": report,
            "problems": form.problems,
            "rows": [(row, link_of(row, asked)) for row in report.rows] if report and asked else [],
            "kept": kept.urlencode(),
        }


def _initial(asked: Asked) -> dict[str, Any]:
    order = SalesOrder.objects.filter(pk=asked.order_id).first() if asked.order_id else None
    return {
        "company": asked.company,
        "since": asked.since,
        "until": asked.until,
        "plant": asked.plant_id,
        "order": order.number if order else "",
    }


def link_of(row: ReportRow, asked: Asked) -> str:
    """Where the figures of a row come from."""
    if row.account_id:
        return _limited(reverse("erp:account_card", args=[row.account_id]), asked, asked.since, asked.until)
    if row.tax:
        side = "sales" if row.tax.is_sale else "purchases"
        address = reverse("erp:tax_lines", args=[asked.company.pk, row.tax.code_id, side])
        return _limited(address, asked, row.tax.since, row.tax.until)
    for name, pk in (
        ("erp:order", row.order_id),
        ("erp:purchase_order", row.purchase_order_id),
        ("erp:work_order", row.work_order_id),
    ):
        if pk:
            return reverse(name, args=[pk])
    return ""


def _limited(address: str, asked: Asked, since: dt.date, until: dt.date) -> str:
    """The address with the days, the plant and the order that the report is limited to."""
    limits = {"since": since, "until": until, "plant": asked.plant_id, "order": asked.order_id}
    return f"{address}?{urlencode({name: value for name, value in limits.items() if value is not None})}"


def _file(kind: Kind, report: Report, wish: str) -> HttpResponse:
    heads = ["", "", *map(str, report.heads)]
    lines = [[row.code, str(row.label), *row.figures] for row in report.rows]
    name = slugify(str(kind.label))
    return exports.as_csv(name, heads, lines) if wish == "csv" else exports.as_xlsx(name, heads, lines)
