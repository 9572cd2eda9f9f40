"""Several orders that are asked for together: each into the gaps that those before it leave, and nobody moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aps.engine.objective import Objective, objective_of
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import Id, Operation, Order, Placement, Plan, Problem


@dataclass(frozen=True, slots=True)
class Together:
    """Offer A of each order, in their sequence, and what all of them make of the plan.

    `placements` are those of all new operations with all of them in it, `changed` those of others (in setups only);
    `setup_min` is more setup in the whole plan, `worth` the points of the whole.
    """

    offers: tuple[Offer, ...]
    problem: Problem
    placements: Mapping[Id, Placement]
    changed: Mapping[Id, Placement]
    setup_min: int
    worth: Objective

    def applied(self, plan: Plan) -> Plan:
        """The plan with all of them."""
        return Plan({**plan.placements, **self.changed, **self.placements})


def together(live: LivePlan, asked: Sequence[tuple[Order, Sequence[Operation]]]) -> Together:
    """Offers for all of them, one after the other: what the first takes, the second lacks. A millisecond or two each.

    Raises HorizonTooShortError.
    """
    standing, found = live, []
    for order, operations in asked:
        offer, standing = standing.taken(order, operations)
        found.append(offer)
    placements, changed = standing.beyond(live)
    return Together(
        tuple(found),
        standing.shop.problem,
        placements,
        changed,
        int(standing.times.setup.sum() - live.times.setup.sum()),
        objective_of(standing.shop, standing.times),
    )
