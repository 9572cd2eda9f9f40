"""The supervisor's children: started in groups of their own, their log lines prefixed, ended without remains."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from suite.stack import places, processes
from suite.stack.roster import Role

PATIENCE = {signal.SIGTERM: 4.0, signal.SIGQUIT: 2.0}


class Voice:
    """Prints whole lines with time and origin; a closed terminal or pipe must not stop the suite."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: IO[str] | None = sys.stdout

    def say(self, who: str, text: str) -> None:
        """One line, or several, of one origin."""
        with self._lock:
            for line in text.splitlines() or [""]:
                self._print(f"{time.strftime('%H:%M:%S')} {who:>8} | {line}")

    def plain(self, text: str) -> None:
        """Text without a prefix, to be copied."""
        with self._lock:
            self._print(text)

    def _print(self, line: str) -> None:
        if self._stream is None:
            return
        try:
            print(line, file=self._stream, flush=True)
        except (OSError, ValueError):
            self._stream = None
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Children:
    """Child processes by name."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: dict[str, threading.Thread] = {}

    def start(self, role: Role, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
        """Start one; its output is said line by line."""
        child = subprocess.Popen(
            role.command,
            env=role.environment(),
            cwd=places.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=processes.die_with_parent(role.orphaned),
        )
        self.running[role.name] = child
        self._readers[role.name] = threading.Thread(target=self._read, args=(role.name, child.stdout), daemon=True)
        self._readers[role.name].start()
        return child

    def ended(self, apart: str = "") -> list[str]:
        """Who ended by itself (apart from one who may), with its exit code."""
        return [f"{name} ({reason})" for name, reason in self.reasons().items() if name != apart]

    def reasons(self) -> dict[str, str]:
        """Those that have ended, each with how."""
        codes = {name: child.poll() for name, child in self.running.items()}
        return {name: _reason(code) for name, code in codes.items() if code is not None}

    def clear(self, name: str) -> None:
        """Leave nothing of a child that ended by itself: its pool processes end too, its last lines are said."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.forget(name)

    def forget(self, name: str) -> None:
        """A child that was meant to end has; its last lines are said first."""
        self._readers.pop(name).join(5)
        del self.running[name]

    def end(self) -> None:
        """Ask all to end, more and more firmly, until none is left; their pool processes included."""
        for number, seconds in PATIENCE.items():
            for child in self.running.values():
                _signal(child, number)
            deadline = time.monotonic() + seconds
            for child in self.running.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.0, deadline - time.monotonic()))
        for child in self.running.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        for reader in self._readers.values():
            reader.join(1)

    def _read(self, name: str, lines: IO[bytes]) -> None:
        for line in lines:
            self.voice.say(name, line.decode(errors="replace").rstrip())


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is None:
        child.send_signal(number)


def _reason(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
