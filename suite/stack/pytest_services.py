"""Pytest plug-in (`-p suite.stack.pytest_services`): PostgreSQL and Valkey for the tests, before Django reads settings.

A conftest would be too late for pytest-django. Workers of pytest-xdist inherit the environment of the first process.
"""

import contextlib
import os

import pytest

from suite.stack import places, services

_open = contextlib.ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start scratch services, once per test run."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(places.var_dir() / "numba"))
    helps_only = any(flag in early_config.invocation_params.args for flag in ("--help", "-h", "--version", "--co"))
    if "PYTEST_XDIST_WORKER" not in os.environ and not helps_only:
        _open.enter_context(services.owned(places.var_dir() / "test", who="test", scratch=True))


def pytest_unconfigure() -> None:
    """Stop them."""
    _open.close()
