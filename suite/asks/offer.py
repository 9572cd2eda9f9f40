"""Can we deliver this, when, at what cost? Asked while a quotation is typed, by the rush panel and by REST."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from decimal import Decimal

from masterdata.errors import Refusal
from suite.asks import computing, warm
from suite.asks.answers import AskRefused, OfferQuestion, OfferReply, Pending, reply_from_json

PATIENCE_S = 0.25
"""How long a page or request waits for the warm worker before it is told to come back."""

LONGEST_S = 6.0
"""How long a deed waits for the warm worker before it computes the answer itself."""

SLOWER = "The planning worker is not there: computed here from a fresh snapshot, which is slower."


class AskExpired(Refusal):
    """The answer is older than a minute, or there never was such a question."""

    code = "ask_expired"
    status = 404


def ask_offer(
    *, material_id: int, quantity: Decimal, plant_id: int, wanted_on: dt.date, now: dt.datetime
) -> OfferReply | Pending:
    """The options for an order that does not exist yet; nothing is written.

    The warm worker answers within a quarter of a second, or the caller gets Pending (202) with the token for
    `answer_of`. Without a worker or a broker the answer is computed here and says so. Raises what planning or costing
    refuse (AskRefused when the worker did).
    """
    question = OfferQuestion(
        material_id=material_id, quantity=quantity, plant_id=plant_id, wanted_on=wanted_on, now=now
    )
    token = warm.ask(question) if warm.is_there() else None
    if token is None:
        return _here(question)
    found = warm.wait(token, PATIENCE_S)
    return Pending(token=token) if found is None else _opened(found)


def answer_of(token: str) -> OfferReply | Pending:
    """The answer to a pending question; Pending while it is computed. Raises AskExpired after a minute."""
    found = warm.fetch(token)
    if found is not None:
        return _opened(found)
    question = warm.question_of(token)
    if question is None:
        raise AskExpired("This answer is no longer kept. Ask again.")
    return Pending(token=token) if warm.is_at(token) else _here(question)


def ask_and_wait(question: OfferQuestion, seconds: float = LONGEST_S) -> OfferReply:
    """The answer for a deed that needs it now: from the warm worker, else computed here."""
    deadline = time.monotonic() + seconds
    token = warm.ask(question) if warm.is_there() else None
    while token is not None and time.monotonic() < deadline and warm.is_at(token):
        found = warm.wait(token, min(1.0, max(0.05, deadline - time.monotonic())))
        if found is not None:
            return _opened(found)
    return _here(question)


def _here(question: OfferQuestion) -> OfferReply:
    return replace(computing.compute(question), source="fresh", note=SLOWER)


def _opened(found: dict[str, object]) -> OfferReply:
    refusal = found.get("refusal")
    if isinstance(refusal, dict):
        raise AskRefused(**refusal)
    answer = found["reply"]
    if not isinstance(answer, dict):
        raise TypeError("an answer holds a reply or a refusal")
    return reply_from_json(answer)
