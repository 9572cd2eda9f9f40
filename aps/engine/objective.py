"""What a plan costs in points: lateness, completion, setup and stability, every part in the open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aps.engine.arrays import DONE, PINNED, STARTED, Arrays, Shop, Times, shop_of
from aps.engine.calendar import add_work
from aps.engine.compiled import Ints, inner, jit
from aps.engine.decode import ready_at, torn
from aps.engine.problem import Id, Plan, Problem

LATENESS, COMPLETION, SETUP, MOVED, MACHINE, PIN, MOVED_AFTER, STABLE_FOR, MAKESPAN = range(9)
PARTS = 9
HOPELESS = 1 << 60
"""The points of a plan in which something does not fit into the calendars."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Points by part; `total` is what is minimised. `late_min` is unweighted, by order that is late."""

    total: int
    lateness: int
    completion: int
    setup: int
    moved: int
    machine: int
    pin: int
    makespan: int
    late_min: dict[Id, int]


@jit
def order_ends(a: Arrays, times: Times, ends: Ints) -> None:
    """Write the end of each order, shipping and transport included; -1 for an order without operations."""
    ends[:] = -1
    for operation in range(len(a.order)):
        order = a.order[operation]
        ends[order] = max(ends[order], times.end[operation])
    for order in range(len(a.due)):
        if ends[order] >= 0:
            ends[order] = delivered(a, order, ends[order])


@inner
def delivered(a: Arrays, order: int, end: int) -> int:
    """When an order whose work ends at `end` is at the customer: the next shipping time, and the transport."""
    row = a.shipping[order]
    if row >= 0:
        end = add_work(a.starts[row], a.ends[row], a.windows[row], end, 0)
    return int(end + a.transport[order])


def delivery_of(shop: Shop, order: int, end: int) -> int:
    """When the order is at the customer if its work ends at `end`."""
    a, row = shop.a, int(shop.a.shipping[order])
    if row >= 0:
        end = int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), end, 0))
    return end + int(a.transport[order])


def work_by(shop: Shop, order: int, due: int) -> int:
    """By when the work of the order must end so that it is at the customer by `due`, in its shipping hours."""
    a, row = shop.a, int(shop.a.shipping[order])
    leaves = due - int(a.transport[order])
    if row < 0:
        return leaves
    k = int(np.searchsorted(a.starts[row, : a.windows[row]], leaves, side="right")) - 1
    return min(leaves, int(a.ends[row, k]) - 1) if k >= 0 else a.now - 1


@inner
def late_points(a: Arrays, ends: Ints, parts: Ints) -> None:
    """Add lateness and completion of the orders, and the makespan."""
    last = a.now
    for order in range(len(a.due)):
        if ends[order] >= 0:
            last = max(last, ends[order])
            parts[COMPLETION] += a.weights[COMPLETION] * a.weight[order] * max(0, ends[order] - a.now)
            if ends[order] > a.due[order]:
                parts[LATENESS] += a.weights[LATENESS] * a.weight[order] * (ends[order] - a.due[order])
    parts[MAKESPAN] += a.weights[MAKESPAN] * (last - a.now)


@inner
def saved_points(a: Arrays, order: int, end: int, other: int) -> int:
    """Points of lateness and completion of the order when its work ends at `end` instead of at `other`."""
    end, other, due = delivered(a, order, end), delivered(a, order, other), a.due[order]
    points = a.weights[COMPLETION] * (max(a.now, end) - max(a.now, other))
    points += a.weights[LATENESS] * (max(due, end) - max(due, other))
    return int(points * a.weight[order])


@inner
def own_points(a: Arrays, times: Times, operation: int) -> int:
    """What one free or pinned operation costs by itself: its setup, its pin if it is late, and what has changed against
    the published plan. It must not start before what it waits for lets it.
    """
    cost: int = a.weights[SETUP] * times.setup[operation]
    if a.state[operation] == PINNED and times.start[operation] != a.fixed_start[operation]:
        cost += a.weights[PIN]
    if a.base_machine[operation] >= 0:
        if times.machine[operation] != a.base_machine[operation]:
            cost += a.weights[MACHINE]
        moved = abs(times.start[operation] - a.base_start[operation])
        if a.base_start[operation] < a.now + a.weights[STABLE_FOR] and moved > a.weights[MOVED_AFTER]:
            cost += a.weights[MOVED]
    return cost


@jit
def span_of(a: Arrays, ends: Ints) -> int:
    """The points of the makespan when the work of the orders ends so."""
    if a.weights[MAKESPAN] == 0:
        return 0
    last = a.now
    for order in range(len(ends)):
        if ends[order] >= 0:
            last = max(last, delivered(a, order, ends[order]))
    return int(a.weights[MAKESPAN] * (last - a.now))


@inner
def moved_points(a: Arrays, times: Times, operation: int, parts: Ints) -> None:
    """Add what the operation costs against the published plan and its pin."""
    if a.base_machine[operation] >= 0:
        if times.machine[operation] != a.base_machine[operation]:
            parts[MACHINE] += a.weights[MACHINE]
        moved = abs(times.start[operation] - a.base_start[operation])
        if a.base_start[operation] < a.now + a.weights[STABLE_FOR] and moved > a.weights[MOVED_AFTER]:
            parts[MOVED] += a.weights[MOVED]
    if a.state[operation] == PINNED:
        kept = times.start[operation] == a.fixed_start[operation]
        if not kept or ready_at(a, times, operation) > times.start[operation]:
            parts[PIN] += a.weights[PIN]


@jit
def points(a: Arrays, times: Times, ends: Ints, parts: Ints) -> int:
    """Write the points of each part and the order ends; return their sum, HOPELESS when something did not fit."""
    order_ends(a, times, ends)
    parts[:] = 0
    if torn(a, times) > 0:
        return HOPELESS
    late_points(a, ends, parts)
    for operation in range(len(a.order)):
        if times.machine[operation] < 0:
            return HOPELESS
        if a.state[operation] != DONE and a.state[operation] != STARTED:
            parts[SETUP] += a.weights[SETUP] * times.setup[operation]
            moved_points(a, times, operation, parts)
    return int(parts.sum())


def total(shop: Shop, times: Times) -> int:
    """The points of a plan in arrays."""
    return int(points(shop.a, times, np.zeros(len(shop.a.due), np.int64), np.zeros(PARTS, np.int64)))


def objective_of(shop: Shop, times: Times) -> Objective:
    """The points of a plan in arrays, by part."""
    ends, parts = np.zeros(len(shop.a.due), np.int64), np.zeros(PARTS, np.int64)
    whole = int(points(shop.a, times, ends, parts))
    orders = shop.problem.orders
    late = {orders[at].id: int(ends[at] - shop.a.due[at]) for at in np.flatnonzero(ends > shop.a.due).tolist()}
    lateness, completion, setup, moved, machine, pin = parts[:6].tolist()
    return Objective(whole, lateness, completion, setup, moved, machine, pin, int(parts[MAKESPAN]), late)


def objective(problem: Problem, plan: Plan, published: Plan | None = None) -> Objective:
    """The points of a plan; `published` is the plan against which stability is measured."""
    shop = shop_of(problem, published)
    return objective_of(shop, shop.times(plan))


def ends_of(shop: Shop, times: Times) -> Ints:
    """The end of each order, transport included; -1 for an order without operations."""
    ends = np.zeros(len(shop.a.due), np.int64)
    order_ends(shop.a, times, ends)
    return ends
