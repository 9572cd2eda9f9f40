"""Promotion: a scenario's plan becomes the plant's, checked against all that has moved since it was solved.

Placements of operations that exist are laid on the plant as it is now, as a turn lays its result on what the shop did
meanwhile. What the scenario only assumed is made real in the same transaction, or has to be done first by somebody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from aps import assuming, problem, snapshot, supposed
from aps.causes import CAUSE_LENGTH
from aps.engine import objective
from aps.engine.problem import Id, Placement
from aps.engine.problem import Plan as EnginePlan
from aps.measures import GRACE_MIN, begin, deliveries
from aps.minutes import minute_of
from aps.models import Plan, PlanWish, Scenario, ScenarioLine
from aps.problem import CannotPlan, Snapshot
from aps.rows import Row
from aps.services import solving
from aps.services.publication import StalePlan, publish_plan
from aps.services.reality import Standing, make_real, standings
from aps.services.scenarios import locked_scenario, touch
from aps.services.wishes import locked_planning
from aps.snapshot import Inputs
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import User

TRIES = 5


class NotSolved(Refusal):
    """The scenario has no result that belongs to its changes."""

    code = "not_solved"


class NotReal(Refusal):
    """The scenario assumes what somebody has to do first."""

    code = "not_real"


class PlanMovedOn(Refusal):
    """Another plan was published since the scenario was solved."""

    code = "plan_moved_on"


class NoBetter(Refusal):
    """The plan in force is better by now."""

    code = "no_better"


@dataclass(frozen=True)
class Laid:
    """The scenario's plan laid on the plant as it is now."""

    snap: Snapshot
    plan: EnginePlan


@dataclass(frozen=True)
class Check:
    """What promoting the scenario now would do; nothing is `laid` while something has to be done first.

    `differs`: operations more than 15 minutes, or a machine, away from the scenario's result. `later`: order lines that
    come 15 minutes or more later than it showed. `worse_by`: minutes of delay by which the plan in force is better.
    """

    scenario: Scenario
    inputs: Inputs
    standings: Sequence[Standing]
    laid: Laid | None = None
    wrong: str = ""
    differs: int = 0
    later: Sequence[tuple[str, int]] = ()
    worse_by: int = 0

    @property
    def todo(self) -> list[str]:
        """What has to be done first, in sentences."""
        return [one.todo for one in self.standings if one.todo]

    @property
    def deeds(self) -> list[str]:
        """What becomes real with it, in sentences."""
        return [one.deed for one in self.standings if one.deed]

    @property
    def plan_no(self) -> int:
        """The plan in force, on which it would be laid."""
        return self.inputs.plan_no

    @property
    def is_newer(self) -> bool:
        """Whether the plan in force is another one than the scenario was solved on."""
        return self.inputs.plan_no != self.scenario.base_no

    @property
    def difference(self) -> str:
        """What differs from the result that was shown, in a sentence."""
        if not self.differs and not self.later:
            return "Nothing differs from what the scenario showed."
        count = f"{self.differs} operation{'' if self.differs == 1 else 's'} stand elsewhere than the scenario showed"
        count = count.replace("1 operation stand ", "1 operation stands ")
        if not self.later:
            return f"{count}, no order comes later."
        names = ", ".join(label for label, _ in self.later[:3])
        more = f" and {len(self.later) - 3} more" if len(self.later) > 3 else ""
        return f"{count}; later than shown: {names}{more}."

    @property
    def obstacle(self) -> Refusal | None:
        """Why it cannot be promoted, whatever the planner answers; the most important reason first."""
        if self.todo:
            return NotReal(f"First: {'; '.join(self.todo)}.", todo=self.todo)
        if self.wrong:
            return PlanMovedOn(f"It fits no more ({self.wrong}). Solve it again.", plan=self.plan_no)
        if self.worse_by > 0:
            return NoBetter(
                f"The plan in force is better by {self.worse_by} min of delay by now. Solve the scenario again.",
                plan=self.plan_no,
                worse_by_min=self.worse_by,
            )
        return None


def check_promotion(*, scenario_id: int, by: User | None, now: dt.datetime) -> Check:
    """What promoting it now would do; writes nothing. Raises NotSolved, CannotPlan as a refusal."""
    scenario = Scenario.objects.select_related("plant").get(pk=scenario_id)
    if scenario.state != Scenario.State.SOLVED:
        raise NotSolved("Solve the scenario first: there is no plan to promote.", state=scenario.state)
    inputs = snapshot.read_inputs(scenario.plant_id, now)
    changes = list(supposed.changes_of([scenario_id]))
    found = standings(inputs, changes, by)
    if any(one.todo for one in found):
        return Check(scenario, inputs, found)
    try:
        laid = assuming.assumed(inputs, changes).inputs
        return problem.with_horizon(laid, lambda snap: _checked(scenario, inputs, found, snap))
    except CannotPlan as error:
        raise NotSolved(str(error)) from error


