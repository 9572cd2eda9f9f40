"""A real HTTP server that takes webhooks, for tests: what came, and what it answers next."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Came:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """`answers` are the statuses given next (then 200); `waits_s` before each; `drips`: a byte of the answer each."""

    port: int = 0
    came: list[Came] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    waits_s: float = 0
    drips: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def events(self) -> list[dict[str, Any]]:
        return [one.event for one in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A server on a port of its own, gone afterwards."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append(Came(self.path, dict(self.headers.items()), body))
            status = receiver.answers.pop(0) if receiver.answers else 200
            if receiver.drips:
                self._drip()
                return
            time.sleep(receiver.waits_s)
            with suppress(OSError):
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()
                self.wfile.write(b"taken" if status == 200 else b"not now")

        def _drip(self) -> None:
            for one in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200:
                try:
                    self.wfile.write(bytes([one]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.1)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
