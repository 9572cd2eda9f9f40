"""Who works in a running Throughline: one line per process, the same in `up`, in tests and in docker compose."""

import os
import signal
import sys
from dataclasses import dataclass

from suite.stack import places

_CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "suite"]


@dataclass(frozen=True)
class Role:
    """A process: its command, and the signal by which it dies with a killed parent."""

    name: str
    process: str
    command: list[str]
    orphaned: int = signal.SIGKILL

    def environment(self) -> dict[str, str]:
        """Ours, with what the process is."""
        return os.environ | {
            "THROUGHLINE_PROCESS": self.process,
            "THROUGHLINE_READY": "1",
            "DJANGO_SETTINGS_MODULE": "suite.settings",
            "PYTHONUNBUFFERED": "1",
        }


def worker(name: str, queues: str) -> Role:
    """A Celery worker of one process on some queues."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    return Role(name, "worker", [*_CELERY, "worker", "-Q", queues, "-c", "1", "-n", f"{name}@%h", *quiet])


def workers() -> list[Role]:
    """Somebody waits for `ask`; `plan` solves; `default` does the flows and sends mail; the relay wakes them."""
    found = [worker("ask", "ask"), worker("plan", "plan"), worker("default", "default,mail")]
    if any(places.ROOT.glob("*/management/commands/relay.py")):
        found.append(Role("relay", "relay", [sys.executable, str(places.ROOT / "manage.py"), "relay"]))
    return found


def beat() -> Role:
    """The clock."""
    schedule = str(places.var_dir() / "beat")
    return Role("beat", "beat", [*_CELERY, "beat", "-l", "WARNING", "-s", schedule, "--pidfile="])


def web(listening: int) -> Role:
    """The web server, on a socket that is already listening."""
    options = ["--lifespan", "off", "--timeout-graceful-shutdown", "2", "--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", "suite.asgi:application", "--fd", str(listening), *options]
    return Role("web", "web", command, orphaned=signal.SIGTERM)
