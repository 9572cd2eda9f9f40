"""Servers and a copy of their folder: it takes another port, and the original's servers are not its left-overs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from suite.stack import processes
from suite.stack.postgres import Postgres
from suite.stack.valkey import Valkey
from tests.house.conftest import folder


@pytest.fixture
def var() -> Iterator[Path]:
    with folder() as found:
        yield found


@pytest.fixture
def too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port that is wanted was free a moment ago."""
    real = processes.free_port
    monkeypatch.setattr(processes, "free_port", lambda wanted=None, host="127.0.0.1": wanted or real(None, host))


@pytest.mark.usefixtures("too_late")
def test_a_copys_database_is_not_taken_for_ones_own(var: Path) -> None:
    """Both folders have one password and one port: the second server finds another port, each has its own files."""
    one = Postgres(var / "one", scratch=True)
    one.start()
    one.stop()
    two = Postgres(var / "two", scratch=True)
    subprocess.run(["cp", "-a", str(one.home), str(two.home)], check=True)
    first = one.start()
    try:
        second = two.start()
        assert first != second
        for url, server in ((first, one), (second, two)):
            with psycopg.connect(url) as connection:
                assert connection.execute("SHOW data_directory").fetchone() == (str(server.data),)
    finally:
        two.stop()
        one.stop()


@pytest.mark.usefixtures("too_late")
def test_a_copys_broker_is_not_taken_for_ones_own(var: Path) -> None:
    one = Valkey(var / "one", scratch=True)
    first = one.start()
    shutil.copytree(one.home, var / "two" / "valkey")
    two = Valkey(var / "two", scratch=True)
    try:
        second = two.start()
        assert first != second
        with redis.Redis.from_url(second) as client:
            assert two.process is not None
            assert client.info("server")["process_id"] == two.process.pid
        assert one.process is not None
        assert one.process.poll() is None
    finally:
        two.stop()
        one.stop()


def test_a_copy_of_a_running_folder_stops_none_of_its_servers(var: Path) -> None:
    one = Postgres(var / "one", scratch=True)
    first = one.start()
    try:
        two = Postgres(var / "two", scratch=True)
        subprocess.run(["cp", "-a", str(one.home), str(two.home)], check=True)
        try:
            second = two.start()
            assert first != second
            for url, server in ((first, one), (second, two)):
                assert server.process is not None
                assert server.process.poll() is None
                with psycopg.connect(url) as connection:
                    assert connection.execute("SHOW data_directory").fetchone() == (str(server.data),)
        finally:
            two.stop()
    finally:
        one.stop()


@pytest.mark.parametrize("kind", [Postgres, Valkey])
def test_a_server_that_was_left_over_is_stopped(var: Path, kind: type[Postgres | Valkey]) -> None:
    left = kind(var, scratch=True)
    left.start()
    assert left.process is not None
    later = kind(var, scratch=True)
    try:
        later.start()
        assert left.process.wait(10) == 0
    finally:
        later.stop()
        left.stop()
