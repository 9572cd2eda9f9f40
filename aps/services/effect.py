"""The effect of a planner's changes on a plant's live plan; nothing is written."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aps import warm
from aps.drafted import Drafted
from aps.drafting import Ground
from aps.edits import Edit, Move, Refused, Replant, Split
from aps.effects import Change, Columns, Figures, Scale, Shifted, Turned
from aps.grounds import ground_of
from aps.minutes import minute_of
from aps.problem import CannotPlan
from aps.replanting import MINUTE, Away, There, counted, shifted, with_others
from aps.services import draft_plants
from masterdata.errors import Refusal


class NoDraft(Refusal):
    """The plant cannot be planned as its master data stand, so nothing can be changed by hand either."""

    code = "cannot_plan"


@dataclass(frozen=True)
class Effect:
    """What all `edits` do against the published plan and what the trial does besides.

    `moved` are the places of whatever differs from the published plan with all edits (None when nobody wants them: who
    tries one change after the other knows where the draft puts things), `trial` of what the trial changes besides.
    `effect` is of the trial against the draft, without a trial of the draft against the plan in force; `figures` of all
    together. `away` are the lines that the edits make in other plants; `legal` are ids of the machines that can do the
    trial's first operation.
    """

    plan_no: int
    version: str
    moved: Columns | None
    trial: Columns | None
    effect: Change
    figures: Figures
    legal: tuple[int, ...]
    refused: tuple[Refused, ...]
    currency: str
    computed_ms: int
    away: tuple[Away, ...] = ()
    lines: tuple[Shifted, ...] = ()
    floor: Mapping[int, int] = field(default_factory=dict)


def draft_effect(
    *,
    plant_id: int,
    edits: Sequence[Edit],
    trial: Edit | None,
    now: dt.datetime,
    whole: bool = False,
    places: bool = True,
) -> Effect:
    """What the changes do to the plan as it stands at `now`. `whole`: with `lines` that come at another time, and how
    many operations change on each machine (`floor`), both of the draft against the plan in force. `places`: with
    `moved`. Raises NoDraft.
    """
    started = time.perf_counter()
    try:
        ground = ground_of(warm.live(plant_id, now))
    except CannotPlan as error:
        raise NoDraft(str(error)) from error
    scale = Scale(ground)
    others = _others(ground, (*edits, *([trial] if trial else [])), now)
    draft = ground.drafted(edits)
    tried = None if trial is None else ground.tried(edits, trial)
    last = draft if tried is None else tried
    before = ground.base if tried is None else draft
    gone = [one for one in last.gone if one not in before.gone and one in others]
    there = [others[one] for one in last.gone if one in others]
    change = with_others(scale, scale.change(before, last), before, [others[one] for one in gone])
    return Effect(
        plan_no=ground.snapshot.inputs.plan_no,
        version=ground.live.version,
        moved=scale.moved(draft) if places else None,
        trial=None if tried is None else scale.columns(tried, draft.times),
        effect=replace(change, late_cost=scale.late_cost(change)),
        figures=counted(scale, scale.figures(last), last, there),
        legal=_legal(ground, draft, trial),
        refused=last.refused,
        currency=ground.currency.code,
        away=_away(ground, draft, edits, others),
        lines=(*scale.lines(ground.base, draft), *shifted(scale, there)) if whole else (),
        floor=scale.floor(ground.base, draft) if whole else {},
        computed_ms=round((time.perf_counter() - started) * 1000),
    )


def _others(ground: Ground, edits: Sequence[Edit], now: dt.datetime) -> dict[Replant, There]:
    """What other plants say of the lines that are to be made there; who cannot go is told to the ground."""
    plant_id = ground.snapshot.inputs.plant.pk
    wanted = [one for one in edits if isinstance(one, Replant)]
    if not wanted:
        return {}
    found: dict[Replant, There] = {}
    cannot: dict[Replant, str] = {}
    for (line, plant), answer in draft_plants.asked([(one.line, one.plant) for one in wanted], now=now).items():
        edit = Replant(line, plant)
        if isinstance(answer, Refusal):
            cannot[edit] = answer.sentence
        elif answer.from_plant_id == plant_id:
            victims = tuple(
                Turned(
                    one.order_number,
                    one.line_no,
                    one.line_id,
                    max(0, one.late_min - (one.new_end_at - one.old_end_at) // MINUTE),
                    one.late_min,
                )
                for one in answer.victims
            )
            found[edit] = There(
                line,
                minute_of(answer.deliver_at),
                answer.late_min,
                victims,
                answer.there_setup_min,
                answer.cost,
                answer.spare_min,
                answer.bars,
            )
    ground.hear(wanted, cannot)
    return found


def _away(ground: Ground, draft: Drafted, edits: Sequence[Edit], others: Mapping[Replant, There]) -> tuple[Away, ...]:
    """Lines that leave with the draft, in the sequence of its steps."""
    found = []
    for one in draft.gone:
        if one in others:
            rows = ground.rows_of_line(ground.base, one.line)
            leaves = tuple(ground.operation_ids[rows].tolist())
            found.append(Away(list(edits).index(one), one.plant, leaves, others[one]))
    return tuple(found)


def _legal(ground: Ground, draft: Drafted, trial: Edit | None) -> tuple[int, ...]:
    if isinstance(trial, Move):
        return tuple(ground.legal_machines(draft, trial.places[0].operation))
    return tuple(ground.legal_machines(draft, trial.operation)) if isinstance(trial, Split) else ()
