"""The piece of the board that a kept offer changes: the machines that its new work needs, and what stands around it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from aps.models import KeptOffer, PlannedOperation
from aps.rows import Row, row_from
from masterdata.models import Machine

MOST_MACHINES = 4
AROUND = dt.timedelta(hours=12)
MOST_DAYS = 14
_NUMBER = "operation__work_order__sales_order_line__order__number"


@dataclass(frozen=True)
class Bar:
    """Work on a machine; `label` is the order's number, empty for what is new. `kind`: new, moved or same."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    label: str
    kind: str


@dataclass(frozen=True)
class Piece:
    """[starts_at, ends_at) of the machines that decide, the one with the latest new work at the bottom."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    rows: tuple[tuple[str, tuple[Bar, ...]], ...]
    machine_count: int
    operation_count: int


def offer_piece(key: uuid.UUID, *, order_id: int | None = None) -> Piece | None:
    """What the board will look like; nothing when the offer is no longer kept, or nothing is made for it.

    `order_id`: the order that comes earlier, whose own work is what is new.
    """
    kept = KeptOffer.objects.filter(pk=key).first()
    if kept is None:
        return None
    new, moved = _new_and_moved(kept, order_id)
    if not new:
        return None
    latest: dict[int, dt.datetime] = {}
    for row in new:
        latest[row.machine_id] = max(latest.get(row.machine_id, row.ends_at), row.ends_at)
    chosen = sorted(latest, key=lambda pk: latest[pk])[-MOST_MACHINES:]
    begins = min(row.starts_at for row in new if row.machine_id in chosen) - AROUND
    ends = min(max(latest[pk] for pk in chosen) + AROUND, begins + dt.timedelta(days=MOST_DAYS))
    touched = {row.operation_id for row in (*new, *moved)}
    bars = _standing(kept.plant_id, chosen, (begins, ends), touched)
    _put(bars, moved, (begins, ends))
    for row in new:
        if row.machine_id in bars:
            bars[row.machine_id].append(Bar(row.starts_at, row.ends_at, "", "new"))
    codes = dict(Machine.objects.filter(pk__in=chosen).values_list("pk", "code"))
    rows = tuple((codes[pk], tuple(sorted(bars[pk], key=lambda bar: bar.starts_at))) for pk in chosen)
    return Piece(begins, ends, rows, len({row.machine_id for row in (*new, *moved)}), len(new) + len(moved))


def _new_and_moved(kept: KeptOffer, order_id: int | None) -> tuple[list[Row], list[Row]]:
    moved = [row_from(one) for one in kept.moved]
    new = [row_from([0, *row]) for _path, _step, *row in kept.placements]
    if order_id is None:
        return new, moved
    work = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order_id)
    own = set(work.values_list("operation_id", flat=True))
    return [row for row in moved if row.operation_id in own], [row for row in moved if row.operation_id not in own]


def _standing(
    plant_id: int, machine_ids: Sequence[int], span: tuple[dt.datetime, dt.datetime], touched: set[int]
) -> dict[int, list[Bar]]:
    """What stands on the machines and is not touched."""
    bars: dict[int, list[Bar]] = {pk: [] for pk in machine_ids}
    rows = PlannedOperation.objects.filter(
        plant_id=plant_id, machine_id__in=machine_ids, starts_at__lt=span[1], ends_at__gt=span[0]
    ).exclude(operation_id__in=touched)
    names = ("machine_id", "starts_at", "ends_at", _NUMBER, "operation__work_order__number")
    for machine_id, starts_at, ends_at, order_no, work_no in rows.values_list(*names):
        bars[machine_id].append(Bar(starts_at, ends_at, order_no or work_no, "same"))
    return bars


def _put(bars: dict[int, list[Bar]], moved: Sequence[Row], span: tuple[dt.datetime, dt.datetime]) -> None:
    """What the offer moves, where it will stand."""
    seen = [row for row in moved if row.machine_id in bars and row.starts_at < span[1] and row.ends_at > span[0]]
    known = PlannedOperation.objects.filter(operation_id__in=[row.operation_id for row in seen])
    names = ("operation_id", _NUMBER, "operation__work_order__number")
    labels = {pk: order_no or work_no for pk, order_no, work_no in known.values_list(*names)}
    for row in seen:
        bars[row.machine_id].append(Bar(row.starts_at, row.ends_at, labels.get(row.operation_id, ""), "moved"))
