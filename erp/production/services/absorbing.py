"""What work absorbs as lines of the ledger with their cost tags, and the places that its moves go between."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erp.cost.models import CostEntry, Element
from erp.cost.rates import Absorbed
from erp.cost.services import CostTag
from erp.ledger.models import Account
from erp.ledger.services import LedgerLine
from masterdata.errors import InvalidInput
from masterdata.models import Location, Plant

PLACES = """
    SELECT kind, id FROM masterdata_location
    WHERE plant_id = %s AND kind IN ('stock', 'production') AND is_default
"""
# What stands in a work order, and whether components of it are owed.
STANDS_AND_OWES = """
    SELECT coalesce((SELECT sum(amount) FROM erp_costentry WHERE work_order_id = %s), 0),
        EXISTS (SELECT 1 FROM erp_owedissue o JOIN erp_workordermaterial n ON n.id = o.work_order_material_id
                WHERE n.work_order_id = %s AND o.settled_at IS NULL)
"""


def absorption(
    found: Iterable[Absorbed],
    dimensions: dict[str, Any],
    *,
    operation_id: int | None,
    machine_id: int | None = None,
    grade_id: int | None = None,
    element: str = "",
) -> tuple[list[LedgerLine], list[CostTag | None]]:
    """Work in progress against what absorbs, a pair of lines for each amount. `element`: all of it counts as that."""
    lines: list[LedgerLine] = []
    tags: list[CostTag | None] = []
    for one in found:
        if not one.amount:
            continue
        lines.append(LedgerLine(role=Account.Role.WIP, amount=one.amount, **dimensions))
        lines.append(LedgerLine(role=one.role, amount=-one.amount, **dimensions))
        tag = CostTag(
            kind=CostEntry.Kind.INCURRED,
            element=element or one.element,
            quantity=one.quantity,
            operation_id=operation_id,
            machine_id=machine_id,
            rate=one.rate,
            basis=one.basis,
            grade_id=(grade_id if one.person_id is None else one.grade_id) if one.element == Element.LABOUR else None,
            person_id=one.person_id,
            pieces=one.pieces,
        )
        tags += [tag, None]
    return lines, tags


def checked_places(found: dict[str, int], plant: Plant) -> dict[str, int]:
    for kind in (Location.Kind.STOCK, Location.Kind.PRODUCTION):
        if kind not in found:
            raise InvalidInput(
                f"{plant.name} has no default location of the kind {Location.Kind(kind).label.lower()}. Add one.",
                plant_id=plant.pk,
            )
    return found
