"""`manage.py up`: everything that makes Throughline run, started in order, watched, and stopped together."""

import argparse
import contextlib
import hashlib
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from suite.stack import outside, places, processes, roster, services, warmth
from suite.stack.again import Again
from suite.stack.children import Children, Voice

USUAL_PORT, FIRST_OF_ANYBODY, LAST_PORT = 8000, 1024, 65535
PATIENCE = 90.0


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C, SIGTERM or the end of a part that is not started again; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    parser.add_argument(
        "--port",
        type=port_number,
        help=f"the web server's port (default: {USUAL_PORT}, or a free one if that is taken)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--no-demo", action="store_true", help="start without the demo factory")
    options = parser.parse_args(arguments)
    return Supervisor(options).run()


def port_number(text: str) -> int:
    """A port as an argument."""
    if not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {LAST_PORT}, got {text}")
    return int(text)


class Supervisor:
    """One run of `up`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.began = time.monotonic()
        self.voice = Voice()
        self.children = Children(self.voice)
        self.again = Again(self.children)
        self.stopping = threading.Event()

    def run(self) -> int:
        """Start, watch, stop."""
        self._listen_to_signals()
        var, warning = places.var_dir(), outside.one_role()
        with services.owned(var, who="up") as embedded:
            failed = False
            try:
                with self._socket(var) as listening:
                    self.say(f"PostgreSQL and broker are there after {self._elapsed()}")
                    if warning:
                        self.say(warning)
                    failed = not self._start(var, listening)
                failed = failed or self._watch(embedded)
            finally:
                self.say("stopping ...")
                self.children.end()
        self.say("everything has stopped")
        return 1 if failed else 0

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self.voice.say("up", text)

    def _start(self, var: Path, listening: socket.socket) -> bool:
        address = self._address(listening)
        services.tell(var, who="up", address=address)
        compiling = warmth.role()
        if compiling:
            self.children.start(compiling)
        self._prepare(var)
        web = roster.web(listening.fileno())
        if known := _is_prepared(var):  # nothing to migrate: web need not wait to be started
            self.children.start(web, pass_fds=[listening.fileno()])
        if not self._finish("prepare"):
            return self.stopping.is_set()
        _remember_prepared(var)
        if not known:
            self.children.start(web, pass_fds=[listening.fileno()])
        if not self._first_page(address):
            return self.stopping.is_set()
        self.voice.plain(f"\n  Throughline runs: {address}\n{self._people(var)}\n  Ctrl-C stops everything.\n")
        self.say(f"first page after {self._elapsed()}")
        if compiling and not self._finish("warm"):
            return self.stopping.is_set()
        self.again.start(roster.workers())
        self.children.start(roster.beat())
        return True

    def _prepare(self, var: Path) -> None:
        """Migrations and the demo factory, in a process of their own."""
        logins = var / "demo-logins.txt"
        logins.unlink(missing_ok=True)
        command = [sys.executable, "-m", "suite.stack.prepare", *([] if self.options.no_demo else [str(logins)])]
        self.children.start(roster.Role("prepare", "", command))

    def _finish(self, name: str) -> bool:
        """Wait for a child that has an end; whether it ended well."""
        child = self.children.running[name]
        while child.poll() is None and not self.stopping.wait(0.05):
            pass
        if self.stopping.is_set():
            return False
        self.children.forget(name)
        if child.returncode:
            self.say(f"`{name}` failed: the lines above say why")
        elif name == "warm":
            warmth.done()
        return child.returncode == 0

    def _first_page(self, address: str) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.stopping.is_set():
            if ended := self._ended():
                self.say(f"ended by itself: {', '.join(ended)}; the lines above say why")
                return False
            try:
                with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                    answer.read()
                return True
            except urllib.error.HTTPError as error:
                self.say(f"the first page answers with {error.code}: see the lines above")
                return True
            except OSError:
                self.stopping.wait(0.1)
        if not self.stopping.is_set():
            self.say(f"no page after {PATIENCE:.0f} s: see the lines above")
        return False

    def _watch(self, embedded: services.Embedded) -> bool:
        """Whether something ended by itself that is not started again."""
        while not self.stopping.wait(0.3):
            self.again.whoever_ended()
            if ended := self._ended() + embedded.dead():
                self.say(f"ended by itself: {', '.join(ended)}; stopping the rest")
                return True
        return False

    def _ended(self) -> list[str]:
        """Who ended and should not have; compiling has an end."""
        warm = self.children.running.get("warm")
        return self.children.ended(apart="warm" if warm and warm.poll() == 0 else "")

    def _people(self, var: Path) -> str:
        with contextlib.suppress(OSError):
            return "\n" + (var / "demo-logins.txt").read_text().rstrip() + "\n"
        return "  Make yourself an account: python3 manage.py createsuperuser\n"

    def _socket(self, var: Path) -> socket.socket:
        """A listening socket: held from now on, so nobody takes the port while the rest starts."""
        host, memory = self.options.host, var / "port.json"
        wanted = self.options.port or USUAL_PORT
        if not processes.is_free(wanted, host):
            if self.options.port:
                if wanted < FIRST_OF_ANYBODY and os.geteuid() != 0:
                    processes.refuse(
                        f"Port {wanted} may be opened by root only.\n"
                        f"Choose one from {FIRST_OF_ANYBODY} on: python3 manage.py up --port {USUAL_PORT}"
                    )
                processes.refuse(
                    f"Port {wanted} is taken by another program.\n"
                    f"Choose another: python3 manage.py up --port {wanted + 1}"
                )
            with contextlib.suppress(OSError, ValueError):
                wanted = json.loads(memory.read_text())
            wanted = processes.free_port(wanted, host)
            self.say(f"port {USUAL_PORT} is taken, so this time it is {wanted} (choose with --port)")
            memory.write_text(json.dumps(wanted))
        try:
            return processes.listen(wanted, host)
        except OSError as error:
            processes.refuse(
                f"{host}:{wanted} cannot be listened on ({error.strerror}). Choose another with --host and --port."
            )

    def _address(self, listening: socket.socket) -> str:
        host, port = listening.getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        return f"http://{shown}:{port}/"

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self.began:.1f} s"

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping.is_set():  # asked twice: no more patience
            for child in self.children.running.values():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
        self.stopping.set()


def _prepared(var: Path) -> tuple[Path, str]:
    """The stamp of a prepared database, and what it must say: the migrations there are, and whose database it is."""
    sum_ = hashlib.sha256(os.environ["DATABASE_URL"].encode())
    for path in [*sorted(places.ROOT.glob("*/migrations/*.py")), places.ROOT / "requirements.lock"]:
        sum_.update(path.read_bytes())
    return var / "prepared", sum_.hexdigest()


def _is_prepared(var: Path) -> bool:
    stamp, wanted = _prepared(var)
    return stamp.exists() and stamp.read_text() == wanted


def _remember_prepared(var: Path) -> None:
    stamp, says = _prepared(var)
    stamp.write_text(says)
