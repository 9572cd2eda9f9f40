"""Scenarios beside one another and beside the plan in force: the same figures for each, and whom they help and hurt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from aps.models import PlantPlanning, Scenario, ScenarioFigures, ScenarioLine, ScenarioLoad
from erp.models import SalesOrderLine
from masterdata.lateness import GRACE

GRACE_MIN = GRACE // dt.timedelta(minutes=1)
MOVED = Q(moved_min__gt=GRACE_MIN) | Q(moved_min__lt=-GRACE_MIN)
OTHER_MACHINE = Q(was_machine__isnull=False) & (Q(machine__isnull=True) | ~Q(machine=F("was_machine")))
MOST_TO_CHOOSE = 500
MOST_COMPARED = 5
SHOWN = 5


@dataclass(frozen=True)
class Centre:
    """A work centre in several plans: percent of its open time that it is busy, the plan in force first."""

    id: int
    name: str
    percents: tuple[float | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Scenarios of one plant, each with its figures and those of the plan in force when it was solved."""

    scenarios: tuple[Scenario, ...]
    was: ScenarioFigures | None
    results: tuple[ScenarioFigures, ...]
    centres: tuple[Centre, ...]
    bases: tuple[int, ...]

    @property
    def one_base(self) -> bool:
        """Whether all were solved on the same plan, so that "was" is the same for all."""
        return len(set(self.bases)) <= 1


def compare(scenarios: Sequence[Scenario]) -> Comparison:
    """Solved scenarios of one plant side by side, in the order given; two queries.

    The plan in force is the newest of those that they were solved on.
    """
    ids = [one.pk for one in scenarios]
    figures = figures_of(ids)
    known = [one for one in scenarios if (one.pk, True) in figures]
    newest = max(known, key=lambda one: (one.base_no, one.pk), default=None)
    loads = list(ScenarioLoad.objects.filter(scenario__in=ids).select_related("work_centre"))
    return Comparison(
        scenarios=tuple(known),
        was=figures[newest.pk, False] if newest is not None else None,
        results=tuple(figures[one.pk, True] for one in known),
        centres=tuple(_centres(loads, known, newest)),
        bases=tuple(one.base_no for one in known),
    )


def figures_of(scenario_ids: Sequence[int]) -> dict[tuple[int, bool], ScenarioFigures]:
    """Figures by scenario and side (True: the result); one query."""
    rows = ScenarioFigures.objects.filter(scenario__in=scenario_ids)
    return {(row.scenario_id, row.is_result): row for row in rows}


def plan_in_force(plant_id: int) -> int:
    """The number of the plant's published plan; 0 before the first."""
    return PlantPlanning.objects.filter(plant_id=plant_id).values_list("plan_no", flat=True).first() or 0


def _centres(loads: Iterable[ScenarioLoad], known: Sequence[Scenario], newest: Scenario | None) -> Iterable[Centre]:
    by_centre: dict[int, dict[int, ScenarioLoad]] = {}
    for load in loads:
        by_centre.setdefault(load.work_centre_id, {})[load.scenario_id] = load
    for key, found in by_centre.items():
        was = found.get(newest.pk) if newest is not None else None
        first = next(iter(found.values()))
        now = (found.get(one.pk) for one in known)
        yield Centre(
            key,
            first.work_centre.name,
            (was.was_percent if was else None, *(load.percent if load else None for load in now)),
        )


def scenario_lines(scenario_id: int) -> QuerySet[ScenarioLine]:
    """The orders of a scenario with what their rows show."""
    return ScenarioLine.objects.filter(scenario=scenario_id).select_related(
        "order_line__order__customer", "order_line__material", "change__material"
    )


def winners(scenario_id: int) -> list[ScenarioLine]:
    """The order lines that come soonest compared with the plan in force, at most SHOWN."""
    return list(scenario_lines(scenario_id).filter(gained_min__gt=0).order_by("-gained_min", "pk")[:SHOWN])


def losers(scenario_id: int) -> list[ScenarioLine]:
    """Those that come later, the latest first."""
    return list(scenario_lines(scenario_id).filter(gained_min__lt=0).order_by("gained_min", "pk")[:SHOWN])


def order_lines() -> QuerySet[SalesOrderLine]:
    """Order lines that a change may be about."""
    return SalesOrderLine.objects.select_related("order")


def open_lines(plant_id: int) -> QuerySet[SalesOrderLine]:
    """Confirmed order lines of the plant that are not shipped yet."""
    return SalesOrderLine.objects.filter(
        plant=plant_id,
        order__confirmed_at__isnull=False,
        order__cancelled_at__isnull=True,
        shipped_qty__lt=F("quantity"),
    ).select_related("order__customer", "material")


def lines_to_choose(plant_id: int) -> list[SalesOrderLine]:
    """Those that a planner is most likely to mean: the earliest due first."""
    return list(open_lines(plant_id).order_by("wanted_on", "pk")[:MOST_TO_CHOOSE])
