"""PostgreSQL and Valkey for whoever needs them: the ones the environment names, running ones, or own ones for a while.

One process at a time owns the embedded services of a folder: it holds `services.lock`. Everybody who uses them holds
`users.lock` shared, so that an owner that is only a command waits for the others before it stops them. Both locks are
the kernel's: they vanish with the process, whatever ended it.
"""

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from suite.stack import outside, processes
from suite.stack.postgres import Postgres
from suite.stack.valkey import Valkey


class Embedded:
    """The services this process started itself."""

    def __init__(self, var: Path, *, scratch: bool = False) -> None:
        self.running: list[Postgres | Valkey] = []
        self.var = var
        self.scratch = scratch

    def start(self) -> None:
        """Start what DATABASE_URL and REDIS_URL do not name, and set those."""
        for variable, kind in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
            if not os.environ.get(variable):
                service = kind(self.var, scratch=self.scratch)
                self.running.append(service)
                os.environ[variable] = service.start()

    def stop(self) -> None:
        """Stop what was started, the last first."""
        while self.running:
            self.running.pop().stop()

    def dead(self) -> list[str]:
        """Names of services that ended by themselves."""
        return [type(one).__name__ for one in self.running if one.process is None or one.process.poll() is not None]


def given() -> bool:
    """Whether the environment names both servers: then nothing is started here."""
    return bool(os.environ.get("DATABASE_URL")) and bool(os.environ.get("REDIS_URL"))


@contextlib.contextmanager
def owned(var: Path, *, who: str, scratch: bool = False) -> Iterator[Embedded]:
    """Own the services of this folder until the block ends; `who` tells others what runs here."""
    outside.check()
    _make(var)
    with open(var / "services.lock", "a+") as lock:
        _own(lock, var, who)
        embedded = Embedded(var, scratch=scratch)
        try:
            embedded.start()
            tell(var, who=who)
            yield embedded
        finally:
            (var / "services.json").unlink(missing_ok=True)
            embedded.stop()


@contextlib.contextmanager
def used(var: Path, *, who: str) -> Iterator[None]:
    """Use the services of this folder: those that run, else own ones until the block ends and nobody else uses them."""
    if given():
        outside.check()
        yield
        return
    _make(var)
    with open(var / "users.lock", "a+") as users, open(var / "services.lock", "a+") as lock:
        fcntl.flock(users, fcntl.LOCK_SH)
        while not _take(lock):
            running = told(var)
            if running is not None:
                _join(running)
                yield
                return
            time.sleep(0.1)  # its owner is just starting or stopping
        _write_owner(lock, who)
        embedded = Embedded(var)
        try:
            outside.check()
            embedded.start()
            tell(var, who=who)
            yield
        finally:
            _wait_for_others(users)
            (var / "services.json").unlink(missing_ok=True)
            embedded.stop()


def tell(var: Path, **facts: Any) -> None:
    """Write down how to reach the services, for commands that start meanwhile."""
    path = var / "services.json"
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    urls = {key: os.environ[key] for key in ("DATABASE_URL", "REDIS_URL")}
    fresh.write_text(json.dumps({"pid": os.getpid(), **urls, **facts}))
    fresh.rename(path)


def told(var: Path) -> dict[str, Any] | None:
    """What the owner wrote down, if it is ready and lives."""
    try:
        running: dict[str, Any] = json.loads((var / "services.json").read_text())
    except (OSError, ValueError):
        return None
    return running if processes.is_alive(running["pid"]) else None


def _make(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        (var / ".writable").touch()
    except OSError as error:
        processes.refuse(
            f"Nothing can be written to {var} ({error.strerror}).\n"
            "Free some space or give yourself the rights, or name another folder with THROUGHLINE_VAR."
        )


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _own(lock: IO[str], var: Path, who: str) -> None:
    """Wait for a command that has the services for its own duration; refuse when `up` has them."""
    deadline, said = time.monotonic() + 60, False
    while not _take(lock):
        running = told(var) or {}
        if running.get("who") == "up" and who == "up":
            processes.refuse(
                f"Throughline already runs here: {running.get('address', 'starting')} (process {running['pid']}).\n"
                f"Stop it with Ctrl-C in its window or `kill {running['pid']}`."
            )
        if time.monotonic() > deadline:
            processes.refuse(
                f"The services in {var} are in use by process {running.get('pid', 'unknown')} "
                f"({running.get('who', 'starting')}).\nLet it finish or stop it, then start again."
            )
        if not said and running:
            said = True
            print(
                f"waiting for `{running.get('who')}` (process {running['pid']}) to finish ...",
                file=sys.stderr,
                flush=True,
            )
        time.sleep(0.2)
    _write_owner(lock, who)


def _write_owner(lock: IO[str], who: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()} {who}\n")
    lock.flush()


def _join(running: dict[str, Any]) -> None:
    for key in ("DATABASE_URL", "REDIS_URL"):
        os.environ.setdefault(key, running[key])


def _wait_for_others(users: IO[str]) -> None:
    """Ctrl-C ends the waiting."""
    with contextlib.suppress(KeyboardInterrupt):
        if not _take(users):
            print("another command still uses the database; stopping it afterwards ...", file=sys.stderr, flush=True)
            fcntl.flock(users, fcntl.LOCK_EX)
