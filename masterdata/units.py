"""Units: from what people buy, weigh or draw to a material's base unit, and the steps that it is sold in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Unit
from masterdata.numbers import QUANTITY_STEP

_FACTORS = """
    SELECT asked.material, asked.unit,
           CASE WHEN asked.unit = material.unit_id THEN 1
                ELSE coalesce(own.base_units_per_unit, general.base_units_per_unit) END
    FROM unnest(%s::bigint[], %s::bigint[]) AS asked(material, unit)
    JOIN masterdata_material material ON material.id = asked.material
    LEFT JOIN masterdata_unitconversion own ON own.material_id = material.id AND own.unit_id = asked.unit
    LEFT JOIN masterdata_unitconversion general
        ON general.material_id IS NULL AND general.base_id = material.unit_id AND general.unit_id = asked.unit
"""


class NoConversion(Refusal):
    """Nobody has said how many base units of the material the unit holds."""

    code = "no_conversion"


class PartOfStep(InvalidInput):
    """A fraction of what the material's unit counts in: there is no half piece."""

    code = "part_of_step"


def unit_factors(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Decimal]:
    """Base units per unit for (material, unit) pairs, in one query; pairs without a conversion are left out.

    A material's own conversion goes before the one that holds for all materials of its base unit.
    """
    asked = sorted(set(pairs))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FACTORS, [[material for material, _ in asked], [unit for _, unit in asked]])
        return {(row[0], row[1]): Decimal(row[2]) for row in cursor.fetchall() if row[2] is not None}


def to_base_quantity(*, material_id: int, quantity: Decimal, unit_id: int) -> Decimal:
    """`quantity` of `unit_id` in the material's base unit, to six decimals, half up. Raises NoConversion."""
    factors = unit_factors([(material_id, unit_id)])
    if (material_id, unit_id) not in factors:
        raise no_conversion(material_id, unit_id)
    return (quantity * factors[material_id, unit_id]).quantize(QUANTITY_STEP, rounding=ROUND_HALF_UP)


def check_quantity(*, material: Material, quantity: Decimal, field: str, **values: Any) -> None:
    """Raises InvalidInput at `field` unless the quantity is above zero and whole steps of the material's unit.

    `values` go with the refusal.
    """
    if quantity <= 0:
        raise InvalidInput("Enter a quantity above zero.", field=field, **values)
    check_steps(material=material, quantity=quantity, field=field, **values)


def check_steps(*, material: Material, quantity: Decimal, field: str, **values: Any) -> None:
    """Raises PartOfStep at `field` unless the quantity is whole steps of the material's unit, zero included.

    The one rule for whatever people and programs say of a quantity: ordered, bought, received, reported, packed.
    """
    step = material.unit.rounding
    if not quantity % step:
        return
    below = quantity // step * step
    near = " or ".join(f"{amount.normalize():f}" for amount in (below, below + step) if amount)
    raise PartOfStep(
        f"{material.code} is counted in steps of {step.normalize():f} {material.unit.code}: enter {near}.",
        field=field,
        step=f"{step.normalize():f}",
        **values,
    )


def no_conversion(material_id: int, unit_id: int) -> NoConversion:
    """The refusal that names material and unit."""
    material = Material.objects.select_related("unit").get(pk=material_id)
    unit = Unit.objects.get(pk=unit_id)
    return NoConversion(
        f"Enter how many {material.unit.code} of {material.code} one {unit.code} holds",
        field="unit",
        material_id=material_id,
        unit_id=unit_id,
    )
