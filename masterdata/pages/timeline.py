"""The timeline of a document: facts told as sentences. Each app says how its own facts read, when it starts."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from masterdata.models import FactRecord
from masterdata.pages.actions import Happening

Told = Mapping[uuid.UUID, Happening]
Teller = Callable[[Sequence[FactRecord]], Told]

_tellers: dict[str, Teller] = {}


def register(kind: str, tell: Teller) -> None:
    """Say how facts of a kind read; the teller gets all of one timeline, so it takes one query, not one each."""
    _tellers[kind] = tell


def register_about(kind: str, rows: QuerySet[Any], name: str, say: Callable[[FactRecord, Any], Happening]) -> None:
    """The facts of a kind are each about the row of `rows` whose id they carry as `name`: `say` puts one into words."""

    def told(records: Sequence[FactRecord]) -> Told:
        found = rows.all().in_bulk({record.payload[name] for record in records})
        return {record.pk: say(record, row) for record in records if (row := found.get(record.payload[name]))}

    register(kind, told)


def kinds() -> set[str]:
    """The kinds of facts that somebody tells."""
    return set(_tellers)


def tell(records: Sequence[FactRecord]) -> dict[uuid.UUID, Happening]:
    """What the facts say, by their ids; one that nobody tells is left out."""
    by_kind: dict[str, list[FactRecord]] = defaultdict(list)
    for record in records:
        by_kind[record.kind].append(record)
    told: dict[uuid.UUID, Happening] = {}
    for kind, same in by_kind.items():
        if kind in _tellers:
            told.update(_tellers[kind](same))
    return told


def happened(subject: str, most: int = 30) -> list[Happening]:
    """What happened to a document such as "order:17", the newest first; facts that nobody tells are left out."""
    records = list(
        FactRecord.objects.filter(subject=subject, kind__in=sorted(_tellers))
        .select_related("by")
        .order_by("-stated_at", "-pk")[:most]
    )
    told = tell(records)
    return [told[record.pk] for record in records if record.pk in told]


def who(record: FactRecord) -> str:
    """The person who did it; empty when the house did."""
    return str(record.by.get_full_name() or record.by) if record.by is not None else ""
