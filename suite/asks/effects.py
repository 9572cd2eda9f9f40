"""The question what a planner's changes on the board do, its answer, and their JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aps import services as aps


@dataclass(frozen=True, kw_only=True)
class EffectQuestion:
    """What do all the edits do, and the trial besides? `whole`: with the lines and machines for a summary. `places`:
    with where the draft puts everything; whoever drags knows that already.
    """

    plant_id: int
    now: dt.datetime
    edits: tuple[aps.Edit, ...] = ()
    trial: aps.Edit | None = None
    whole: bool = False
    places: bool = True


@dataclass(frozen=True, kw_only=True)
class EffectReply:
    """The answer in the board's words (money always in it; whoever asks leaves it out for those who may not see it).

    `places` are the columns of the draft ("moved") and of the trial, each as JSON text: whoever hands the answer on
    need not read tens of thousands of numbers and write them again. `refused` are edit (index or "trial"), code,
    operation and text. `source`: the "warm" worker or a "fresh" snapshot.
    """

    question: EffectQuestion
    content: Mapping[str, Any]
    places: Mapping[str, str]
    refused: tuple[aps.Refused, ...]
    source: str
    note: str = ""
    computed_ms: int = 0


def compute(question: EffectQuestion) -> EffectReply:
    """Ask the plant's live plan. Raises NoDraft."""
    found = aps.draft_effect(
        plant_id=question.plant_id,
        edits=question.edits,
        trial=question.trial,
        now=question.now,
        whole=question.whole,
        places=question.places,
    )
    return EffectReply(
        question=question,
        content=_content(found),
        places={name: json.dumps(one, separators=(",", ":")) for name, one in _places(found).items()},
        refused=found.refused,
        source="warm",
        computed_ms=found.computed_ms,
    )


def _places(found: aps.Effect) -> dict[str, Any]:
    return {"moved": found.moved, "trial": found.trial}


def _content(found: aps.Effect) -> dict[str, Any]:
    change, figures = found.effect, found.figures
    return {
        "plan_no": found.plan_no,
        "version": found.version,
        "effect": {
            "late": aps.plain_lines(change.late),
            "better": aps.plain_lines(change.better),
            "setup_min": change.setup_min,
            "cost": str(change.cost + (change.late_cost or 0)),
            "late_cost": None if change.late_cost is None else str(change.late_cost),
            "currency": found.currency,
            "moved": change.moved,
            "machines": change.machines,
            "soon": change.soon,
        },
        "figures": {
            "late": figures.late,
            "tight": figures.tight,
            "setup_min": figures.setup_min,
            "cost": str(figures.cost),
        },
        "away": [aps.plain_away(one) for one in found.away],
        "legal": {"machines": list(found.legal)},
        "lines": [[one.line, one.was, one.now] for one in found.lines],
        "floor": [[machine, count] for machine, count in found.floor.items()],
    }


def effect_question_to_json(question: EffectQuestion) -> dict[str, Any]:
    return {
        "kind": "effect",
        "plant_id": question.plant_id,
        "now": question.now.isoformat(),
        "edits": [aps.plain_edit(one) for one in question.edits],
        "trial": None if question.trial is None else aps.plain_edit(question.trial),
        "whole": question.whole,
        "places": question.places,
    }


def effect_question_from_json(given: dict[str, Any]) -> EffectQuestion:
    return EffectQuestion(
        plant_id=given["plant_id"],
        now=dt.datetime.fromisoformat(given["now"]),
        edits=aps.edits_from(given["edits"]),
        trial=None if given["trial"] is None else aps.edit_from(given["trial"]),
        whole=given["whole"],
        places=given["places"],
    )


def effect_reply_to_json(reply: EffectReply) -> dict[str, Any]:
    """As it travels back; the question's edits stay with whoever asked."""
    return {
        "question": effect_question_to_json(reply.question) | {"edits": [], "trial": None},
        "content": reply.content,
        "places": reply.places,
        "refused": [[one.edit, one.code, one.operation, one.text] for one in reply.refused],
        "source": reply.source,
        "note": reply.note,
        "computed_ms": reply.computed_ms,
    }


def effect_reply_from_json(given: dict[str, Any]) -> EffectReply:
    typed = {
        "question": effect_question_from_json(given["question"]),
        "refused": tuple(aps.Refused(*one) for one in given["refused"]),
    }
    return EffectReply(**given | typed)
