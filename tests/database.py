"""The test database: made from a template that already has the migrations, and emptied after tests that commit."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from suite.stack import places

Server = psycopg.Connection[Any]
APPS = ("masterdata", "erp", "crm", "aps", "mes", "suite")


def provide(name: str) -> None:
    """Make the database `name`, migrated, and point Django at it."""
    copy(name)
    _point_django_at(name)


def copy(name: str) -> None:
    """Make the database `name`, migrated; Django stays where it is once there is a template."""
    template = f"template_{_fingerprint()}"
    with _alone(), _server() as server:
        _drop(server, name)
        if not _exists(server, template):
            for old in server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template_%%'").fetchall():
                if old[0] not in ("template0", "template1"):
                    _drop(server, old[0])
            _migrate(f"{template}_new")
            server.execute(_names("ALTER DATABASE {} RENAME TO {}", f"{template}_new", template))
        server.execute(_names("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template))


class Emptier:
    """Empties the tables that a test filled, and puts back what the migrations had put in."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'p')"
                           " AND NOT relispartition AND relnamespace = current_schema()::regnamespace"
                           " AND relname <> 'django_migrations' ORDER BY relname")  # fmt: skip
            self.tables = [row[0] for row in cursor.fetchall()]
            self.seeds = {table: self._copy_out(table) for table in self._filled()}

    def empty(self) -> None:
        """In one transaction; what was seeded is as it was.

        Sequences go on: a worker that remembers a row of an earlier test must never meet another with its id.
        """
        for _ in range(5):
            try:
                self._empty_once()
                return
            except psycopg.errors.DeadlockDetected:  # the relay never sleeps for long
                continue
        self._empty_once()

    def _empty_once(self) -> None:
        filled = self._filled()
        if not filled:
            return
        with psycopg.connect(_url(connection.settings_dict["NAME"])) as own:
            own.execute("SET LOCAL session_replication_role = replica")  # immutable rows: also when put back
            own.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
            for table, rows in self.seeds.items():
                with own.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)

    def _filled(self) -> list[str]:
        if not self.tables:
            return []
        question = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in self.tables)
        with connection.cursor() as cursor:
            cursor.execute(question)
            return [row[0] for row in cursor.fetchall()]

    def _copy_out(self, table: str) -> bytes:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as rows:
            return b"".join(bytes(row) for row in rows)


def _migrate(name: str) -> None:
    with _server() as server:
        _drop(server, name)
        server.execute(_names("CREATE DATABASE {}", name))
    _point_django_at(name)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def _point_django_at(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _fingerprint() -> str:
    """Of everything that decides what a freshly migrated database looks like."""
    sum_ = hashlib.sha256((places.ROOT / "requirements.lock").read_bytes())
    for app in APPS:
        for path in sorted((places.ROOT / app).rglob("*.py")):
            if {"migrations", "models"} & set(path.parts) or path.name in ("models.py", "apps.py", "roles.py"):
                sum_.update(path.read_bytes())
    return sum_.hexdigest()[:16]


def _url(name: str) -> str:
    at = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=name, user=at["USER"], password=at["PASSWORD"], host=at["HOST"], port=at["PORT"] or None
    )


@contextmanager
def _server() -> Iterator[Server]:
    with psycopg.connect(_url("postgres"), autocommit=True) as server:
        yield server


def _names(query: str, *names: str) -> sql.Composed:
    return sql.SQL(query).format(*map(sql.Identifier, names))


def _exists(server: Server, name: str) -> bool:
    return server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(server: Server, name: str) -> None:
    server.execute(_names("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


@contextmanager
def _alone() -> Iterator[None]:
    """Several test processes, one template."""
    path: Path = places.var_dir() / "test" / "template.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
