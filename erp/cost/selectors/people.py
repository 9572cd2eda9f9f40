"""What of people's work has become cost."""

from __future__ import annotations

from decimal import Decimal

from masterdata import statements

_BOOKED = """
    SELECT person_id, coalesce(sum(quantity), 0), coalesce(sum(pieces), 0) FROM erp_costentry
    WHERE operation_id = %s AND person_id IS NOT NULL GROUP BY person_id ORDER BY person_id
"""


def booked_labour(operation_id: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Minutes, and pieces that a piece rate paid, of each person at the operation as the cost entries have them."""
    return {pk: (minutes, pieces) for pk, minutes, pieces in statements.run(_BOOKED, [operation_id])}
