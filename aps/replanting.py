"""What order lines that a draft makes in another plant do besides: there, from that plant's own live plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from aps.drafted import Drafted
from aps.effects import GRACE_MIN, Change, Figures, Scale, Shifted, Turned
from aps.engine.objective import ends_of

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Bar:
    """Work of a line in the other plant, as its plan would have it: `length` minutes, the first `setup` are setup."""

    machine: int
    start: int
    setup: int
    length: int
    name: str
    title: str
    quantity: str


@dataclass(frozen=True)
class There:
    """A line in another plant: the minute at which it is at the customer from there and how late that is, lines of that
    plant that it makes later, setup minutes there, and what making it costs more than here. `spare_min` are minutes
    before its date, negative behind it; `bars` its work there.
    """

    line: int
    deliver: int
    late_min: int
    victims: tuple[Turned, ...]
    setup_min: int
    cost: Decimal
    spare_min: int = 0
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Away:
    """A step of the draft (position) that makes a line elsewhere: the operations that leave this plan, and `there`."""

    edit: int
    plant: int
    leaves: tuple[int, ...]
    there: There


def plain_away(one: Away) -> dict[str, Any]:
    """As JSON has it: bars as columns."""
    columns = ("machine", "start", "setup", "length", "name", "title", "quantity")
    bars = {name: [getattr(bar, name) for bar in one.there.bars] for name in columns}
    return {
        "edit": one.edit,
        "plant": one.plant,
        "line": one.there.line,
        "leaves": list(one.leaves),
        "spare": one.there.spare_min,
        **bars,
    }


def with_others(scale: Scale, change: Change, before: Drafted, others: Sequence[There]) -> Change:
    """The change with what happens in the other plants; `before` still has the lines here."""
    late, better, cost, moved = list(change.late), list(change.better), change.cost, 0
    for one in others:
        rows = scale.ground.rows_of_line(before, one.line)
        moved += len(rows)
        cost += one.cost + scale.cost_of(before, rows)  # `one.cost` counts what is saved here already
        turned = _turned(scale, before, one)
        if turned is not None:
            (late if turned.now > turned.was else better).append(turned)
        late += one.victims
    late.sort(key=lambda one: (one.was > 0, -one.now, one.order))
    better.sort(key=lambda one: (one.now > 0, -one.was, one.order))
    return replace(
        change,
        late=tuple(late),
        better=tuple(better),
        cost=cost,
        setup_min=change.setup_min + sum(one.setup_min for one in others),
        moved=change.moved + moved,
        machines=change.machines + moved,
    )


def counted(scale: Scale, figures: Figures, drafted: Drafted, others: Sequence[There]) -> Figures:
    """The whole plan's figures with the lines as they are in the other plants, and those that they make late there."""
    late, cost = figures.late, figures.cost
    for one in others:
        base = scale.ground.base
        cost += one.cost + scale.cost_of(base, scale.ground.rows_of_line(base, one.line))
        turned = _turned(scale, drafted, one)
        if turned is not None:
            late += (turned.now > 0) - (turned.was > 0)
        late += sum(1 for victim in one.victims if not victim.was)
    return replace(figures, late=late, cost=cost, setup_min=figures.setup_min + sum(one.setup_min for one in others))


def shifted(scale: Scale, others: Sequence[There]) -> list[Shifted]:
    """The lines that reach the customer at another minute from there than by the plan in force."""
    ground, found = scale.ground, []
    ends = ends_of(ground.base.shop, ground.base.times)
    for one in others:
        rows = ground.rows_of_line(ground.base, one.line)
        was = int(ends[ground.base.shop.a.order[rows[0]]])
        if abs(was - one.deliver) >= GRACE_MIN:
            found.append(Shifted(one.line, was, one.deliver))
    return found


def _turned(scale: Scale, drafted: Drafted, one: There) -> Turned | None:
    """The line itself, when it is late otherwise than here: its end here is that of its work where it stood."""
    rows = scale.ground.rows_of_line(drafted, one.line)
    at = int(drafted.shop.a.order[rows[0]])
    order = drafted.shop.problem.orders[at]
    was = scale.late_min(drafted, at)
    known = scale.ground.live.lines[str(order.id)]
    if was == one.late_min:
        return None
    return Turned(known.order_no or "", known.line_no or 0, one.line, was, one.late_min, order.weight)
