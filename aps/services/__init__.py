"""Deeds of planning: wishes, blocks, alarms, the worker's turn, publication, offers, scenarios."""

from aps.edits import Edit, Refused, edit_from, edits_from
from aps.edits import plain as plain_edit
from aps.effects import plain_lines
from aps.following import Follower, paused
from aps.replanting import plain_away
from aps.services.alarms import answer_alarm, end_alarm
from aps.services.blocks import block_machine, free_machine, keep_free
from aps.services.draft_publication import (
    DraftNotPossible,
    DraftPublished,
    NothingToPublish,
    ToPublish,
    publish_draft,
    publish_drafts,
)
from aps.services.drafts import OtherDraft, StaleDraft, draft_of, drafts_by, drop_draft, other_drafts, save_draft
from aps.services.effect import Effect, NoDraft, draft_effect
from aps.services.kept import StaleOffer, TooLateToGiveBack, give_back_offer, keep_offer, keep_together, take_offer
from aps.services.offers import NoOffer, OfferAnswer, OfferOption, OfferVictim, offer
from aps.services.overtime import Overtime, OvertimeOffer, offer_with_overtime, sooner_with_overtime
from aps.services.parts import PartsOffer, offer_in_parts
from aps.services.placing import offer_place
from aps.services.promotion import Check, NoBetter, NotReal, NotSolved, PlanMovedOn, check_promotion, promote_scenario
from aps.services.proposals import (
    ProposalIsOver,
    StaleProposal,
    leave_proposal,
    review_proposals,
    set_policy,
    take_proposal,
)
from aps.services.publication import StaleLease, StalePlan, publish_plan
from aps.services.rehanded import offer_with_taken
from aps.services.runs import MOST_SECONDS, RunIsOver, duration, optimise_plant, stop_run
from aps.services.scenario_runs import NothingToStop, solve_scenario, stop_scenario, wake_waiting_scenarios
from aps.services.scenario_solving import run_scenario
from aps.services.scenarios import (
    NameTaken,
    SaidAlready,
    ScenarioIsBusy,
    ScenarioIsOver,
    add_change,
    copy_plan,
    drop_scenario,
    remove_change,
    rename_scenario,
)
from aps.services.sooner import (
    NothingToHurry,
    OwnWork,
    answer_sooner,
    offer_sooner,
    own_work,
    sooner_with_material,
)
from aps.services.sooner_parts import LinesOffer, sooner_by_lines, sooner_in_parts
from aps.services.takeoff import take_off_plan
from aps.services.together import TogetherAnswer, WantedLine, offer_together, read_anew
from aps.services.turn import plan_plant
from aps.services.waking import wake_waiting_plants
from aps.services.weights import set_weights
from aps.services.wishes import follow_progress, locked_planning, want_plan, want_plan_for_order

__all__ = [
    "MOST_SECONDS",
    "Check",
    "DraftNotPossible",
    "DraftPublished",
    "Edit",
    "Effect",
    "Follower",
    "LinesOffer",
    "NameTaken",
    "NoBetter",
    "NoDraft",
    "NoOffer",
    "NotReal",
    "NotSolved",
    "NothingToHurry",
    "NothingToPublish",
    "NothingToStop",
    "OfferAnswer",
    "OfferOption",
    "OfferVictim",
    "OtherDraft",
    "Overtime",
    "OvertimeOffer",
    "OwnWork",
    "PartsOffer",
    "PlanMovedOn",
    "ProposalIsOver",
    "Refused",
    "RunIsOver",
    "SaidAlready",
    "ScenarioIsBusy",
    "ScenarioIsOver",
    "StaleDraft",
    "StaleLease",
    "StaleOffer",
    "StalePlan",
    "StaleProposal",
    "ToPublish",
    "TogetherAnswer",
    "TooLateToGiveBack",
    "WantedLine",
    "add_change",
    "answer_alarm",
    "answer_sooner",
    "block_machine",
    "check_promotion",
    "copy_plan",
    "draft_effect",
    "draft_of",
    "drafts_by",
    "drop_draft",
    "drop_scenario",
    "duration",
    "edit_from",
    "edits_from",
    "end_alarm",
    "follow_progress",
    "free_machine",
    "give_back_offer",
    "keep_free",
    "keep_offer",
    "keep_together",
    "leave_proposal",
    "locked_planning",
    "offer",
    "offer_in_parts",
    "offer_place",
    "offer_sooner",
    "offer_together",
    "offer_with_overtime",
    "offer_with_taken",
    "optimise_plant",
    "other_drafts",
    "own_work",
    "paused",
    "plain_away",
    "plain_edit",
    "plain_lines",
    "plan_plant",
    "promote_scenario",
    "publish_draft",
    "publish_drafts",
    "publish_plan",
    "read_anew",
    "remove_change",
    "rename_scenario",
    "review_proposals",
    "run_scenario",
    "save_draft",
    "set_policy",
    "set_weights",
    "solve_scenario",
    "sooner_by_lines",
    "sooner_in_parts",
    "sooner_with_material",
    "sooner_with_overtime",
    "stop_run",
    "stop_scenario",
    "take_off_plan",
    "take_offer",
    "take_proposal",
    "wake_waiting_plants",
    "wake_waiting_scenarios",
    "want_plan",
    "want_plan_for_order",
]
