"""Questions to planning: the published plan, the board, the reason behind a date, what counts, runs."""

from aps.selectors.board import board
from aps.selectors.kept import moved_operations
from aps.selectors.plans import Spread, input_version, plan_to_spread
from aps.selectors.reasons import Why, WhyLink, why
from aps.selectors.runs import MakeUp, Part, make_up
from aps.selectors.weights import plan_weights

__all__ = [
    "MakeUp",
    "Part",
    "Spread",
    "Why",
    "WhyLink",
    "board",
    "input_version",
    "make_up",
    "moved_operations",
    "plan_to_spread",
    "plan_weights",
    "why",
]
