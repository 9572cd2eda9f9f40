"""Partners, materials and machines: created and changed with every finding named, never over another's change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel

from masterdata.errors import Refusal
from masterdata.models import Machine, Material, MaterialPlant, Partner
from masterdata.records import change_record, create_record


class BaseUnitInUse(Refusal):
    """The base unit of a material can't change once anything counts in it."""

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
    if unit is not None:
        locked = Material.objects.select_for_update(of=("self",)).order_by("pk").get(pk=material.pk)
        if unit.pk != locked.unit_id and (kinds := base_unit_uses(material_ids=[material.pk])):
            raise BaseUnitInUse(
                f"{locked.code} is counted in its base unit ({kinds[material.pk]}): make a new material instead",
                field="unit",
            )
    return change_record(record=material, values=values, expected_version=expected_version)


@transaction.atomic
def base_unit_uses(*, material_ids: Collection[int]) -> dict[int, str]:
    """Which of the materials must keep their base unit, each with the kind of row that counts in it.

    Any row of any app that points to the material counts: BOMs, conversions, prices, stock, orders. Its planning
    figures do not: they are written together with the unit; nor do rows without a quantity (`counts_nothing`). Locks
    the materials by id, so that none comes into use meanwhile.
    """
    ids = sorted(material_ids)
    list(Material.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    kinds: dict[int, str] = {}
    for relation in Material._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.related_model is MaterialPlant:
            continue
        if getattr(relation.related_model, "counts_nothing", False):
            continue
        name, rows = relation.field.attname, relation.related_model._base_manager.order_by()
        for material_id in rows.filter(**{f"{name}__in": ids}).values_list(name, flat=True).distinct():
            kinds.setdefault(material_id, str(relation.related_model._meta.verbose_name))
    return kinds


def create_machine(*, values: Mapping[str, Any]) -> Machine:
    """A machine. Raises InvalidInput with every finding."""
    return create_record(model=Machine, values=values)


def update_machine(*, machine: Machine, values: Mapping[str, Any], expected_version: int | None = None) -> Machine:
    """Change a machine under its lock. Raises StaleVersion, InvalidInput."""
    return change_record(record=machine, values=values, expected_version=expected_version)
