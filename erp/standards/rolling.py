"""The roll-up: every material once, what it is made of before it; unit costs by element, to six decimals each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from erp.cost.rates import Rates, rates_of
from erp.standards.models import ELEMENTS, StandardChange, StandardCost, StandardVersion
from masterdata.numbers import ZERO

STEP = Decimal("0.000001")

_MATERIALS = """
    SELECT m.id, m.low_level_code, m.standard_cost, CASE WHEN v.quantity > 0 THEN v.value / v.quantity END,
        coalesce(nullif(x.lot_qty, 0), %(lot)s), b.id, b.base_qty, fee.of_one
    FROM masterdata_material m
    LEFT JOIN erp_materialvalue v ON v.material_id = m.id AND v.plant_id = %(plant)s AND v.sales_order_id IS NULL
    LEFT JOIN masterdata_materialplant x ON x.material_id = m.id AND x.plant_id = %(plant)s
    LEFT JOIN LATERAL (  -- what the preferred, else the cheapest subcontractor asks for one of a lot
        SELECT s.price / c.units AS of_one FROM erp_supplierprice s
        JOIN masterdata_partner p ON p.id = s.supplier_id AND p.is_active AND p.is_supplier
        LEFT JOIN masterdata_unitconversion own ON own.material_id = m.id AND own.unit_id = s.unit_id
        LEFT JOIN masterdata_unitconversion any_of
            ON any_of.material_id IS NULL AND any_of.base_id = m.unit_id AND any_of.unit_id = s.unit_id
        CROSS JOIN LATERAL (SELECT CASE WHEN s.unit_id = m.unit_id THEN 1
            ELSE coalesce(own.base_units_per_unit, any_of.base_units_per_unit) END AS units) c
        WHERE s.material_id = m.id AND s.is_subcontract AND m.supply <> 'make' AND c.units > 0
            AND s.from_quantity * c.units <= coalesce(nullif(x.lot_qty, 0), %(lot)s)
            AND coalesce(s.valid_from, %(day)s) <= %(day)s AND coalesce(s.valid_until, %(day)s) >= %(day)s
        ORDER BY p.is_preferred DESC, s.price / c.units, s.id LIMIT 1
    ) fee ON true
    LEFT JOIN masterdata_bom b
        ON b.material_id = m.id AND b.state = 'frozen' AND (fee.of_one IS NOT NULL OR m.supply = 'make' AND (
            EXISTS (SELECT FROM masterdata_routing g
                WHERE g.material_id = m.id AND g.plant_id = %(plant)s AND g.state = 'frozen')
            OR NOT EXISTS (SELECT FROM masterdata_routing g WHERE g.material_id = m.id AND g.state = 'frozen')))
    WHERE m.is_active ORDER BY m.low_level_code DESC, m.id
"""
_LINES = """
    SELECT l.bom_id, l.component_id, l.quantity, l.scrap_percent, l.operation_sequence FROM masterdata_bomline l
    JOIN masterdata_bom b ON b.id = l.bom_id AND b.state = 'frozen' ORDER BY l.bom_id, l.line_no
"""
_STEPS = f"""
    SELECT g.material_id, o.sequence, o.work_centre_id, o.setup_min, o.run_min_per_unit, r.*
    FROM masterdata_routing g JOIN masterdata_routingoperation o ON o.routing_id = g.id
    CROSS JOIN LATERAL ({rates_of("o.work_centre_id", at="%s::timestamptz")}) r
    WHERE g.plant_id = %s AND g.state = 'frozen' ORDER BY g.material_id, o.sequence
"""  # noqa: S608 (our own words)
_BESIDE = """
    SELECT y.bom_id, y.material_id, y.quantity, y.cost_share_percent FROM masterdata_bombyproduct y
    JOIN masterdata_bom b ON b.id = y.bom_id AND b.state = 'frozen'
