"""Genealogy: tracing a lot forward and backward, and a recall list, over 600,000 edges of made-up production."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from django.db import connection
from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._clock import milliseconds, percentile
from benchmarks._scratch import database
from erp.models import Lot
from masterdata import accounts
from masterdata.models import Material
from mes.selectors import tracing
from tests.erp.workbench import order_line
from tests.factories import factory, material

EDGES = 600_000
RECALL, TRACE = 1000.0, 1000.0
"""Goals for p95, in milliseconds."""
TIMES = 200
# Lots by level; what a level's lots are made of lies in the level before, near them: batches follow each other.
LEVELS = (2_000, 10_000, 40_000, 60_000)
EACH = (0, 4, 5, 5)  # components of a lot

_LOTS = """
    INSERT INTO erp_lot (material_id, number, kind, supplier_lot, is_blocked, blocked_because, created_at)
    SELECT %s, 'B' || %s || '-' || n, 'lot', '', false, '', now() FROM generate_series(1, %s) n RETURNING id
"""
_MOVES = """
    INSERT INTO erp_stockmove (kind, material_id, plant_id, source_id, target_id, lot_id, quantity, value, difference,
        fee, note, moved_at, sales_order_line_id)
    SELECT 'shipment', t.material_id, %(plant)s, l.id, l.id, t.id, 1, 0, 0, 0, '', now(), o.id
    FROM erp_lot t CROSS JOIN (SELECT id FROM masterdata_location WHERE plant_id = %(plant)s ORDER BY id LIMIT 1) l
    CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM erp_salesorderline) a
    JOIN erp_salesorderline o ON o.id = a.ids[1 + t.id %% array_length(a.ids, 1)]
    WHERE t.id BETWEEN %(first)s AND %(last)s
"""
_EDGES = """
    INSERT INTO mes_genealogyedge (kind, move_id, parent_lot_id, child_lot_id, quantity, at)
    SELECT 'consumed', (SELECT min(id) FROM erp_stockmove), x.parent, x.child, 1, now()
    FROM unnest(%s::bigint[], %s::bigint[]) AS x(parent, child)
"""


def run(say: Callable[[str], None], *, quick: bool = False) -> dict[str, Figure]:
    """The selectors that page and REST call, with everything they read: nodes, links, customers, stock."""
    times = 20 if quick else TIMES
    with database("bench_genealogy"):
        first, last, user, edges = _fill(0.1 if quick else 1.0)
        say(f"{edges:,} edges")
        chance = random.Random(7)  # noqa: S311 (lots to look for)
        starts = Lot.objects.filter(pk__in=chance.sample(first, times))
        ends = chance.sample(last, times)
        reached = [len(tracing.reached(nodes=[lot.pk], direction=tracing.FORWARD)) for lot in starts]
        recall = [milliseconds(partial(tracing.recall_of, lots=[lot], user=user)) for lot in starts]
        forward = [
            milliseconds(partial(tracing.trace, nodes=[lot.pk], direction=tracing.FORWARD, user=user)) for lot in starts
        ]
        back = [milliseconds(partial(tracing.trace, nodes=[pk], direction=tracing.BACKWARD, user=user)) for pk in ends]
    mean = sum(reached) / len(reached)
    say(f"recall p95 {percentile(recall, 95):.0f} ms; {mean:.0f} lots reached in the mean, {max(reached)} at most")
    full = not quick
    return {
        "recall list over 600,000 edges, p95": figure(percentile(recall, 95), "ms", goal=RECALL, full_size=full),
        "recall list over 600,000 edges, p50": figure(percentile(recall, 50), "ms"),
        "trace forward with names and links, p95": figure(percentile(forward, 95), "ms", goal=TRACE, full_size=full),
        "trace backward with names and links, p95": figure(percentile(back, 95), "ms", goal=TRACE, full_size=full),
        "lots that a recall reached, mean": figure(mean, "lots"),
    }


def _fill(share: float) -> tuple[list[int], list[int], object, int]:
    """Lots of four levels with their edges; those of the last level were shipped to forty customers' orders."""
    shop = factory(year=timezone.now().year)
    materials = [material(shop, f"LEVEL-{number}", supply="make" if number else "buy") for number in range(4)]
    Material.objects.update(tracking="lot")
    for _ in range(40):
        order_line(shop, "LEVEL-3", "100")
    chance = random.Random(3)  # noqa: S311 (made-up batches)
    levels: list[list[int]] = []
    with connection.cursor() as cursor:
        for number, size in enumerate(LEVELS):
            cursor.execute(_LOTS, [materials[number].pk, number, int(size * share)])
            levels.append([row[0] for row in cursor.fetchall()])
        ends = {"plant": shop.plant.pk, "first": levels[-1][0], "last": levels[-1][-1]}
        cursor.execute(_MOVES, ends)
        for number in range(1, len(levels)):
            parents, children = _near(levels[number - 1], levels[number], EACH[number], chance)
            cursor.execute(_EDGES, [parents, children])
        here = Decimal(1)
        cursor.execute(
            "INSERT INTO erp_stockbalance (material_id, plant_id, location_id, lot_id, is_serial, on_hand, reserved) "
            "SELECT t.material_id, %s, (SELECT min(id) FROM masterdata_location WHERE plant_id = %s), t.id, false, "
            "CASE WHEN t.id %% 20 = 0 THEN %s ELSE 0 END, 0 FROM erp_lot t",
            [shop.plant.pk, shop.plant.pk, here],
        )
        cursor.execute("ANALYZE")
        cursor.execute("SELECT count(*) FROM mes_genealogyedge")
        edges = cursor.fetchone()[0]
    user = accounts.create_user(username="bench-quality", roles=[accounts.Role("quality", shop.company)])
    return levels[0], levels[-1], user, edges


def _near(before: list[int], these: list[int], each: int, chance: random.Random) -> tuple[list[int], list[int]]:
    """Each lot is made of `each` of those that lie about as far along in the level before."""
    parents, children = [], []
    for place, pk in enumerate(these):
        middle = place * len(before) // len(these)
        window = range(max(0, middle - each), min(len(before), middle + each + 1))
        for one in chance.sample(window, min(each, len(window))):
            parents.append(before[one])
            children.append(pk)
    return parents, children
