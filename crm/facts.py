"""What can happen with customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from masterdata.facts import Fact


def _of_customer(customer_id: int, order_id: int | None) -> str:
    """The order's timeline if there is an order, else the customer's."""
    return f"order:{order_id}" if order_id else f"customer:{customer_id}"


@dataclass(frozen=True, kw_only=True)
class QuotationAccepted(Fact):
    """The customer said yes; the order is confirmed in the same transaction."""

    quotation_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class RushTaken(Fact):
    """A rush option was taken: order, plan and displaced promises are committed."""

    request_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class RushAnswered(Fact):
    """A rush request has a new answer with so many options that may be taken; older ones are stale."""

    request_id: int
    answer_no: int
    options: int

    @property
    def subject(self) -> str:
        return f"rush:{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class RushUndone(Fact):
    """A rush option that was just taken was given back, with all that it had moved."""

    request_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class RushApprovalAsked(Fact):
    """Somebody asks whether an option may be taken."""

    request_id: int
    option_id: int
    approval_id: int

    @property
    def subject(self) -> str:
        return f"rush:{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class RushApprovalDecided(Fact):
    """Whoever may decide it said yes, and it was taken, or no."""

    request_id: int
    approval_id: int
    is_approved: bool

    @property
    def subject(self) -> str:
        return f"rush:{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class PromiseChanged(Fact):
    """A promise has a new version: later than the one before, or earlier because the customer took that."""

    promise_id: int
    order_id: int
    order_line_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Fact):
    """A customer asks or complains about something."""

    case_id: int
    customer_id: int
    order_id: int | None = None

    @property
    def subject(self) -> str:
        return _of_customer(self.customer_id, self.order_id)


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    """A case ended, with its outcome."""

    case_id: int
    customer_id: int
    outcome: str
    order_id: int | None = None

    @property
    def subject(self) -> str:
        return _of_customer(self.customer_id, self.order_id)


@dataclass(frozen=True, kw_only=True)
class LeadConverted(Fact):
    """A lead became a customer with an opportunity."""

    lead_id: int
    customer_id: int
    opportunity_id: int

    @property
    def subject(self) -> str:
        return _of_customer(self.customer_id, None)


@dataclass(frozen=True, kw_only=True)
class OpportunityWon(Fact):
    """The customer buys: a quotation of it was accepted, or somebody says so."""

    opportunity_id: int
    customer_id: int

    @property
    def subject(self) -> str:
        return _of_customer(self.customer_id, None)


@dataclass(frozen=True, kw_only=True)
class OpportunityLost(Fact):
    """The customer does not buy, for a reason."""

    opportunity_id: int
    customer_id: int
    lost_reason_id: int

    @property
    def subject(self) -> str:
        return _of_customer(self.customer_id, None)


@dataclass(frozen=True, kw_only=True)
class _OfContract:
    """A contract and whose it is."""

    contract_id: int
    customer_id: int

    @property
    def subject(self) -> str:
        return f"contract:{self.contract_id}"


@dataclass(frozen=True, kw_only=True)
class ContractReleased(_OfContract, Fact):
    """A contract is in force: it can be called off."""


@dataclass(frozen=True, kw_only=True)
class ContractCalledOff(Fact):
    """Something of a contract became an order."""

    contract_id: int
    order_id: int
    order_line_ids: tuple[int, ...]

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


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

    order_id: int
    plan_numbers: tuple[int, ...]

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class QuotationReopened(Fact):
    """Its acceptance was taken back: the order is cancelled and off the plan, the quotation waits for a yes again."""

    quotation_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class _OfMessage:
    """A message and what it is about, as far as that is known."""

    message_id: int
    customer_id: int | None = None
    quotation_id: int | None = None
    order_id: int | None = None
    case_id: int | None = None

    @property
    def subject(self) -> str:
        if self.order_id:
            return f"order:{self.order_id}"
        return f"quotation:{self.quotation_id}" if self.quotation_id else f"customer:{self.customer_id}"


@dataclass(frozen=True, kw_only=True)
class MessageSent(_OfMessage, Fact):
    """A mail left the house: the mail server took it."""


@dataclass(frozen=True, kw_only=True)
class MessageFailed(_OfMessage, Fact):
    """A mail did not arrive: refused for good, tried often enough, or it came back."""


@dataclass(frozen=True, kw_only=True)
class MessageNoted(_OfMessage, Fact):
    """A call or a note was logged."""


@dataclass(frozen=True, kw_only=True)
class MessageReceived(_OfMessage, Fact):
    """Somebody wrote to us, and it is known who."""


@dataclass(frozen=True, kw_only=True)
class CustomerTold(Fact):
    """A notice about moved dates was given to the post."""

    notice_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"
