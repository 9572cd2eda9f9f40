"""Questions to planning: the published plan, the board, the reason behind a date, what counts, runs, scenarios."""

from aps.selectors.board import Message, Parts, board, board_message
from aps.selectors.earlier import Earlier, EarlierChange, LaterOrder, earlier
from aps.selectors.kept import moved_operations
from aps.selectors.offer_piece import Bar, Piece, offer_piece
from aps.selectors.people import people_load
from aps.selectors.plans import Spread, input_version, plan_to_spread, plants_being_planned, unplanned_plants
from aps.selectors.proposals import (
    LineEffect,
    OptionView,
    jobs_in_plan,
    open_proposals,
    proposal_options,
    repair_policy,
)
from aps.selectors.reasons import OperationWhy, Why, WhyLink, operation_why, why
from aps.selectors.runs import MakeUp, Part, make_up
from aps.selectors.scenarios import (
    GRACE_MIN,
    MOVED,
    OTHER_MACHINE,
    Comparison,
    compare,
    figures_of,
    lines_to_choose,
    losers,
    open_lines,
    order_lines,
    plan_in_force,
    scenario_lines,
    winners,
)
from aps.selectors.sheets import Sheet, SheetDay, SheetRow, machine_sheets, monday_of
from aps.selectors.weights import plan_weights

__all__ = [
    "GRACE_MIN",
    "MOVED",
    "OTHER_MACHINE",
    "Bar",
    "Comparison",
    "Earlier",
    "EarlierChange",
    "LaterOrder",
    "LineEffect",
    "MakeUp",
    "Message",
    "OperationWhy",
    "OptionView",
    "Part",
    "Parts",
    "Piece",
    "Sheet",
    "SheetDay",
    "SheetRow",
    "Spread",
    "Why",
    "WhyLink",
    "board",
    "board_message",
    "compare",
    "earlier",
    "figures_of",
    "input_version",
    "jobs_in_plan",
    "lines_to_choose",
    "losers",
    "machine_sheets",
    "make_up",
    "monday_of",
    "moved_operations",
    "offer_piece",
    "open_lines",
    "open_proposals",
    "operation_why",
    "order_lines",
    "people_load",
    "plan_in_force",
    "plan_to_spread",
    "plan_weights",
    "plants_being_planned",
    "proposal_options",
    "repair_policy",
    "scenario_lines",
    "unplanned_plants",
    "why",
    "winners",
]
