"""Child processes that never outlive their parent, free ports, failures in a sentence. Standard library only."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

_SET_PARENT_DEATH_SIGNAL = 1
PORTS_TRIED = 5
"""Between finding a port free and listening on it somebody else may take it: so often another one is tried."""


def refuse(sentence: str) -> NoReturn:
    """End with a sentence that says what is wrong and what to do."""
    print(f"\n{sentence}", file=sys.stderr, flush=True)
    raise SystemExit(2)


def die_with_parent(number: int) -> Callable[[], None] | None:
    """For `preexec_fn`: the child gets this signal when its parent dies, even by kill -9. Linux only.

    Elsewhere whatever is left over is stopped at the next start.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_for_it() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, number, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os.kill(os.getpid(), number)

    return ask_for_it


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(wanted: int | None = None, host: str = "127.0.0.1") -> int:
    """The wanted port if it is free, else any that is."""
    if wanted and is_free(wanted, host):
        return wanted
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def listening(name: str, wanted: int | None, starts: Callable[[int], bool]) -> int:
    """The port on which `starts` has brought the server up: the wanted one or any that nobody took before it did."""
    for _ in range(PORTS_TRIED):
        port = free_port(wanted)
        if starts(port):
            return port
        wanted = None
    return refuse(f"Other programs took each port that {name} was to listen on. Start again.")


def listen(port: int, host: str = "127.0.0.1", backlog: int = 512) -> socket.socket:
    """A listening socket for the web server; port 0 takes any free one. Raises OSError.

    What it accepts sends at once: head and body of an answer are two writes, and the second would otherwise wait for
    the other side's delayed acknowledgement of the first, 40 ms. asyncio sets this only for sockets that it made.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=backlog)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


def end(process: subprocess.Popen[bytes], *, first: int, seconds: float) -> bool:
    """Ask a child to end, wait, and kill it if it does not; False if it had to be killed."""
    if process.poll() is not None:
        return True
    process.send_signal(first)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    return True
