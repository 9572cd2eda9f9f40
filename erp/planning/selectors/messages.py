"""Action messages as pages and REST ask for them, with the customers' orders behind each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from erp.planning.models import ActionMessage

# From a supply up its pegs: to order lines, or to the work, transfer or purchase that needs it, and on.
_BEHIND = """
    WITH RECURSIVE up(root_kind, root_id, kind, id) AS (
        SELECT n.kind, n.id, n.kind, n.id FROM unnest(%s::text[], %s::bigint[]) AS n(kind, id)
        UNION
        SELECT up.root_kind, up.root_id, next.kind, next.id
        FROM up JOIN LATERAL (
            SELECT 'work_order' AS kind, m.work_order_id AS id
            FROM erp_peg p JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
            WHERE p.work_order_id = CASE up.kind WHEN 'work_order' THEN up.id END
            UNION ALL
            SELECT 'work_order', m.work_order_id
            FROM erp_peg p JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
            WHERE p.purchase_order_line_id = CASE up.kind WHEN 'purchase_order_line' THEN up.id END
                AND p.quantity > p.received_qty
            UNION ALL
            SELECT 'work_order', m.work_order_id
            FROM erp_peg p JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
            WHERE p.planned_order_id = CASE up.kind WHEN 'planned_order' THEN up.id END
            UNION ALL
            SELECT 'planned_order', p.transfer_id FROM erp_peg p
            WHERE p.work_order_id = CASE up.kind WHEN 'work_order' THEN up.id END AND p.transfer_id IS NOT NULL
            UNION ALL
            SELECT 'planned_order', p.transfer_id FROM erp_peg p
            WHERE p.purchase_order_line_id = CASE up.kind WHEN 'purchase_order_line' THEN up.id END
                AND p.transfer_id IS NOT NULL
            UNION ALL
            SELECT 'planned_order', p.transfer_id FROM erp_peg p
            WHERE p.planned_order_id = CASE up.kind WHEN 'planned_order' THEN up.id END
                AND p.transfer_id IS NOT NULL
            UNION ALL
            SELECT 'purchase_order_line', c.order_line_id
            FROM erp_peg p JOIN erp_suppliedcomponent c ON c.id = p.supplied_component_id
            WHERE p.work_order_id = CASE up.kind WHEN 'work_order' THEN up.id END
            UNION ALL
            SELECT 'purchase_order_line', c.order_line_id
            FROM erp_peg p JOIN erp_suppliedcomponent c ON c.id = p.supplied_component_id
            WHERE p.purchase_order_line_id = CASE up.kind WHEN 'purchase_order_line' THEN up.id END
                AND p.quantity > p.received_qty
            UNION ALL
            SELECT 'purchase_order_line', c.order_line_id
            FROM erp_peg p JOIN erp_suppliedcomponent c ON c.id = p.supplied_component_id
            WHERE p.planned_order_id = CASE up.kind WHEN 'planned_order' THEN up.id END
        ) next ON true
    ), lines AS (
        SELECT up.root_kind, up.root_id, w.sales_order_line_id AS line_id
        FROM up JOIN erp_workorder w ON up.kind = 'work_order' AND w.id = up.id
        UNION
        SELECT up.root_kind, up.root_id, p.sales_order_line_id FROM up JOIN erp_peg p
            ON p.work_order_id = CASE up.kind WHEN 'work_order' THEN up.id END
        UNION
        SELECT up.root_kind, up.root_id, p.sales_order_line_id FROM up JOIN erp_peg p
            ON p.purchase_order_line_id = CASE up.kind WHEN 'purchase_order_line' THEN up.id END
        UNION
        SELECT up.root_kind, up.root_id, p.sales_order_line_id FROM up JOIN erp_peg p
            ON p.planned_order_id = CASE up.kind WHEN 'planned_order' THEN up.id END
    )
    SELECT lines.root_kind, lines.root_id, o.id, o.number, c.name, min(l.wanted_on)
    FROM lines JOIN erp_salesorderline l ON l.id = lines.line_id JOIN erp_salesorder o ON o.id = l.order_id
    JOIN masterdata_partner c ON c.id = o.customer_id
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 6, 3
"""
_WISHES = """
    SELECT n.kind, n.id, q.id, q.number, min(l.needed_on)
    FROM unnest(%s::text[], %s::bigint[]) AS n(kind, id)
    JOIN erp_peg p ON p.purchase_order_line_id = CASE n.kind WHEN 'purchase_order_line' THEN n.id END
        OR p.planned_order_id = CASE n.kind WHEN 'planned_order' THEN n.id END
    JOIN erp_requisitionline l ON l.id = p.requisition_line_id JOIN erp_requisition q ON q.id = l.requisition_id
    WHERE p.quantity > p.received_qty
    GROUP BY 1, 2, 3, 4 ORDER BY 5, 3
"""
Supply = tuple[str, int]  # kind as a peg names it, id


@dataclass(frozen=True, slots=True)
class OrderBehind:
    """A customer's order that waits for a supply, and the first day that it is wanted."""

    order_id: int
    number: str
    customer: str
    wanted_on: dt.date


@dataclass(frozen=True, slots=True)
class RequisitionBehind:
    """A requisition that waits for a supply, and the first day on which it is needed."""

    requisition_id: int
    number: str
    needed_on: dt.date


def action_messages(*, today: dt.date | None = None) -> QuerySet[ActionMessage]:
    """All of them, or those that are not dismissed beyond `today`."""
    rows = ActionMessage.objects.select_related(
        "material__unit",
        "plant",
        "work_order",
        "purchase_order_line__order__supplier",
        "planned_order__source_plant",
        "substitute",
    )
    if today is not None:
        rows = rows.filter(Q(dismissed_until=None) | Q(dismissed_until__lte=today))
    return rows


def supply_of(message: ActionMessage) -> Supply | None:
    """What the message is about, as pegs name it."""
    for kind in ("work_order", "purchase_order_line", "planned_order"):
        if (pk := getattr(message, f"{kind}_id")) is not None:
            return kind, pk
    return None


def orders_behind_supplies(supplies: Iterable[Supply]) -> dict[Supply, list[OrderBehind]]:
    """The customers' orders that wait for each supply, through all levels; one query."""
    wanted: Collection[Supply] = sorted(set(supplies))
    found: dict[Supply, list[OrderBehind]] = defaultdict(list)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_BEHIND, [[kind for kind, _ in wanted], [pk for _, pk in wanted]])
            for kind, pk, *order in cursor.fetchall():
                found[kind, pk].append(OrderBehind(*order))
    return found


def requisitions_behind_supplies(supplies: Iterable[Supply]) -> dict[Supply, list[RequisitionBehind]]:
    """The requisitions that wait for each purchase line or planned order; one query."""
    wanted: Collection[Supply] = sorted(set(supplies))
    found: dict[Supply, list[RequisitionBehind]] = defaultdict(list)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_WISHES, [[kind for kind, _ in wanted], [pk for _, pk in wanted]])
            for kind, pk, *wish in cursor.fetchall():
                found[kind, pk].append(RequisitionBehind(*wish))
    return found
