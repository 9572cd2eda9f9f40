"""Fixtures for all tests: the test database, and real workers for those that need them."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from suite.stack import places
from tests import database
from tests.crew import Crew

hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")
"""No property fails because the machine is busy."""

Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
"""A password that a test makes is made in no time; real processes read it as any other."""

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_collection_finish() -> None:
    """What was loaded and collected stays: the collector of memory need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Pytest-django's own, but the migrated database is a copy of a template: a fraction of a second."""
    with django_db_blocker.unblock():
        database.provide(f"test_{WORKER}")
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(scope="session")
def emptier(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> database.Emptier:
    """Knows what a fresh test database holds."""
    with django_db_blocker.unblock():
        return database.Emptier()


@pytest.fixture(scope="session")
def crew(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Crew]:
    """The worker processes of this test process; started by the first test that needs them."""
    crew = Crew(places.var_dir() / "test" / WORKER / "logs")
    with django_db_blocker.unblock():
        yield crew
        crew.end()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest, emptier: database.Emptier, crew: Crew, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """What the test writes is really committed, seen by other processes, and gone afterwards.

    Workers that an earlier test has started work on it only for tests that ask for them.
    """
    if "workers" not in request.fixturenames:
        crew.rest()
    with django_db_blocker.unblock():
        yield
        connection.close()
        emptier.empty()


@pytest.fixture
def alone(committed: None, crew: Crew) -> Crew:
    """What the test writes is committed and no worker runs: those that an earlier test has left idle would take what
    this one means to do itself. It may start some.
    """
    for name in list(crew.running):
        crew.kill(name)
    return crew


@pytest.fixture
def workers(committed: None, crew: Crew) -> Iterator[Crew]:
    """Ask, plan and default workers and the relay, really running; the broker is empty at the start.

    `workers.kill("plan")`, `workers.start("plan")`, `workers.flush_broker()`, `workers.log("plan")`.
    """
    crew.flush_broker()
    crew.start()
    yield crew
    crew.settle()


@pytest.fixture
def site(workers: Crew) -> str:
    """The address of a real web server with real workers behind it."""
    workers.start("web")
    return workers.address
