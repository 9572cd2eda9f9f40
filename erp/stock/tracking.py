"""What lots and serial numbers demand of a posting: a lot where one is needed, one piece of a number in one place."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from django.db import connection

from erp.stock.intents import HeldBalance
from masterdata.errors import Refusal
from masterdata.models import Material

_LOCK_LOTS = "SELECT id FROM erp_lot WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_ELSEWHERE = """
    SELECT t.number, l.name FROM erp_stockbalance b
    JOIN erp_lot t ON t.id = b.lot_id JOIN masterdata_location l ON l.id = b.location_id
    WHERE b.lot_id = ANY(%s) AND b.on_hand > 0 AND NOT b.id = ANY(%s) ORDER BY b.id LIMIT 1
"""


class LotNeeded(Refusal):
    """The material is kept by lot or serial number, and none was named."""

    code: ClassVar[str] = "lot_needed"


class SerialNumberTaken(Refusal):
    """A serial number is one piece: it is on stock already."""

    code: ClassVar[str] = "serial_number_taken"


def check_filling(row: HeldBalance, quantity: Decimal) -> None:
    """May this much come to the balance? Raises LotNeeded, SerialNumberTaken."""
    if row.needs_lot:
        material = Material.objects.only("code", "tracking").get(pk=row.material_id)
        raise LotNeeded(
            f"{material.code} is kept {Material.Tracking(material.tracking).label.lower()}: name the "
            f"{'serial number' if material.tracking == Material.Tracking.SERIAL else 'lot'}.",
            field="lot",
            material_id=row.material_id,
        )
    if row.is_serial and row.on_hand + quantity > 1:
        raise SerialNumberTaken(
            "A serial number is one piece. Name one number for each piece, and none that is on stock already.",
            field="lot",
            material_id=row.material_id,
            lot_id=row.lot_id,
        )


def check_serial_numbers(balances: Iterable[HeldBalance]) -> None:
    """No serial number that comes in may lie anywhere else. Locks these numbers. Raises SerialNumberTaken."""
    rows = list(balances)
    filled = sorted({row.lot_id for row in rows if row.is_serial and row.moved > 0 and row.lot_id is not None})
    if not filled:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LOTS, [filled])
        emptied = [row.id for row in rows if row.is_serial and row.on_hand == 0]
        here = [row.id for row in rows if row.is_serial and row.moved > 0]
        cursor.execute(_ELSEWHERE, [filled, emptied + here])
        found = cursor.fetchone()
    if found:
        raise SerialNumberTaken(
            f"Serial number {found[0]} lies in {found[1]}. A number is one piece: name another one.",
            field="lot",
            number=found[0],
            location=found[1],
        )
