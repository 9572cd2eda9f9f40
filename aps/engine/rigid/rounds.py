"""Searchers that meet in rounds and tell one another their best plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aps.engine.rigid.elite import Elite
from aps.engine.rigid.exact import MOST, proved
from aps.engine.rigid.net import Net
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
PROOF_FROM, PROOF_SHARE, PROOF_EACH = 0.15, 0.1, 0.05
"""When CP-SAT has its turn, a share of the seconds or so many for each operation, and what share of them it gets."""
EFFORT = 1_000_000_000
"""Moves times operations for which CP-SAT gets a unit of its deterministic time."""


@dataclass
class Meeting:
    """What all searchers know together."""

    net: Net
    seed: int
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
        best = self.keep(report.best)
        if self.progress is not None:
            self.progress(self.moves, best.makespan - self.now, self.bound - self.now)

    def know(self, one: Local | Remote) -> None:
        """The first plan of a searcher in this process; others tell theirs with their first round."""
        if isinstance(one, Local):
            self.keep(one.island.best)

    def keep(self, elite: Elite) -> Elite:
        """The better of the two, the one known before among equals."""
        if self.best is None or elite.makespan < self.best.makespan:
            self.best = Elite(elite.makespan, elite.order.copy(), elite.option.copy())
            self.curve.append((self.moves, round(self.seconds(), 3), elite.makespan - self.now))
        return self.best

    def prove(self, effort: float, stop: Stop) -> list[Elite]:
        """Let CP-SAT try to beat the best plan or to prove that nothing does; what the searchers may learn from it."""
        assert self.best is not None
        elite, bound = proved(self.net, self.best, self.bound, effort, self.seed, stop)
        self.bound = max(self.bound, bound)
        return [self.keep(elite)]

    def is_over(self) -> bool:
        """Whether the best plan is as good as the bound."""
        return self.best is not None and self.best.makespan <= self.bound


def heard_from_others(reports: list[Report], at: int) -> list[Elite]:
    """What searcher `at` learns from the last round."""
    return [elite for other, report in enumerate(reports) if other != at for elite in report.elites]


def by_moves(team: Team, meeting: Meeting, moves: int, stop: Stop) -> None:
    """Rounds of equal budgets; everybody waits for everybody. CP-SAT has its turn after the second."""
    share, reports, done, rounds = -(-moves // len(team)), list[Report](), 0, 0
    exact: list[Elite] = []
    while True:
        step = min(-(-share // ROUNDS), share - done)
        for at, one in enumerate(team):
            one.begin(step, exact + heard_from_others(reports, at))
        reports = round_of(team, meeting, stop, stop)
        done, rounds = done + step, rounds + 1
        if rounds == 2:
            exact = meeting.prove(moves * len(meeting.net.release) / EFFORT, stop)
        if len(reports) < len(team) or done >= share or meeting.is_over() or stop():
            return


def by_clock(team: Team, meeting: Meeting, seconds: float, moves: int, stop: Stop) -> None:
    """Rounds of about a second: other processes get what they can do in it, this one searches until they have."""
    count = len(meeting.net.release)
    remote = [one for one in team if isinstance(one, Remote)]
    reports: list[Report] = []
    exact: list[Elite] = []
    proof = PROOF_SHARE * seconds if count <= MOST else 0.0
    step = max(100, FIRST_ROUND // count)

    def ended() -> bool:
        return stop() or meeting.is_over()

    while True:
        begun = meeting.seconds()
        is_turn = proof > 0 and bool(reports) and begun >= min(PROOF_FROM * seconds, PROOF_EACH * count)
        rounds = max(1.0, proof / ROUND_SECONDS) if is_turn else 1.0
        for at, one in enumerate(team):
            budget = int(step * rounds) if isinstance(one, Remote) else ENDLESS
            one.begin(budget, exact + heard_from_others(reports, at))
        if is_turn:
            exact = meeting.prove(1e9, until(meeting, begun + proof, stop))
            proof = 0.0
        met = (
            all_answered(remote, ended) if remote else until(meeting, begun + rounds * ROUND_SECONDS / len(team), ended)
        )
        reports = round_of(team, meeting, heeding(meeting, team, met), ended)
        if len(reports) < len(team) or meeting.is_over() or stop() or meeting.moves >= moves:
            return
        step = next_step(team, reports, meeting.seconds() - begun, step)


def next_step(team: Team, reports: list[Report], took: float, step: int) -> int:
    """What the slowest other process can do in a round; `step` as it was when there is none."""
    made = min((report.moves for report, one in zip(reports, team, strict=True) if isinstance(one, Remote)), default=0)
    return max(100, int(made * ROUND_SECONDS / max(0.01, took))) if made else step


def heeding(meeting: Meeting, team: Team, met: Stop) -> Stop:
    """`met`; whenever it is asked, better plans of this process are known at once, not only at the end of the round."""
    islands = [one.island for one in team if isinstance(one, Local)]

    def stop() -> bool:
        for island in islands:
            if meeting.best is None or island.least < meeting.best.makespan:
                best = meeting.keep(island.best)
                if meeting.progress is not None:
                    meeting.progress(meeting.moves, best.makespan - meeting.now, meeting.bound - meeting.now)
        return met()

    return stop


def until(meeting: Meeting, seconds: float, stop: Stop) -> Stop:
    """Says so when the time is there."""
    return lambda: stop() or meeting.seconds() >= seconds


def all_answered(remote: list[Remote], stop: Stop) -> Stop:
    """Says so when every other process has ended its round."""
    return lambda: stop() or all(one.has_answered() for one in remote)


def round_of(team: Team, meeting: Meeting, met: Stop, stop: Stop) -> list[Report]:
    """Hear everybody; this process searches until `met`, others are stopped by `stop` and then perhaps not heard."""
    reports = []
    for one in team:
        report = one.end(stop if isinstance(one, Remote) else met)
        if report is not None:
            meeting.hear(report)
            reports.append(report)
    return reports
