"""Tabu search on the critical path: moves within a block, moves to other machines, short memory of what was left.

Blocks as in Zhang et al. (2007, N7), other machines as in Mastrolilli and Gambardella (2000), memory of whole
arrangements as in Peng, Lü and Cheng (2015), restarts from elites.
"""

from __future__ import annotations

from aps.engine.compiled import Ints, inner, jit
from aps.engine.dice import throw
from aps.engine.rigid.critical import before_cost, behind_cost, insertion, path_of
from aps.engine.rigid.net import TABLE, Net, Selection
from aps.engine.rigid.shift import shift
from aps.engine.rigid.timing import build, longest

NOW, LEAST, STALE, LOWEST, EARLIEST, SHORTEST, TENURE, HOLD, LENGTH = range(9)
"""Columns of `marks`: moves so far, least makespan of the run, moves since, bound, least head and tail, for how many
moves arcs and machines are forbidden, makespan."""
MARKS = 9
COST, OPERATION, OPTION, SPOT, TIES, FALLBACK = range(6)
"""Columns of `choice`: the best allowed move, then the same for a random forbidden one."""
CHOICES = 10
NOTHING = 1 << 60


@inner
def copy(source: Ints, goal: Ints) -> None:
    """Copy number by number."""
    for k in range(len(source)):
        goal[k] = source[k]


@inner
def slot_of(first: int, second: int) -> int:
    """Where the table keeps until when `first` may not go before `second` again."""
    return ((first * 40503) ^ (second * 65599 + 12289)) & (TABLE - 1)


@inner
def is_forbidden(s: Selection, i: int, j: int, one: int, ahead: int, table: Ints, now: int) -> bool:
    """Whether the operation may not go ahead of (1), or behind (0), one of those in lane places i to j."""
    for k in range(i, j + 1):
        slot = slot_of(one, s.lane[k]) if ahead == 1 else slot_of(s.lane[k], one)
        if table[slot] > now:
            return True
    return False


@inner
def consider(
    choice: Ints, dice: Ints, least: int, forbidden: bool, cost: int, operation: int, option: int, spot: int
) -> None:
    """Keep the best move, by the dice among equals; a forbidden one only for want of others, or when it is a record."""
    to = 0
    if forbidden and cost >= least:
        to, cost = FALLBACK, 0
    if cost > choice[to + COST]:
        return
    choice[to + TIES] = 1 if cost < choice[to + COST] else choice[to + TIES] + 1
    if choice[to + TIES] == 1 or throw(dice, choice[to + TIES]) == 0:
        choice[to + COST], choice[to + OPERATION] = cost, operation
        choice[to + OPTION], choice[to + SPOT] = option, spot


@inner
def behind(s: Selection, i: int, j: int, choice: Ints, dice: Ints, marks: Ints, table: Ints) -> None:
    """Consider the operation in place i right behind the one in place j, unless a follower of it may be in between."""
    one, goal = s.lane[i], s.lane[j]
    if s.run[goal] + s.tail[goal] >= s.rest[one]:
        cost = behind_cost(s, i, j, choice[COST])
        if cost <= choice[COST]:
            forbidden = is_forbidden(s, i + 1, j, one, 0, table, marks[NOW])
            consider(choice, dice, marks[LEAST], forbidden, cost, one, s.option[one], j)


@inner
def before(s: Selection, i: int, j: int, choice: Ints, dice: Ints, marks: Ints, table: Ints) -> None:
    """Consider the operation in place j right before the one in place i, unless it may wait for one in between."""
    goal, one = s.lane[i], s.lane[j]
    if s.head[goal] + s.run[goal] >= s.ready[one]:
        cost = before_cost(s, i, j, choice[COST])
        if cost <= choice[COST]:
            forbidden = is_forbidden(s, i, j - 1, one, 1, table, marks[NOW])
            consider(choice, dice, marks[LEAST], forbidden, cost, one, s.option[one], i)


@inner
def new_first(s: Selection, i: int, j: int, choice: Ints, dice: Ints, marks: Ints, table: Ints) -> None:
    """Consider the moves that give the block in lane places i to j another first operation."""
    for k in range(i + 1, j + 1):
        before(s, i, k, choice, dice, marks, table)
    for k in range(i + 2, j):
        behind(s, i, k, choice, dice, marks, table)


