"""A planner's draft becomes the published plan: whole, judged by the engine's validator, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from aps import problem, warm
from aps.drafted import Drafted
from aps.drafting import Ground
from aps.edits import Edit, Refused, Replant, edits_from
from aps.engine import repair
from aps.engine.arrays import PINNED
from aps.engine.problem import Fixed, State
from aps.engine.problem import Plan as EnginePlan
from aps.grounds import ground_of
from aps.models import BoardDraft, OperationPin, Plan, PlanWish
from aps.problem import CannotPlan, Snapshot
from aps.rows import Row
from aps.services import draft_plants, draft_structure, drafts, solving
from aps.services.publication import StalePlan, last_is_final, publish_plan
from aps.services.wishes import locked_planning
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import User

NOTE_LENGTH = 200


class NothingToPublish(Refusal):
    """The draft is empty."""

    code = "nothing_to_publish"


class PlanRenewed(Refusal):
    """Another plan is in force than the one that the draft's effect was told against; `plan_no` is it."""

    code = "plan_renewed"


class DraftNotPossible(Refusal):
    """Some changes are not possible any more; `refused` names them. Publish again and they are left out."""

    code = "draft_not_possible"
    status = 422

    def __init__(self, sentence: str, refused: Sequence[Refused]) -> None:
        super().__init__(sentence, refused=[[one.edit, one.code, one.operation] for one in refused])
        self.refused = tuple(refused)


@dataclass(frozen=True)
class _Result:
    """The plan as it is to be published, and the draft's pins by operation: held, or let go."""

    snapshot: Snapshot
    plan: EnginePlan
    rows: list[Row]
    pins: Mapping[int, bool]


@dataclass(frozen=True)
class ToPublish:
    """A plant whose draft is to be published, the version that was seen, and how many refused parts were seen of it.

    `plan_no` is the plan in force that its effect was told against; None: whatever it is.
    """

    plant_id: int
    version: int
    left_out: int = 0
    plan_no: int | None = None


@dataclass(frozen=True)
class DraftPublished:
    """What became of one plant's draft: the plan that it is now, or why it is not."""

    plant_id: int
    plan_no: int | None = None
    refusal: Refusal | None = None


def publish_drafts(*, chosen: Sequence[ToPublish], by: User, now: dt.datetime, note: str = "") -> list[DraftPublished]:
    """Publish the planner's drafts of several plants, each in a transaction of its own; call it in none.

    A refusal of one loses nothing of the others. Drafts that make lines elsewhere go first: the places that were found
    for these are those of the plan that the other plant has before its own changes.
    """
    seen = drafts.drafts_by(by)
    sent = {
        key: {step.plant for step in edits_from(one.edits) if isinstance(step, Replant)} for key, one in seen.items()
    }
    gets = {plant for one in chosen for plant in sent.get(one.plant_id, ())}
    ordered = sorted(chosen, key=lambda one: (not sent.get(one.plant_id), one.plant_id))
    return [_tried(replace(one, plan_no=None) if one.plant_id in gets else one, by, now, note) for one in ordered]


def _tried(one: ToPublish, by: User, now: dt.datetime, note: str) -> DraftPublished:
    try:
        plan = publish_draft(
            plant_id=one.plant_id,
            by=by,
            version=one.version,
            now=now,
            note=note,
            left_out=one.left_out,
            plan_no=one.plan_no,
        )
    except Refusal as refusal:
        return DraftPublished(one.plant_id, refusal=refusal)
    return DraftPublished(one.plant_id, plan.number)


def publish_draft(
    *,
    plant_id: int,
    by: User,
    version: int,
    now: dt.datetime,
    note: str = "",
    left_out: int = 0,
    plan_no: int | None = None,
) -> Plan:
    """Publish the planner's draft on top of the plan in force; pins are kept for later plans, the draft is emptied.

    The edits are made again on the plan as it stands now. Those that are not possible any more are left out when the
    planner has seen as many of them (`left_out`), else named. `plan_no` is the plan that their effect was told against:
    when another is in force by now, PlanRenewed says so once. Locks planning row, draft, and what a split or a change
    of plant locks. Raises NothingToPublish, StaleDraft, PlanRenewed, DraftNotPossible, StalePlan, and what splitting
    and moving to another plant refuse; nothing is written then.
    """
    seen = drafts.draft_of(plant_id, by)
    given = edits_from(seen.edits)
    moves, refused = draft_structure.elsewhere(edits=given, by=by, now=now)
    with transaction.atomic():
        draft_plants.hold({plant_id} | {one.plant_id for one in moves})
        draft = _draft(plant_id, by, version)
        if draft.version != seen.version:
            raise drafts.StaleDraft(drafts.saved_elsewhere(), version=draft.version)
        _check_plan(plant_id, plan_no)
        if len(refused) > left_out:
            raise DraftNotPossible(_not_possible(), refused)
        try:
            draft_plants.apply(moves=moves, origin=Plan.Origin.BOARD, now=now, reason=note)
            if moves:
                warm.forget(plant_id)
            edits = draft_structure.staying(plant_id=plant_id, edits=given, moves=moves)
            return _published(draft, edits, by, now, note, left_out - len(refused))
        finally:
            # What was read here may never have been; whoever waits for the lock must not find it.
            warm.forget(plant_id)


