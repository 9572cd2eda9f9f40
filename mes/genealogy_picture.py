"""How the genealogy is laid out as a picture: columns from supplier to customer, boxes and curves, as plain figures.

Pure: no database, no Django. A column is the longest way from a beginning, so that everything stands right of what it
came from; circles (rework gives a lot back to itself) are cut where they close. Boxes in a column stand near the middle
of what they came from; a column of more than `MOST` boxes ends in one that says how many more there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 196, 54
BETWEEN_COLUMNS, BETWEEN_BOXES, MARGIN = 76, 14, 16
MOST = 12


@dataclass(frozen=True, slots=True)
class Box:
    """A node with the left upper corner of its box; `more` nodes stand for it when it has no key."""

    key: str
    x: int
    y: int
    more: int = 0

    @property
    def middle_x(self) -> int:
        return self.x + WIDTH // 2

    @property
    def middle_y(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Curve:
    """From the right side of a box to the left side of another; `path` is an SVG path."""

    source: str
    target: str
    path: str
    label_x: int
    label_y: int


@dataclass(slots=True)
class Picture:
    """Boxes and curves with the size of the whole."""

    width: int = 0
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)


def lay_out(*, keys: Collection[str], links: Sequence[tuple[str, str]], starts: Collection[str] = ()) -> Picture:
    """Boxes of the keys in columns; `starts` are never among those that are left out of a full column."""
    known = dict.fromkeys(sorted(keys))
    pairs = sorted({(a, b) for a, b in links if a in known and b in known and a != b})
    level = levels(list(known), pairs)
    columns: dict[int, list[str]] = defaultdict(list)
    for key in known:
        columns[level[key]].append(key)
    ordered = _ordered(columns, pairs, set(starts))
    return _drawn(ordered, pairs)


def levels(keys: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way from a beginning to each key, walked without the links that close a circle."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in pairs:
        after[source].append(target)
    order = _topological(keys, after)
    place = {key: number for number, key in enumerate(order)}
    level = dict.fromkeys(keys, 0)
    for key in order:
        for target in after[key]:
            if place[target] > place[key]:
                level[target] = max(level[target], level[key] + 1)
    return _pulled_right(level, after, place)


def _pulled_right(
    level: dict[str, int], after: Mapping[str, Sequence[str]], place: Mapping[str, int]
) -> dict[str, int]:
    """What has nothing before it stands just left of what it goes into, not at the far left."""
    has_source = {target for key, targets in after.items() for target in targets if place[target] > place[key]}
    for key in level:
        into = [level[target] for target in after.get(key, ()) if place[target] > place[key]]
        if key not in has_source and into:
            level[key] = min(into) - 1
    return level


def _topological(keys: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    """Every key before what it leads to, by depth first search without recursion; circles are cut where they close."""
    done: set[str] = set()
    found: list[str] = []
    for first in keys:
        stack: list[tuple[str, int]] = [(first, 0)]
        open_: set[str] = set()
        while stack:
            key, at = stack.pop()
            if at == 0:
                if key in done:
                    continue
                open_.add(key)
            targets = after.get(key, ())
            if at < len(targets):
                stack.append((key, at + 1))
                if targets[at] not in done and targets[at] not in open_:
                    stack.append((targets[at], 0))
                continue
            open_.discard(key)
            done.add(key)
            found.append(key)
    return found[::-1]


def _ordered(
    columns: Mapping[int, list[str]], pairs: Sequence[tuple[str, str]], starts: set[str]
) -> list[tuple[list[str], int]]:
    """Each column from top to bottom, by the mean place of what leads into its boxes, and how many are left out."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in pairs:
        before[target].append(source)
    place: dict[str, float] = {}
    found = []
    for number in sorted(columns):
        column = columns[number]
        means = {}
        for index, key in enumerate(column):
            known = [place[one] for one in before[key] if one in place]
            means[key] = sum(known) / len(known) if known else float(index)
        column = sorted(column, key=lambda key: (means[key], key))
        left_out = 0
        if len(column) > MOST:
            kept = [key for key in column if key in starts][: MOST - 1]
            kept += [key for key in column if key not in starts][: MOST - 1 - len(kept)]
            left_out = len(column) - len(kept)
            column = [key for key in column if key in set(kept)]
        place.update({key: float(index) for index, key in enumerate(column)})
        found.append((column, left_out))
    return found


def _drawn(columns: Sequence[tuple[list[str], int]], pairs: Sequence[tuple[str, str]]) -> Picture:
    counts = [len(column) + bool(left_out) for column, left_out in columns]
    tallest = max(counts, default=0)
    picture = Picture()
    picture.width = max(0, len(columns) * (WIDTH + BETWEEN_COLUMNS) - BETWEEN_COLUMNS) + 2 * MARGIN
    picture.height = max(0, tallest * (HEIGHT + BETWEEN_BOXES) - BETWEEN_BOXES) + 2 * MARGIN
    where: dict[str, Box] = {}
    for number, (column, left_out) in enumerate(columns):
        x = MARGIN + number * (WIDTH + BETWEEN_COLUMNS)
        y = MARGIN + (tallest - counts[number]) * (HEIGHT + BETWEEN_BOXES) // 2
        for key in column:
            where[key] = Box(key, x, y)
            picture.boxes.append(where[key])
            y += HEIGHT + BETWEEN_BOXES
        if left_out:
            picture.boxes.append(Box("", x, y, more=left_out))
    for source, target in pairs:
        if source in where and target in where:
            picture.curves.append(_curve(where[source], where[target]))
    return picture


def _curve(a: Box, b: Box) -> Curve:
    x1, y1, x2, y2 = a.x + WIDTH, a.middle_y, b.x, b.middle_y
    if x2 > x1:
        bend = (x1 + x2) // 2
        return Curve(a.key, b.key, f"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}", bend, (y1 + y2) // 2)
    over = min(a.y, b.y) - BETWEEN_BOXES // 2  # back to the left, above the boxes
    path = f"M{x1} {y1} C{x1 + 40} {y1} {x1 + 40} {over} {(x1 + x2) // 2} {over} S{x2 - 40} {y2} {x2} {y2}"
    return Curve(a.key, b.key, path, (x1 + x2) // 2, over)
