"""A random factory with everything that the model knows at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from aps.engine.problem import Machine, Operation, Order, Overlap, Problem, Resource
from tests.engine.shops import always, day_shift, random_factory

SKILLS = ("sawing", "fitting", "jig")


def rich_factory(seed: int, *, orders: int = 6) -> Problem:
    """random_factory with people, tools, setters, ovens, latest starts, transfer batches, sites and lorries."""
    dice = random.Random(seed * 7919 + 1)
    plain = random_factory(seed, orders=orders, fixed=dice.random() < 0.5)
    machines = [_machine(dice, one) for one in plain.machines]
    ovens = {one.id for one in machines if one.capacity > 1}
    operations = [_operation(dice, one, ovens) for one in plain.operations]
    return Problem(
        machines,
        operations,
        [_order(dice, one) for one in plain.orders],
        plain.now_min,
        plain.weights,
        resources=_people(dice),
        transports={("north", "south"): dice.choice([0, 30]), ("south", "north"): 45},
    )


def _people(dice: random.Random) -> list[Resource]:
    found = [Resource(f"P{at}", _shift(dice), dice.sample(SKILLS, dice.randint(1, 2))) for at in range(3)]
    everything = Resource("Q", always(90), [*SKILLS, "setting"])
    return [*found, everything, Resource("R", always(90), SKILLS), Resource("S", always(90), ["jig"])]


def _shift(dice: random.Random) -> Sequence[tuple[int, int]]:
    return day_shift(90) if dice.random() < 0.6 else always(90)


def _machine(dice: random.Random, one: Machine) -> Machine:
    return replace(
        one,
        capacity=dice.choice([1, 1, 1, 3]),
        setter=dice.choice(["", "", "setting"]),
        site=dice.choice(["north", "north", "south"]),
    )


def _operation(dice: random.Random, one: Operation, ovens: set[object]) -> Operation:
    needs = dice.sample(SKILLS, dice.choice([0, 0, 1, 1, 2]))
    before = [key for key, _ in one.predecessors]
    overlaps = {key: Overlap(dice.randint(0, 20), dice.randint(0, 10)) for key in before if dice.random() < 0.3}
    latest = {}
    if before and not overlaps and dice.random() < 0.2:
        latest = {key: lag + 3000 for key, lag in one.predecessors}
    baked = any(option.machine in ovens for option in one.options)
    options = [replace(option, run_min=60) if option.machine in ovens else option for option in one.options]
    size = dice.randint(1, 3) if baked and all(option.machine in ovens for option in one.options) else 1
    return replace(one, options=options, needs=needs, overlaps=overlaps, latest=latest, size=size)


def _order(dice: random.Random, one: Order) -> Order:
    return replace(
        one, shipping=[(day * 1440 + 400, day * 1440 + 480) for day in range(90)] if dice.random() < 0.4 else ()
    )
