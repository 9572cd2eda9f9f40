"""Why an order is at the customer when it is: its last operation's chain, the lorry and the way behind it."""

from __future__ import annotations

from aps.engine.arrays import Shop, Times, shop_of
from aps.engine.explain import Link, links
from aps.engine.lanes import lanes_of
from aps.engine.objective import ends_of
from aps.engine.problem import Id, Plan, Problem, ProblemError


def order_chain(problem: Problem, plan: Plan, order: Id) -> list[Link]:
    """The waits behind the order's end, latest first: the way, the lorry, then those of what ends last of its own.

    The first link ends when the order does. Raises ProblemError for an order without operations in the plan.
    """
    shop = shop_of(problem)
    times = shop.times(plan)
    at = last_of(shop, times, order)
    return [*_behind(shop, times, at), *links(shop, times, lanes_of(shop.a, times), at)]


def end_of(problem: Problem, plan: Plan, order: Id) -> int:
    """When the order is at the customer. Raises ProblemError for an order without operations in the plan."""
    shop = shop_of(problem)
    times = shop.times(plan)
    last_of(shop, times, order)
    return int(ends_of(shop, times)[shop.order_at[order]])


def last_of(shop: Shop, times: Times, order: Id) -> int:
    """The order's operation that ends last. Raises ProblemError when none is planned."""
    number = shop.order_at.get(order, -1)
    own = [at for at in range(len(times.start)) if shop.a.order[at] == number and times.machine[at] >= 0]
    if not own:
        raise ProblemError(f"order {order}: expected operations in the plan")
    return max(own, key=lambda at: (int(times.end[at]), int(times.start[at]), at))


def _behind(shop: Shop, times: Times, at: int) -> list[Link]:
    """The way to the customer and the wait for a lorry, where there are any."""
    number = int(shop.a.order[at])
    end, way = int(times.end[at]), int(shop.a.transport[number])
    there = int(ends_of(shop, times)[number])
    operation, machine = shop.operations[at].id, shop.problem.machines[int(times.machine[at])].id
    found = []
    if way > 0:
        sentence = "is on its way to the customer until {until}"
        found.append(Link("delivery", operation, machine, there - way, there, (), operation, sentence))
    if there - way > end:
        sentence = "is done and leaves at the next shipping time, {until}"
        found.append(Link("shipping", operation, machine, end, there - way, (), operation, sentence))
    return found