def _check_plan(plant_id: int, plan_no: int | None) -> None:
    now_no = locked_planning(plant_id).plan_no
    if plan_no is not None and now_no != plan_no:
        text = _("Plan %(no)s is in force meanwhile. This is what your changes mean now: look, and publish again.")
        raise PlanRenewed(text % {"no": now_no}, plan_no=now_no)


def _published(draft: BoardDraft, edits: Sequence[Edit], by: User, now: dt.datetime, note: str, left_out: int) -> Plan:
    plant_id = draft.plant_id
    planning = locked_planning(plant_id)
    drafted = _drafted(plant_id, edits, now, left_out)
    refused = {one.edit for one in drafted.refused}
    made = draft_structure.split(plant_id=plant_id, edits=edits, left_out=refused, by=by, now=now)
    for attempt in (1, 2):
        found = _judged(plant_id, drafted, made, now)
        try:
            with transaction.atomic():
                plan = publish_plan(
                    plant_id=plant_id,
                    base_no=planning.plan_no,
                    rows=found.rows,
                    origin=Plan.Origin.BOARD,
                    now=now,
                    is_final=last_is_final(planning) or planning.plan_no == 0,
                    seen=found.snapshot.seen,
                    cause=Cause(PlanWish.Reason.PLANNER, _cause(by, note)),
                    figures=solving.figures(found.snapshot, found.plan),
                    always=True,
                )
            break
        except StalePlan:
            warm.forget(plant_id)
            if attempt == 2:
                raise
            if not made:
                drafted = _drafted(plant_id, edits, now, left_out)
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    _keep_pins(plant_id, found, by, now)
    drafts.empty(draft, now)
    return plan


def _drafted(plant_id: int, edits: Sequence[Edit], now: dt.datetime, left_out: int) -> Drafted:
    """The plan in force with the edits, as their effect is told. Raises DraftNotPossible."""
    drafted = _ground(plant_id, now).drafted(edits)
    if len(drafted.refused) > left_out:
        raise DraftNotPossible(_not_possible(), drafted.refused)
    return drafted


def _not_possible() -> str:
    return _("Some changes are not possible any more. See which, and publish the others.")


def _draft(plant_id: int, by: User, version: int) -> BoardDraft:
    draft = drafts.locked_draft(plant_id, by)
    if draft is None or not draft.edits:
        raise NothingToPublish(_("You have changed nothing in this plan yet."))
    if draft.version != version:
        raise drafts.StaleDraft(drafts.saved_elsewhere(), version=draft.version)
    return draft


def _ground(plant_id: int, now: dt.datetime) -> Ground:
    try:
        return ground_of(warm.live(plant_id, now))
    except CannotPlan as error:
        raise DraftNotPossible(str(error), ()) from error


def _judged(plant_id: int, drafted: Drafted, made: Mapping[int, int], now: dt.datetime) -> _Result:
    """The plan, if the validator has nothing against it; pins of the draft are rules for it as well.

    What was split is there by now (`made`): its operations have other ids, and the plan is read anew for them.
    """
    if made:
        warm.forget(plant_id)
    snap = _ground(plant_id, now).snapshot
    placed = drafted.shop.plan(drafted.times)
    plan = EnginePlan({made.get(int(key), key): one for key, one in placed.items()})
    operations = list(snap.problem.operations)
    position = {int(one.id): at for at, one in enumerate(operations)}
    pins = {made.get(key, key): holds for key, holds in drafted.pins.items()}
    held = {made.get(key, key) for key in drafted.pins if _is_held(drafted, key)}
    for key in pins.keys() & position.keys():
        at, place = position[key], plan[key]
        state, fixed = (State.PINNED, Fixed(place.machine, place.start)) if key in held else (State.FREE, None)
        operations[at] = replace(operations[at], state=state, fixed=fixed)
    judged = replace(snap, problem=problem.same_ids(snap.problem, operations=operations))
    if made:
        plan = repair.right_shift(judged.problem, plan)
    wrong = solving.problems_of(judged, plan)
    if wrong:
        raise DraftNotPossible(_("The plan would not be possible: %(why)s") % {"why": wrong}, ())
    return _Result(judged, plan, problem.rows_of(judged, plan), pins)


def _is_held(drafted: Drafted, key: int) -> bool:
    return drafted.pins[key] and int(drafted.shop.a.state[drafted.shop.operation_at[key]]) == PINNED


def _keep_pins(plant_id: int, found: _Result, by: User, now: dt.datetime) -> None:
    """Pins of the draft; those of finished work, and those that were released, go."""
    pins = OperationPin.objects.filter(plant_id=plant_id)
    pins.filter(operation__finished_at__isnull=False).delete()
    pins.filter(operation_id__in=[*found.pins]).delete()
    held = {row.operation_id: row for row in found.rows if found.pins.get(row.operation_id)}
    OperationPin.objects.bulk_create(
        OperationPin(
            plant_id=plant_id,
            operation_id=key,
            machine_id=row.machine_id,
            runs_at=row.runs_at,
            pinned_by=by,
            pinned_at=now,
        )
        for key, row in sorted(held.items())
    )


def _cause(by: User, note: str) -> str:
    who = by.get_full_name() or by.get_username()
    return f"{who}: {note.strip()[:NOTE_LENGTH]}" if note.strip() else f"Changed by hand by {who}"
