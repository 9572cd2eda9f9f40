"""What customers are told and say: promises, earlier dates, notices, messages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from masterdata.facts import Fact


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
class EarlierDateOffered(Fact):
    """The customer was asked by mail whether an earlier date is welcome; nothing is promised yet."""

    offer_id: int
    order_id: int
    order_line_id: int
    offered_at: dt.datetime

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class EarlierDateAnswered(Fact):
    """An earlier date was accepted, and is promised in the same transaction, or declined."""

    offer_id: int
    order_id: int
    order_line_id: int
    offered_at: dt.datetime
    is_accepted: bool

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


@dataclass(frozen=True, kw_only=True)
class NoticeRead(Fact):
    """A customer opened the link in a notice about moved dates, for the first time."""

    notice_id: int
    order_id: int

    @property
    def subject(self) -> str:
        return f"order:{self.order_id}"
