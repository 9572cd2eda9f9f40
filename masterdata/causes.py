"""What a changed date or cost is owed to, as it travels from planning to cost and promises."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """`reason` is one of aps.PlanWish.Reason, `text` names it in plain words: Machine PL-01 is down since Mon 09:14."""

    reason: str
    text: str
    fact_id: uuid.UUID | None = None
