"""The recursive query: every lot and work order that is reached from some, forwards or backwards.

A node is a lot's id, or a work order's with a minus. What was reversed, or given back in full, is not followed. Goods
that are kept by quantity have no lots; those that a sales order has made for itself are followed from work order to
work order by their place in the order's product tree. What lies in free stock without a lot can't be told apart: what
is reached through that only perhaps is in `pools`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from masterdata import statements

FORWARD: Final = "forward"
BACKWARD: Final = "backward"

# Above a work order made for an order: whose component it is. Below: its components that are kept by quantity.
ABOVE = """
    SELECT -u.id AS node FROM erp_workorder w
    JOIN masterdata_material k ON k.id = w.material_id AND k.tracking = 'none'
    JOIN erp_workorder u ON u.sales_order_line_id = w.sales_order_line_id AND u.state <> 'cancelled'
        AND u.path = regexp_replace(w.path, '[.][^.]*$', '') AND NOT u.is_rework
    WHERE {node} < 0 AND w.id = -{node} AND w.path LIKE '%%.%%' AND w.state <> 'cancelled'
"""
BELOW = """
    SELECT -u.id AS node FROM erp_workorder w
    JOIN erp_workorder u ON u.sales_order_line_id = w.sales_order_line_id AND u.state <> 'cancelled'
        AND u.path LIKE w.path || '.%%' AND regexp_replace(u.path, '[.][^.]*$', '') = w.path
    JOIN masterdata_material k ON k.id = u.material_id AND k.tracking = 'none'
    WHERE {node} < 0 AND w.id = -{node} AND w.path <> '' AND NOT w.is_rework AND w.state <> 'cancelled'
"""
_REACH = """
    WITH RECURSIVE reach(node) AS (
        SELECT n FROM unnest(%s::bigint[]) AS n
        UNION
        SELECT next.node FROM reach r CROSS JOIN LATERAL (
            SELECT e.{to} AS node FROM mes_genealogyedge e
            WHERE e.{here} = r.node AND e.{to} IS NOT NULL AND e.undone_by_id IS NULL
            GROUP BY e.{to} HAVING sum(e.quantity) > 0
            UNION ALL {besides}
        ) next
    )
    SELECT node FROM reach
"""
_QUERY: dict[str, str] = {
    FORWARD: _REACH.format(to="child_node", here="parent_node", besides=ABOVE.format(node="r.node")),
    BACKWARD: _REACH.format(to="parent_node", here="child_node", besides=BELOW.format(node="r.node")),
}


def reached(*, nodes: Collection[int], direction: str) -> list[int]:
    """These nodes and all that are reached from them, in no order."""
    found: list[tuple[Any, ...]] = statements.run(_QUERY[direction], [statements.array(sorted(nodes))])
    return [node for (node,) in found]
