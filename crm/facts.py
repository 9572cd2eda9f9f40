"""What can happen with customers."""

from __future__ import annotations

from dataclasses import dataclass

from masterdata.facts import Fact


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
class PromiseChanged(Fact):
    """A promise has a new version that is later than the one before."""

    promise_id: int
    order_id: int
    order_line_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"
