"""What may happen in mid-story: the broker loses everything, the planning worker is killed while it solves."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from aps.models import PlanRun
from tests.crew import Crew, until

MOVES, SLOW = "THROUGHLINE_SOLVE_MOVES", "4000000"


class Havoc:
    """Nothing at all."""

    def __init__(self, workers: Crew) -> None:
        self.workers = workers

    def strike(self) -> None:
        """Called right after a deed that starts a story."""

    def check(self) -> None:
        """Called at the story's end: the havoc was real."""

    def end(self) -> None:
        """Called whatever became of the story: the next test finds workers as usual."""


class BrokerFlushed(Havoc):
    """Every message is lost, three times."""

    def strike(self) -> None:
        for _ in range(3):
            self.workers.flush_broker()


class PlannerKilled(BrokerFlushed):
    """Every message is lost, and the worker that solves all the same is killed in its run; another one is started.

    Until then it searches for some seconds, even when nothing is found, so that it can be interrupted.
    """

    def __init__(self, workers: Crew) -> None:
        super().__init__(workers)
        self.run: PlanRun | None = None
        self.usual = os.environ.get(MOVES, "")
        self.is_slow = True
        os.environ[MOVES] = SLOW
        self._another()

    def strike(self) -> None:
        super().strike()
        run = until(lambda: PlanRun.objects.filter(state=PlanRun.State.RUNNING).first(), what="a solve to interrupt")
        self.end()
        self.run = PlanRun.objects.get(pk=run.pk)

    def check(self) -> None:
        assert self.run is not None
        assert self.run.state == PlanRun.State.RUNNING, "the worker had ended before it was killed"
        assert PlanRun.objects.get(pk=self.run.pk).state == PlanRun.State.LOST

    def end(self) -> None:
        if self.is_slow:
            self.is_slow = False
            os.environ[MOVES] = self.usual
            self._another()

    def _another(self) -> None:
        self.workers.kill("plan")
        self.workers.start("plan")


@pytest.fixture(
    params=[
        pytest.param(Havoc, id="undisturbed"),
        pytest.param(PlannerKilled, id="broker flushed and planner killed", marks=pytest.mark.crash),
    ]
)
def havoc(request: pytest.FixtureRequest, workers: Crew) -> Iterator[Havoc]:
    """Each story that asks for it is told twice."""
    happening = request.param(workers)
    yield happening
    happening.end()
