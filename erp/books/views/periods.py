"""Pages of periods: which are open, what stands in the way of closing one, who changed its state and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.books import selectors, services
from erp.ledger import periods
from erp.ledger.models import Period
from erp.treasury.forms import ReasonForm
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Column,
    Day,
    DeedView,
    DetailPage,
    Empty,
    FormPage,
    Happening,
    Html,
    ListPage,
    State,
    Tab,
)
from masterdata.pages.details import OneRow

SEE, CLOSE, REOPEN = "erp.view_ledger", "erp.close_period", "erp.reopen_period"
VALUE, CLOSE_YEAR = "erp.value_currencies", "erp.close_year"
TONES = {Period.State.OPEN: "running", Period.State.LOCKED: "held", Period.State.CLOSED: "done"}


def said(period: Period) -> str:
    """Its days in words."""
    return _("%(first)s to %(last)s") % {"first": shown.day(period.starts_on), "last": shown.day(period.ends_on)}


def listed(user: Any) -> QuerySet[Period]:
    return visible_to(user, Period.objects.select_related("company"), SEE)


class Periods(ListPage):
    """The periods of the companies, the newest first."""

    permission = SEE
    title, question = _l("Periods"), _l("What may still be posted, and what is closed?")
    columns = [
        Column(said, _l("Period"), sort="starts_on", css="wide"),
        Column("company.name", _l("Company"), sort="company__name"),
        State(lambda row: TONES[row.state], _l("State"), word="get_state_display"),
        Day("ends_on", _l("Ends")),
    ]
    filters = [Choice("state", _l("State"), choices=Period.State.choices)]
    order_by = "-starts_on"
    empty = Empty(_l("No periods yet"), _l("Open a year, then postings have a place."), "calendar")

    def get_rows(self) -> QuerySet[Period]:
        return listed(self.request.user)

    def get_url(self, row: Period) -> str:
        return reverse("erp:period", args=[row.pk])

    def get_actions(self) -> list[Action]:
        found = []
        for company in visible_to(self.request.user, Company.objects.filter(periods__isnull=False).distinct(), CLOSE):
            year = company.periods.order_by("-ends_on").values_list("ends_on", flat=True)[0].year + 1
            found.append(
                Action(
                    _("Open %(year)s for %(company)s") % {"year": year, "company": company.code},
                    reverse("erp:year_open", args=[company.pk]),
                    "plus",
                    CLOSE,
                    post=True,
                )
            )
        return found


class PeriodPage(DetailPage):
    """One period: what has to be done before it is closed, and its trail."""

    permission = SEE
    template_name = "erp/ledger/entry.html"

    def get_rows(self) -> QuerySet[Period]:
        return listed(self.request.user)

    def get_title(self, row: Any) -> str:
        return said(row)

    def get_subtitle(self, row: Any) -> str:
        return str(row.company.name)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Periods"), reverse("erp:periods")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return TONES[row.state], row.get_state_display()

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("checks", _("Before it is closed"), template="erp/books/_checks.html")]

    def get_cards(self, row: Any) -> Sequence[Card]:
        link = Html(_trial_link, _("Figures"))
        return [Card(_("Period"), [Day("starts_on", _("First day")), Day("ends_on", _("Last day")), link])]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        checks = [] if row.state == Period.State.CLOSED else selectors.checklist(row)
        return super().get_context_data(row) | {"checks": checks, "period": row}

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        return [
            Happening(
                one.changed_at,
                _("%(before)s, then %(after)s")
                % {"before": one.get_from_state_display(), "after": one.get_to_state_display()},
                "lock-open" if one.to_state == Period.State.OPEN else "lock",
                who=one.changed_by or "",
                detail=one.reason,
            )
            for one in row.changes.select_related("changed_by")
        ]

    def get_actions(self, row: Any) -> list[Action]:
        def deed(label: Any, name: str, icon: str, **more: Any) -> Action:
            return Action(label, reverse(f"erp:{name}", args=[row.pk]), icon, **more)

        reopen = deed(_("Open again"), "period_reopen", "lock-open", permission=REOPEN)
        lock = deed(_("Lock for documents"), "period_lock", "lock", permission=CLOSE, post=True)
        close = deed(_("Close"), "period_close", "check", permission=CLOSE, post=True, is_main=True)
        value = deed(_("Value currencies"), "period_currencies", "coin", permission=VALUE, post=True)
        year = deed(_("Close the year"), "year_close", "calendar-check", permission=CLOSE_YEAR, post=True, is_main=True)
        again = deed(_("Open the year again"), "year_reopen", "lock-open", permission=CLOSE_YEAR)
        is_last = row.ends_on.month == 12
        if is_last and services.year_entry(row.company_id, row.ends_on.year):
            return [again]
        return {
            Period.State.OPEN: [value, lock, year if is_last else close],
            Period.State.LOCKED: [reopen, value, year if is_last else close],
            Period.State.CLOSED: [reopen],
        }[row.state]


def _trial_link(row: Period) -> Any:
    url = f"{reverse('erp:ledger')}?company={row.company_id}&since={row.starts_on}&until={row.ends_on}"
    return format_html('<a class="link" href="{}">{}</a>', url, _("Trial balance"))


class _PeriodDeed(DeedView):
    permission = CLOSE

    def get_rows(self) -> QuerySet[Period]:
        return visible_to(self.request.user, Period.objects.all(), self.permission)


class LockPeriod(_PeriodDeed):
    """Documents no longer post in it."""

    done_message = _l("Locked. Only manual entries and adjustments are posted in it.")

    def perform(self, row: Any) -> str:
        services.lock_period(period_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
        return reverse("erp:period", args=[row.pk])


class ClosePeriod(_PeriodDeed):
    """Nothing is posted in it any more."""

    done_message = _l("Closed, and all its entries are sealed.")

    def perform(self, row: Any) -> str:
        services.close_period(period_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
        return reverse("erp:period", args=[row.pk])


class ReopenPeriod(OneRow, FormPage):
    """Open it again, and say why."""

    permission, form_class = REOPEN, ReasonForm
    title, submit_label, done_message = _l("Open the period again"), _l("Open again"), _l("Open again.")

    def get_rows(self) -> QuerySet[Period]:
        return visible_to(self.request.user, Period.objects.all(), REOPEN)

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_back(self) -> tuple[Any, str]:
        return said(self.get_object()), reverse("erp:period", args=[self.get_object().pk])

    def perform(self, form: Any) -> str:
        services.reopen_period(
            period_id=self.get_object().pk,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return self.get_back()[1]


class ValueCurrencies(_PeriodDeed):
    """Open items in other currencies at the rates of its last day."""

    permission = VALUE
    done_message = _l("Open items are valued at the rates of the last day, and undone on the next one.")

    def perform(self, row: Any) -> str:
        services.value_currencies(company_id=row.company_id, on=row.ends_on, now=timezone.now())
        return reverse("erp:period", args=[row.pk])


class CloseYear(_PeriodDeed):
    """Its result to retained earnings."""

    permission = CLOSE_YEAR
    done_message = _l("The year is closed, and its result stands in retained earnings.")

    def perform(self, row: Any) -> str:
        services.close_year(
            company_id=row.company_id,
            year=row.ends_on.year,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return reverse("erp:period", args=[row.pk])


class ReopenYear(ReopenPeriod):
    """Undo the closing entry, and say why."""

    permission = CLOSE_YEAR
    title, submit_label, done_message = (
        _l("Open the year again"),
        _l("Open again"),
        _l("Its last period is locked now."),
    )

    def get_rows(self) -> QuerySet[Period]:
        return visible_to(self.request.user, Period.objects.all(), CLOSE_YEAR)

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.reopen_year(
            company_id=row.company_id,
            year=row.ends_on.year,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return self.get_back()[1]


class OpenYear(DeedView):
    """The year after the last one gets its periods."""

    permission, done_message = CLOSE, _l("The year is open.")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), CLOSE)

    def perform(self, row: Any) -> str:
        last: dt.date = row.periods.order_by("-ends_on").values_list("ends_on", flat=True)[0]
        periods.open_year(company=row, year=last.year + 1)
        return reverse("erp:periods")
