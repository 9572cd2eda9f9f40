"""`manage.py up` on copies of the project: started, refused, killed and stopped for real."""

import signal
import socket
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from django.conf import settings

from tests import database
from tests.crew import database_url, until
from tests.house.clones import Clone, get
from tests.house.conftest import MakeClone


def nothing_of(clone: Clone) -> bool:
    """Whether no process of a clone is left."""
    return not clone.processes()


@pytest.mark.long
def test_runs_from_a_path_with_a_space_shares_its_services_and_leaves_no_process(make_clone: MakeClone) -> None:
    clone = make_clone("a folder of ours")
    run = clone.up("--no-demo")
    address = run.address()
    assert get(f"{address}readyz") == 200

    again = clone.up("--no-demo")
    assert again.process.wait(60) == 2
    assert f"already runs here: {address}" in again.said()
    shell = clone.command(
        "shell", "-v0", "-c", "from django.conf import settings; print(settings.DATABASES['default']['PORT'])"
    )
    assert shell.stdout.strip().isdigit(), shell.stderr

    assert run.end(signal.SIGTERM) == 0
    assert "everything has stopped" in run.said()
    until(lambda: nothing_of(clone), timeout=10)


@pytest.mark.long
def test_two_clones_run_at_once_and_one_starts_again_after_kill_9(make_set_up_clone: MakeClone) -> None:
    first, second = make_set_up_clone("first"), make_set_up_clone("second")
    runs = [first.up("--no-demo"), second.up("--no-demo")]
    addresses = [run.address() for run in runs]
    assert len(set(addresses)) == 2

    runs[0].kill()
    until(lambda: nothing_of(first), timeout=30)
    assert get(f"{addresses[1]}readyz") == 200

    again = first.up("--no-demo")
    assert get(f"{again.address()}readyz") == 200
    assert again.end(signal.SIGINT) == 0
    assert runs[1].end() == 0, runs[1].said()
    until(lambda: nothing_of(first) and nothing_of(second), timeout=10)


@pytest.mark.long
def test_the_end_of_one_part_ends_all(make_set_up_clone: MakeClone) -> None:
    clone = make_set_up_clone("clone")
    run = clone.up("--no-demo")
    run.address()
    beat = until(lambda: next((one for one in clone.processes() if "beat" in one.cmdline()), None), timeout=60)
    beat.kill()
    assert run.process.wait(60) == 1
    assert "ended by itself: beat (killed by SIGKILL)" in run.said()
    until(lambda: nothing_of(clone), timeout=10)


@pytest.mark.long
def test_a_worker_that_is_killed_is_started_again(make_set_up_clone: MakeClone) -> None:
    clone = make_set_up_clone("clone")
    run = clone.up("--no-demo")
    address = run.address()

    def ask() -> psutil.Process | None:
        return next((one for one in clone.processes() if "ask@%h" in one.cmdline()), None)

    killed = until(ask, timeout=60)
    killed.kill()
    until(lambda: "ended by itself: ask (killed by SIGKILL); started again (1 of at most 5" in run.said(), timeout=30)
    assert until(ask, timeout=30).pid != killed.pid
    assert get(f"{address}readyz") == 200
    assert run.end() == 0
    until(lambda: nothing_of(clone), timeout=10)


@pytest.mark.long
def test_a_command_brings_its_own_services_for_its_duration(make_set_up_clone: MakeClone) -> None:
    clone = make_set_up_clone("clone")
    done = clone.command("migrate", "-v0")
    assert done.returncode == 0, done.stderr
    checked = clone.command("migrate", "--check")
    assert checked.returncode == 0, checked.stderr
    assert nothing_of(clone)


@pytest.mark.long
@pytest.mark.django_db
def test_servers_of_ones_own_are_used_instead(make_clone: MakeClone) -> None:
    clone = make_clone("clone")
    name = "one_of_our_own"
    with psycopg.connect(database_url().rpartition("/")[0] + "/postgres", autocommit=True) as server:
        database.copy(name)
        run = clone.up(
            "--no-demo", DATABASE_URL=f"{database_url().rpartition('/')[0]}/{name}", REDIS_URL=settings.REDIS_URL
        )
        assert get(f"{run.address()}readyz") == 200
        assert not (clone.path / "var" / "postgres").exists()
        assert not (clone.path / "var" / "valkey").exists()
        assert run.end() == 0
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    until(lambda: nothing_of(clone), timeout=10)


def test_one_account_for_everything_is_warned_of(make_clone: MakeClone) -> None:
    name = "one_account"
    with psycopg.connect(database_url().rpartition("/")[0] + "/postgres", autocommit=True) as server:
        database.copy(name)
        url = f"{database_url().rpartition('/')[0]}/{name}"
        run = make_clone("clone").up("--no-demo", DATABASE_URL=url, REDIS_URL=settings.REDIS_URL)
        run.address()
        assert "warning: one database account owns the tables" in run.said()
        assert run.end() == 0
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_of_no_use_is_refused_with_the_command_that_helps(make_clone: MakeClone) -> None:
    """In LATIN1 there is no room for every name; an account that may make no tables cannot set anything up."""
    base = database_url().rpartition("/")[0]
    clone = make_clone("clone")
    with psycopg.connect(base + "/postgres", autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS latin")
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        refused = clone.command("up", DATABASE_URL=f"{base}/latin")
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
        assert "CREATE DATABASE latin ENCODING 'UTF8' TEMPLATE template0;" in refused.stderr
        server.execute("DROP DATABASE latin")
        server.execute("DROP DATABASE IF EXISTS closed")
        server.execute("CREATE DATABASE closed")
        server.execute("DROP ROLE IF EXISTS guest")
        server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        address = urlsplit(base)
        refused = clone.command("up", DATABASE_URL=f"postgresql://guest:guest@{address.hostname}:{address.port}/closed")
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
        assert "GRANT CREATE ON SCHEMA public" in refused.stderr
        server.execute("DROP DATABASE closed")
        server.execute("DROP ROLE guest")


@pytest.mark.parametrize("port", ["70000", "0", "-1", "web"])
def test_a_port_that_is_none_is_refused(make_clone: MakeClone, port: str) -> None:
    refused = make_clone("clone").command("up", f"--port={port}")
    assert refused.returncode == 2
    assert f"expected a number from 1 to 65535, got {port}" in refused.stderr


def test_a_port_asked_for_that_is_taken_is_refused(make_clone: MakeClone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = make_clone("clone").command("up", "--port", str(port))
    assert refused.returncode == 2
    assert f"Port {port} is taken by another program.\nChoose another: " in refused.stderr


@pytest.mark.parametrize(
    ("variable", "url", "sentence"),
    [
        (
            "DATABASE_URL",
            "postgresql://nobody:wrong@127.0.0.1:1/none",
            "The database that DATABASE_URL names cannot be used",
        ),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "DATABASE_URL does not name a PostgreSQL database"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "The broker that REDIS_URL names cannot be used"),
        ("REDIS_URL", "127.0.0.1", "The broker that REDIS_URL names cannot be used"),
    ],
)
def test_a_wrong_server_is_refused_with_what_to_do(
    make_clone: MakeClone, variable: str, url: str, sentence: str
) -> None:
    refused = make_clone("clone").command("up", **{variable: url})
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Unset it to use the" in refused.stderr
    assert "Traceback" not in refused.stderr
