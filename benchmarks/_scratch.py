"""Databases of their own for the parts of a benchmark, and the real processes that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from masterdata.models import FlowRun
from suite.asks import warm
from suite.stack import places
from tests.crew import Crew, until


@contextmanager
def database(name: str) -> Iterator[None]:
    """A copy of the empty, migrated database, which Django uses meanwhile."""
    template = str(connection.settings_dict["NAME"])
    _server("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _server("CREATE DATABASE {} TEMPLATE {}", name, template)
    _point_django_at(name)
    try:
        yield
    finally:
        _point_django_at(template)
        _server("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def workers(name: str) -> Iterator[Crew]:
    """A web server and the workers of `up` on Django's present database, all of them ready."""
    crew = Crew(places.var_dir() / "logs" / name)
    crew.flush_broker()
    try:
        crew.start()
        crew.start("web")
        until(warm.is_there, timeout=120, what="the worker that answers asks is there")
        yield crew
    finally:
        crew.end()
        crew.flush_broker()


def backends_of(pid: int) -> list[int]:
    """The database's processes that serve a process of ours: found by the ports of its connections."""
    ports = [one.laddr.port for one in psutil.Process(pid).net_connections("tcp") if one.laddr]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE client_port = ANY(%s)", [ports])
        return [row[0] for row in cursor.fetchall()]


def flows_are_done() -> bool:
    """Whether everything that follows from what was done has been done."""
    return not FlowRun.objects.exclude(state=FlowRun.State.DONE).exists()


def _server(query: str, *names: str) -> None:
    connection.close()
    at = connection.settings_dict
    with psycopg.connect(
        dbname="postgres", user=at["USER"], password=at["PASSWORD"], host=at["HOST"], port=at["PORT"], autocommit=True
    ) as server:
        server.execute(sql.SQL(query).format(*map(sql.Identifier, names)))


def _point_django_at(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
