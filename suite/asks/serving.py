"""The warm worker's side: it computes, lays the answer down, and shows that it is there."""

from __future__ import annotations

import threading
from typing import Any

from masterdata import live
from masterdata.errors import Refusal
from suite.asks import answers, computing, warm

_stop = threading.Event()
_beating: threading.Thread | None = None


def serve(token: str, given: dict[str, Any]) -> None:
    """Compute the answer, or the refusal, and tell whoever waits."""
    question = answers.question_from_json(given)
    try:
        content = {"reply": answers.reply_to_json(computing.compute(question))}
    except Refusal as refusal:
        content = {"refusal": answers.refusal_to_json(refusal)}
    warm.answer(token, content)
    live.publish("ask", token, plant_id=question.plant_id)


def start_heartbeat() -> None:
    """Show the heartbeat from a thread of its own, so that a long computation does not look like a death."""
    global _beating
    if _beating is None or not _beating.is_alive():
        _stop.clear()
        _beating = threading.Thread(target=warm.beat_for_ever, args=(_stop,), name="ask-heartbeat", daemon=True)
        _beating.start()


def stop_heartbeat() -> None:
    """Take the heartbeat away."""
    _stop.set()
    if _beating is not None:
        _beating.join(timeout=2)