def _checked(scenario: Scenario, inputs: Inputs, found: Sequence[Standing], snap: Snapshot) -> Check:
    shown = _shown(scenario, snap)
    both = EnginePlan({**snap.published.placements, **shown})
    plan = solving.repaired(_with(snap, both))
    kept = solving.repaired(snap)
    points, least = (objective.objective(snap.problem, one, snap.published).total for one in (plan, kept))
    minute = max(1, snap.problem.weights.lateness)
    known = [(plan.get(key), place) for key, place in shown.items()]
    differs = sum(now is not None and _is_elsewhere(now, place) for now, place in known)
    return Check(
        scenario=scenario,
        inputs=inputs,
        standings=found,
        laid=Laid(snap, plan),
        wrong=solving.problems_of(snap, plan),
        differs=differs,
        later=_later(scenario, snap, plan),
        worse_by=max(0, -(-(points - least) // minute)),
    )


def _with(snap: Snapshot, plan: EnginePlan) -> Snapshot:
    """The snapshot as if `plan` were the one in force."""
    return solving.on_top_of(snap, plan, snap.inputs.plan_no)


def _shown(scenario: Scenario, snap: Snapshot) -> dict[Id, Placement]:
    """The scenario's placements of operations that are still to be done."""
    names = ("operation_id", "machine_id", "starts_at", "runs_at", "ends_at", "setup_min")
    rows = scenario.operations.filter(operation__isnull=False, machine__isnull=False).values_list(*names)
    open_now = {one.operation_id for one in snap.inputs.work}
    codes = {one.id: one.code for one in snap.inputs.machines.values()}
    return {
        row[0]: problem.placement_of(Row(*row), codes[row[1]]) for row in rows if row[0] in open_now and row[1] in codes
    }


def _is_elsewhere(now: Placement, shown: Placement) -> bool:
    return now.machine != shown.machine or abs(begin(now) - begin(shown)) > GRACE_MIN


def _later(scenario: Scenario, snap: Snapshot, plan: EnginePlan) -> list[tuple[str, int]]:
    """Order lines by label and minutes that they come later than the scenario showed."""
    ends = ScenarioLine.objects.filter(scenario=scenario, end_at__isnull=False).values_list("order_line_id", "end_at")
    shown = {line_id: minute_of(end) for line_id, end in ends if line_id and end}
    found = [
        (label, one.end - shown[one.line_id])
        for label, one in deliveries(snap, plan).items()
        if one.line_id in shown and one.end - shown[one.line_id] >= GRACE_MIN
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def promote_scenario(
    *, scenario_id: int, by: User, now: dt.datetime, onto: int | None = None, expected_version: int | None = None
) -> Plan:
    """Publish the scenario's plan as the plant's. Call outside of long transactions: it computes before it locks.

    `onto` is the plan that the planner has seen it laid upon, needed when that is not the one it was solved on. Locks
    scenario and planning row. Raises NotSolved, NotReal, PlanMovedOn, NoBetter, ScenarioIsOver, StaleVersion.
    """
    for _ in range(TRIES):
        _still_open(scenario_id, expected_version)
        check = check_promotion(scenario_id=scenario_id, by=by, now=now)
        obstacle = check.obstacle
        if obstacle is not None or check.laid is None:
            raise obstacle or NotSolved("Solve the scenario first.")
        if check.is_newer and onto != check.plan_no:
            raise PlanMovedOn(
                f"Plan {check.plan_no} is in force, the scenario was solved on plan {check.scenario.base_no}. "
                f"{check.difference} Promote it onto plan {check.plan_no}, or solve it again.",
                plan=check.plan_no,
                differs=check.differs,
                later=[label for label, _ in check.later],
            )
        try:
            return _publish(check, check.laid, by, now, expected_version)
        except StalePlan:
            continue
    raise PlanMovedOn("The shop moves on faster than this scenario can follow. Try again in a moment.")


@transaction.atomic
def _still_open(scenario_id: int, expected_version: int | None) -> None:
    locked_scenario(scenario_id, expected_version)


@transaction.atomic
def _publish(check: Check, laid: Laid, by: User, now: dt.datetime, expected_version: int | None) -> Plan:
    """Make real what was assumed, publish, mark the scenario; StalePlan when the plant wants something new."""
    scenario = locked_scenario(check.scenario.pk, expected_version)
    planning = locked_planning(check.scenario.plant_id)
    if scenario.version != check.scenario.version:
        raise StalePlan("The scenario was changed meanwhile")
    if (planning.plan_no, planning.wanted_version) != (check.inputs.plan_no, check.inputs.wanted_version):
        raise StalePlan("The plant wants another plan meanwhile")
    for one in check.standings:
        make_real(one, check.inputs)
    plan = publish_plan(
        plant_id=scenario.plant_id,
        base_no=check.inputs.plan_no,
        rows=problem.rows_of(laid.snap, laid.plan),
        origin=Plan.Origin.SCENARIO,
        now=now,
        seen=laid.snap.seen,
        cause=Cause(PlanWish.Reason.PLANNER, f"{by} promoted scenario {scenario.name}"[:CAUSE_LENGTH]),
        figures=solving.figures(laid.snap, laid.plan),
        always=True,
    )
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    scenario.state, scenario.promoted_no = Scenario.State.PROMOTED, plan.number
    scenario.ended_by, scenario.ended_at = by, now
    touch(scenario, ["state", "promoted_no", "ended_by", "ended_at"])
    return plan
