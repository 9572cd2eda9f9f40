"""Scenarios as planners handle them: copied from the plan, renamed, dropped, their changes added and taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from aps import supposed
from aps.models import ChangeKind, PlantPlanning, Scenario, ScenarioChange, ScenarioRun
from aps.models.scenarios import COLUMNS, OF_A_MACHINE_OR_CENTRE, WEIGHTS
from erp import selectors as erp_now
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Plant, User
from masterdata.records import create_record

MOST_CHANGES = 100
LONGEST_OVERTIME = dt.timedelta(hours=24)
ONCE = (
    ChangeKind.SPEED,
    ChangeKind.CALENDAR,
    ChangeKind.LINE_DUE,
    ChangeKind.LINE_WEIGHT,
    ChangeKind.LINE_OUT,
    ChangeKind.WEIGHTS,
)
"""Said at most once of the same machine, work centre or order line."""
ABOVE_NOTHING = {
    "quantity": "Give a quantity of more than 0.",
    "speed_percent": "Give a speed of more than 0 %.",
    "weight": "Give a weight of 1 or more.",
}


class ScenarioIsOver(Refusal):
    """It was promoted or dropped."""

    code = "scenario_is_over"


class ScenarioIsBusy(Refusal):
    """It is being solved."""

    code = "scenario_is_busy"


class NameTaken(Refusal):
    """Another open scenario of the plant has this name."""

    code = "name_taken"


class SaidAlready(Refusal):
    """The scenario has such a change already."""

    code = "said_already"


@transaction.atomic
def copy_plan(
    *, plant_id: int, name: str, by: User, now: dt.datetime, notes: str = "", like: Scenario | None = None
) -> Scenario:
    """A new scenario of the plan in force; with `like` it begins with the changes of another one of the plant.

    Locks the plant against a second scenario of that name. Raises NameTaken, InvalidInput.
    """
    Plant.objects.select_for_update(no_key=True).order_by("pk").get(pk=plant_id)
    name = _free_name(plant_id, name)
    if like is not None and like.plant_id != plant_id:
        raise InvalidInput("It is a scenario of another plant. Choose one of this plant.", field="like")
    planning = PlantPlanning.objects.filter(plant_id=plant_id).first() or PlantPlanning(plant_id=plant_id)
    scenario = create_record(
        model=Scenario,
        values={
            "plant": planning.plant,
            "name": name,
            "notes": notes.strip(),
            "base_no": planning.plan_no,
            "base_version": planning.wanted_version,
            "made_by": by,
            "made_at": now,
        },
    )
    for change in like.changes.order_by("pk") if like is not None else ():
        change.pk, change.scenario = None, scenario
        change.save(force_insert=True)
    _tell(scenario)
    return scenario


@transaction.atomic
def rename_scenario(*, scenario_id: int, values: Mapping[str, str], expected_version: int | None = None) -> Scenario:
    """Change `name` and `notes`. Locks the scenario. Raises StaleVersion, ScenarioIsOver, NameTaken, InvalidInput."""
    scenario = locked_scenario(scenario_id, expected_version)
    if values.get("name", scenario.name) != scenario.name:
        Plant.objects.select_for_update(no_key=True).order_by("pk").get(pk=scenario.plant_id)
        scenario.name = _free_name(scenario.plant_id, values["name"])
    scenario.notes = values.get("notes", scenario.notes).strip()
    touch(scenario, ["name", "notes"])
    return scenario


@transaction.atomic
def drop_scenario(*, scenario_id: int, by: User, now: dt.datetime, expected_version: int | None = None) -> Scenario:
    """Nobody wants it any more; a solve that is going on is given up. A second time changes nothing.

    Locks the scenario. Raises StaleVersion, ScenarioIsOver when it was promoted.
    """
    scenario = locked_scenario(scenario_id, expected_version, even_over=True)
    if scenario.state == Scenario.State.DROPPED:
        return scenario
    _refuse_over(scenario)
    scenario.runs.filter(state__in=[ScenarioRun.State.WAITING, ScenarioRun.State.RUNNING]).update(
        state=ScenarioRun.State.CANCELLED, ended_at=now, note=f"{by} dropped the scenario"
    )
    forget_result(scenario)
    scenario.state, scenario.ended_by, scenario.ended_at = Scenario.State.DROPPED, by, now
    touch(scenario, ["state", "ended_by", "ended_at"])
    return scenario


@transaction.atomic
def add_change(
    *, scenario_id: int, kind: str, values: Mapping[str, Any], now: dt.datetime, expected_version: int | None = None
) -> ScenarioChange:
    """Assume one thing more; a result that was there is void. `values` are columns of ScenarioChange.

    Locks the scenario. Raises InvalidInput with the field, SaidAlready, ScenarioIsBusy, ScenarioIsOver, StaleVersion,
    and erp's NoRouting for an order that the plant cannot make.
    """
    scenario = locked_scenario(scenario_id, expected_version)
    refuse_busy(scenario)
    if scenario.changes.count() >= MOST_CHANGES:
        raise InvalidInput(f"A scenario has at most {MOST_CHANGES} changes. Take one away first.")
    given = {name: value for name, value in values.items() if value not in (None, "")}
    _check_columns(kind, given)
    _check_amounts(given)
    _check_places(scenario, kind, given)
    _check_times(scenario, kind, given, now)
    _check_once(scenario, kind, given)
    change = create_record(model=ScenarioChange, values={"scenario": scenario, "kind": kind, **given})
    if kind == ChangeKind.NEW_ORDER:
        wanted = [(given["material"].pk, given["quantity"])]
        erp_now.explode_together(plant_id=scenario.plant_id, wanted=wanted, now=now)
    reopen(scenario)
    return change


@transaction.atomic
def remove_change(*, change_id: int, expected_version: int | None = None) -> Scenario:
    """Assume it no more; a result that was there is void. Locks the scenario.

    Raises ScenarioIsBusy, ScenarioIsOver, StaleVersion; ScenarioChange.DoesNotExist when somebody was faster.
    """
    found = ScenarioChange.objects.get(pk=change_id)
    scenario = locked_scenario(found.scenario_id, expected_version)
    refuse_busy(scenario)
    forget_result(scenario)
    scenario.changes.filter(pk=change_id).delete()
    reopen(scenario)
    return scenario


def locked_scenario(scenario_id: int, expected_version: int | None = None, *, even_over: bool = False) -> Scenario:
    """The scenario, locked. Call inside a transaction. Raises StaleVersion, ScenarioIsOver."""
    scenario = Scenario.objects.select_for_update(no_key=True).order_by("pk").get(pk=scenario_id)
    if expected_version is not None and scenario.version != expected_version:
        raise StaleVersion("Somebody else changed this scenario meanwhile. Look at it again.", version=scenario.version)
    if not even_over:
        _refuse_over(scenario)
    return scenario


def refuse_busy(scenario: Scenario) -> None:
    """Raise ScenarioIsBusy while it is solved."""
    if scenario.state == Scenario.State.SOLVING:
        raise ScenarioIsBusy("This scenario is being solved. Wait for it, or stop it first.")


def touch(scenario: Scenario, fields: list[str]) -> None:
    """Save the fields of a locked scenario as its next version, and tell its pages."""
    scenario.version += 1
    scenario.save(update_fields=[*fields, "version"])
    _tell(scenario)


def reopen(scenario: Scenario) -> None:
    """Its changes are others now: what was solved is void."""
    forget_result(scenario)
    scenario.state = Scenario.State.DRAFT
    touch(scenario, ["state"])


def forget_result(scenario: Scenario) -> None:
    """Delete figures and rows of its last solve."""
    for rows in (scenario.figures, scenario.loads, scenario.lines, scenario.operations):
        rows.all().delete()


def _tell(scenario: Scenario) -> None:
    live.publish("scenarios", scenario.pk, scenario.version, plant_id=scenario.plant_id)


def _refuse_over(scenario: Scenario) -> None:
    if scenario.state == Scenario.State.PROMOTED:
        raise ScenarioIsOver(
            f"{scenario.ended_by} has promoted it already: it is plan {scenario.promoted_no}.",
            plan=scenario.promoted_no,
        )
    if scenario.state == Scenario.State.DROPPED:
        raise ScenarioIsOver(f"{scenario.ended_by} has dropped it. Copy the plan again.")


def _free_name(plant_id: int, name: str) -> str:
    name = name.strip()
    if not name:
        raise InvalidInput("Give it a name.", field="name")
    if Scenario.objects.filter(plant_id=plant_id, name=name).exclude(state__in=Scenario.OVER).exists():
        raise NameTaken("Another open scenario of this plant has this name. Choose another one.", field="name")
    return name


def _check_columns(kind: str, given: Mapping[str, Any]) -> None:
    """What the kind needs is there, and nothing else."""
    if kind not in ChangeKind.values:
        raise InvalidInput(f"There is no such change. Choose from: {', '.join(ChangeKind.values)}.", field="kind")
    missing = next((name for name in COLUMNS[kind] if name not in given), "")
    if missing:
        raise InvalidInput("Enter a value.", field=missing)
    if kind in OF_A_MACHINE_OR_CENTRE and ("machine" in given) == ("work_centre" in given):
        raise InvalidInput("Choose a machine or a work centre, one of the two.", field="machine")
    if kind == ChangeKind.WEIGHTS and not given:
        raise InvalidInput("Say what is to count differently.", field="setup_hour_min")
    extra = next((name for name in given if name not in _allowed(kind)), "")
    if extra:
        raise InvalidInput(f"This kind of change takes no {extra.replace('_', ' ')}.", field=extra)


def _allowed(kind: str) -> set[str]:
    """Columns that a change of the kind may fill."""
    if kind == ChangeKind.WEIGHTS:
        return set(WEIGHTS)
    return {*COLUMNS[kind], *(("machine", "work_centre") if kind in OF_A_MACHINE_OR_CENTRE else ())}


def _check_places(scenario: Scenario, kind: str, given: Mapping[str, Any]) -> None:
    """Machine, work centre and order line belong to the plant."""
    plants = {
        "machine": lambda one: one.work_centre.plant_id,
        "work_centre": lambda one: one.plant_id,
        "order_line": lambda one: one.plant_id,
    }
    for name, plant_of in plants.items():
        if name in given and plant_of(given[name]) != scenario.plant_id:
            raise InvalidInput(f"It belongs to another plant than {scenario.plant.name}. Choose one there.", field=name)
    if kind == ChangeKind.OVERTIME and given["until_at"] - given["from_at"] >= LONGEST_OVERTIME:
        raise InvalidInput("Overtime is shorter than 24 hours. Add one for each day.", field="until_at")


def _check_amounts(given: Mapping[str, Any]) -> None:
    """As the constraint scenario_change_of_something has it, said at the field."""
    for name, sentence in ABOVE_NOTHING.items():
        if name in given and given[name] <= 0:
            raise InvalidInput(sentence, field=name)


def _check_times(scenario: Scenario, kind: str, given: Mapping[str, Any], now: dt.datetime) -> None:
    if "until_at" in given and given["until_at"] <= given["from_at"]:
        raise InvalidInput("It ends before it begins. Give a later end.", field="until_at")
    if "until_at" in given and given["until_at"] <= now:
        raise InvalidInput("That is over already. Give a time that lies ahead.", field="until_at")
    if kind == ChangeKind.NEW_ORDER and given["due_on"] < now.date() - dt.timedelta(days=1):
        raise InvalidInput("That day has passed. Give a day that lies ahead.", field="due_on")


def _check_once(scenario: Scenario, kind: str, given: Mapping[str, Any]) -> None:
    if kind not in ONCE:
        return
    same = {name: given.get(name) for name in ("machine", "work_centre", "order_line")}
    known = supposed.changes_of([scenario.pk]).filter(kind=kind, **{f"{k}": v for k, v in same.items() if v})
    first = known.first()
    if first is not None:
        raise SaidAlready(f"It says so already: {supposed.sentence(first)}. Take that away first.", change=first.pk)
