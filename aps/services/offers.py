"""Offers for an order that is not in the plan yet: earliest with nobody moved (A), as early as possible (C)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from aps.models import Plan
from masterdata.errors import Refusal


class StaleOffer(Refusal):
    """The plan changed since the offer was made."""

    code = "stale_offer"


@dataclass(frozen=True)
class OfferVictim:
    """A line that the option makes late, or later than it is."""

    line_id: int
    order_number: str
    line_no: int
    old_end_at: dt.datetime
    new_end_at: dt.datetime
    late_min: int
    newly_late: bool


@dataclass(frozen=True)
class OfferOption:
    """One answer. `placements` and `moved` are as KeptOffer stores them."""

    key: str
    ends_at: dt.datetime
    deliver_at: dt.datetime
    cause: str
    victims: tuple[OfferVictim, ...]
    moved_count: int
    setup_min: int
    machine_min: Mapping[int, int]
    placements: tuple[tuple[object, ...], ...]
    moved: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class OfferAnswer:
    """Options A and C (A is missing when it fits into no gap), and the version of the plan that they rest on."""

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date | None
    input_version: str
    options: tuple[OfferOption, ...]


def offer(
    *, plant_id: int, material_id: int, quantity: Decimal, now: dt.datetime, wanted_on: dt.date | None = None
) -> OfferAnswer:
    """Answer from the live plan; writes nothing."""
    raise NotImplementedError


def keep_offer(*, answer: OfferAnswer, option: OfferOption, now: dt.datetime) -> uuid.UUID:
    """Keep an option for taking; returns its key."""
    raise NotImplementedError


def take_offer(*, key: uuid.UUID, order_id: int, now: dt.datetime) -> Plan:
    """Publish the kept option as the plan of the confirmed order, in the caller's transaction."""
    raise NotImplementedError
