"""What may happen in mid-story: the broker loses everything, the planning worker is killed while it solves."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from aps.models import PlanRun
from tests.crew import Crew, until


class Havoc:
    """Nothing at all."""

    def __init__(self, workers: Crew) -> None:
        self.workers = workers

    def strike(self) -> None:
        """Called right after a deed that starts a story."""

    def check(self) -> None:
        """Called at the story's end: the havoc was real."""


class BrokerFlushed(Havoc):
    """Every message is lost, three times."""

    def strike(self) -> None:
        for _ in range(3):
            self.workers.flush_broker()


class PlannerKilled(Havoc):
    """The worker that solves is killed in its run, and another one is started."""

    def strike(self) -> None:
        run = until(lambda: PlanRun.objects.filter(state=PlanRun.State.RUNNING).first(), what="a solve to interrupt")
        self.workers.kill("plan")
        self.run = PlanRun.objects.get(pk=run.pk)
        self.workers.start("plan")

    def check(self) -> None:
        assert self.run.state == PlanRun.State.RUNNING, "the worker had ended before it was killed"
        assert PlanRun.objects.get(pk=self.run.pk).state == PlanRun.State.LOST


@pytest.fixture
def slow_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that start from now on search long enough to be interrupted: some seconds, even when nothing is found."""
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", "4000000")


@pytest.fixture(
    params=[
        pytest.param(None, id="undisturbed"),
        pytest.param(BrokerFlushed, id="broker flushed", marks=pytest.mark.crash),
        pytest.param(PlannerKilled, id="planner killed", marks=pytest.mark.crash),
    ]
)
def havoc(request: pytest.FixtureRequest, workers: Crew) -> Iterator[Havoc]:
    """Each story that asks for it is told three times."""
    kind = request.param or Havoc
    if kind is PlannerKilled:
        request.getfixturevalue("slow_solver")
        workers.kill("plan")
        workers.start("plan")
    happening = kind(workers)
    yield happening
    if kind is PlannerKilled:
        os.environ.pop("THROUGHLINE_SOLVE_SECONDS", None)
        workers.kill("plan")
        workers.start("plan")
