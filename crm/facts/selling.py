"""What can happen before, with and after a sale: pipeline, quotations, rush, contracts, cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class QuotationSent(Fact):
    """A quotation was sent: this revision is what the customer has and can accept."""

    about = ("quotation:{quotation_id}",)

    quotation_id: int
    revision_no: int


@dataclass(frozen=True, kw_only=True)
class PriceApprovalAsked(Fact):
    """Somebody asks whether a quotation may be sent with prices beyond the limits of sales."""

    about = ("quotation:{quotation_id}",)

    quotation_id: int
    revision_no: int
    approval_id: int


@dataclass(frozen=True, kw_only=True)
class PriceApprovalDecided(Fact):
    """The question of a price is over: `decision` is approved, rejected, or dropped, as its figures have changed."""

    about = ("quotation:{quotation_id}",)

    quotation_id: int
    revision_no: int
    approval_id: int
    decision: str


@dataclass(frozen=True, kw_only=True)
class QuotationAccepted(Fact):
    """The customer said yes; the order is confirmed in the same transaction."""

    about = ("order:{order_id}",)

    quotation_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class RushTaken(Fact):
    """A rush option was taken: order, plan and displaced promises are committed."""

    about = ("order:{order_id}",)

    request_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class RushAnswered(Fact):
    """A rush request has a new answer with so many options that may be taken; older ones are stale."""

    about = ("rush:{request_id}",)

    request_id: int
    answer_no: int
    options: int


@dataclass(frozen=True, kw_only=True)
class RushUndone(Fact):
    """A rush option that was just taken was given back, with all that it had moved."""

    about = ("order:{order_id}",)

    request_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class RushApprovalAsked(Fact):
    """Somebody asks whether an option may be taken."""

    about = ("rush:{request_id}",)

    request_id: int
    option_id: int
    approval_id: int


@dataclass(frozen=True, kw_only=True)
class RushApprovalDecided(Fact):
    """Whoever may decide it said yes, and it was taken, or no."""

    about = ("rush:{request_id}",)

    request_id: int
    approval_id: int
    is_approved: bool


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Fact):
    """A customer asks or complains about something."""

    about = ("order:{order_id}", "customer:{customer_id}")

    case_id: int
    customer_id: int
    order_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    """A case ended, with its outcome."""

    about = ("order:{order_id}", "customer:{customer_id}")

    case_id: int
    customer_id: int
    outcome: str
    order_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LeadConverted(Fact):
    """A lead became a customer with an opportunity."""

    about = ("customer:{customer_id}",)

    lead_id: int
    customer_id: int
    opportunity_id: int


@dataclass(frozen=True, kw_only=True)
class OpportunityWon(Fact):
    """The customer buys: a quotation of it was accepted, or somebody says so."""

    about = ("customer:{customer_id}",)

    opportunity_id: int
    customer_id: int


@dataclass(frozen=True, kw_only=True)
class OpportunityLost(Fact):
    """The customer does not buy, for a reason."""

    about = ("customer:{customer_id}",)

    opportunity_id: int
    customer_id: int
    lost_reason_id: int


@dataclass(frozen=True, kw_only=True)
class _OfContract:
    """A contract and whose it is."""

    about: ClassVar[tuple[str, ...]] = ("contract:{contract_id}",)

    contract_id: int
    customer_id: int


@dataclass(frozen=True, kw_only=True)
class ContractReleased(_OfContract, Fact):
    """A contract is in force: it can be called off."""


@dataclass(frozen=True, kw_only=True)
class ContractCalledOff(Fact):
    """Something of a contract became an order."""

    about = ("order:{order_id}",)

    contract_id: int
    order_id: int
    order_line_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ContractEnding(_OfContract, Fact):
    """A contract ends soon, and nobody has renewed it."""

    valid_to: dt.date


@dataclass(frozen=True, kw_only=True)
class ContractAmended(_OfContract, Fact):
    """A released contract was changed, and it is written down why and what."""

    amendment_no: int


@dataclass(frozen=True, kw_only=True)
class ContractEnded(_OfContract, Fact):
    """A contract can no longer be called off: its last day has passed, or somebody ended it."""


@dataclass(frozen=True, kw_only=True)
class OrderScheduled(Fact):
    """An order's work was put into the gaps of the published plans at once, and nobody moved."""

    about = ("order:{order_id}",)

    order_id: int
    plan_numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class QuotationReopened(Fact):
    """Its acceptance was taken back: the order is cancelled and off the plan, the quotation waits for a yes again."""

    about = ("order:{order_id}",)

    quotation_id: int
    order_id: int
