"""The question and the answer for a whole quotation, and their JSON: all lines together, one after the other."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from erp import selectors as erp_now
from suite.asks.answers import at_from_json, plain


@dataclass(frozen=True, kw_only=True)
class LineAsked:
    """A line as it is typed; `key` is the asker's name for it. Options come behind all that is ordered anyway."""

    key: str
    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date
    is_option: bool = False


@dataclass(frozen=True, kw_only=True)
class QuoteQuestion:
    """When are these lines there if they are ordered together, and what do they cost?

    With `keep` each plant's insertion is kept for taking. `anew`: from rows read now, not from what is kept warm.
    """

    lines: tuple[LineAsked, ...]
    now: dt.datetime
    keep: bool = False
    anew: bool = False

    @property
    def plant_id(self) -> int:
        """The plant whose desk answers: that of the first line."""
        return self.lines[0].plant_id


@dataclass(frozen=True, kw_only=True)
class LineReply:
    """A line's date after the lines before it, its material and what making it costs (company currency).

    `refused` says why there is none; everything else is empty then. `plan_no` is that of its plant. `sooner_at`: when
    it could be there if others move, of a single line that is late. `sure`: per cent of what was observed before
    would be there by the wanted day, by `p90_at` nine of ten; without enough observations `sure_why` says so.
    """

    key: str
    refused: str = ""
    refused_field: str = ""
    deliver_at: dt.datetime | None = None
    cause: str = ""
    plan_no: int | None = None
    cost: Decimal | None = None
    short: tuple[erp_now.ShortMaterial, ...] = ()
    sooner_at: dt.datetime | None = None
    sure: int | None = None
    p90_at: dt.datetime | None = None
    sure_why: str = ""


@dataclass(frozen=True, kw_only=True)
class KeptFor:
    """The insertion into a plant's plan that was kept, and what it rests on; nothing is kept where nothing is made."""

    plant_id: int
    input_version: str
    offer_key: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class QuoteReply:
    """The answer for all lines, in the question's order. `source`: the "warm" worker or a "fresh" snapshot."""

    question: QuoteQuestion
    lines: tuple[LineReply, ...]
    kept: tuple[KeptFor, ...]
    source: str
    computed_ms: int
    note: str = ""

    @property
    def deliver_at(self) -> dt.datetime | None:
        """When all of it is there, options left out; nothing while a line has no date."""
        dates = [line.deliver_at for line in self._ordered]
        known = [at for at in dates if at is not None]
        return max(known) if known and len(known) == len(dates) else None

    @property
    def cost(self) -> Decimal | None:
        """Of all of it, options left out; nothing while a line has none."""
        costs = [line.cost for line in self._ordered]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(costs) else None

    @property
    def _ordered(self) -> list[LineReply]:
        both = zip(self.question.lines, self.lines, strict=True)
        return [line for asked, line in both if not asked.is_option]


def quote_question_to_json(question: QuoteQuestion) -> dict[str, Any]:
    return {"kind": "quote", "plant_id": question.plant_id, **plain(asdict(question))}


def quote_question_from_json(given: dict[str, Any]) -> QuoteQuestion:
    lines = tuple(
        LineAsked(**one | {"quantity": Decimal(one["quantity"]), "wanted_on": dt.date.fromisoformat(one["wanted_on"])})
        for one in given["lines"]
    )
    now = dt.datetime.fromisoformat(given["now"])
    return QuoteQuestion(lines=lines, now=now, keep=given["keep"], anew=given["anew"])


def quote_reply_to_json(reply: QuoteReply) -> dict[str, Any]:
    told: dict[str, Any] = plain(asdict(reply))
    return told | {"question": quote_question_to_json(reply.question)}


def quote_reply_from_json(given: dict[str, Any]) -> QuoteReply:
    return QuoteReply(
        question=quote_question_from_json(given["question"]),
        lines=tuple(_line(one) for one in given["lines"]),
        kept=tuple(kept_from_json(one) for one in given["kept"]),
        source=given["source"],
        computed_ms=given["computed_ms"],
        note=given["note"],
    )


def _line(given: dict[str, Any]) -> LineReply:
    cost = given["cost"]
    typed = {
        "deliver_at": at_from_json(given["deliver_at"]),
        "sooner_at": at_from_json(given["sooner_at"]),
        "p90_at": at_from_json(given["p90_at"]),
        "cost": None if cost is None else Decimal(cost),
        "short": tuple(_short(one) for one in given["short"]),
    }
    return LineReply(**given | typed)


def _short(given: dict[str, Any]) -> erp_now.ShortMaterial:
    return erp_now.ShortMaterial(**given | _amount(given) | {"comes": tuple(_comes(one) for one in given["comes"])})


def _comes(given: dict[str, Any]) -> erp_now.Brings:
    return erp_now.Brings(**given | _amount(given))


def _amount(given: dict[str, Any]) -> dict[str, Any]:
    return {"quantity": Decimal(given["quantity"]), "ready_at": dt.datetime.fromisoformat(given["ready_at"])}


def kept_from_json(given: dict[str, Any]) -> KeptFor:
    """The insertion again."""
    key = given["offer_key"]
    return KeptFor(**given | {"offer_key": None if key is None else uuid.UUID(key)})
