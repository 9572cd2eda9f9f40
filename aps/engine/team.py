"""Local search by several searchers at once: each moves what stands on machines of its own, and they meet in rounds.

Threads, because the compiled search holds no lock of the interpreter. Every searcher has the whole plan; in a round it
changes only the sequences of its own machines (a plant, say), so that what all have found can be put together. The same
problem, plan, seed, moves and number of searchers give the same plan, whoever is ready first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import NamedTuple, TypeVar

import numpy as np

from aps.engine.arrays import FREE, Shop, Times
from aps.engine.compiled import Ints
from aps.engine.decode import by_time, decode
from aps.engine.objective import total
from aps.engine.parting import parted
from aps.engine.search import CHUNK, WARMTH, Cancelled, Climb, Progress, floors

Result = TypeVar("Result")
ROUNDS, LEAST = 24, 20_000
"""Rounds in a search, and moves of a searcher in a round; short searches have fewer rounds."""
APART = 7919
"""Between the seeds of two searchers."""
LOOK = 0.02
"""Seconds between two looks at `cancelled`."""


class Task(NamedTuple):
    """What one searcher does in a round: where it begins, its seed and machines, its moves, and the moves that it has
    made before and will have made in the end, by which it cools down.
    """

    times: Times
    seed: int
    mine: Ints
    moves: int
    done: int
    whole: int


class Found(NamedTuple):
    """Where a searcher stands after a round, and the best plan that it has seen, with their points and its moves."""

    times: Times
    cost: int
    best: Times
    least: int
    moves: int


def searched_together(
    shop: Shop,
    times: Times,
    moves: int,
    seed: int,
    workers: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Times:
    """Improve in arrays with `moves` moves of all searchers together; `times` itself when nothing better was found.

    `progress` gets (moves of all, points of the best plan) after each round. `cancelled` is asked in the caller's
    thread every LOOK seconds; a searcher stops within CHUNK moves.
    """
    if moves <= 0 or not (shop.a.state == FREE).any():
        return times
    shares = parted(shop, workers)
    best, least, now = times, total(shop, times), times
    share = -(-moves // workers)
    step = -(-share // min(ROUNDS, max(1, share // LEAST)))
    made, done, number = 0, 0, 0
    while done < share and not (cancelled is not None and cancelled()):
        tasks = [
            Task(now, seed + APART * (at + workers * number), mine, min(step, share - done), done, share)
            for at, mine in enumerate(shares)
        ]
        found = together([_round_of(shop, task) for task in tasks], cancelled)
        done, number, made = done + step, number + 1, made + sum(one.moves for one in found)
        for one in found:
            if one.least < least:
                best, least = one.best, one.least
        now = _put_together(shop, shares, found)
        if progress is not None:
            progress(made, least)
    return best


def together(jobs: list[Callable[[Cancelled], Result]], cancelled: Cancelled | None) -> list[Result]:
    """The results of all jobs, each in a thread; every job gets a function that says when to stop.

    That is when `cancelled` says so, asked in the caller's thread, or when another job has failed; its error is raised.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures: list[Future[Result]] = [pool.submit(job, stop.is_set) for job in jobs]
        while not stop.is_set():
            ended, running = wait(futures, LOOK, FIRST_EXCEPTION)
            failed = any(future.exception() for future in ended)
            if not running or failed or (cancelled is not None and cancelled()):
                stop.set()
        wait(futures)
    return [future.result() for future in futures]


def _round_of(shop: Shop, task: Task) -> Callable[[Cancelled], Found]:
    """One searcher's part of a round."""

    def climbed(stop: Cancelled) -> Found:
        climb, done = Climb(shop, task.times, task.seed, task.mine), 0
        warmth = climb.least // (WARMTH * len(shop.a.state))
        while done < task.moves and not stop():
            step = min(CHUNK, task.moves - done)
            climb.go(step, warmth * (task.whole - task.done - done) // task.whole)
            done += step
        best = climb.best()
        return Found(climb.times, climb.now, best, total(shop, best), done)

    return climbed


def _put_together(shop: Shop, shares: list[Ints], found: list[Found]) -> Times:
    """The plan in which each machine's sequence is its searcher's; the best searcher's when that costs less.

    The parts' own times do not fit together where work goes from one to the other: the decoder says what they become.
    """
    alone = min(found, key=lambda one: one.cost)
    if shares[0].all():
        return alone.times
    machine, whole = found[0].times.machine, found[0].times.copy()
    for mine, one in zip(shares[1:], found[1:], strict=True):
        theirs = mine[machine] == 1
        for column, part in zip(whole, one.times, strict=True):
            column[theirs] = part[theirs]
    floor = floors(shop, whole)
    merged = decode(shop, by_time(shop, whole.start), whole.option, floor, np.zeros(len(floor), np.int64))
    return merged if total(shop, merged) < alone.cost else alone.times
