"""The ASGI handler: which thread answers what."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from suite.answering import MOST_KEPT, Handler, Threads

begun, may_end = threading.Event(), threading.Event()


def who(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(threading.get_ident()))


def slow(_request: HttpRequest) -> HttpResponse:
    begun.set()
    may_end.wait(20)
    return who(_request)


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        yield "one "
        yield "two"

    return StreamingHttpResponse(parts())


urlpatterns = [path("who", who), path("slow", slow), path("stream", stream)]


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    begun.clear()
    may_end.clear()


def _call(handler: Handler, address: str) -> ApplicationCommunicator:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    return ApplicationCommunicator(handler, scope)


async def _answer(call: ApplicationCommunicator) -> str:
    await call.send_input({"type": "http.request", "body": b"", "more_body": False})
    assert (await call.receive_output(20))["status"] == 200
    body = b""
    while True:
        part = await call.receive_output(20)
        body += part.get("body", b"")
        if not part.get("more_body"):
            await call.wait(20)
            return body.decode()


def test_the_thread_that_answered_answers_the_next() -> None:
    async def story() -> None:
        handler = Handler()
        first, second = await _answer(_call(handler, "/who")), await _answer(_call(handler, "/who"))
        assert first == second != str(threading.get_ident())

    asyncio.run(story())


def test_two_at_once_have_a_thread_each() -> None:
    async def story() -> None:
        handler = Handler()
        waiting = asyncio.create_task(_answer(_call(handler, "/slow")))
        await asyncio.to_thread(begun.wait, 20)
        meanwhile = await _answer(_call(handler, "/who"))
        may_end.set()
        assert await waiting != meanwhile
        assert len(handler.threads.waiting) == 2

    asyncio.run(story())


def test_the_next_never_waits_for_one_whose_caller_has_gone() -> None:
    async def story() -> None:
        handler = Handler()
        call = _call(handler, "/slow")
        await call.send_input({"type": "http.request", "body": b"", "more_body": False})
        await asyncio.to_thread(begun.wait, 20)
        await call.send_input({"type": "http.disconnect"})
        await call.wait(20)
        await _answer(_call(handler, "/who"))
        assert len(handler.threads.waiting) == 1
        may_end.set()

    asyncio.run(story())


def test_a_stream_is_sent_whole() -> None:
    assert asyncio.run(_answer(_call(Handler(), "/stream"))) == "one two"


def test_no_more_threads_are_kept_than_are_of_use() -> None:
    threads = Threads()
    taken = [threads.take() for _ in range(MOST_KEPT + 2)]
    for thread in taken:
        threads.give_back(thread, is_free=True)
    assert threads.waiting == taken[:MOST_KEPT]
