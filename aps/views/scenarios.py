"""Pages of scenarios: the list, one scenario with its changes and what they bring, and several side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from aps import selectors, services, supposed
from aps.forms import NewScenarioForm, ScenarioForm
from aps.models import ChangeKind, Scenario, ScenarioLine, ScenarioRun
from aps.views import chart, differences
from aps.views.runs import best, delay, first, saved
from masterdata import access, shown
from masterdata.models import Plant
from masterdata.pages import (
    Action,
    Choice,
    Column,
    CreatePage,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    View,
    When,
)

SEE, WRITE, PROMOTE = "aps.view_scenario", "aps.write_scenario", "aps.promote_scenario"
LENGTHS = (10, 30, 120, 600)
KINDS = (
    (_l("Machines"), (ChangeKind.MACHINE_OFF, ChangeKind.MACHINE_ON, ChangeKind.MACHINE_COPY, ChangeKind.SPEED)),
    (_l("Hours"), (ChangeKind.OVERTIME, ChangeKind.CALENDAR)),
    (_l("Orders"), (ChangeKind.LINE_DUE, ChangeKind.LINE_WEIGHT, ChangeKind.LINE_OUT, ChangeKind.NEW_ORDER)),
    (_l("The plan"), (ChangeKind.WEIGHTS,)),
)
NEW = Action(_l("New scenario"), lazy(reverse, str)("aps:scenario_create"), "plus", WRITE, is_main=True)


def mine(request: HttpRequest, deed: str = SEE) -> QuerySet[Scenario]:
    """Scenarios of the plants where the user may do the deed."""
    return access.visible_to(request.user, Scenario.objects.select_related("plant", "made_by", "ended_by"), deed)


def plant_ids(request: HttpRequest) -> list[int]:
    """The plant of the switch, or all whose scenarios the user may see."""
    seen = access.scope_of(request.user, SEE).plants
    chosen = request.plant  # type: ignore[attr-defined]
    return sorted(seen & {chosen.pk} if chosen is not None else seen)


class Scenarios(ListPage):
    """Every scenario."""

    permission = SEE
    title, question = _l("What if"), _l("What would another machine, shift or order do to the plan?")
    columns = [
        Column("name", _l("Scenario"), sort="name", link=True, css="wide", second="notes_or_changes"),
        Column("plant.code", _l("Plant"), sort="plant__code"),
        State("state", _l("State"), sort="state"),
        Column("late", _l("Late lines"), css="num", empty=_l("Not solved")),
        Column("delay", _l("Delay, weighted"), css="num", empty=_l("Not solved")),
        Column("setup", _l("Setup"), css="num", empty=_l("Not solved")),
        Number("base_no", _l("On plan"), sort="base_no"),
        Column("made_by", _l("By"), sort="made_by__first_name"),
        When("made_at", _l("Made"), sort="made_at"),
    ]
    search_fields = ["name", "notes", "made_by__first_name", "made_by__last_name", "made_by__username"]
    filters = [
        Choice("state", _l("State"), choices=Scenario.State.choices),
        Flag("open", _l("Still open"), condition=~Q(state__in=Scenario.OVER)),
    ]
    order_by = "-made_at"
    live = ["scenarios"]

    empty = Empty(
        _l("No scenario yet"),
        _l("Copy the plan, change a machine, a shift or an order, and see what it would bring. Nothing is real yet."),
        "versions",
        NEW,
    )

    def get_rows(self) -> QuerySet[Scenario]:
        return mine(self.request).filter(plant__in=plant_ids(self.request)).annotate(changed=Count("changes"))

    def get_views(self) -> list[View]:
        return [View("all", _l("All"), ""), View("open", _l("Open"), "open=1")]

    def get_actions(self) -> list[Action]:
        return [Action(_l("Compare"), reverse("aps:scenario_compare"), "git-compare", SEE), NEW]

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        found = super().get_context_data(rows)
        if not access.may(self.request.user, WRITE):
            found["empty"] = replace(self.empty, action=None)
        return found

    def get_url(self, row: Scenario) -> str:
        return reverse("aps:scenario", args=[row.pk])

    def get_row_css(self, row: Scenario) -> str:
        return "is-quiet" if row.state == Scenario.State.DROPPED else ""

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Figures of those that are solved, against the plan in force then; one query."""
        figures = selectors.figures_of([row.pk for row in rows if row.has_result])
        for row in rows:
            was, now = figures.get((row.pk, False)), figures.get((row.pk, True))
            row.notes_or_changes = row.notes or _("%(n)d changes") % {"n": row.changed}
            row.late = row.delay = row.setup = None
            if was is not None and now is not None:
                row.late = f"{was.late_lines} → {now.late_lines}"
                row.delay = f"{shown.duration(was.lateness_min)} → {shown.duration(now.lateness_min)}"
                row.setup = f"{shown.duration(was.setup_min)} → {shown.duration(now.setup_min)}"
        return rows


