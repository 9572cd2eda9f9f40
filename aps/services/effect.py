"""The effect of a planner's changes on a plant's live plan; nothing is written."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aps import warm
from aps.drafted import Drafted
from aps.drafting import Ground, ground_of
from aps.edits import Edit, Move, Refused, Split
from aps.effects import Change, Columns, Figures, Scale, Shifted
from aps.problem import CannotPlan
from masterdata.errors import Refusal


class NoDraft(Refusal):
    """The plant cannot be planned as its master data stand, so nothing can be changed by hand either."""

    code = "cannot_plan"


@dataclass(frozen=True)
class Effect:
    """What all `edits` do against the published plan and what the trial does besides.

    `moved` are the places of whatever differs from the published plan with all edits, `trial` of what the trial changes
    besides. `effect` is of the trial against the draft, without a trial of the draft against the plan in force;
    `figures` of all together. `legal` are ids of the machines that can do the trial's first operation.
    """

    plan_no: int
    version: str
    moved: Columns
    trial: Columns | None
    effect: Change
    figures: Figures
    legal: tuple[int, ...]
    refused: tuple[Refused, ...]
    currency: str
    computed_ms: int
    lines: tuple[Shifted, ...] = ()
    floor: Mapping[int, int] = field(default_factory=dict)


def draft_effect(
    *, plant_id: int, edits: Sequence[Edit], trial: Edit | None, now: dt.datetime, whole: bool = False
) -> Effect:
    """What the changes do to the plan as it stands at `now`. `whole`: with `lines` that come at another time, and how
    many operations change on each machine (`floor`), both of the draft against the plan in force. Raises NoDraft.
    """
    started = time.perf_counter()
    try:
        ground = ground_of(warm.live(plant_id, now))
    except CannotPlan as error:
        raise NoDraft(str(error)) from error
    scale = Scale(ground)
    draft = ground.drafted(edits)
    tried = None if trial is None else ground.tried(edits, trial)
    last = draft if tried is None else tried
    return Effect(
        plan_no=ground.snapshot.inputs.plan_no,
        version=ground.live.version,
        moved=scale.moved(draft),
        trial=None if tried is None else scale.columns(tried, draft.times),
        effect=scale.change(ground.base, draft) if tried is None else scale.change(draft, tried),
        figures=scale.figures(last),
        legal=_legal(ground, draft, trial),
        refused=last.refused,
        currency=ground.currency.code,
        lines=tuple(scale.lines(ground.base, draft)) if whole else (),
        floor=scale.floor(ground.base, draft) if whole else {},
        computed_ms=round((time.perf_counter() - started) * 1000),
    )


def _legal(ground: Ground, draft: Drafted, trial: Edit | None) -> tuple[int, ...]:
    if isinstance(trial, Move):
        return tuple(ground.legal_machines(draft, trial.places[0].operation))
    return tuple(ground.legal_machines(draft, trial.operation)) if isinstance(trial, Split) else ()
