"""Pages of plan runs: what planning is doing and has done, one run with its curve, longer searches, and the stop."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from aps import selectors, services
from aps.forms import OptimiseForm
from aps.models import PlanRun, PlanWish, ScenarioRun, Searched
from aps.views import chart
from aps.views.lists import SEE, plant_ids
from masterdata import access, shown
from masterdata.errors import InvalidInput
from masterdata.models import Plant
from masterdata.pages import Action, Choice, Column, Days, DeedView, DetailPage, Empty, ListPage, Number, State, When

WANT, STOP = "aps.want_plan", "aps.stop_run"
LENGTHS = (30, 120, 600)
NOT_SEARCHED = _l("Nothing was searched")
NAMES = {
    "late_points": _l("Delay of orders"),
    "waiting_points": _l("Orders finished later, though in time"),
    "setup_points": _l("Setups"),
    "change_points": _l("Changes of what the floor was told"),
}


def took(run: PlanRun | ScenarioRun) -> str:
    """How long it took or has taken: "2.1 s", "75 s"."""
    seconds = shown.number(round(run.seconds), 0) if run.seconds >= 10 else f"{run.seconds:.1f}"
    return _("%(seconds)s s") % {"seconds": seconds}


def delay(run: Searched, points: int | None) -> str | None:
    """Points as minutes of delay of an ordinary order."""
    minutes = run.as_delay(points)
    return None if minutes is None else shown.number(minutes, 0)


def first(run: Searched) -> str | None:
    """What the first valid plan costs, in minutes of delay."""
    return delay(run, run.objective_before)


def best(run: Searched) -> str | None:
    """What the best plan costs, in minutes of delay."""
    return delay(run, run.objective_after)


def saved(run: Searched) -> str | None:
    """By how much the best plan is better than the first, in percent."""
    percent = run.saved_percent
    return None if percent is None else f"{percent:.1f} %"


class Runs(ListPage):
    """Every turn of the planning workers."""

    permission = SEE
    title, question = _l("Plan runs"), _l("What is planning doing, and what did it bring?")
    template_name = "aps/runs.html"
    columns = [
        When("started_at", _l("Begun"), sort="started_at", link=True),
        Column("plant.code", _l("Plant"), sort="plant__code"),
        Column("cause", _l("Because"), css="wide cause", empty=_l("Nobody asked for it: the shop moved on")),
        State("state", _l("State"), sort="state"),
        Column(took, _l("Took"), css="num"),
        Number("moves", _l("Moves"), sort="moves"),
        Column(
            lambda row: delay(row, row.objective_before), _l("First, min"), css="num", empty=_l("Nothing was searched")
        ),
        Column(
            lambda row: delay(row, row.objective_after), _l("Best, min"), css="num", empty=_l("Nothing was searched")
        ),
        Column(saved, _l("Saved"), css="num", empty=_l("Nothing was searched")),
        Column("result_no", _l("Plan"), css="num", empty=_l("No plan was published")),
    ]
    search_fields = ["cause", "note"]
    filters = [
        Choice("state", _l("State"), choices=PlanRun.State.choices),
        Choice("reason", _l("Reason"), choices=PlanWish.Reason.choices),
        Days("begun", _l("Begun"), field="started_at", is_moment=True),
    ]
    order_by = "-started_at"
    live = ["runs", "run-progress"]
    empty = Empty(_l("No run yet"), _l("Confirm an order and the first plan is made by itself."), "activity")

    def get_rows(self) -> QuerySet[PlanRun]:
        return PlanRun.objects.filter(plant__in=plant_ids(self.request)).select_related("plant")

    def get_url(self, row: PlanRun) -> str:
        return reverse("aps:run", args=[row.pk])

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        mine = access.scope_of(self.request.user, WANT).plants & set(plant_ids(self.request))
        plants = [plant for plant in self.request.plants if plant.pk in mine]  # type: ignore[attr-defined]
        lengths = [(seconds, services.duration(seconds)) for seconds in LENGTHS]
        return super().get_context_data(rows) | {"plants_to_optimise": plants, "lengths": lengths}


class Run(DetailPage):
    """One run: how far it is, the curve of its best plan, what its points are made of, and the button that ends it."""

    permission = SEE
    template_name = "aps/run.html"
    live = ["runs"]

    def get_rows(self) -> QuerySet[PlanRun]:
        rows = PlanRun.objects.select_related("plant", "stop_requested_by")
        return access.visible_to(self.request.user, rows, SEE)

    def get_title(self, row: Any) -> Any:
        return _("Plan run %(number)s") % {"number": row.pk}

    def get_subtitle(self, row: Any) -> Any:
        return row.cause or _("Nobody asked for it: the shop moved on")

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Plan runs"), reverse("aps:runs")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        found = [Action(_("Scheduling board"), f"{reverse('aps:board')}?plant={row.plant_id}", "calendar-time", SEE)]
        may_stop = row.plant_id in access.scope_of(self.request.user, STOP).plants
        if row.is_running and row.stop_requested_at is None and may_stop:
            stop = Action(
                _("Stop"), reverse("aps:run_stop", args=[row.pk]), "player-stop", STOP, post=True, is_main=True
            )
            found.append(stop)
        return found

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | now_of(row)


class RunNow(Run):
    """The part of the page that grows while one looks."""

    template_name = "aps/_run_now.html"


def now_of(run: PlanRun) -> dict[str, Any]:
    """What the part shows: figures, curve, make-up of the points."""
    found = selectors.make_up(run)
    curve = [(seconds, points / run.minute_points) for seconds, points in run.curve]
    bound = None if run.lower_bound is None else run.lower_bound / run.minute_points
    before, after = run.as_delay(run.objective_before), run.as_delay(run.objective_after)
    return {
        "object": run,
        "took": took(run),
        "first": first(run),
        "best": best(run),
        "bound": delay(run, run.lower_bound),
        "saved": saved(run),
        "saved_min": None if before is None or after is None else before - after,
        "share": None if run.budget_seconds is None else min(100, round(100 * run.seconds / run.budget_seconds)),
        "chart": chart.chart(curve, run.seconds, bound),
        "make_up": found,
        "parts": [(NAMES[part.name], part) for part in found.parts] if found else [],
    }


class StopRun(DeedView):
    """The button that ends a search: the best plan so far is published."""

    permission = STOP
    done_message = _l("It stops within a second and publishes the best plan it has.")

    def get_rows(self) -> QuerySet[PlanRun]:
        return access.visible_to(self.request.user, PlanRun.objects.all(), STOP)

    def perform(self, row: PlanRun) -> str:
        services.stop_run(run_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("aps:run", args=[row.pk])


class Optimise(DeedView):
    """The buttons that ask for a longer search of a plant's plan."""

    permission = WANT
    slug_kwarg = "plant_id"
    done_message = _l("A longer search has been asked for. It shows as soon as it begins.")

    def get_rows(self) -> QuerySet[Plant]:
        return access.visible_to(self.request.user, Plant.objects.all(), WANT)

    def perform(self, row: Plant) -> str:
        form = OptimiseForm(self.request.POST)
        if not form.is_valid():
            raise InvalidInput(_("Say for how many seconds, from 1 to %(most)d.") % {"most": services.MOST_SECONDS})
        services.optimise_plant(plant_id=row.pk, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return reverse("aps:runs")