"""

Unit = dict[str, Decimal]


@dataclass(slots=True)
class _Step:
    sequence: int
    minutes: Decimal
    rates: Rates


@dataclass(slots=True)
class Ground:
    """What a roll-up reads once: BOMs, routings with rates, by-products, and what the version assumes otherwise."""

    lines: Mapping[int, list[Any]] = field(default_factory=dict)
    steps: Mapping[int, list[Any]] = field(default_factory=dict)
    beside: Mapping[int, list[Any]] = field(default_factory=dict)
    changes: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)


def rolled(version: StandardVersion, now: dt.datetime) -> list[StandardCost]:
    """Unsaved costs of every active material of the group, by the plant's routings; five queries.

    What only another plant makes comes from there at its standard cost.
    """
    ground, materials = _read(version, now)
    found: dict[int, StandardCost] = {}
    totals: dict[int, Unit] = {}
    for pk, level, standard, average, lot, bom_id, base, fee in materials:
        price = ground.changes.get(("price", pk))
        if bom_id is None or price is not None:
            bought = standard if version.basis == StandardVersion.Basis.STANDARD or average is None else average
            own = _zero() | {"material": bought if price is None else price}
            whole = own
        else:
            own, whole = _made(ground, pk, bom_id, base, lot, totals, fee)
        totals[pk] = {name: _six(amount) for name, amount in whole.items()}
        found[pk] = _row(version, pk, level, standard, own, totals[pk])
    return list(found.values())


def _made(
    ground: Ground, pk: int, bom_id: int, base: Decimal, lot: Decimal, totals: Mapping[int, Unit], fee: Decimal | None
) -> tuple[Unit, Unit]:
    """What is added on this level, and that with all below, for one base unit; a subcontractor's `fee` instead of work
    in the house."""
    own, below = _zero(), _zero()
    own["subcontract"] = fee or ZERO
    steps = [_step(ground, row, lot) for row in ground.steps.get(pk, ())] if fee is None else []
    for step in steps:
        labour, machine = step.minutes * step.rates.labour / 60, step.minutes * step.rates.machine / 60
        own["labour"] += labour
        own["machine"] += machine
        own["overhead"] += labour * step.rates.on_labour / 100 + machine * step.rates.on_machine / 100
        own["overhead"] += step.minutes * step.rates.an_hour / 60
    percents = {step.sequence: step.rates.on_material for step in steps}
    first = steps[0].rates.on_material if steps else ZERO
    for component, quantity, scrap, sequence in ground.lines.get(bom_id, ()):
        lost = ground.changes.get(("scrap", component), scrap)
        gross = quantity / base / (1 - lost / 100)
        for name, amount in totals.get(component, _zero()).items():
            below[name] += gross * amount
        price = sum(totals.get(component, _zero()).values(), ZERO)
        own["overhead"] += gross * price * percents.get(sequence, first) / 100
    whole = {name: own[name] + below[name] for name in own}
    return own, _less_byproducts(ground.beside.get(bom_id, ()), base, whole, totals)


def _less_byproducts(rows: Sequence[Any], base: Decimal, whole: Unit, totals: Mapping[int, Unit]) -> Unit:
    """What comes out beside takes its worth off the material, or its share off everything."""
    share = sum((percent for _, _, percent in rows if percent is not None), ZERO)
    for material, quantity, percent in rows:
        if percent is None:
            worth = quantity / base * sum(totals.get(material, _zero()).values(), ZERO)
            whole["material"] = max(ZERO, whole["material"] - worth)
    return {name: amount * (1 - share / 100) for name, amount in whole.items()}


def _step(ground: Ground, row: Sequence[Any], lot: Decimal) -> _Step:
    sequence, centre, setup, run, *figures = row
    rates = Rates(*figures)
    labour = ground.changes.get(("labour", centre), rates.labour)
    machine = ground.changes.get(("machine", centre), rates.machine)
    changed = Rates(labour, machine, rates.on_labour, rates.on_machine, rates.on_material, rates.an_hour)
    return _Step(sequence, setup / lot + run, changed)


def _read(version: StandardVersion, now: dt.datetime) -> tuple[Ground, list[Any]]:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"lot": version.lot_qty, "plant": version.plant_id, "day": version.valid_from}
        cursor.execute(_MATERIALS, values)
        materials = cursor.fetchall()
        cursor.execute(_LINES)
        lines = _grouped(cursor.fetchall())
        cursor.execute(_STEPS, [now, version.plant_id])
        steps = _grouped(cursor.fetchall())
        cursor.execute(_BESIDE)
        beside = _grouped(cursor.fetchall())
    changes = StandardChange.objects.filter(version=version)
    told = {(row.kind, row.material_id or row.work_centre_id or 0): row.value for row in changes}
    return Ground(lines, steps, beside, told), materials


def _grouped(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, *row in rows:
        found[key].append(row)
    return found


def _zero() -> Unit:
    return dict.fromkeys(ELEMENTS, ZERO)


def _six(amount: Decimal) -> Decimal:
    return amount.quantize(STEP, rounding=ROUND_HALF_UP)


def _row(
    version: StandardVersion, material_id: int, level: int, present: Decimal, own: Unit, whole: Unit
) -> StandardCost:
    return StandardCost(
        version=version,
        material_id=material_id,
        level=level,
        **{f"own_{name}": _six(amount) for name, amount in own.items()},
        **{f"{name}_cost": amount for name, amount in whole.items()},
        total=sum(whole.values(), ZERO),
        present=present,
    )
