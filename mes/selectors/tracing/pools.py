"""Goods of free stock that are kept by quantity: what was made into them may be in whatever was taken from them since.

Nobody can tell one piece from the other there. So the chain goes on as "any of these": from work that put pieces into
such stock to all work and shipments that took some before the stock was used up; and back from work that took some to
all work that had put some in since it was empty last. What is reached only so is perhaps reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from masterdata import statements
from masterdata.numbers import ZERO
from mes.selectors.tracing.reach import FORWARD, reached

_STANDS = "NOT EXISTS (SELECT 1 FROM erp_stockmove r WHERE r.reverses_id = m.id)"
# What work put into free stock by quantity, or took from it, by plant and material: the first move, the last one.
_TOUCHED = f"""
    SELECT m.plant_id, m.material_id, m.work_order_id, min(m.id), max(m.id) FROM erp_stockmove m
    WHERE m.work_order_id = ANY(%s::bigint[]) AND m.kind = ANY(%s::text[]) AND m.lot_id IS NULL
        AND m.{{owner}} IS NULL AND {_STANDS}
    GROUP BY 1, 2, 3
"""  # noqa: S608 (our own words)
# Moves of one such stock that matter here, with what was left after each; in the order in which they were written.
_MOVES = f"""
    SELECT x.id, x.kind, x.work_order_id, x.quantity, x.left_qty, x.stands FROM (
        SELECT m.id, m.kind, m.work_order_id, m.quantity, {_STANDS} AS stands, m.source_order_id, m.target_order_id,
            sum(CASE WHEN t.kind IN ('stock', 'quarantine') AND m.target_order_id IS NULL THEN m.quantity ELSE 0 END
                - CASE WHEN s.kind IN ('stock', 'quarantine') AND m.source_order_id IS NULL THEN m.quantity ELSE 0 END)
                OVER (ORDER BY m.id) AS left_qty
        FROM erp_stockmove m JOIN masterdata_location s ON s.id = m.source_id
        JOIN masterdata_location t ON t.id = m.target_id
        WHERE m.plant_id = %s AND m.material_id = %s AND m.lot_id IS NULL
    ) x
    WHERE x.left_qty <= 0 OR (x.kind IN ('issue', 'shipment') AND x.source_order_id IS NULL)
        OR (x.kind IN ('output', 'byproduct', 'put_back') AND x.target_order_id IS NULL)
    ORDER BY x.id
"""  # noqa: S608 (our own words)
PUT, TOOK = ["output", "byproduct"], ["issue"]
Pool = tuple[int, int]


@dataclass(slots=True)
class Perhaps:
    """`nodes` are reached only through such stock; `links` lead from work to work through it; `shipments` are moves
    from it to a customer, each with the work that had put in."""

    nodes: set[int] = field(default_factory=set)
    links: set[tuple[int, int]] = field(default_factory=set)
    shipments: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Move:
    id: int
    kind: str
    work_order_id: int | None
    quantity: Decimal
    left: Decimal
    stands: bool

    @property
    def empties(self) -> bool:
        return self.left <= 0

    @property
    def taken(self) -> Decimal:
        """What its work has taken by it: less than nothing when it gave back."""
        return {"issue": self.quantity, "put_back": -self.quantity}.get(self.kind, ZERO) if self.stands else ZERO


def perhaps_reached(*, nodes: Collection[int], direction: str) -> Perhaps:
    """What these nodes, which are reached for certain, may have led to or come from besides. A few queries a level."""
    found, known, moves = Perhaps(), set(nodes), dict[Pool, list[_Move]]()
    frontier = {-node for node in known if node < 0}
    while frontier:
        pairs = _forward(frontier, moves, found) if direction == FORWARD else _backward(frontier, moves)
        found.links |= {(-a, -b) for a, b in pairs if a != b}
        reaches = {b for _, b in pairs} if direction == FORWARD else {a for a, _ in pairs}
        new = {-work for work in reaches} - known
        more = set(reached(nodes=new, direction=direction)) - known if new else set()
        known |= more
        found.nodes |= more
        frontier = {-node for node in more if node < 0}
    return found


def _forward(works: Collection[int], moves: dict[Pool, list[_Move]], found: Perhaps) -> set[tuple[int, int]]:
    pairs = set[tuple[int, int]]()
    for pool, put in _touched(works, PUT, "target_order_id").items():
        for work, first, _last in put:
            since = _until_empty(move for move in _of(pool, moves) if move.id > first)
            taken = defaultdict[int, Decimal](Decimal)
            for move in since:
                taken[move.work_order_id or 0] += move.taken
                if move.kind == "shipment" and move.stands:
                    found.shipments.setdefault(move.id, -work)
            pairs |= {(work, one) for one, quantity in taken.items() if one and quantity > 0}
    return pairs


def _until_empty(moves: Iterable[_Move]) -> Iterator[_Move]:
    for move in moves:
        yield move
        if move.empties:
            return


def _backward(works: Collection[int], moves: dict[Pool, list[_Move]]) -> set[tuple[int, int]]:
    pairs = set[tuple[int, int]]()
    for pool, took in _touched(works, TOOK, "source_order_id").items():
        for work, first, last in took:
            since = set[int]()
            for move in _of(pool, moves):
                if move.id > last:
                    break
                if move.stands and move.kind in PUT and move.work_order_id is not None:
                    since.add(move.work_order_id)
                if move.empties and move.id < first:
                    since.clear()
            pairs |= {(one, work) for one in since}
    return pairs


def _touched(works: Collection[int], kinds: list[str], owner: str) -> dict[Pool, list[tuple[int, int, int]]]:
    found = defaultdict[Pool, list[tuple[int, int, int]]](list)
    values = [statements.array(sorted(works)), statements.array(kinds)]
    for plant_id, material_id, *rest in statements.run(_TOUCHED.format(owner=owner), values):
        found[plant_id, material_id].append((rest[0], rest[1], rest[2]))
    return found


def _of(pool: Pool, moves: dict[Pool, list[_Move]]) -> Iterable[_Move]:
    if pool not in moves:
        moves[pool] = [_Move(*row) for row in statements.run(_MOVES, list(pool))]
    return moves[pool]
