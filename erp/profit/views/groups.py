"""What was earned by product, customer, plant or month, from the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.profit.selectors import By, Group, profit_by, total_of
from masterdata.access import Guarded, visible_to
from masterdata.models import Company
from masterdata.pages import Action, exports
from masterdata.pages.actions import offered

SEE = "erp.view_ledger"
NOBODY = {
    By.PRODUCT: _l("Of no product"),
    By.CUSTOMER: _l("Of no customer"),
    By.PLANT: _l("Of no plant"),
}


class SpanForm(forms.Form):
    """From when to when, both days included; this year unless said otherwise."""

    by = forms.ChoiceField(choices=By.choices, required=False, widget=forms.HiddenInput)
    first = forms.DateField(label=_l("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_l("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("first") and found.get("last") and found["first"] > found["last"]:
            self.add_error("last", _("The last day is before the first: choose a later one."))
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A group as a row, with where it leads."""

    group: Group
    label: str
    url: str


class Profit(Guarded):
    """Where does the money come from?"""

    permission = SEE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        today = timezone.localdate()
        asked = {"by": By.PRODUCT, "first": today.replace(month=1, day=1).isoformat(), "last": today.isoformat()}
        asked |= {name: value for name in asked if (value := request.GET.get(name, ""))}
        form = SpanForm(asked)
        by = asked["by"] if asked["by"] in By.values else By.PRODUCT
        books = self._books(by, form.cleaned_data) if form.is_valid() else []
        if request.GET.get("export") in ("csv", "xlsx") and books:
            return _export(by, books, request.GET["export"])
        span = {"first": asked["first"], "last": asked["last"]}
        context = {
            "page_title": _("Profit by %(what)s") % {"what": By(by).label.lower()},
            "question": _("Where does the money come from, and what does it cost?"),
            "form": form,
            "by": by,
            "by_label": By(by).label,
            "kinds": [(value, label, f"?{urlencode(span | {'by': value})}") for value, label in By.choices],
            "books": books,
            "export_url": f"?{urlencode(span | {'by': by})}",
            "actions": offered(
                [Action(_("By order"), reverse("erp:order_profit"), "list", "erp.view_cost")], request.user
            ),
        }
        return render(request, "erp/profit/groups.html", context)

    def _books(self, by: str, span: dict[str, Any]) -> list[tuple[Company, list[Line], Group]]:
        """Each company in its own currency."""
        chosen = getattr(self.request, "plant", None)
        companies = visible_to(self.request.user, Company.objects.select_related("currency"), SEE)
        if chosen:
            companies = companies.filter(pk=chosen.company_id)
        books = []
        for company in companies:
            groups = profit_by(
                by,
                company_ids=[company.pk],
                first=span["first"],
                last=span["last"],
                plant_id=chosen.pk if chosen else None,
            )
            books.append((company, [_line(by, group) for group in groups], total_of(groups)))
        return books


def _line(by: str, group: Group) -> Line:
    if by == By.MONTH:
        return Line(group, date_format(dt.date.fromisoformat(group.key), "F Y"), "")
    names = {By.PRODUCT: "masterdata:material", By.CUSTOMER: "crm:customer"}
    url = reverse(names[By(by)], args=[group.key]) if group.key and by in names else ""
    return Line(group, group.label or str(NOBODY[By(by)]), url)


def _export(by: str, books: list[tuple[Company, list[Line], Group]], wish: str) -> HttpResponseBase:
    heads = [
        _("Company"),
        By(by).label,
        _("Revenue"),
        _("Cost"),
        _("Variances"),
        _("Profit"),
        _("Profit, %"),
        _("Currency"),
    ]
    rows = [
        [
            company.name,
            line.label,
            line.group.revenue,
            line.group.cost,
            line.group.variances,
            line.group.profit,
            line.group.percent,
            company.currency.code,
        ]
        for company, lines, _total in books
        for line in lines
    ]
    name = f"profit-by-{by}"
    return exports.as_csv(name, heads, rows) if wish == "csv" else exports.as_xlsx(name, heads, rows)
