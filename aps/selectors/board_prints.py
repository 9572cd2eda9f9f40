"""Fingerprints of what a board shows of each operation: by them it is known what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aps.selectors.board_picture import Picture, Shown


class Prints(NamedTuple):
    """Ids of operations, rising, and a fingerprint of each: of its row and of what it is for."""

    ids: NDArray[np.int64]
    marks: NDArray[np.uint64]


def prints_of(picture: Picture, before: tuple[Picture, Prints] | None = None) -> Prints:
    """Fingerprints of the picture's operations, which stand by id; the same in every process.

    Those of an earlier picture are taken over where nothing differs: comparing takes a tenth of making them.
    """
    marks = np.zeros(len(picture.operations), np.uint64)
    anew: Sequence[int] = range(len(picture.operations))
    if before is not None and _is_for_the_same(picture, before[0]):
        at = {one.id: place for place, one in enumerate(before[0].operations)}
        places = [at.get(one.id, -1) for one in picture.operations]
        was = before[0].operations
        anew = [
            number
            for number, (one, place) in enumerate(zip(picture.operations, places, strict=True))
            if place < 0 or (one is not was[place] and one != was[place])
        ]
        if len(was):
            marks = before[1].marks[np.array(places, np.int64)]
    known: dict[int, str] = {}
    for number in anew:
        marks[number] = _mark(picture, picture.operations[number], known)
    return Prints(np.array([one.id for one in picture.operations], np.int64), marks)


def differences(before: Prints, after: Prints) -> tuple[list[int], list[int]]:
    """Ids that are new or differ, and ids that are gone."""
    same = np.isin(after.ids, before.ids, assume_unique=True)
    at = np.searchsorted(before.ids, after.ids[same])
    differs = np.ones(len(after.ids), bool)
    differs[same] = before.marks[at] != after.marks[same]
    gone = before.ids[~np.isin(before.ids, after.ids, assume_unique=True)]
    return after.ids[differs].tolist(), gone.tolist()


def _is_for_the_same(one: Picture, other: Picture) -> bool:
    return (
        one.work_orders == other.work_orders
        and one.lines == other.lines
        and one.orders == other.orders
        and one.materials == other.materials
    )


def _mark(picture: Picture, one: Shown, known: dict[int, str]) -> int:
    if one.work_order_id not in known:
        known[one.work_order_id] = _used(picture, one.work_order_id)
    text = f"{tuple(one)}{known[one.work_order_id]}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _used(picture: Picture, work_order_id: int) -> str:
    work = picture.work_orders[work_order_id]
    line = picture.lines[work.line_id] if work.line_id is not None else None
    order = picture.orders[line.order_id] if line is not None else None
    return repr((work, line, order, picture.materials[work.material_id]))
