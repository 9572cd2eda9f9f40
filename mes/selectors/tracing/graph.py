"""The graph around a lot or work order: named nodes with what leads from one to the other, both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.urls import reverse

from erp.models import Lot, StockBalance, WorkOrder
from masterdata.access import may, scope_of
from mes.selectors.tracing.ends import Ends, ends_of, ends_of_moves
from mes.selectors.tracing.nodes import Link as Link
from mes.selectors.tracing.nodes import Node as Node
from mes.selectors.tracing.pools import Perhaps, perhaps_reached
from mes.selectors.tracing.reach import ABOVE, BACKWARD, FORWARD, reached
from mes.selectors.tracing.starting import SEE

_LINKS = """
    SELECT e.parent_node, e.child_node, sum(e.quantity), min(e.at), max(e.operation_id), count(DISTINCT e.event_id)
    FROM mes_genealogyedge e
    WHERE e.parent_node = ANY(%s) AND e.child_node = ANY(%s) AND e.undone_by_id IS NULL
    GROUP BY 1, 2 HAVING sum(e.quantity) > 0
"""
_BESIDE = f"""
    SELECT s.node, above.node FROM unnest(%s::bigint[]) AS s(node)
    CROSS JOIN LATERAL ({ABOVE.format(node="s.node")}) above WHERE above.node = ANY(%s)
"""  # noqa: S608 (our own words)
_STEPS = """
    SELECT id, name FROM erp_workorderoperation WHERE id = ANY(%s)
"""
MOST = 2_000
"""Nodes that a page names one by one; a list of more is a file's business."""


@dataclass(slots=True)
class Graph:
    """Nodes by key with the links between them; `starts` are those that were asked about."""

    starts: list[str]
    nodes: dict[str, Node] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    left_out: int = 0
    breaks: list[str] = field(default_factory=list)


def trace(*, nodes: Collection[int], direction: str, user: Any) -> Graph:
    """The graph of what led to these nodes (backward), what became of them (forward), or both (an empty direction).

    What the user may not see is a node without a name.
    """
    found: set[int] = set()
    perhaps = Perhaps()
    for way in (FORWARD, BACKWARD) if not direction else (direction,):
        certain = reached(nodes=nodes, direction=way)
        besides = perhaps_reached(nodes=certain, direction=way)
        found.update(certain, besides.nodes)
        perhaps.links |= besides.links
        perhaps.shipments |= besides.shipments
    kept = _kept(found, set(nodes))
    graph = Graph([_key(node) for node in sorted(nodes)], left_out=len(found) - len(kept))
    units = _name_lots(graph, [node for node in kept if node > 0], user)
    _name_work(graph, [-node for node in kept if node < 0], user)
    _link(graph, kept, units)
    _add_ends(graph, ends_of(kept), units, user)
    _add_perhaps(graph, perhaps, user)
    return graph


def _kept(found: Iterable[int], starts: set[int]) -> list[int]:
    """The starts and the youngest of the rest, as many as a page can hold."""
    rest = sorted((node for node in found if node not in starts), key=abs, reverse=True)
    return sorted([*starts, *rest[: MOST - len(starts)]])


def _key(node: int) -> str:
    return f"lot-{node}" if node > 0 else f"work-{-node}"


def _name_lots(graph: Graph, lot_ids: Sequence[int], user: Any) -> dict[str, str]:
    seen = set(
        StockBalance.objects.filter(lot__in=lot_ids, plant__in=sorted(scope_of(user, SEE).plants))
        .order_by()
        .values_list("lot", flat=True)
    )
    opens = may(user, "erp.view_stock")
    units = {}
    rows = Lot.objects.filter(pk__in=lot_ids).select_related("material__unit")
    for lot in rows.order_by("pk"):
        key = _key(lot.pk)
        units[key] = lot.material.unit.code
        if lot.pk not in seen:
            graph.nodes[key] = Node(key, "lot", "", "", "", is_hidden=True)
            continue
        url = reverse("erp:lot", args=[lot.pk]) if opens else ""
        graph.nodes[key] = Node(
            key, lot.kind, lot.number, f"{lot.material.code} {lot.material.name}", url,
            is_blocked=lot.is_blocked, at=lot.created_at,
        )  # fmt: skip
    return units


def _name_work(graph: Graph, ids: Sequence[int], user: Any) -> None:
    plants, opens = scope_of(user, SEE).plants, may(user, "erp.view_work_order")
    rows = WorkOrder.objects.filter(pk__in=ids).select_related("material").order_by("pk")
    for order in rows:
        key = _key(-order.pk)
        if order.plant_id not in plants:
            graph.nodes[key] = Node(key, "work", "", "", "", is_hidden=True)
            continue
        url = reverse("erp:work_order", args=[order.pk]) if opens else ""
        detail = f"{order.material.code} {order.material.name}"
        graph.nodes[key] = Node(key, "work", order.number, detail, url, at=order.released_at or order.made_at)
        if order.material.tracking == "none" and (order.sales_order_line_id is None):
            graph.breaks.append(order.number)


def _link(graph: Graph, nodes: Sequence[int], units: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [list(nodes), list(nodes)])
        rows = cursor.fetchall()
        cursor.execute(_STEPS, [sorted({row[4] for row in rows if row[4]})])
        names = dict(cursor.fetchall())
        cursor.execute(_BESIDE, [list(nodes), list(nodes)])
        beside = cursor.fetchall()
    for parent, child, quantity, at, step_id, events in sorted(rows):
        source, target = _key(parent), _key(child)
        unit = units.get(source) or units.get(target, "")
        graph.links.append(Link(source, target, quantity, unit, at, names.get(step_id, ""), events))
    graph.links += [Link(_key(parent), _key(child), None, "", None) for parent, child in sorted(beside)]


def _add_perhaps(graph: Graph, perhaps: Perhaps, user: Any) -> None:
    """What went through free stock that is kept by quantity: without figures, for nobody knows them."""
    pairs = {(_key(a), _key(b)) for a, b in perhaps.links}
    plants = scope_of(user, SEE).plants
    for end in ends_of_moves(perhaps.shipments):
        node = end.node(user, is_hidden=end.plant_id not in plants)
        if _key(end.of) in graph.nodes:
            graph.nodes.setdefault(node.key, node)
            pairs.add((_key(end.of), node.key))
    known = {(one.source, one.target) for one in graph.links}
    graph.links += [
        Link(a, b, None, "", None, is_perhaps=True)
        for a, b in sorted(pairs - known)
        if a in graph.nodes and b in graph.nodes
    ]


def _add_ends(graph: Graph, ends: Ends, units: dict[str, str], user: Any) -> None:
    """Suppliers in front, customers behind; one node for each, with all that it sent or got."""
    plants = scope_of(user, SEE).plants
    sums: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [Decimal(0), None])
    for end in ends:
        node = end.node(user, is_hidden=end.plant_id not in plants)
        graph.nodes.setdefault(node.key, node)
        pair = (node.key, _key(end.of)) if end.comes_in else (_key(end.of), node.key)
        figures = sums[pair]
        figures[0] += end.quantity
        figures[1] = min(figures[1] or end.at, end.at)
    for (source, target), (quantity, at) in sums.items():
        unit = units.get(source) or units.get(target, "")
        graph.links.append(Link(source, target, quantity, unit, at))
