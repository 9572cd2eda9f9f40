"""The question and the answer of an offer, and their JSON: decimals as strings, times in ISO 8601."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from masterdata.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class OfferQuestion:
    """Can we deliver this, when, and at what cost? With `keep` the plans of the options are kept for taking.

    `further`: more lines (material, quantity) that are delivered with it. `order_id`: all of it is that order's
    already, which is to come earlier.
    """

    material_id: int
    quantity: Decimal
    plant_id: int
    wanted_on: dt.date
    now: dt.datetime
    keep: bool = False
    further: tuple[tuple[int, Decimal], ...] = ()
    order_id: int | None = None

    @property
    def lines(self) -> tuple[tuple[int, Decimal], ...]:
        """All that is asked for."""
        return ((self.material_id, self.quantity), *self.further)


@dataclass(frozen=True, kw_only=True)
class OfferVictim:
    """An order line that an option makes late, or later."""

    order_line_id: int
    order_number: str
    old_end_at: dt.datetime
    new_end_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class OfferChoice:
    """One option. A: nobody else moves. B: nobody newly late. C: as early as possible, with its victims.

    Nothing that moves nobody is at the customer before `bound_at` (of A); when that is A's own date, it is proved.
    `extra_cost` is the setup that it brings to others; `cost` is the whole, `margin_percent` is of the
    list price (None without one). Money is in the company's currency.
    """

    key: str
    label: str
    is_possible: bool
    deliver_at: dt.datetime | None
    ends_at: dt.datetime | None
    cause: str
    setup_min: int
    machine_min: int
    cost: Decimal
    extra_cost: Decimal
    margin_percent: Decimal | None
    victims: tuple[OfferVictim, ...]
    offer_key: uuid.UUID | None = None
    bound_at: dt.datetime | None = None
    is_proved: bool = False
    moved_count: int = 0


@dataclass(frozen=True, kw_only=True)
class OfferReply:
    """What was answered, from which plan, by whom: the "warm" worker or a "fresh" snapshot in the asking process."""

    question: OfferQuestion
    options: tuple[OfferChoice, ...]
    material_cost: Decimal
    labour_cost: Decimal
    machine_cost: Decimal
    overhead_cost: Decimal
    cost: Decimal
    price: Decimal
    margin: Decimal
    currency: str
    plan_no: int
    input_version: str
    source: str
    computed_ms: int
    note: str = ""

    @property
    def best(self) -> OfferChoice | None:
        """The option that moves nobody, when it is possible; else the first possible one."""
        return next((option for option in self.options if option.is_possible), None)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The answer takes longer: fetch it by `answer_of(token)`; the live topic "ask" tells when it is there."""

    token: str


class AskRefused(Refusal):
    """A refusal that was raised where the answer was computed."""

    def __init__(self, sentence: str, *, code: str, status: int, field: str = "", values: dict[str, Any]) -> None:
        super().__init__(sentence, field=field, **values)
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]


def question_to_json(question: OfferQuestion) -> dict[str, Any]:
    """As it travels to the worker: ids and arguments only."""
    return {name: plain(value) for name, value in asdict(question).items()}


def question_from_json(given: dict[str, Any]) -> OfferQuestion:
    return OfferQuestion(
        material_id=given["material_id"],
        quantity=Decimal(given["quantity"]),
        plant_id=given["plant_id"],
        wanted_on=dt.date.fromisoformat(given["wanted_on"]),
        now=dt.datetime.fromisoformat(given["now"]),
        keep=given["keep"],
        further=tuple((material_id, Decimal(quantity)) for material_id, quantity in given["further"]),
        order_id=given["order_id"],
    )


def reply_to_json(reply: OfferReply) -> dict[str, Any]:
    """As it travels back, and as REST shows it."""
    told: dict[str, Any] = plain(asdict(reply))
    return told


def reply_from_json(given: dict[str, Any]) -> OfferReply:
    typed: dict[str, Any] = given | {name: Decimal(given[name]) for name in _REPLY_MONEY}
    typed["question"] = question_from_json(given["question"])
    typed["options"] = tuple(_choice(option) for option in given["options"])
    return OfferReply(**typed)


def refusal_to_json(refusal: Refusal) -> dict[str, Any]:
    return {
        "sentence": refusal.sentence,
        "code": refusal.code,
        "status": refusal.status,
        "field": refusal.field,
        "values": plain(refusal.values),
    }


_REPLY_MONEY = ("material_cost", "labour_cost", "machine_cost", "overhead_cost", "cost", "price", "margin")


def _choice(given: dict[str, Any]) -> OfferChoice:
    return OfferChoice(
        key=given["key"],
        label=given["label"],
        is_possible=given["is_possible"],
        deliver_at=at_from_json(given["deliver_at"]),
        ends_at=at_from_json(given["ends_at"]),
        cause=given["cause"],
        setup_min=given["setup_min"],
        machine_min=given["machine_min"],
        cost=Decimal(given["cost"]),
        extra_cost=Decimal(given["extra_cost"]),
        margin_percent=None if given["margin_percent"] is None else Decimal(given["margin_percent"]),
        victims=tuple(_victim(victim) for victim in given["victims"]),
        offer_key=None if given["offer_key"] is None else uuid.UUID(given["offer_key"]),
        bound_at=at_from_json(given["bound_at"]),
        is_proved=given["is_proved"],
        moved_count=given["moved_count"],
    )


def _victim(given: dict[str, Any]) -> OfferVictim:
    return OfferVictim(
        order_line_id=given["order_line_id"],
        order_number=given["order_number"],
        old_end_at=dt.datetime.fromisoformat(given["old_end_at"]),
        new_end_at=dt.datetime.fromisoformat(given["new_end_at"]),
    )


def at_from_json(given: str | None) -> dt.datetime | None:
    """The time again."""
    return None if given is None else dt.datetime.fromisoformat(given)


def plain(value: Any) -> Any:
    """As JSON takes it: decimals as strings, times in ISO 8601."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