class NewScenario(CreatePage):
    """Copy the plan in force."""

    permission, form_class = WRITE, NewScenarioForm
    title, submit_label = _l("New scenario"), _l("Copy the plan")

    def get_back(self) -> tuple[Any, str]:
        return _("What if"), reverse("aps:scenarios")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "plants": access.visible_to(self.request.user, Plant.objects.all(), WRITE),
            "scenarios": mine(self.request, WRITE).exclude(state=Scenario.State.DROPPED),
        }

    def get_initial(self) -> dict[str, Any]:
        chosen = self.request.plant  # type: ignore[attr-defined]
        return {"plant": chosen.pk if chosen else None, **self.request.GET.dict()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        scenario = services.copy_plan(
            plant_id=given["plant"].pk,
            name=given["name"],
            notes=given["notes"],
            like=given["like"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("aps:scenario", args=[scenario.pk])


class EditScenario(EditPage):
    """Its name and notes."""

    permission, form_class, done_message = WRITE, ScenarioForm, _l("Saved.")

    def get_rows(self) -> QuerySet[Scenario]:
        return mine(self.request, WRITE)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("aps:scenario", args=[self.get_object().pk])

    def perform(self, form: Any) -> str:
        row, version = self.get_object(), self.request.POST.get("version", "")
        expected = int(version) if version.isdigit() else None
        services.rename_scenario(scenario_id=row.pk, values=form.cleaned_data, expected_version=expected)
        return reverse("aps:scenario", args=[row.pk])


class ScenarioPage(DetailPage):
    """One scenario: what it changes, how far its solve is, what it brings, and whom it helps and hurts."""

    permission = SEE
    template_name = "aps/scenario.html"
    live = ["scenarios"]

    def get_rows(self) -> QuerySet[Scenario]:
        return mine(self.request)

    def get_title(self, row: Any) -> Any:
        return row.name

    def get_subtitle(self, row: Any) -> Any:
        return row.notes or _("%(plant)s, on plan %(number)s") % {"plant": row.plant.name, "number": row.base_no}

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("What if"), reverse("aps:scenarios")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        if not self._may(row, WRITE):
            return []
        like = f"{reverse('aps:scenario_create')}?plant={row.plant_id}&like={row.pk}"
        found = [Action(_("Copy"), like, "copy", WRITE)]
        if not row.is_over:
            sure = _("Drop this scenario? Its result is deleted.")
            drop = reverse("aps:scenario_drop", args=[row.pk])
            found.append(Action(_("Edit"), reverse("aps:scenario_edit", args=[row.pk]), "pencil", WRITE))
            found.append(Action(_("Drop"), drop, "trash", WRITE, post=True, confirm=sure))
        if row.state == Scenario.State.SOLVING:
            stop = reverse("aps:scenario_stop", args=[row.pk])
            found.append(Action(_("Stop"), stop, "player-stop", WRITE, post=True, is_main=True))
        if row.state == Scenario.State.SOLVED and self._may(row, PROMOTE):
            promote = reverse("aps:scenario_promote", args=[row.pk])
            found.append(Action(_("Promote"), promote, "rocket", PROMOTE, is_main=True))
        return found

    def _may(self, row: Scenario, deed: str) -> bool:
        return row.plant_id in access.scope_of(self.request.user, deed).plants

    def get_context_data(self, row: Any) -> dict[str, Any]:
        run = row.runs.select_related("stop_requested_by").order_by("-pk").first()
        may_write = self._may(row, WRITE) and not row.is_over
        return super().get_context_data(row) | {
            "changes": [(one, supposed.sentence(one)) for one in supposed.changes_of([row.pk])],
            "kinds": KINDS,
            "may_change": may_write and row.state != Scenario.State.SOLVING,
            "lengths": [(seconds, services.duration(seconds)) for seconds in LENGTHS],
            "in_force": selectors.plan_in_force(row.plant_id),
            **run_now(run),
            **result_of(row),
        }


class ScenarioNow(ScenarioPage):
    """The part of the page that grows while it is solved."""

    template_name = "aps/_scenario_now.html"

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return run_now(row.runs.select_related("stop_requested_by").order_by("-pk").first())


def run_now(run: ScenarioRun | None) -> dict[str, Any]:
    """Progress and curve of the last solve."""
    if run is None:
        return {"run": None}
    curve = [(seconds, points / run.minute_points) for seconds, points in run.curve]
    bound = None if run.lower_bound is None else run.lower_bound / run.minute_points
    return {
        "run": run,
        "took": _("%(seconds)s s") % {"seconds": f"{run.seconds:.0f}" if run.seconds >= 10 else f"{run.seconds:.1f}"},
        "first": first(run),
        "best": best(run),
        "bound": delay(run, run.lower_bound),
        "saved": saved(run),
        "share": min(100, round(100 * run.seconds / run.budget_seconds)) if run.started_at else 0,
        "chart": chart.chart(curve, run.seconds, bound),
    }


def result_of(row: Scenario) -> dict[str, Any]:
    """What it brings: the sentence, figures, work centres, winners and losers."""
    if not row.has_result:
        return {"comparison": None}
    found = selectors.compare([row])
    if found.was is None:
        return {"comparison": None}
    return {
        "comparison": found,
        "result": found.results[0],
        "verdict": differences.verdict(found.was, found.results[0]),
        "kpis": differences.lines(found),
        "centres": differences.centres(found),
        "winners": with_difference(selectors.winners(row.pk)),
        "losers": with_difference(selectors.losers(row.pk)),
    }


def with_difference(rows: list[ScenarioLine]) -> list[Any]:
    """Each with "2 h sooner"."""
    found: list[Any] = list(rows)
    for row in found:
        row.difference = differences.sooner(-row.gained_min)
    return found
