"""Can we deliver this, when, at what cost? Asked while a quotation is typed, by the rush panel and by REST."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from decimal import Decimal

from masterdata.errors import Refusal
from suite.asks import kinds, warm
from suite.asks.answers import AskRefused, OfferQuestion, OfferReply, Pending
from suite.asks.effects import EffectQuestion, EffectReply
from suite.asks.kinds import Question, Reply
from suite.asks.place_answers import PlaceQuestion, PlaceReply
from suite.asks.quote_answers import QuoteQuestion, QuoteReply

PATIENCE_S = 0.25
"""How long a page or request waits for the warm worker before it is told to come back."""

LONGEST_S = 6.0
"""How long a deed waits for the warm worker before it computes the answer itself."""

SLOWER = "The planning worker is not there: computed here from a fresh snapshot, which is slower."

GONE = "This answer is no longer kept. Ask again."


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
    return _offered(_asked(question))


def ask_quote(question: QuoteQuestion) -> QuoteReply | Pending:
    """All lines of a quotation together, in their sequence; nothing is written. The same way as for an offer."""
    return _quoted(_asked(question))


def answer_of(token: str) -> OfferReply | Pending:
    """The answer to a pending question; Pending while it is computed. Raises AskExpired after a minute."""
    return _offered(_fetched(token))


def answer_of_quote(token: str) -> QuoteReply | Pending:
    """The same for a whole quotation."""
    return _quoted(_fetched(token))


def ask_and_wait(question: OfferQuestion, seconds: float = LONGEST_S) -> OfferReply:
    """The answer for a deed that needs it now: from the warm worker, else computed here."""
    found = _waited(question, seconds)
    if not isinstance(found, OfferReply):
        raise TypeError("an offer is answered by an offer")
    return found


def quote_and_wait(question: QuoteQuestion, seconds: float = LONGEST_S) -> QuoteReply:
    """The same for a whole quotation."""
    found = _waited(question, seconds)
    if not isinstance(found, QuoteReply):
        raise TypeError("a quotation is answered by a quotation's answer")
    return found


def place_and_wait(question: PlaceQuestion, seconds: float = LONGEST_S) -> PlaceReply:
    """Where the work of a confirmed order finds places, kept for taking."""
    found = _waited(question, seconds)
    if not isinstance(found, PlaceReply):
        raise TypeError("a place is answered by places")
    return found


def effect_and_wait(question: EffectQuestion, seconds: float = LONGEST_S) -> EffectReply:
    """What changes on the board do, for whoever drags."""
    found = _waited(question, seconds)
    if not isinstance(found, EffectReply):
        raise TypeError("an effect is answered by an effect")
    return found


def _asked(question: Question) -> Reply | Pending:
    token = warm.ask(question) if warm.is_there() else None
    if token is None:
        return _here(question)
    found = warm.wait(token, PATIENCE_S)
    return Pending(token=token) if found is None else _opened(found)


def _fetched(token: str) -> Reply | Pending:
    found = warm.fetch(token)
    if found is not None:
        return _opened(found)
    question = warm.question_of(token)
    if question is None:
        raise AskExpired(GONE)
    return Pending(token=token) if warm.is_at(token) else _here(question)


def _waited(question: Question, seconds: float) -> Reply:
    deadline = time.monotonic() + seconds
    token = warm.ask(question) if warm.is_there() else None
    while token is not None and time.monotonic() < deadline:
        found = warm.wait(token, min(1.0, max(0.05, deadline - time.monotonic())))
        if found is not None:
            return _opened(found)
        if not warm.is_at(token):
            break
    return _here(question)


def _offered(found: Reply | Pending) -> OfferReply | Pending:
    """Raises AskExpired for the token of another kind of question."""
    if isinstance(found, QuoteReply | PlaceReply | EffectReply):
        raise AskExpired(GONE)
    return found


def _quoted(found: Reply | Pending) -> QuoteReply | Pending:
    """Raises AskExpired for the token of another kind of question."""
    if isinstance(found, OfferReply | PlaceReply | EffectReply):
        raise AskExpired(GONE)
    return found


def _here(question: Question) -> Reply:
    return replace(kinds.compute(question), source="fresh", note=SLOWER)


def _opened(found: dict[str, object]) -> Reply:
    refusal = found.get("refusal")
    if isinstance(refusal, dict):
        raise AskRefused(**refusal)
    answer = found["reply"]
    if not isinstance(answer, dict):
        raise TypeError("an answer holds a reply or a refusal")
    return kinds.reply_from_json(answer)
