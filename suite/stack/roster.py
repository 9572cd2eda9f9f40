"""Who works in a running Throughline: one line per process, the same in `up`, in tests and in docker compose."""

import os
import signal
import sys
from dataclasses import dataclass, replace

from suite.stack import places

FEWEST_AT_ONCE, MOST_AT_ONCE = 2, 4
ENDPOINTS_AT_ONCE = 8
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


def worker(name: str, queues: str, *, at_once: int = 1, pool: str = "prefork") -> Role:
    """A Celery worker on some queues that works on so many tasks at once, each in a process of its own.

    With the pool "solo" there is one process, which hands what it takes to threads of its own (`suite.asks.desks`).
    """
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    return Role(
        name, "worker", [*_CELERY, "worker", "-Q", queues, "-P", pool, "-c", str(at_once), "-n", f"{name}@%h", *quiet]
    )


def workers() -> list[Role]:
    """Somebody waits for `ask`; `plan` solves; `scenario` solves what is only asked; `import` reads files; `default`
    does the flows; `webhook` waits for other people's servers, `mail` for mail servers; the relay wakes them.
    """
    found = [worker("ask", "ask", pool="solo"), *planners(), scenarios(), imports(), worker("default", "default")]
    found += [worker("webhook", "webhook", at_once=ENDPOINTS_AT_ONCE, pool="threads"), *mail()]
    if any(places.ROOT.glob("*/management/commands/relay.py")):
        found.append(Role("relay", "relay", [sys.executable, str(places.ROOT / "manage.py"), "relay"]))
    return found


def planners() -> list[Role]:
    """`plan` solves several plants side by side; a plant with a queue of its own has a worker that nobody else takes.

    THROUGHLINE_PLAN_QUEUES names the plants of the second kind by their ids.
    """
    own = [one.strip() for one in os.environ.get("THROUGHLINE_PLAN_QUEUES", "").split(",") if one.strip()]
    return [worker("plan", "plan", at_once=plants_at_once()), *(worker(f"plan.{one}", f"plan.{one}") for one in own)]


def plants_at_once() -> int:
    """THROUGHLINE_PLAN_WORKERS, else as many as there are processors, from 2 to 4."""
    usual = min(max(os.cpu_count() or 1, FEWEST_AT_ONCE), MOST_AT_ONCE)
    return int(os.environ.get("THROUGHLINE_PLAN_WORKERS") or usual)


def scenarios() -> Role:
    """What if, one after the other, with what the others leave of the processor: it can wait, a breakdown cannot."""
    role = worker("scenario", "scenario")
    return replace(role, command=["nice", "-n", "10", *role.command])


def imports() -> Role:
    """One import after the other, behind everything else; a process each, so that its memory is given back."""
    role = worker("import", "import")
    return replace(role, command=["nice", "-n", "10", *role.command, "--max-tasks-per-child", "1"])


def mail() -> list[Role]:
    """Nobody waits for a slow mail server: sending and fetching side by side, beside everything else."""
    has_server = os.environ.get("SMTP_URL") or os.environ.get("IMAP_URL")
    return [worker("mail", "mail", at_once=2)] if has_server else []


def beat() -> Role:
    """The clock."""
    schedule = str(places.var_dir() / "beat")
    return Role("beat", "beat", [*_CELERY, "beat", "-l", "WARNING", "-s", schedule, "--pidfile="])


def web(listening: int) -> Role:
    """The web server, on a socket that is already listening."""
    options = ["--lifespan", "off", "--timeout-graceful-shutdown", "2", "--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", "suite.asgi:application", "--fd", str(listening), *options]
    return Role("web", "web", command, orphaned=signal.SIGTERM)
