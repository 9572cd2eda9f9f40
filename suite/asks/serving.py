"""The warm worker's side: it computes, lays the answer down, shows that it is there and keeps live plans ready."""

from __future__ import annotations

import gc
import sys
import threading
from typing import Any

from aps import services as aps
from masterdata import live
from masterdata.errors import Refusal
from suite.asks import answers, kinds, warm
from suite.asks.desks import desks
from suite.asks.effects import EffectQuestion

FINISHES_WITHIN_S = 5.0
SELDOM = (50_000, 20, 50)
"""When circular garbage is looked for: among the millions of objects of the plans kept it takes a third of a second."""
TURNS_EVERY_S = 0.0005
"""A desk that comes back from the database does not wait five milliseconds for a thread that reads a plant."""
_stop = threading.Event()
_beating: threading.Thread | None = None
_follower: aps.Follower | None = None


def serve(token: str, given: dict[str, Any]) -> None:
    """Compute the answer, or the refusal, and tell whoever waits; who drags waits for it at the broker."""
    question = kinds.question_from_json(given)
    try:
        content = {"reply": kinds.reply_to_json(kinds.compute(question))}
    except Refusal as refusal:
        content = {"refusal": answers.refusal_to_json(refusal)}
    warm.answer(token, content)
    if not isinstance(question, EffectQuestion):
        live.publish("ask", token, plant_id=question.plant_id)


def start(*, in_one_process: bool) -> None:
    """Show the heartbeat from a thread of its own, so that a long computation does not look like a death.

    `in_one_process`: open the desks and follow the plans too; processes that are forked for each task cannot.
    """
    global _beating, _follower
    if _beating is None or not _beating.is_alive():
        _stop.clear()
        _beating = threading.Thread(target=warm.beat_for_ever, args=(_stop,), name="ask-heartbeat", daemon=True)
        _beating.start()
    if in_one_process and _follower is None:
        gc.set_threshold(*SELDOM)
        sys.setswitchinterval(TURNS_EVERY_S)
        desks.open()
        _follower = aps.Follower()
        _follower.start()


def stop() -> None:
    """Take the heartbeat away, finish what was taken, follow no more."""
    global _follower
    _stop.set()
    if _beating is not None:
        _beating.join(timeout=2)
    desks.close(FINISHES_WITHIN_S)
    if _follower is not None:
        _follower.stop()
        _follower = None
