"""Deeds of planning: wishes, blocks, the worker's turn, publication, offers."""

from aps.services.blocks import block_machine, free_machine
from aps.services.offers import NoOffer, OfferAnswer, OfferOption, StaleOffer, keep_offer, offer, take_offer
from aps.services.publication import StaleLease, StalePlan, publish_plan
from aps.services.runs import MOST_SECONDS, RunIsOver, duration, optimise_plant, stop_run
from aps.services.turn import plan_plant
from aps.services.waking import wake_waiting_plants
from aps.services.weights import set_weights
from aps.services.wishes import follow_progress, locked_planning, want_plan, want_plan_for_order

__all__ = [
    "MOST_SECONDS",
    "NoOffer",
    "OfferAnswer",
    "OfferOption",
    "RunIsOver",
    "StaleLease",
    "StaleOffer",
    "StalePlan",
    "block_machine",
    "duration",
    "follow_progress",
    "free_machine",
    "keep_offer",
    "locked_planning",
    "offer",
    "optimise_plant",
    "plan_plant",
    "publish_plan",
    "set_weights",
    "stop_run",
    "take_offer",
    "wake_waiting_plants",
    "want_plan",
    "want_plan_for_order",
]
