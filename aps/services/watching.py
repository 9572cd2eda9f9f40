"""The watch over a search: it says how far it is, and hears that it has to end.

It looks from a thread with its own connection, so that neither a slow database nor the engine waits for the other.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Max

from aps.causes import CAUSE_LENGTH
from aps.curve import Curve
from aps.models import PlanRun, PlanWish
from aps.services.lease import Lease
from masterdata import live

LOOKS_UP_EVERY_SECONDS = 0.25
TELLS_EVERY_SECONDS = 0.5
CAN_WAIT = (PlanWish.Reason.PLANNER, PlanWish.Reason.PROGRESS)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Budget:
    """How long a search may take: `moves` (the same result on any machine), or `seconds` when there are none.

    `usual` are the seconds that any wish may have to wait for the one before it.
    """

    moves: int | None
    seconds: float
    usual: float


def budget_for(*, plant_id: int, after: int, until: int, at_most: float | None = None) -> Budget:
    """The budget of a turn that answers the wishes of (after, until]: the longest that a planner asked for.

    Else THROUGHLINE_SOLVE_MOVES, else THROUGHLINE_SOLVE_SECONDS. `at_most` seconds when somebody waits for the turn.
    """
    usual: float = settings.THROUGHLINE_SOLVE_SECONDS
    asked = PlanWish.objects.filter(plant_id=plant_id, version__gt=after, version__lte=until, seconds__isnull=False)
    longest: int | None = asked.aggregate(longest=Max("seconds"))["longest"]
    if longest is None or at_most is not None:
        return Budget(settings.THROUGHLINE_SOLVE_MOVES, usual if at_most is None else min(usual, at_most), usual)
    return Budget(None, longest, usual)


class Pace:
    """What a search is told and asked: how far it is, and whether it has to end. The seconds of the budget begin now.

    `lower_bound` is of the problem's points: there is nothing to be found below. Whoever holds it sets `alarmed` (what
    it searches is void) or `ended_because` from another thread.
    """

    lower_bound: int | None = None

    def __init__(self, budget: Budget, before: float = 0.0) -> None:
        """`before`: seconds that went by before the search; the curve counts from there."""
        self.budget = budget
        self.began = time.monotonic()
        self.ends = None if budget.moves is not None else self.began + budget.seconds
        self.started = self.began - before
        self.curve = Curve()
        self.moves = self._last = 0
        self.alarmed = False
        self.ended_because = ""

    def count(self, moves: int, points: int) -> None:
        """A search has made so many moves, and its best plan has so many points; each round counts from its begin."""
        self.moves += moves - (self._last if moves > self._last else 0)
        self._last = moves
        self.curve.note(time.monotonic() - self.started, points)

    def goes_on_below(self, points: int) -> bool:
        """Whether somebody wants a longer search than usual and a plan of fewer points may exist."""
        is_wished = self.budget.moves is None and self.budget.seconds > self.budget.usual
        return is_wished and (self.lower_bound is None or points > self.lower_bound)

    def is_over(self) -> bool:
        """Whether the search has to end; asks nobody, so it may be called as often as one likes."""
        is_late = self.ends is not None and time.monotonic() >= self.ends
        return self.alarmed or bool(self.ended_because) or is_late


class Watch(Pace):
    """Ends a search: its time is over, the lease is lost, a machine went down, somebody stopped it or needs a plan.

    `with` starts and ends its thread. Once the lease is lost it writes nothing more.
    """

    def __init__(self, lease: Lease, run: PlanRun, budget: Budget) -> None:
        """The seconds of the budget begin now."""
        super().__init__(budget, (lease.clock.now - run.started_at).total_seconds())
        self.lease, self.run = lease, run
        self.lower_bound = run.lower_bound
        self._told = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name=f"watch-{run.pk}", daemon=True)

    def __enter__(self) -> Watch:
        """Start looking."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop looking; nothing is written behind it."""
        self._done.set()
        self._thread.join()

    def is_over(self) -> bool:
        """The same, and when the lease is lost."""
        return self.lease.is_lost or super().is_over()

    def _look_on(self) -> None:
        try:
            while not self._done.wait(LOOKS_UP_EVERY_SECONDS) and not self.lease.is_lost:
                try:
                    self._look()
                except Error as error:  # the search goes on; a database that is away for long ends it at publication
                    log.warning("watch_failed", run=self.run.pk, error=str(error))
                    connection.close()
        finally:
            connection.close()

    def _look(self) -> None:
        wishes = PlanWish.objects.filter(plant_id=self.lease.plant_id, version__gt=self.run.wanted_version)
        new = list(wishes.order_by("version").values_list("reason", "text"))
        self.alarmed = any(reason == PlanWish.Reason.BREAKDOWN for reason, _ in new)
        waiting = [text for reason, text in new if reason not in CAN_WAIT]
        if waiting and time.monotonic() - self.began > self.budget.usual:
            self.ended_because = f"Ended for: {waiting[0]}"[:CAUSE_LENGTH]
        stopped = PlanRun.objects.filter(pk=self.run.pk, stop_requested_at__isnull=False)
        run = stopped.select_related("stop_requested_by").first()
        if run is not None:
            self.ended_because = f"Stopped by {run.stop_requested_by}"
        if time.monotonic() - self._told >= TELLS_EVERY_SECONDS:
            self._told = time.monotonic()
            tell(self.lease, self.run, self.moves, self.curve)


def tell(lease: Lease, run: PlanRun, moves: int, curve: Curve) -> bool:
    """Write how far the run is; False and nothing written when the lease is lost or somebody holds the row just now."""
    rows = PlanRun.objects.filter(
        pk=run.pk, state=PlanRun.State.RUNNING, token=lease.token, plant__planning__lease_token=lease.token
    )
    with transaction.atomic():
        mine = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")
        if not mine.values_list("pk", flat=True).first():
            return False
        PlanRun.objects.filter(pk=run.pk).update(
            moves=moves,
            curve=list(curve.pairs),
            objective_before=curve.first,
            objective_after=curve.best,
            lower_bound=run.lower_bound,
            minute_points=run.minute_points,
            told_at=lease.clock.now,
        )
        live.publish(topic(run.pk), run.pk, moves, plant_id=lease.plant_id)
        live.publish("run-progress", run.pk, moves, plant_id=lease.plant_id)
    return True


def topic(run_id: int) -> str:
    """What a page about one run waits for while it runs."""
    return f"run-{run_id}"
