"""The ASGI handler: one thread answers a request from its first middleware to its last, and is kept for the next.

Django's own handler runs an asynchronous chain of middleware and hops to a thread and back wherever a part of it is
synchronous, in a thread that is made for the request. All of ours is synchronous, so there is one hop.
"""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http.response import HttpResponseBase

MOST_KEPT = 8


class Threads:
    """Threads that wait for work; the one that was used last is used first. As many are made as work at once."""

    def __init__(self) -> None:
        self.waiting: list[ThreadPoolExecutor] = []

    def take(self) -> ThreadPoolExecutor:
        """A thread for one request. Called by the event loop only."""
        return self.waiting.pop() if self.waiting else ThreadPoolExecutor(1, thread_name_prefix="answer")

    def give_back(self, thread: ThreadPoolExecutor, *, is_free: bool) -> None:
        """Keep it for the next request, unless it still works or enough wait."""
        if is_free and len(self.waiting) < MOST_KEPT:
            self.waiting.append(thread)
        else:
            thread.shutdown(wait=False)


class Handler(ASGIHandler):
    """Django over ASGI, its middleware and views in one thread. Streams are sent by the event loop as ever."""

    def __init__(self) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self.threads = Threads()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        thread = self.threads.take()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            self.threads.give_back(thread, is_free="abandoned" not in scope)

    async def get_response_async(self, request: Any) -> HttpResponseBase:
        """The answer, from the request's thread; one whose caller has gone works on, and is not waited for."""
        try:
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
        except asyncio.CancelledError:
            request.scope["abandoned"] = True
            raise


def settle_memory() -> None:
    """What was loaded at the start stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
