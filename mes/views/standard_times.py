"""Standard times that the floor disproves: what is proposed, the runs behind it, accept and reject."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from masterdata import access, shown
from masterdata.access import Guarded
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Column,
    DeedView,
    DetailPage,
    Empty,
    FormPage,
    Html,
    ListPage,
    Number,
    State,
    View,
    When,
)
from mes import selectors, services
from mes.models import TimeProposal
from mes.services.standard_times import LOOK_BACK
from mes.standard_times import Observed, estimate

SEE, DECIDE = "mes.view_standard_times", "mes.decide_standard_times"


def band(row: TimeProposal) -> Any:
    """The error band in minutes."""
    return format_html("{} to {}", shown.number(row.low, 2), shown.number(row.high, 2))


def difference(row: TimeProposal) -> Any:
    """How far the plan is off, in percent of it."""
    if not row.planned:
        return "\N{EN DASH}"
    share = (row.observed - row.planned) * 100 / row.planned
    tone = "late" if share > 0 else "done"
    return format_html('<span class="c-{}">{}{} %</span>', tone, "+" if share > 0 else "", shown.number(share, 0))


def monthly_words(row: TimeProposal) -> str:
    """The same in one line."""
    sign = "+" if row.monthly_min > 0 else "\N{MINUS SIGN}"
    hours = shown.duration(abs(round(row.monthly_min)))
    return f"{sign}{hours}, {shown.money(row.monthly_cost, row.plant.company.currency.code)}"


def monthly(row: TimeProposal) -> Any:
    """What the difference comes to in a month."""
    currency = row.plant.company.currency.code
    hours = shown.duration(abs(round(row.monthly_min)))
    sign = "+" if row.monthly_min > 0 else "\N{MINUS SIGN}"
    return format_html("{}{}<span class='second'>{}</span>", sign, hours, shown.money(row.monthly_cost, currency))


class Proposals(ListPage):
    """Which planned minutes are wrong, by how much, and what does that cost?"""

    permission = SEE
    title, question = _("Standard times"), _("Which planned minutes does the floor disprove?")
    columns = [
        Column("material.code", _("Product"), sort="material__code", second="material.name", link=True),
        Column("name", _("Operation"), second="machine.code"),
        Column("get_kind_display", _("Minutes")),
        Number("planned", _("Planned"), sort="planned", places=2),
        Number("observed", _("Observed"), sort="observed", places=2),
        Html(band, _("95 % band"), css="num"),
        Html(difference, _("Difference"), css="num"),
        Html(monthly, _("In a month"), sort="monthly_cost", css="num"),
        Number("run_count", _("Runs"), sort="run_count"),
        State("state", _("State"), sort="state"),
        When("decided_at", _("Decided"), empty=_("Waits for a planner")),
    ]
    search_fields = ["material__code", "material__name", "name", "machine__code"]
    filters = [
        Choice("state", _("State"), choices=TimeProposal.State.choices),
        Choice("kind", _("Minutes"), choices=TimeProposal.Kind.choices),
    ]
    order_by = "-monthly_cost"
    live = ["standard-times"]
    empty = Empty(
        _("No planned minutes are disproved"),
        _("From six finished runs on, what they took is compared with the routing in force, each night and on demand."),
        "clock-check",
    )

    def get_rows(self) -> QuerySet[TimeProposal]:
        rows = access.visible_to(self.request.user, TimeProposal.objects.all(), SEE)
        rows = rows.filter(plant__in=plant_ids_of(self.request))
        return rows.select_related("material", "machine", "plant__company__currency")

    def get_url(self, row: TimeProposal) -> str:
        return reverse("mes:standard_time", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Look again"), reverse("mes:standard_times_look"), "refresh", DECIDE, True)]

    def get_views(self) -> list[View]:
        count = self.get_rows().filter(state="open").count()
        return [View("all", _("All"), ""), View("open", _("Open"), "state=open", count=count)]


def plant_ids_of(request: HttpRequest) -> list[int]:
    """The plant of the switch, or all where the user may see standard times."""
    seen = access.scope_of(request.user, SEE).plants
    chosen = request.plant  # type: ignore[attr-defined]
    return sorted(seen & {chosen.pk} if chosen is not None else seen)


class Look(Guarded):
    """Compare again what runs took with what is planned."""

    permission = DECIDE

    def post(self, request: HttpRequest) -> HttpResponseBase:
        seen = access.scope_of(request.user, DECIDE).plants
        chosen = request.plant  # type: ignore[attr-defined]
        wanted = seen & {chosen.pk} if chosen is not None else seen
        services.look_at_times(plant_ids=sorted(wanted), now=timezone.now())
        answer: HttpResponseRedirect = redirect("mes:standard_times")
        return answer


@dataclass(frozen=True, slots=True)
class Dot:
    """One run in the drawing; `is_out`: named as an outlier and left out."""

    run: selectors.RunTimes
    minutes: Decimal
    x: float
    is_out: bool


class Proposal(DetailPage):
    """One proposal with every run behind it."""

    permission = SEE
    template_name = "mes/standard_time.html"
    live = ["standard-times"]

    def get_rows(self) -> QuerySet[TimeProposal]:
        rows = TimeProposal.objects.select_related(
            "material", "machine", "plant__company__currency", "routing", "became", "decided_by"
        )
        return access.visible_to(self.request.user, rows, SEE)

    def get_title(self, row: TimeProposal) -> Any:
        return row.material.code

    def get_subtitle(self, row: TimeProposal) -> Any:
        return f"{row.name}, {row.machine.code}: {row.get_kind_display().lower()}"

    def get_back(self, row: TimeProposal) -> tuple[Any, str]:
        return _("Standard times"), reverse("mes:standard_times")

    def get_state(self, row: TimeProposal) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: TimeProposal) -> list[Action]:
        if row.state != "open":
            return []
        accept, reject = (reverse(f"mes:standard_time_{deed}", args=[row.pk]) for deed in ("accept", "reject"))
        ask = _("Put a new version of the routing in force with these minutes?")
        return [
            Action(_("Keep the plan"), reject, "x", DECIDE),
            Action(_("Accept"), accept, "check", DECIDE, True, True, ask),
        ]

    def get_cards(self, row: TimeProposal) -> list[Card]:
        figures = [
            Number("planned", _("Planned, min"), places=3),
            Number("observed", _("Observed, min"), places=3),
            Html(band, _("95 % band, min")),
            Html(difference, _("Difference")),
            Html(monthly_words, _("In a month")),
        ]
        decided = [
            Column(lambda one: _now("Version %(n)s") % {"n": one.routing.version_no}, _("Routing")),
            Column(
                lambda one: one.became and _now("Version %(n)s") % {"n": one.became.version_no},
                _("Became"), empty=_("Not accepted"),
            ),
            Column("decided_by", _("Decided by"), empty=_("Waits for a planner")),
            Column("note", _("Why"), empty=_("Nothing was said")),
        ]  # fmt: skip
        return [Card(_("Minutes"), figures), Card(_("Decision"), decided)]

    def get_context_data(self, row: TimeProposal) -> dict[str, Any]:
        return super().get_context_data(row) | _evidence(row)


def _evidence(row: TimeProposal) -> dict[str, Any]:
    """The runs of the time before it was made, as dots on a scale of minutes."""
    runs = selectors.run_times(plant_ids=[row.plant_id], since=row.made_at - LOOK_BACK)
    mine = [
        (run, run.run_minutes if row.kind == "run" else run.setup_minutes)
        for run in runs
        if (run.material_id, run.sequence, run.machine_id) == (row.material_id, row.sequence, row.machine_id)
        and run.finished_at <= row.made_at + dt.timedelta(seconds=1)
    ]
    told = [(run, minutes) for run, minutes in mine if minutes is not None]
    found = estimate([Observed(run.run_id, minutes) for run, minutes in told])
    out = {one.run_id for one in found.outliers} if found else set()
    ends = [minutes for _run, minutes in told] + [row.planned, row.low, row.high]
    low, high = min(ends), max(ends)
    room = (high - low) or Decimal(1)

    def x_of(minutes: Decimal) -> float:
        return float(round(40 + (minutes - low) / room * 920, 1))

    return {
        "dots": [Dot(run, minutes, x_of(minutes), run.run_id in out) for run, minutes in reversed(told)],
        "scale": {
            "planned": x_of(row.planned), "observed": x_of(row.observed), "low": x_of(row.low),
            "width": round(max(x_of(row.high) - x_of(row.low), 2), 1), "from": low, "to": high,
        },
    }  # fmt: skip


class Accept(DeedView):
    """These minutes from now on."""

    permission = DECIDE
    done_message = _("Accepted. A new version of the routing is in force; work planned from now on takes it.")

    def get_rows(self) -> QuerySet[TimeProposal]:
        return access.visible_to(self.request.user, TimeProposal.objects.all(), DECIDE)

    def perform(self, row: TimeProposal) -> str:
        services.accept_times(proposal_ids=[row.pk], by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("mes:standard_time", args=[row.pk])


class RejectForm(forms.Form):
    """Why the plan stays."""

    note = forms.CharField(
        max_length=400, label=_("Why the plan stays"), widget=forms.Textarea({"rows": 3}),
        help_text=_("It is proposed again only when other runs say so."),
    )  # fmt: skip


class Reject(FormPage):
    """The planned minutes stay."""

    permission, form_class = DECIDE, RejectForm
    submit_label, done_message = _("Keep the plan"), _("Kept. It comes again only with other runs behind it.")

    @property
    def proposal(self) -> TimeProposal:
        rows = TimeProposal.objects.select_related("material")
        return get_object_or_404(access.visible_to(self.request.user, rows, DECIDE), pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        row = self.proposal
        return _("Keep %(planned)s min for %(name)s of %(code)s") % {
            "planned": shown.number(row.planned, 2), "name": row.name, "code": row.material.code,
        }  # fmt: skip

    def get_back(self) -> tuple[Any, str]:
        return _("Proposal"), reverse("mes:standard_time", args=[self.kwargs["pk"]])

    def perform(self, form: RejectForm) -> str:
        services.reject_time(
            proposal_id=self.proposal.pk, note=form.cleaned_data["note"],
            by=self.request.user, now=timezone.now(),  # type: ignore[arg-type]
        )  # fmt: skip
        return reverse("mes:standard_time", args=[self.kwargs["pk"]])