@inner
def new_last(s: Selection, i: int, j: int, choice: Ints, dice: Ints, marks: Ints, table: Ints) -> None:
    """Consider the moves that give the block in lane places i to j another last operation."""
    for k in range(j - 1, i - 1, -1):
        behind(s, k, j, choice, dice, marks, table)
    for k in range(i + 1, j - 1):
        before(s, k, j, choice, dice, marks, table)


@inner
def in_block(s: Selection, i: int, j: int, choice: Ints, dice: Ints, marks: Ints, table: Ints) -> None:
    """Another first operation cannot help where the path starts, nor another last one where it ends."""
    if s.head[s.lane[i]] > marks[EARLIEST]:
        new_first(s, i, j, choice, dice, marks, table)
        if j == i + 1:
            return
    if s.tail[s.lane[j]] > marks[SHORTEST]:
        new_last(s, i, j, choice, dice, marks, table)


@inner
def elsewhere(net: Net, s: Selection, operation: int, choice: Ints, dice: Ints, marks: Ints, forbidden: Ints) -> None:
    """Consider the operation on its other machines."""
    for option in range(net.first_option[operation], net.first_option[operation + 1]):
        if option != s.option[operation]:
            spot, cost = insertion(net, s, operation, option, dice)
            consider(choice, dice, marks[LEAST], forbidden[option] > marks[NOW], cost, operation, option, spot)


@inner
def choose(net: Net, s: Selection, choice: Ints, dice: Ints, marks: Ints, table: Ints, forbidden: Ints) -> int:
    """Consider every move off one critical path; where in `choice` the one to make is, -1 when there is none."""
    choice[:] = 0
    choice[COST], choice[FALLBACK + COST] = NOTHING, NOTHING
    count = path_of(net, s, marks[LENGTH], dice)
    k = 0
    while k < count:
        last = k
        while k + 1 < count and s.at[s.path[k + 1]] == s.at[s.path[k]] - 1:
            k += 1
        if k > last:
            in_block(s, s.at[s.path[k]], s.at[s.path[last]], choice, dice, marks, table)
        k += 1
    for at in range(count):
        elsewhere(net, s, s.path[at], choice, dice, marks, forbidden)
    if choice[COST] < NOTHING:
        return 0
    return FALLBACK if choice[FALLBACK + COST] < NOTHING else -1


@inner
def make(net: Net, s: Selection, choice: Ints, to: int, dice: Ints, marks: Ints, table: Ints, forbidden: Ints) -> None:
    """Make the chosen move and forbid for a while what it leaves."""
    operation, option, spot = choice[to + OPERATION], choice[to + OPTION], choice[to + SPOT]
    old, home = s.option[operation], s.at[operation]
    if old == option:
        until = marks[NOW] + marks[TENURE] + throw(dice, marks[TENURE])
        for k in range(home + 1, spot + 1):
            table[slot_of(operation, s.lane[k])] = until
        for k in range(spot, home):
            table[slot_of(s.lane[k], operation)] = until
    else:
        forbidden[old] = marks[NOW] + marks[HOLD] + throw(dice, marks[HOLD])
    if shift(net, s, operation, option, spot):
        marks[LENGTH] = longest(net, s)


@jit
def explore(
    net: Net,
    s: Selection,
    best: tuple[Ints, Ints],
    choice: Ints,
    dice: Ints,
    marks: Ints,
    table: Ints,
    forbidden: Ints,
    moves: int,
    patience: int,
) -> int:
    """Make up to `moves` moves, until the best is `patience` moves old or meets the bound; how many were made.

    `best` receives order and options of every improvement.
    """
    for done in range(moves):
        if marks[STALE] >= patience or marks[LEAST] <= marks[LOWEST]:
            return done
        to = choose(net, s, choice, dice, marks, table, forbidden)
        marks[NOW] += 1
        marks[STALE] += 1
        if to < 0:
            marks[STALE] = patience
            continue
        make(net, s, choice, to, dice, marks, table, forbidden)
        if marks[LENGTH] < marks[LEAST]:
            marks[LEAST], marks[STALE] = marks[LENGTH], 0
            copy(s.topo, best[0])
            copy(s.option, best[1])
    return moves


@jit
def begin(net: Net, s: Selection, best: tuple[Ints, Ints], marks: Ints) -> None:
    """Start a run from `best`: what was forbidden before is long past."""
    marks[LENGTH] = build(net, s, best[0], best[1])
    marks[LEAST], marks[STALE] = marks[LENGTH], 0
    marks[NOW] += 1 << 20
