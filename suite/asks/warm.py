"""The way to the warm worker and back over the broker: its heartbeat, the request by id and arguments, the answer.

The worker of queue `ask` holds the plans' arrays, so it answers in milliseconds. Each answer lies under its token for a
minute. Whatever goes wrong here costs speed only: the asker then computes the answer itself.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from functools import lru_cache
from typing import Any

import redis
import structlog
from django.conf import settings
from kombu.exceptions import OperationalError

from suite.asks.kinds import Question, question_from_json, question_to_json

HEARTBEAT = "ask:worker"
BEATS_EVERY_S = 1.5
ALIVE_FOR_S = 5
KEPT_FOR_S = 60
COMPUTES_FOR_S = 20
"""A question that has lain for so long without an answer has been lost."""

UNREACHABLE = (redis.ConnectionError, redis.TimeoutError, OperationalError)
log = structlog.get_logger(__name__)


def is_there() -> bool:
    """Whether a worker has shown its heartbeat within the last seconds."""
    try:
        return bool(_broker(settings.REDIS_URL).exists(HEARTBEAT))
    except UNREACHABLE:
        return False


def ask(question: Question) -> str | None:
    """Send the question to the worker that is there now; its token, or nothing when the broker cannot be reached."""
    from suite import tasks

    token = uuid.uuid4().hex
    try:
        broker = _broker(settings.REDIS_URL)
        kept = {"question": question_to_json(question), "worker": broker.get(HEARTBEAT), "asked": time.time()}
        broker.set(_question(token), json.dumps(kept), ex=KEPT_FOR_S)
        tasks.ask_offer.apply_async((token, question_to_json(question)), expires=KEPT_FOR_S)
    except UNREACHABLE as error:
        log.warning("ask_not_sent", error=str(error))
        return None
    return token


def is_at(token: str) -> bool:
    """Whether the worker that got the question is still there and may still be at it.

    A worker that was killed loses what it had taken; the one in its place knows nothing of it.
    """
    kept = _asked(token)
    if kept is None or time.time() - kept["asked"] > COMPUTES_FOR_S:
        return False
    try:
        worker = _broker(settings.REDIS_URL).get(HEARTBEAT)
    except UNREACHABLE:
        return False
    return worker is not None and worker == kept["worker"]


def wait(token: str, seconds: float) -> dict[str, Any] | None:
    """The answer as soon as it comes, or nothing after `seconds`."""
    try:
        popped = _broker(settings.REDIS_URL).blpop(_answer(token), seconds)
    except UNREACHABLE:
        return None
    return None if popped is None else json.loads(popped[1])


def fetch(token: str) -> dict[str, Any] | None:
    """The answer if it is there; it stays to be fetched again."""
    try:
        found = _broker(settings.REDIS_URL).get(_kept(token))
    except UNREACHABLE:
        return None
    return None if found is None else json.loads(found)


def question_of(token: str) -> Question | None:
    """What was asked under the token within the last minute."""
    kept = _asked(token)
    return None if kept is None else question_from_json(kept["question"])


def answer(token: str, content: dict[str, Any]) -> None:
    """Lay the answer down for whoever waits now, and for whoever comes for it within a minute."""
    text = json.dumps(content)
    with _broker(settings.REDIS_URL).pipeline() as pipe:
        pipe.set(_kept(token), text, ex=KEPT_FOR_S)
        pipe.lpush(_answer(token), text)
        pipe.expire(_answer(token), KEPT_FOR_S)
        pipe.execute()


def beat_for_ever(stop: threading.Event) -> None:
    """Show the heartbeat, which names this process, until `stop` is set; then take it away."""
    worker = uuid.uuid4().hex
    while not stop.is_set():
        try:
            _broker(settings.REDIS_URL).set(HEARTBEAT, worker, ex=ALIVE_FOR_S)
        except UNREACHABLE as error:
            log.warning("ask_heartbeat_not_sent", error=str(error))
        stop.wait(BEATS_EVERY_S)
    try:
        _broker(settings.REDIS_URL).delete(HEARTBEAT)
    except UNREACHABLE:
        log.warning("ask_heartbeat_not_removed")


def _asked(token: str) -> dict[str, Any] | None:
    try:
        found = _broker(settings.REDIS_URL).get(_question(token))
    except UNREACHABLE:
        return None
    return None if found is None else json.loads(found)


def _answer(token: str) -> str:
    return f"ask:{token}"


def _kept(token: str) -> str:
    return f"ask:{token}:answer"


def _question(token: str) -> str:
    return f"ask:{token}:question"


@lru_cache(maxsize=4)
def _broker(url: str) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=0.3, socket_timeout=5, decode_responses=True)
