"""Searchers that meet in rounds and tell one another their best plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aps.engine.rigid.elite import Elite
from aps.engine.rigid.worker import Local, Remote, Report

Told = Callable[[int, int, int], None]
Team = Sequence[Local | Remote]
Stop = Callable[[], bool]

ROUNDS = 16
"""Rounds into which a budget in moves is split."""
FIRST_ROUND = 500_000
"""Moves times operations of another process's first round when time counts."""
ROUND_SECONDS = 1.0
"""What the next ones last, about."""
ENDLESS = 1 << 60


@dataclass
class Meeting:
    """What all searchers know together."""

    now: int
    bound: int
    progress: Told | None
    seconds: Callable[[], float]
    best: Elite | None = None
    moves: int = 0
    curve: list[tuple[int, float, int]] = field(default_factory=list)

    def hear(self, report: Report) -> None:
        """Count the moves and keep the best plan; the first of equals, so the least seed."""
        self.moves += report.moves
        if self.best is None or report.best.makespan < self.best.makespan:
            self.best = Elite(report.best.makespan, report.best.order.copy(), report.best.option.copy())
            self.curve.append((self.moves, round(self.seconds(), 3), self.best.makespan - self.now))
        if self.progress is not None:
            self.progress(self.moves, self.best.makespan - self.now, self.bound - self.now)

    def is_over(self) -> bool:
        """Whether the best plan is as good as the bound."""
        return self.best is not None and self.best.makespan <= self.bound


def heard_from_others(reports: list[Report], at: int) -> list[Elite]:
    """What searcher `at` learns from the last round."""
    return [elite for other, report in enumerate(reports) if other != at for elite in report.elites]


def by_moves(team: Team, meeting: Meeting, moves: int, stop: Stop) -> None:
    """Rounds of equal budgets; everybody waits for everybody."""
    share, reports, done = -(-moves // len(team)), list[Report](), 0
    while True:
        step = min(-(-share // ROUNDS), share - done)
        for at, one in enumerate(team):
            one.begin(step, heard_from_others(reports, at))
        reports = [one.end(stop) for one in team]
        for report in reports:
            meeting.hear(report)
        done += step
        if done >= share or meeting.is_over() or stop():
            return


def by_clock(team: Team, meeting: Meeting, moves: int, stop: Stop, count: int) -> None:
    """Rounds of about a second: other processes get what they can do in it, this one searches until they have."""
    remote = [one for one in team if isinstance(one, Remote)]
    reports: list[Report] = []
    step = max(100, FIRST_ROUND // count)
    while True:
        begun = meeting.seconds()

        def met(begun: float = begun) -> bool:
            if remote:
                return stop() or all(one.has_answered() for one in remote)
            return stop() or meeting.seconds() - begun >= ROUND_SECONDS / len(team)

        for at, one in enumerate(team):
            one.begin(step if isinstance(one, Remote) else ENDLESS, heard_from_others(reports, at))
        reports = round_of(team, meeting, met, stop)
        if meeting.is_over() or stop() or meeting.moves >= moves:
            return
        slowest = min((report.moves for report, one in zip(reports, team, strict=True) if one in remote), default=0)
        if slowest:
            step = max(100, int(slowest * ROUND_SECONDS / max(0.01, meeting.seconds() - begun)))


def round_of(team: Team, meeting: Meeting, met: Stop, stop: Stop) -> list[Report]:
    """Hear everybody; who is still searching when the bound is met stops."""
    reports = []
    for one in team:
        report = one.end((lambda: stop() or meeting.is_over()) if isinstance(one, Remote) else met)
        meeting.hear(report)
        reports.append(report)
    return reports
