"""Pytest plug-in (`-p tests.services`): PostgreSQL and Valkey for the tests, before Django reads settings.

A conftest would be too late for pytest-django. Workers of pytest-xdist share one PostgreSQL server with a database
each, and have a Valkey each: a broker's events are not divided by database.
"""

import contextlib
import os

import psycopg
import pytest

from suite.stack import places, services
from suite.stack.valkey import Valkey

ONLY_TALK = {"--help", "-h", "--version", "-V", "--co", "--collect-only", "--fixtures", "--markers"}
_open = contextlib.ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start scratch services, once per test run."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(places.var_dir() / "numba"))
    os.environ.setdefault("THROUGHLINE_READY", "1")
    var = places.var_dir() / "test"
    if name := os.environ.get("PYTEST_XDIST_WORKER"):
        if os.environ.get("THROUGHLINE_SCRATCH") == "1":
            broker = Valkey(var / name, scratch=True)
            _open.callback(broker.stop)
            os.environ["REDIS_URL"] = broker.start()
    elif not ONLY_TALK.intersection(early_config.invocation_params.args):
        own = not services.given()
        _open.enter_context(services.owned(var, who="test", scratch=True))
        os.environ["THROUGHLINE_SCRATCH"] = "1" if own else "0"
        if own:
            _rest_the_vacuum(os.environ["DATABASE_URL"])


def _rest_the_vacuum(url: str) -> None:
    """Tables are emptied and filled all the time: a vacuum that comes between sees pages without a row, and the planner
    believes for the rest of the test that tables with thousands of rows have none."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("ALTER SYSTEM SET autovacuum = off")
        server.execute("SELECT pg_reload_conf()")


def pytest_unconfigure() -> None:
    """Stop them."""
    _open.close()
