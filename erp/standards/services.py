"""Deeds of standard costs: draft a version, assume otherwise, roll it up, release it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from erp.standards.models import StandardChange, StandardCost, StandardVersion
from erp.standards.rolling import rolled
from erp.stock.models import MaterialValue
from erp.stock.revaluing import NewValue, revalue_stock
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Material, Plant, User, WorkCentre

_SET = """
    UPDATE masterdata_material m SET standard_cost = c.total FROM erp_standardcost c
    WHERE c.version_id = %s AND c.material_id = m.id AND m.standard_cost <> c.total
"""


class AlreadyReleased(Refusal):
    """The version is in force, or was: make a new one."""

    code: ClassVar[str] = "already_released"


class NotYet(Refusal):
    """The version's day has not come, or it was not rolled up."""

    code: ClassVar[str] = "not_yet"


@transaction.atomic
def draft_standards(
    *,
    plant: Plant,
    name: str,
    valid_from: dt.date,
    now: dt.datetime,
    basis: str = StandardVersion.Basis.STANDARD,
    lot_qty: Decimal = Decimal(1),
) -> StandardVersion:
    """A version of the plant's standard costs, rolled up at once as everything stands now."""
    if not name.strip() or lot_qty <= 0:
        raise InvalidInput("Give it a name, and a lot above zero.", field="name" if not name.strip() else "lot_qty")
    version = StandardVersion.objects.create(
        plant=plant, name=name.strip()[:80], valid_from=valid_from, made_at=now, basis=basis, lot_qty=lot_qty
    )
    return _roll(version, now)


@transaction.atomic
def assume(
    *,
    version_id: int,
    kind: str,
    value: Decimal,
    now: dt.datetime,
    material: Material | None = None,
    work_centre: WorkCentre | None = None,
    expected_version: int | None = None,
) -> StandardVersion:
    """Assume another price, hour or scrap in a draft, and roll it up again; the same thing again replaces it.

    Locks the version. Raises AlreadyReleased, InvalidInput, StaleVersion.
    """
    version = _hold(version_id, expected_version)
    of_material = kind in (StandardChange.Kind.PRICE, StandardChange.Kind.SCRAP)
    if (material is None) == of_material or (work_centre is None) != of_material:
        raise InvalidInput(
            "Name the material of a price or scrap, the work centre of an hour.",
            field="material" if of_material else "work_centre",
        )
    if value < 0 or (kind == StandardChange.Kind.SCRAP and value >= 100):
        raise InvalidInput("Enter zero or more; scrap is below 100 per cent.", field="value")
    if work_centre is not None and work_centre.plant_id != version.plant_id:
        raise InvalidInput("This work centre is in another plant.", field="work_centre")
    StandardChange.objects.update_or_create(
        version=version, kind=kind, material=material, work_centre=work_centre, defaults={"value": value}
    )
    return _roll(version, now)


@transaction.atomic
def forget(*, change_id: int, now: dt.datetime) -> StandardVersion:
    """Assume nothing else of this thing, and roll the draft up again. Locks the version. Raises AlreadyReleased."""
    change = StandardChange.objects.get(pk=change_id)
    version = _hold(change.version_id, None)
    change.delete()
    return _roll(version, now)


@transaction.atomic
def roll_up(*, version_id: int, now: dt.datetime, expected_version: int | None = None) -> StandardVersion:
    """Roll a draft up again as everything stands now. Locks the version. Raises AlreadyReleased, StaleVersion."""
    return _roll(_hold(version_id, expected_version), now)


@transaction.atomic
def release_standards(
    *, version_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> StandardVersion:
    """Put a version in force: it becomes the standard cost of its materials, and what lies in the plant at standard
    cost is worth it from now on, against revaluation of stock.

    Locks the version, then the valuation areas by id. Raises AlreadyReleased, NotYet, StaleVersion, PeriodClosed.
    """
    version = _hold(version_id, expected_version)
    today = now.astimezone(ZoneInfo(version.plant.time_zone)).date()
    if today < version.valid_from or version.rolled_at is None:
        day = version.valid_from
        raise NotYet(f"{version.name} holds from {day.day} {day:%B %Y} on: release it then.", version_id=version_id)
    with connection.cursor() as cursor:
        cursor.execute(_SET, [version_id])
    new = dict(StandardCost.objects.filter(version=version).values_list("material_id", "total"))
    areas = MaterialValue.objects.filter(
        plant=version.plant_id, sales_order=None, method="standard", quantity__gt=0, material__in=list(new)
    ).order_by("id")
    values = [
        NewValue(material_id, new[material_id])
        for material_id, price in areas.values_list("material_id", "standard_price")
        if price != new[material_id]
    ]
    if values:
        reason = f"Standard costs {version.name}"
        revalue_stock(plant_id=version.plant_id, values=values, reason=reason, now=now, is_sure=True)
    version.state, version.released_at, version.released_by = StandardVersion.State.RELEASED, now, by
    version.version += 1
    version.save(update_fields=["state", "released_at", "released_by", "version"])
    return version


def _hold(version_id: int, expected_version: int | None) -> StandardVersion:
    rows = StandardVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("plant")
    version = rows.order_by("pk").get(pk=version_id)
    if expected_version is not None and version.version != expected_version:
        raise StaleVersion(f"{version.name} was changed meanwhile: look at it again.")
    if version.state != StandardVersion.State.DRAFT:
        raise AlreadyReleased(f"{version.name} is released: make a new version.", version_id=version_id)
    return version


def _roll(version: StandardVersion, now: dt.datetime) -> StandardVersion:
    StandardCost.objects.filter(version=version).delete()
    StandardCost.objects.bulk_create(rolled(version, now), batch_size=2000)
    version.rolled_at = now
    version.version += 1
    version.save(update_fields=["rolled_at", "version"])
    return version
