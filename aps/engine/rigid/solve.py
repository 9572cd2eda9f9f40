"""Makespan of a rigid shop: searchers that meet in rounds, and bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aps.engine.problem import Plan, Problem, ProblemError
from aps.engine.rigid.bounds import lower_bound
from aps.engine.rigid.grain import coarser, finer, grain_of
from aps.engine.rigid.net import Rigid, plan_of, rigid_of, selection_for
from aps.engine.rigid.rigidity import is_rigid
from aps.engine.rigid.rounds import Meeting, Told, by_clock, by_moves
from aps.engine.rigid.timing import build
from aps.engine.rigid.worker import Local, Remote

Clock = Callable[[], float]

ISLANDS = 2
"""Searchers of a budget in moves, however many processes do their work: so one and two give the same plan."""
MOVES = 200_000
"""The budget when none is given."""


@dataclass(frozen=True)
class Result:
    """A plan, minutes from now to the end of the last order, a bound that no plan beats, and how it went.

    `curve` has a (moves, seconds, makespan) per improvement; seconds are 0 without a clock.
    """

    plan: Plan
    makespan: int
    lower_bound: int
    moves: int
    curve: tuple[tuple[int, float, int], ...]


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    moves: int | None = None,
    workers: int = 1,
    seed: int = 1,
    progress: Told | None = None,
    cancelled: Callable[[], bool] | None = None,
    clock: Clock | None = None,
) -> Result:
    """The best plan within a budget in moves, or in seconds of the `clock` that the caller brings.

    The same plan for the same seed and moves, with one or two workers. `progress` gets (moves, makespan, bound) after
    each round; `cancelled` is asked about every 30 ms. Raises ProblemError when the problem is not rigid.
    """
    if not is_rigid(problem):
        raise ProblemError("expected a rigid shop: machines always open, no setups, nothing decided, only the makespan")
    if seconds is not None and clock is None:
        raise ValueError("expected a clock with a budget in seconds")
    begun = clock() if clock is not None else 0.0
    grain = grain_of(problem)
    fine = finer(problem, grain)
    rigid = rigid_of(fine)

    def passed() -> float:
        return clock() - begun if clock is not None else 0.0

    def stop() -> bool:
        return (cancelled is not None and cancelled()) or (seconds is not None and passed() >= seconds)

    bound = lower_bound(rigid.net)
    meeting = Meeting(rigid.net, seed, fine.now_min, bound, in_minutes(progress, grain), passed)
    islands = workers if seconds is not None else max(ISLANDS, workers)
    team: list[Local | Remote] = []
    try:
        for at in range(islands):
            kind = Remote if 0 < at < workers else Local
            team.append(kind(rigid.net, seed + at, bound))
            meeting.know(team[-1])
        if seconds is None:
            by_moves(team, meeting, MOVES if moves is None else moves, stop)
        else:
            by_clock(team, meeting, seconds, moves or 1 << 60, stop)
    finally:
        for one in team:
            one.close()
    return rounded(problem, finished(rigid, meeting), grain)


def finished(rigid: Rigid, meeting: Meeting) -> Result:
    """The best plan in the shop's words."""
    assert meeting.best is not None
    s = selection_for(rigid.net)
    build(rigid.net, s, meeting.best.order, meeting.best.option)
    return Result(
        plan_of(rigid, s.option, s.head),
        meeting.best.makespan - meeting.now,
        min(meeting.bound, meeting.best.makespan) - meeting.now,
        meeting.moves,
        tuple(meeting.curve),
    )


def in_minutes(progress: Told | None, grain: int) -> Told | None:
    """Told about the finer grain, it tells in minutes."""
    if progress is None or grain == 1:
        return progress
    tell = progress
    return lambda moves, makespan, bound: tell(moves, makespan // grain, bound // grain)


def rounded(problem: Problem, found: Result, grain: int) -> Result:
    """What was found in the finer grain, in minutes."""
    if grain == 1:
        return found
    curve = tuple((moves, seconds, makespan // grain) for moves, seconds, makespan in found.curve)
    return Result(
        coarser(problem, found.plan, grain), found.makespan // grain, found.lower_bound // grain, found.moves, curve
    )
