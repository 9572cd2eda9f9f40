"""The card of an account: its lines with what stood there after each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet, Sum, Window
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.ledger.balances import balances
from erp.ledger.models import Account, JournalLine
from erp.ledger.views import dimension
from masterdata import shown
from masterdata.access import visible_to
from masterdata.numbers import ZERO
from masterdata.pages import Action, Code, Column, Day, Empty, Html, ListPage, Money

SEE = "erp.view_ledger"


class AccountCard(ListPage):
    """Lines of one account from `since` to `until`, in the order of the books, each with the balance after it."""

    permission = SEE
    title, question = _l("Account card"), _l("What happened on the account, one after the other?")
    columns = [
        Day("entry.posted_on", _l("Posted on")),
        Code("entry_id", _l("Entry"), link=True, css="w-1"),
        Column("entry.get_kind_display", _l("What"), second="entry.memo", css="wide"),
        Html(dimension, _l("Of")),
        Money(lambda row: row.amount if row.amount > 0 else None, _l("Debit"), empty=_l("A credit")),
        Money(lambda row: -row.amount if row.amount < 0 else None, _l("Credit"), empty=_l("A debit")),
        Money("balance", _l("Balance")),
    ]
    order_by = "at"
    empty = Empty(_l("Nothing posted on it in these days"), _l("Choose other days in the report."), "book")

    @cached_property
    def account(self) -> Account:
        rows = visible_to(self.request.user, Account.objects.select_related("company"), SEE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def days(self) -> tuple[dt.date, dt.date]:
        """This year when the address does not say."""
        year = timezone.localdate().year
        since = day_of(self.request.GET.get("since", ""), dt.date(year, 1, 1))
        return since, day_of(self.request.GET.get("until", ""), dt.date(year, 12, 31))

    @cached_property
    def plant_id(self) -> int | None:
        wish = self.request.GET.get("plant", "")
        return int(wish) if wish.isdecimal() else None

    @cached_property
    def order_id(self) -> int | None:
        wish = self.request.GET.get("order", "")
        return int(wish) if wish.isdecimal() else None

    @cached_property
    def opening(self) -> Decimal:
        since, until = self.days
        found = balances(
            self.account.company_id, since=since, until=until, plant_id=self.plant_id, order_id=self.order_id
        )
        return next((one.opening for one in found if one.account.pk == self.account.pk), ZERO)

    def get_rows(self) -> QuerySet[JournalLine]:
        since, until = self.days
        rows = JournalLine.objects.filter(account=self.account, entry__posted_on__range=(since, until))
        if self.plant_id is not None:
            rows = rows.filter(plant=self.plant_id)
        if self.order_id is not None:
            rows = rows.filter(sales_order=self.order_id)
        running = Window(Sum("amount"), order_by=[F("entry__posted_on").asc(), F("id").asc()])
        return rows.select_related("entry", "sales_order", "work_order", "material", "partner").annotate(
            at=F("entry__posted_on"), running=running
        )

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.balance = self.opening + row.running
        return rows

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        since, until = self.days
        said = {"from": shown.day(since), "to": shown.day(until), "opening": shown.number(self.opening, 2)}
        return super().get_context_data(rows) | {
            "page_title": str(self.account),
            "question": _("%(from)s to %(to)s, opening balance %(opening)s") % said,
        }

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        lines = JournalLine.objects.filter(pk__in=rows.order_by().values("pk"))
        debit = lines.filter(amount__gt=0).aggregate(sum=Sum("amount"))["sum"] or ZERO
        credit = -(lines.filter(amount__lt=0).aggregate(sum=Sum("amount"))["sum"] or ZERO)
        figures = debit, credit, self.opening + debit - credit
        return {str(column.key): shown.number(one, 2) for column, one in zip(self.columns[4:], figures, strict=True)}

    def get_actions(self) -> list[Action]:
        return [Action(_("Trial balance"), reverse("erp:ledger"), "book", SEE)]

    def get_url(self, row: JournalLine) -> str:
        return reverse("erp:journal_entry", args=[row.entry_id])


def day_of(text: str, otherwise: dt.date) -> dt.date:
    """The day that the address says; another one when it says none."""
    try:
        return parse_date(text) or otherwise
    except ValueError:
        return otherwise
