"""The fixtures that give tests real workers."""

import subprocess

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from suite.celery import app
from suite.stack import roster
from suite.stack.processes import is_alive
from tests.crew import Crew, until


def _living_members(group: int) -> list[int]:
    """Process ids of a process group, from the operating system's list."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    pairs = (map(int, line.split()) for line in listed.splitlines())
    return [pid for pid, of in pairs if of == group and is_alive(pid)]


@pytest.fixture
def a_committed_group(committed: None) -> Group:
    """A row that another connection sees."""
    return Group.objects.create(name="Night shift")


def test_a_committed_row_is_gone_after_its_test(a_committed_group: Group) -> None:
    assert not connection.in_atomic_block
    assert a_committed_group.pk


@pytest.mark.django_db
def test_the_next_test_finds_the_database_as_migrated() -> None:
    assert not Group.objects.filter(name="Night shift").exists()
    assert ContentType.objects.exists()


def test_workers_do_what_is_sent_to_their_queues(workers: Crew) -> None:
    everybody = sum(role.process == "worker" for role in roster.workers())

    def answered() -> bool:
        return len(app.control.ping(timeout=0.5)) == everybody

    until(answered)


def test_a_killed_worker_leaves_no_pool_process_and_comes_back(workers: Crew) -> None:
    before = workers.pid("plan")
    everybody = 1 + roster.plants_at_once()
    until(lambda: len(_living_members(before)) == everybody, what="the worker and its pool processes")
    workers.kill("plan")
    until(lambda: not _living_members(before), what="nobody of the killed worker")
    workers.start("plan")
    assert workers.pid("plan") != before
