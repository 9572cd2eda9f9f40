"""An offer on its way through the page: sealed when it is shown, opened when the quotation is saved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.core import signing

SALT = "crm.offered"
KEPT_FOR = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Offered:
    """What was answered to which question. It is stored with a line only while the line still asks the same."""

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date
    offered_at: dt.datetime
    cause: str
    plan_no: int
    cost: Decimal | None = None

    def answers(self, *, plant_id: int, material_id: int, quantity: Decimal, wanted_on: dt.date) -> bool:
        """Whether the line asks what was answered."""
        asked = (self.plant_id, self.material_id, self.quantity, self.wanted_on)
        return asked == (plant_id, material_id, quantity, wanted_on)


def seal(offered: Offered) -> str:
    """Signed, so that nobody types a date that was never offered."""
    plain = [
        offered.plant_id,
        offered.material_id,
        f"{offered.quantity:f}",
        offered.wanted_on.isoformat(),
        offered.offered_at.isoformat(),
        offered.cause,
        offered.plan_no,
        None if offered.cost is None else f"{offered.cost:f}",
    ]
    return signing.dumps(plain, salt=SALT, compress=True)


def opened(sealed: str) -> Offered | None:
    """The offer, or nothing when it is not ours or older than half a day."""
    try:
        plant_id, material_id, quantity, wanted_on, offered_at, cause, plan_no, cost = signing.loads(
            sealed, salt=SALT, max_age=KEPT_FOR
        )
    except signing.BadSignature:
        return None
    return Offered(
        plant_id=plant_id,
        material_id=material_id,
        quantity=Decimal(quantity),
        wanted_on=dt.date.fromisoformat(wanted_on),
        offered_at=dt.datetime.fromisoformat(offered_at),
        cause=cause,
        plan_no=plan_no,
        cost=None if cost is None else Decimal(cost),
    )
