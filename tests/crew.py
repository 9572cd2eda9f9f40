"""Real worker processes for tests: Celery workers, the relay and a web server on the test database."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection

from suite.stack import places, processes, roster, warmth

Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer], timeout: float = 90.0, what: str = "") -> Answer:
    """Ask until the answer is true, and return it; an AssertionError that says what was waited for otherwise."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {timeout:g} s: {what or condition.__name__}; the last answer was {answer!r}"
            )
        time.sleep(0.05)


class Crew:
    """The processes of a running Throughline, by name: ask, plan, scenario, default, relay; and web when asked for.

    Each is killed with its parent. What they say is in `log(name)`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.address = ""
        self._listening: socket.socket | None = None

    def start(self, *names: str) -> None:
        """Start those that do not run; all workers and the relay when none is named."""
        roles = {role.name: role for role in roster.workers()}
        warmth.make_sure()
        for name in names or roles:
            if self.is_running(name):
                continue
            if name == "web":
                self._start_web()
            else:
                self._spawn(roles[name])

    def kill(self, name: str) -> None:
        """End it as a power cut would: it and its pool processes, in the middle of whatever they do."""
        child = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def pid(self, name: str) -> int:
        """Its process id."""
        return self.running[name].pid

    def is_running(self, name: str) -> bool:
        """Whether it was started and has not ended."""
        return name in self.running and self.running[name].poll() is None

    def log(self, name: str) -> str:
        """What it has said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def is_idle(self) -> bool:
        """Whether no message waits and no task is being worked on."""
        with self.broker() as broker:
            plan = [role.name for role in roster.planners()]
            queues = ("ask", *plan, "scenario", "default", "mail", "celery")
            return not broker.hlen("unacked") and not any(broker.llen(queue) for queue in queues)

    def flush_broker(self) -> None:
        """Lose everything that the broker holds, as a broker without a disk does when it is restarted."""
        with self.broker() as broker:
            broker.flushall()

    def broker(self) -> redis.Redis:
        """A connection to the broker."""
        return redis.Redis.from_url(settings.REDIS_URL)

    def settle(self) -> None:
        """Nobody works any more: wait a little, then kill who still does. For between tests."""
        deadline = time.monotonic() + 5
        while not self.is_idle() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not self.is_idle():
            for name in set(self.running) - {"web", "relay"}:
                self.kill(name)
        self.flush_broker()

    def rest(self) -> None:
        """Nobody gives the workers anything to do until they are started again."""
        if self.is_running("relay"):
            self.kill("relay")
            self.settle()

    def end(self) -> None:
        """End all, as often as one likes: `start` begins anew, the web server at another address."""
        for name in list(self.running):
            self.kill(name)
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _start_web(self) -> None:
        if self._listening is None:
            self._listening = processes.listen(0)
            self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._spawn(roster.web(self._listening.fileno()), pass_fds=[self._listening.fileno()])

    def _spawn(self, role: roster.Role, pass_fds: list[int] | None = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{role.name}.log", "ab") as log:
            self.running[role.name] = subprocess.Popen(
                role.command,
                env=role.environment() | {"DATABASE_URL": database_url()},
                cwd=places.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=pass_fds or [],
                preexec_fn=processes.die_with_parent(signal.SIGKILL),
            )


def database_url() -> str:
    """The URL of the database that this test process uses."""
    at = connection.settings_dict
    account = f"{quote(at['USER'], safe='')}:{quote(at['PASSWORD'], safe='')}"
    return f"postgresql://{account}@{at['HOST']}:{at['PORT'] or 5432}/{quote(at['NAME'], safe='')}"
