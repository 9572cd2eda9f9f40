"""What customers are told and say: promises, earlier dates, notices, messages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PromiseChanged(Fact):
    """A promise has a new version: later than the one before, or earlier because the customer took that."""

    about = ("order:{order_id}",)

    promise_id: int
    order_id: int
    order_line_id: int


@dataclass(frozen=True, kw_only=True)
class EarlierDateOffered(Fact):
    """The customer was asked by mail whether an earlier date is welcome; nothing is promised yet."""

    about = ("order:{order_id}",)

    offer_id: int
    order_id: int
    order_line_id: int
    offered_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class EarlierDateAnswered(Fact):
    """An earlier date was accepted, and is promised in the same transaction, or declined."""

    about = ("order:{order_id}",)

    offer_id: int
    order_id: int
    order_line_id: int
    offered_at: dt.datetime
    is_accepted: bool


@dataclass(frozen=True, kw_only=True)
class _OfMessage:
    """A message and what it is about, as far as that is known."""

    about: ClassVar[tuple[str, ...]] = ("order:{order_id}", "quotation:{quotation_id}", "customer:{customer_id}")

    message_id: int
    customer_id: int | None = None
    quotation_id: int | None = None
    order_id: int | None = None
    case_id: int | None = None


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

    about = ("order:{order_id}",)

    notice_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class NoticeRead(Fact):
    """A customer opened the link in a notice about moved dates, for the first time."""

    about = ("order:{order_id}",)

    notice_id: int
    order_id: int
