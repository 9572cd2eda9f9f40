"""How punctual suppliers are: what they promised first against the day on which it came."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from masterdata import rights
from masterdata.models import Plant

# Days late of each delivery (negative: early), in the plant's calendar; the last n of each supplier and material.
_DELIVERIES = """
    SELECT o.supplier_id, l.material_id, x.id, x.quantity,
        (r.received_at AT TIME ZONE p.time_zone)::date
            - (coalesce(l.first_confirmed_at, l.due_at) AT TIME ZONE p.time_zone)::date AS days,
        row_number() OVER (PARTITION BY o.supplier_id, l.material_id ORDER BY r.received_at DESC, x.id DESC) AS age
    FROM erp_receiptline x
    JOIN erp_receipt r ON r.id = x.receipt_id
    JOIN erp_purchaseorderline l ON l.id = x.order_line_id
    JOIN erp_purchaseorder o ON o.id = l.order_id
    JOIN masterdata_plant p ON p.id = o.plant_id
    WHERE o.plant_id = ANY(%(plants)s) AND (%(supplier)s IS NULL OR o.supplier_id = %(supplier)s)
        AND (%(material)s IS NULL OR l.material_id = %(material)s)
"""
_FIGURES = """
    count(*), count(*) FILTER (WHERE days <= 0), avg(greatest(days, 0)), max(days),
    greatest(percentile_disc(0.9) WITHIN GROUP (ORDER BY days), 0)
"""
_BY_MATERIAL = f"""
    WITH deliveries AS ({_DELIVERIES})
    SELECT supplier_id, material_id, {_FIGURES} FROM deliveries WHERE age <= %(last)s GROUP BY 1, 2
"""  # noqa: S608 (no value is put into the text)
_BY_SUPPLIER = f"""
    WITH deliveries AS ({_DELIVERIES})
    SELECT supplier_id, NULL, {_FIGURES} FROM deliveries WHERE age <= %(last)s GROUP BY 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Punctuality:
    """The last deliveries of a supplier (of one material, or of all): how many, how many on or before the promised day.

    `mean_days_late` counts early and punctual ones as zero. `safety_days` is the least number of days that nine of ten
    of these deliveries would have kept: what planning may add to the lead time.
    """

    supplier_id: int
    material_id: int | None
    deliveries: int
    on_time: int
    mean_days_late: Decimal
    most_days_late: int
    safety_days: int

    @property
    def share(self) -> Decimal:
        """Percent on time."""
        return Decimal(100) * self.on_time / self.deliveries


def punctuality(
    *,
    plant_ids: list[int],
    supplier_id: int | None = None,
    material_id: int | None = None,
    by_material: bool = True,
    last: int = 20,
) -> list[Punctuality]:
    """Per supplier and material (or per supplier) the last `last` deliveries of each material; one query."""
    values = {"plants": sorted(plant_ids), "supplier": supplier_id, "material": material_id, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_BY_MATERIAL if by_material else _BY_SUPPLIER, values)
        rows = cursor.fetchall()
    found = [Punctuality(*row) for row in rows]
    return sorted(found, key=lambda one: (one.share, -one.mean_days_late, one.supplier_id, one.material_id or 0))


def visible_plants(user: Any, deed: str) -> list[int]:
    """The plants in which the user may do that."""
    return list(rights.visible_to(user, Plant.objects.all(), deed).order_by("pk").values_list("pk", flat=True))
