"""A live plan with a planner's changes in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aps.edits import Refused, Replant
from aps.engine.arrays import Shop, Times
from erp.selectors import OpenOperation


@dataclass(frozen=True)
class Drafted:
    """The plan with some edits. `pins`: operation id -> whether the edits hold it (True) or let it go (False). `gone`:
    lines that another plant makes; their work counts as done here. `work`: steps of what the edits have split, by
    operation id, with what each part still has to work on. `figures` are sums over the whole plan that were asked for.
    """

    shop: Shop
    times: Times
    pins: Mapping[int, bool] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    gone: tuple[Replant, ...] = ()
    work: Mapping[int, OpenOperation] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict, init=False, compare=False, repr=False)
