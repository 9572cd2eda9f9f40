"""Promises kept: one meaning for the control tower and for the page of a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

# When a line reached its customer, against the day first promised for it (else the one wanted), in its plant's days.
_KEPT = """
    SELECT max(s.shipped_at + make_interval(mins => p.transport_min)),
        bool_and(((s.shipped_at + make_interval(mins => p.transport_min)) AT TIME ZONE p.time_zone)::date
            <= coalesce((coalesce(first.promised_at, l.promised_at) AT TIME ZONE p.time_zone)::date, l.wanted_on))
    FROM erp_salesorderline l
    JOIN erp_salesorder o ON o.id = l.order_id
    JOIN masterdata_plant p ON p.id = l.plant_id
    JOIN erp_shipmentline sl ON sl.order_line_id = l.id
    JOIN erp_shipment s ON s.id = sl.shipment_id AND s.shipped_at IS NOT NULL
    LEFT JOIN crm_promise first ON first.order_line_id = l.id AND first.version_no = 1
    WHERE l.plant_id = ANY(%(plants)s) AND l.shipped_qty = l.quantity
        AND (%(customer)s::bigint IS NULL OR o.customer_id = %(customer)s)
    GROUP BY l.id HAVING %(since)s::timestamptz IS NULL OR max(s.shipped_at) >= %(since)s
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An order line that has been delivered whole: when, and whether by the day first promised (else wanted)."""

    at: dt.datetime
    is_kept: bool


def delivered_lines(
    *, plant_ids: Collection[int], customer_id: int | None = None, since: dt.datetime | None = None
) -> list[Delivered]:
    """The lines of these plants (of one customer, shipped since a time) that were delivered whole. One query."""
    values = {"plants": list(plant_ids), "customer": customer_id, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, values)
        return [Delivered(*row) for row in cursor.fetchall()]
