"""Every example of docs/contract.md, in order, against the demo factory with real workers and a real web server."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from io import StringIO
from typing import Any
from urllib.parse import urlparse

import pytest
from django.core.management import call_command
from django.utils import timezone

from suite.demo.load import load
from suite.stack import places
from tests.contract.document import Call, Command, steps
from tests.contract.notation import Differs, Names
from tests.crew import Crew

DOCUMENT = places.ROOT / "docs" / "contract.md"
PATIENCE_S = 120.0


@pytest.fixture
def factory(alone: Crew) -> Iterator[Crew]:
    """The demo factory, loaded as `up` does it: before anybody works."""
    load(timezone.now())
    alone.flush_broker()
    alone.start()
    alone.start("web")
    yield alone
    alone.settle()


class Client:
    """Does what the document shows, one step after the other."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.names = Names()
        self.host = urlparse(crew.address).netloc

    def do(self, step: Call | Command) -> None:
        """Raises Differs."""
        if isinstance(step, Command):
            printed = StringIO()
            call_command(*step.arguments, stdout=printed)
            self.names.compare(step.answer, json.loads(printed.getvalue()))
        elif step.when == "eventually":
            self._until(step)
        elif step.when == "slow":
            self._while_nobody_computes(step)
        else:
            self._once(step)

    def _until(self, call: Call) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._once(call)
            except Differs:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.25)

    def _while_nobody_computes(self, call: Call) -> None:
        os.killpg(self.crew.pid("ask"), signal.SIGSTOP)
        try:
            self._once(call)
        finally:
            os.killpg(self.crew.pid("ask"), signal.SIGCONT)

    def _once(self, call: Call) -> None:
        method, path = call.request.head.split(" ", 1)
        headers = {name: str(self.names.fill(value)) for name, value in call.request.headers.items()}
        body = None if call.request.body is None else json.dumps(self.names.fill(call.request.body))
        status, told, got = self._send(method, str(self.names.fill(path)), headers, body)
        while status == 202 != call.status:
            time.sleep(0.25)
            status, told, got = self._send("GET", got["url"], headers, None)
        if status != call.status:
            raise Differs(f"the status is {status}, shown as {call.status}: {got}")
        self.names.compare(call.answer.headers, {name: told.get(name) for name in call.answer.headers})
        if call.answer.body is not None:
            self.names.compare(call.answer.body, got)

    def _send(self, method: str, path: str, headers: dict[str, str], body: str | None) -> tuple[int, Any, Any]:
        connection = HTTPConnection(self.host, timeout=60)
        if body is not None:
            headers = headers | {"Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, json.loads(content) if content else None


@pytest.mark.long
def test_every_example_is_answered_as_shown(factory: Crew) -> None:
    """Captured names run through the document, so it stops at the first example that is answered otherwise."""
    client = Client(factory)
    for step in steps(DOCUMENT.read_text(encoding="utf-8")):
        try:
            client.do(step)
        except Differs as difference:
            pytest.fail(f"docs/contract.md line {step.line}: {difference}", pytrace=False)
