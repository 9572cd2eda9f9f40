"""The question where the work of a confirmed order would stand that no plan has yet, its answer, and their JSON."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict, dataclass
from typing import Any

from aps import services as aps
from suite.asks.answers import plain
from suite.asks.quote_answers import KeptFor, kept_from_json


@dataclass(frozen=True, kw_only=True)
class PlaceQuestion:
    """Where would it stand in each of these plants, the first of which answers? What is answered is kept.

    `anew`: from rows read now, not from what is kept warm.
    """

    order_id: int
    plant_ids: tuple[int, ...]
    now: dt.datetime
    anew: bool = False

    @property
    def plant_id(self) -> int:
        """The plant whose desk answers."""
        return self.plant_ids[0]


@dataclass(frozen=True, kw_only=True)
class PlaceReply:
    """The insertions that were kept. `source`: the "warm" worker or a "fresh" snapshot."""

    question: PlaceQuestion
    kept: tuple[KeptFor, ...]
    source: str
    note: str = ""
    computed_ms: int = 0


def compute(question: PlaceQuestion) -> PlaceReply:
    """Ask each plant's live plan and keep what it says. Raises NoOffer."""
    started = time.perf_counter()
    if question.anew:
        aps.read_anew(plant_ids=question.plant_ids, now=question.now)
    answers = [
        aps.offer_place(plant_id=plant_id, order_id=question.order_id, now=question.now)
        for plant_id in question.plant_ids
    ]
    kept = tuple(
        KeptFor(
            plant_id=answer.plant_id,
            input_version=answer.input_version,
            offer_key=aps.keep_together(answer=answer, now=question.now),
        )
        for answer in answers
    )
    spent = round((time.perf_counter() - started) * 1000)
    return PlaceReply(question=question, kept=kept, source="warm", computed_ms=spent)


def place_question_to_json(question: PlaceQuestion) -> dict[str, Any]:
    return {"kind": "place", "plant_id": question.plant_id, **plain(asdict(question))}


def place_question_from_json(given: dict[str, Any]) -> PlaceQuestion:
    return PlaceQuestion(
        order_id=given["order_id"],
        plant_ids=tuple(given["plant_ids"]),
        now=dt.datetime.fromisoformat(given["now"]),
        anew=given["anew"],
    )


def place_reply_to_json(reply: PlaceReply) -> dict[str, Any]:
    told: dict[str, Any] = plain(asdict(reply))
    return told | {"question": place_question_to_json(reply.question)}


def place_reply_from_json(given: dict[str, Any]) -> PlaceReply:
    typed = {
        "question": place_question_from_json(given["question"]),
        "kept": tuple(kept_from_json(one) for one in given["kept"]),
    }
    return PlaceReply(**given | typed)
