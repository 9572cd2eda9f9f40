"""Partners, materials and machines: created and changed with every finding named, never over another's change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from masterdata.errors import Refusal
from masterdata.models import Bom, Machine, Material, Partner
from masterdata.records import change_record, create_record


class BaseUnitInUse(Refusal):
    """The base unit of a material that BOMs count in can't change."""

    code = "base_unit_in_use"


def create_partner(*, values: Mapping[str, Any]) -> Partner:
    """A customer, supplier or carrier. Raises InvalidInput with every finding."""
    return create_record(model=Partner, values=values)


def update_partner(*, partner: Partner, values: Mapping[str, Any], expected_version: int | None = None) -> Partner:
    """Change a partner under its lock. Raises StaleVersion, InvalidInput."""
    return change_record(record=partner, values=values, expected_version=expected_version)


def create_material(*, values: Mapping[str, Any]) -> Material:
    """A material. Raises InvalidInput with every finding."""
    return create_record(model=Material, values=values)


@transaction.atomic
def update_material(*, material: Material, values: Mapping[str, Any], expected_version: int | None = None) -> Material:
    """Change a material under its lock. Raises StaleVersion, InvalidInput, BaseUnitInUse."""
    unit = values.get("unit")
    if unit is not None and unit.pk != material.unit_id and _is_in_boms(material):
        raise BaseUnitInUse(f"BOMs count {material.code} in its base unit: make a new material instead", field="unit")
    return change_record(record=material, values=values, expected_version=expected_version)


def create_machine(*, values: Mapping[str, Any]) -> Machine:
    """A machine. Raises InvalidInput with every finding."""
    return create_record(model=Machine, values=values)


def update_machine(*, machine: Machine, values: Mapping[str, Any], expected_version: int | None = None) -> Machine:
    """Change a machine under its lock. Raises StaleVersion, InvalidInput."""
    return change_record(record=machine, values=values, expected_version=expected_version)


def _is_in_boms(material: Material) -> bool:
    return Bom.objects.filter(lines__component=material).exists() or material.boms.exists()
