"""The outbox: a waiting delivery for each endpoint that a fact is for, in the fact's own transaction.

Whether there are endpoints at all is asked by the statement that writes the facts, so that where nobody listens a fact
costs what it did. Otherwise a statement for each model that the facts name, and one for all deliveries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from masterdata import inserts
from masterdata.models import FactRecord, WebhookDelivery
from masterdata.webhooks import places

LISTENERS = """ RETURNING (
    SELECT jsonb_agg(jsonb_build_array(e.id, e.company_id, e.kinds, ARRAY(
        SELECT p.plant_id FROM masterdata_webhookendpoint_plants p WHERE p.webhookendpoint_id = e.id)))
    FROM masterdata_webhookendpoint e WHERE e.is_active)"""
_wake: Callable[[Sequence[int]], None] | None = None


@dataclass(frozen=True)
class Listener:
    """An endpoint that is told now."""

    pk: int
    company_id: int
    kinds: Sequence[str]
    plants: Sequence[int]

    def hears(self, record: FactRecord, whose: places.Whose) -> bool:
        """Whether the fact is of a kind that it asked for, of its company and of its plants.

        A fact about no plant is for all of its company. A fact of two companies (a transfer) is for both.
        """
        return (
            (not self.kinds or record.kind in self.kinds)
            and self.company_id in whose.companies
            and (not self.plants or not whose.plants or not whose.plants.isdisjoint(self.plants))
        )


def install(wake: Callable[[Sequence[int]], None]) -> None:
    """Take the function that wakes who sends to endpoints. Called once by the house."""
    global _wake
    _wake = wake


def listeners(rows: Sequence[Sequence[Any]]) -> list[Listener]:
    """From what `LISTENERS` gave: the same for each row that was written."""
    found = rows[0][0] if rows else None
    return [Listener(*one) for one in (json.loads(found) if isinstance(found, str) else found or ())]


def write(records: Sequence[FactRecord], told: Sequence[Listener], *, wakes: bool) -> None:
    """A delivery for each listener of each fact; who sends is woken after the commit."""
    kinds = {kind for one in told for kind in one.kinds}
    if all(one.kinds for one in told):
        records = [record for record in records if record.kind in kinds]
    if not records or not told:
        return
    rows = [
        inserts.new(
            WebhookDelivery,
            endpoint_id=one.pk,
            fact_id=record.pk,
            event_id=record.pk,
            kind=record.kind,
            made_at=record.stated_at,
            next_at=record.stated_at,
        )
        for record, whose in zip(records, places.whose(records), strict=True)
        for one in told
        if one.hears(record, whose)
    ]
    if not rows:
        return
    inserts.insert(rows)
    if wakes and _wake is not None:
        wake, ids = _wake, sorted({row.endpoint_id for row in rows})
        transaction.on_commit(lambda: wake(ids))
