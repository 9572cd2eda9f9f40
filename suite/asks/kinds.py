"""The kinds of questions that the warm worker answers: how each is written, read and computed."""

from __future__ import annotations

from typing import Any

from suite.asks import answers, computing, effects, place_answers, quote_answers, quoting
from suite.asks.answers import OfferQuestion, OfferReply
from suite.asks.effects import EffectQuestion, EffectReply
from suite.asks.place_answers import PlaceQuestion, PlaceReply
from suite.asks.quote_answers import QuoteQuestion, QuoteReply

Question = OfferQuestion | QuoteQuestion | PlaceQuestion | EffectQuestion
Reply = OfferReply | QuoteReply | PlaceReply | EffectReply


def question_to_json(question: Question) -> dict[str, Any]:
    """As it travels to the worker: ids and arguments only."""
    if isinstance(question, QuoteQuestion):
        return quote_answers.quote_question_to_json(question)
    if isinstance(question, PlaceQuestion):
        return place_answers.place_question_to_json(question)
    if isinstance(question, EffectQuestion):
        return effects.effect_question_to_json(question)
    return answers.question_to_json(question)


def question_from_json(given: dict[str, Any]) -> Question:
    if given.get("kind") == "quote":
        return quote_answers.quote_question_from_json(given)
    if given.get("kind") == "place":
        return place_answers.place_question_from_json(given)
    if given.get("kind") == "effect":
        return effects.effect_question_from_json(given)
    return answers.question_from_json(given)


def compute(question: Question) -> Reply:
    """Answer it in this process. Raises what planning or costing refuse."""
    if isinstance(question, QuoteQuestion):
        return quoting.compute(question)
    if isinstance(question, PlaceQuestion):
        return place_answers.compute(question)
    if isinstance(question, EffectQuestion):
        return effects.compute(question)
    return computing.compute(question)


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """As it travels back."""
    if isinstance(reply, QuoteReply):
        return quote_answers.quote_reply_to_json(reply)
    if isinstance(reply, PlaceReply):
        return place_answers.place_reply_to_json(reply)
    if isinstance(reply, EffectReply):
        return effects.effect_reply_to_json(reply)
    return answers.reply_to_json(reply)


def reply_from_json(given: dict[str, Any]) -> Reply:
    if given["question"].get("kind") == "quote":
        return quote_answers.quote_reply_from_json(given)
    if given["question"].get("kind") == "place":
        return place_answers.place_reply_from_json(given)
    if given["question"].get("kind") == "effect":
        return effects.effect_reply_from_json(given)
    return answers.reply_from_json(given)
