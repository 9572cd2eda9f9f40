"""Questions to planning: the published plan, the board, the reason behind a date, what counts."""

from aps.selectors.board import board
from aps.selectors.kept import moved_operations
from aps.selectors.plans import Spread, input_version, plan_to_spread
from aps.selectors.reasons import Why, WhyLink, why
from aps.selectors.weights import plan_weights

__all__ = [
    "Spread",
    "Why",
    "WhyLink",
    "board",
    "input_version",
    "moved_operations",
    "plan_to_spread",
    "plan_weights",
    "why",
]
