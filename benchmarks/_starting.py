"""From a clean clone to the first page, the second start, and the test command: for real, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import Figure, figure
from benchmarks._clock import measured
from suite.stack import places, processes

Say = Callable[[str], None]
OF_THIS_RUN = ("DATABASE_URL", "REDIS_URL", "DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV", "PYTHONPATH")
PATIENCE_S = 900
FIRST_PAGE, SECOND_START, TESTS = 120.0, 15.0, 360.0


def of_a_clone(say: Say) -> dict[str, Figure]:
    """A clone with nothing but the machine's package caches: first start, second start, tests."""
    with _folder("clone") as folder:
        clone = folder / "throughline"
        environment = _environment()
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(places.ROOT), str(clone)], check=True, stdout=subprocess.DEVNULL)
        first = _first_page(clone, environment, began)
        say(f"clean clone to first page: {first:.1f} s")
        second = _first_page(clone, environment, time.perf_counter())
        say(f"second start to first page: {second:.1f} s")
        return {
            "clean clone to first page": figure(first, "s", goal=FIRST_PAGE),
            "set up already, to first page": figure(second, "s", goal=SECOND_START),
        } | _tests(clone, environment, say)


def second_start_without_demo(say: Say) -> dict[str, Figure]:
    """The second start here, with this set-up's packages and a database without the demo factory."""
    with _folder("second") as folder:
        environment = os.environ | {"THROUGHLINE_VAR": str(folder)}
        for name in ("DATABASE_URL", "REDIS_URL", "THROUGHLINE_READY"):
            environment.pop(name, None)
        _first_page(places.ROOT, environment, time.perf_counter(), "--no-demo")
        second = _first_page(places.ROOT, environment, time.perf_counter(), "--no-demo")
        say(f"second start to first page, no demo: {second:.1f} s")
        return {"set up already, to first page (no demo)": figure(second, "s", goal=SECOND_START, full_size=False)}


def _tests(clone: Path, environment: dict[str, str], say: Say) -> dict[str, Figure]:
    log = clone.parent / "tests.log"
    with log.open("wb") as out:
        command = ["python3", "manage.py", "test"]
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
        subprocess.run([*command, "--version"], cwd=clone, env=environment, check=True, **streams)  # type: ignore[call-overload]
        with measured() as spent:
            code = subprocess.run(command, cwd=clone, env=environment, **streams).returncode  # type: ignore[call-overload]
    last = (log.read_text(errors="replace").strip().splitlines() or [""])[-1]
    say(f"test: {spent.wall:.0f} s, exit code {code}: {last}")
    wall = figure(spent.wall, "s", goal=TESTS)
    if code:
        wall["met"] = False
    return {"test": wall, "test, CPU": figure(spent.cpu, "s"), "test, exit code": figure(code, "", goal=0)}


def _first_page(project: Path, environment: dict[str, str], began: float, *options: str) -> float:
    """Start `up` on a free port, wait until it says that it runs, stop it; the seconds since `began`."""
    command = ["python3", "manage.py", "up", "--port", str(processes.free_port()), *options]
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )
        try:
            while True:
                took = time.perf_counter() - began
                text = os.pread(said.fileno(), 1_000_000, 0).decode(errors="replace")
                if "Throughline runs: " in text:
                    return took
                if run.poll() is not None or took > PATIENCE_S:
                    raise RuntimeError(f"`up` does not run; it said:\n{text[-3000:]}")
                time.sleep(0.02)
        finally:
            processes.end(run, first=signal.SIGTERM, seconds=60)


def _environment() -> dict[str, str]:
    """Of a newcomer: nothing of this project's set-up, nothing of this run."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OF_THIS_RUN and name != "NUMBA_CACHE_DIR" and not name.startswith("THROUGHLINE_")
    }


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """Reachable for PostgreSQL's account, and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"throughline-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
