"""Copies of the project in which tests really start, kill and stop Throughline."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from suite.stack import places, processes

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "node_modules", "var", ".*_cache", "shared", "*.pyc.*")
OF_THIS_RUN = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "NUMBA_CACHE_DIR", "DATABASE_OWNER_URL")


class Clone:
    """A copy of the project; it shares the packages that are installed already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(places.ROOT, path, ignore=NOT_COPIED)
        self.runs: list[Run] = []

    def environment(self, **more: str) -> dict[str, str]:
        """Of a person who knows nothing of this test run, but for the shared packages."""
        own = {
            key: value
            for key, value in os.environ.items()
            if key not in OF_THIS_RUN and not key.startswith(("THROUGHLINE_", "PYTEST_"))
        }
        shared = {"THROUGHLINE_VENV": str(places.venv_dir()), "THROUGHLINE_NODE_MODULES": str(places.node_modules())}
        plain = {"THROUGHLINE_NO_NUMBA": "1"}  # each clone would compile the engine anew, for a minute
        return own | shared | plain | more

    def command(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            ["python3", "manage.py", *arguments],
            cwd=self.path,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def up(self, *arguments: str, **environment: str) -> "Run":
        """Start `up` as a script does: in the background, without a terminal."""
        run = Run(self, ["python3", "manage.py", "up", *arguments], self.environment(**environment))
        self.runs.append(run)
        return run

    def take_data(self, other: "Clone") -> None:
        """The databases of another clone in which nothing runs, with their owners and rights.

        Not the ports of its servers: two clones that start at once would both find the same one free.
        """
        subprocess.run(["cp", "-a", str(other.path / "var"), str(self.path / "var")], check=True)
        for state in (self.path / "var").glob("*/state.json"):
            state.write_text(json.dumps(json.loads(state.read_text()) | {"port": None}))

    def processes(self) -> list[psutil.Process]:
        """Every living process that has this clone's path in its command or as its working folder."""
        return [process for process in psutil.process_iter() if _belongs(process, str(self.path))]

    def remove(self) -> None:
        """End whatever is left and delete the files."""
        for run in self.runs:
            run.kill()
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.path, ignore_errors=True)


class Run:
    """One `up`."""

    def __init__(self, clone: Clone, command: list[str], environment: dict[str, str]) -> None:
        self.clone = clone
        self.log = clone.path / f"up-{len(clone.runs)}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=clone.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )

    def said(self) -> str:
        """All it has printed."""
        return self.log.read_text(errors="replace")

    def address(self, timeout: float = 400) -> str:
        """Wait until it says that it runs, and where."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := re.search(r"Throughline runs: (\S+)", self.said()):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"it does not run; it said:\n{self.said()}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def kill(self) -> None:
        """Kill -9 of the supervisor alone."""
        self.process.kill()
        self.process.wait()


def get(url: str) -> int:
    """The status that a page answers with."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _belongs(process: psutil.Process, path: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(path in part for part in process.cmdline()) or process.cwd().startswith(path)
    except psutil.Error:
        return False
