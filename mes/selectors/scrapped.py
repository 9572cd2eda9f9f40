"""Why pieces were scrapped: what reports said, each reason with its own pieces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from masterdata import statements
from mes.counted import COUNTS

# One row per report and reason. A report of several reasons says in its payload how many pieces each has; what does
# not add up (the shift lead has accepted it all the same) is the reason of the report.
SCRAPPED = f"""
    SELECT e.id AS event_id, e.plant_id, e.operation_id, e.machine_id, e.corrected_at,
        coalesce(x.reason_id, e.reason_id) AS reason_id, coalesce(x.pieces, e.scrap_qty) AS pieces
    FROM mes_executionevent e
    LEFT JOIN LATERAL (
        SELECT (one ->> 'reason')::bigint AS reason_id, (one ->> 'quantity')::numeric AS pieces
        FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(e.payload -> 'scrap') = 'array' AND e.scrap_qty =
                (SELECT sum((one ->> 'quantity')::numeric) FROM jsonb_array_elements(e.payload -> 'scrap') one)
            THEN e.payload -> 'scrap' ELSE '[]'::jsonb END) one) x ON true
    WHERE e.kind IN ('report', 'finish') AND e.scrap_qty > 0 AND {COUNTS}
"""  # noqa: S608 (our own words)
_BY_REASON = f"""
    SELECT r.id, r.code, r.name, sum(s.pieces), count(DISTINCT s.event_id)
    FROM ({SCRAPPED}) s JOIN masterdata_reasoncode r ON r.id = s.reason_id
    JOIN erp_workorderoperation o ON o.id = s.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE w.plant_id = ANY(%s::bigint[]) AND s.corrected_at >= %s AND s.corrected_at < %s
    GROUP BY r.id ORDER BY 4 DESC, r.code
"""  # noqa: S608 (our own words)


@dataclass(frozen=True, slots=True)
class ScrapReason:
    """Pieces that were scrapped for a reason, and in how many reports."""

    reason_id: int
    code: str
    name: str
    pieces: Decimal
    reports: int


def scrap_by_reason(*, plant_ids: Iterable[int], since_at: dt.datetime, until_at: dt.datetime) -> list[ScrapReason]:
    """What was scrapped in that time, the reason of most pieces first."""
    return [ScrapReason(*row) for row in statements.run(_BY_REASON, [list(plant_ids), since_at, until_at])]
