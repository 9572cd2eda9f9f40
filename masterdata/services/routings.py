"""Routing versions: written as drafts, then frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from masterdata.errors import InvalidInput
from masterdata.models import Material, Routing, RoutingOperation, WorkCentre
from masterdata.models.engineering import VersionState
from masterdata.services.boms import NotADraft

Place = tuple[int, int]  # material, plant


@dataclass(frozen=True, slots=True)
class OperationInput:
    """One step; minutes at 100 % speed. Two of one `setup_family` on a machine need no setup between them."""

    sequence: int
    name: str
    work_centre_id: int
    run_min_per_unit: Decimal
    setup_min: Decimal = Decimal(0)
    setup_family: str = ""
    is_splittable: bool = True


@dataclass(frozen=True, slots=True)
class RoutingInput:
    """How a material is made in a plant."""

    material_id: int
    plant_id: int
    operations: Sequence[OperationInput]


def write_routing(*, material_id: int, plant_id: int, operations: Sequence[OperationInput]) -> Routing:
    """Write the draft for material and plant: operations of the one there is are replaced, else it is the next version.

    Raises InvalidInput, for instance for a work centre of another plant.
    """
    return write_routings(routings=[RoutingInput(material_id, plant_id, operations)])[0]


@transaction.atomic
def write_routings(*, routings: Sequence[RoutingInput]) -> list[Routing]:
    """Write many drafts, each material and plant named once, with one statement per table."""
    ids = {operation.work_centre_id for routing in routings for operation in routing.operations}
    plants = dict(WorkCentre.objects.filter(pk__in=ids).order_by().values_list("pk", "plant_id"))
    for index, routing in enumerate(routings):
        _check(f"routings.{index}." if len(routings) > 1 else "", routing, plants)
    drafts = _drafts(routings)
    RoutingOperation.objects.filter(routing__in=drafts).delete()
    RoutingOperation.objects.bulk_create(
        RoutingOperation(
            routing=draft,
            sequence=operation.sequence,
            name=operation.name,
            work_centre_id=operation.work_centre_id,
            setup_min=operation.setup_min,
            run_min_per_unit=operation.run_min_per_unit,
            setup_family=operation.setup_family,
            is_splittable=operation.is_splittable,
        )
        for draft, routing in zip(drafts, routings, strict=True)
        for operation in routing.operations
    )
    return drafts


def _check(where: str, routing: RoutingInput, plants: dict[int, int]) -> None:
    if not routing.operations:
        raise InvalidInput("A routing needs at least one operation", field=f"{where}operations")
    sequences = [operation.sequence for operation in routing.operations]
    if len(set(sequences)) < len(sequences):
        raise InvalidInput("Give each operation a sequence of its own", field=f"{where}operations")
    for index, operation in enumerate(routing.operations):
        at = f"{where}operations.{index}"
        if plants.get(operation.work_centre_id) != routing.plant_id:
            raise InvalidInput("Choose a work centre of this plant", field=f"{at}.work_centre")
        if operation.setup_min < 0 or operation.run_min_per_unit < 0:
            raise InvalidInput("Minutes can't be below zero", field=f"{at}.run_min_per_unit")


def _drafts(routings: Sequence[RoutingInput]) -> list[Routing]:
    """One draft per material and plant, under the material's lock."""
    ids = [routing.material_id for routing in routings]
    list(Material.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    versions = Routing.objects.filter(material__in=ids).order_by()
    found: dict[Place, Routing] = {
        (row.material_id, row.plant_id): row for row in versions.filter(state=VersionState.DRAFT)
    }
    last = {
        (material_id, plant_id): number
        for material_id, plant_id, number in versions.values_list("material", "plant").annotate(Max("version_no"))
    }
    new = []
    for routing in routings:
        place = routing.material_id, routing.plant_id
        if place not in found:
            found[place] = Routing(material_id=place[0], plant_id=place[1], version_no=last.get(place, 0) + 1)
            new.append(found[place])
    Routing.objects.bulk_create(new)
    return [found[routing.material_id, routing.plant_id] for routing in routings]


def freeze_routing(*, routing_id: int, now: dt.datetime) -> Routing:
    """Put a draft in force for ever; the version before it retires. Raises NotADraft, InvalidInput."""
    return freeze_routings(routing_ids=[routing_id], now=now)[0]


@transaction.atomic
def freeze_routings(*, routing_ids: Sequence[int], now: dt.datetime) -> list[Routing]:
    """Freeze many drafts at once; the answer stands in the order of the ids. Locks them by id."""
    drafts = (
        Routing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("material")
        .order_by("pk")
        .in_bulk(list(routing_ids))
    )
    for draft in drafts.values():
        if draft.state != VersionState.DRAFT:
            raise NotADraft(f"Version {draft.version_no} of {draft.material.code} is {draft.state}: write a new one")
    with_steps = set(
        RoutingOperation.objects.filter(routing__in=routing_ids).order_by().values_list("routing_id", flat=True)
    )
    if len(with_steps) < len(set(routing_ids)):
        raise InvalidInput("A routing needs at least one operation before it is frozen", field="operations")
    places = {(draft.material_id, draft.plant_id) for draft in drafts.values()}
    in_force = Routing.objects.filter(
        material__in={place[0] for place in places}, plant__in={place[1] for place in places}, state=VersionState.FROZEN
    )
    before = [row.pk for row in in_force if (row.material_id, row.plant_id) in places]
    Routing.objects.filter(pk__in=before).update(state=VersionState.RETIRED)
    Routing.objects.filter(pk__in=routing_ids).update(state=VersionState.FROZEN, frozen_at=now)
    for draft in drafts.values():
        draft.state, draft.frozen_at = VersionState.FROZEN, now
    return [drafts[routing_id] for routing_id in routing_ids]
