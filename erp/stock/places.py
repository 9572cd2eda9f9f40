"""Places of stock: where goods may be put, what is blocked, where a delivery goes."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db import connection, transaction

from erp.stock.models import HomeLocation, Lot
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Material, Plant
from masterdata.whole import Whole

_BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT l.id FROM masterdata_location l JOIN below b ON l.parent_id = b.id
    )
    SELECT id FROM below
"""
_PATHS = """
    WITH RECURSIVE up(id, parent_id, path, depth) AS (
        SELECT id, parent_id, name::text, 1 FROM masterdata_location WHERE id = ANY(%s)
        UNION ALL
        SELECT up.id, l.parent_id, l.name || ' / ' || up.path, up.depth + 1
        FROM up JOIN masterdata_location l ON l.id = up.parent_id WHERE up.depth < 20
    )
    SELECT id, path FROM up WHERE parent_id IS NULL
"""
# The fixed place, else where most of it lies, else the plant's default stock location.
_PROPOSED = """
    SELECT a.material, coalesce(h.location_id, there.location_id, main.id)
    FROM unnest(%s::bigint[]) AS a(material)
    LEFT JOIN erp_homelocation h ON h.material_id = a.material AND h.plant_id = %s
        AND EXISTS (SELECT 1 FROM masterdata_location l WHERE l.id = h.location_id AND NOT l.is_blocked)
    LEFT JOIN LATERAL (
        SELECT b.location_id FROM erp_stockbalance b JOIN masterdata_location l ON l.id = b.location_id
        WHERE b.material_id = a.material AND b.plant_id = %s AND b.on_hand > 0 AND l.kind = 'stock'
            AND NOT l.is_receiving AND NOT l.is_blocked
        GROUP BY b.location_id ORDER BY sum(b.on_hand) DESC, b.location_id LIMIT 1
    ) there ON true
    LEFT JOIN masterdata_location main ON main.plant_id = %s AND main.kind = 'stock' AND main.is_default
"""


class NoPlace(Refusal):
    """Goods only come from there or go there; nothing lies in it that could be blocked."""

    code: ClassVar[str] = "no_place"


class LocationBlocked(Refusal):
    """Nothing is put into a blocked place, and nothing is taken from it."""

    code: ClassVar[str] = "location_blocked"


def below(location_ids: Collection[int]) -> list[int]:
    """The locations and all that lie inside them."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [sorted(location_ids)])
        return [row[0] for row in cursor.fetchall()]


def paths(location_ids: Collection[int]) -> dict[int, str]:
    """Where each location is, from the outermost: "Hall 1 / Rack A / Shelf 3"."""
    with connection.cursor() as cursor:
        cursor.execute(_PATHS, [sorted(location_ids)])
        return dict(cursor.fetchall())


def proposed_places(*, plant_id: int, material_ids: Collection[int]) -> dict[int, int | None]:
    """Where to put each material away."""
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSED, [sorted(material_ids), plant_id, plant_id, plant_id])
        return dict(cursor.fetchall())


_RECEIVING = Whole(
    Location,
    "t.plant_id = %s AND t.kind = 'stock' AND (t.is_receiving OR t.is_default) "
    "ORDER BY t.is_receiving DESC, t.code LIMIT 1",
)
_DEFAULT = Whole(Location, "t.plant_id = %s AND t.kind = %s AND t.is_default ORDER BY t.code LIMIT 1")


def receiving_place(plant: Plant) -> Location:
    """Where deliveries come in: the receiving location, else the default stock location. Raises InvalidInput."""
    places = _RECEIVING.read(plant.pk)
    if not places:
        raise InvalidInput(f"{plant.name} has no default location of the kind stock. Add one.", plant_id=plant.pk)
    return places[0]


def default_place(plant: Plant, kind: str) -> Location:
    """The plant's default location of a kind. Raises InvalidInput."""
    places = _DEFAULT.read(plant.pk, str(kind))
    if not places:
        raise InvalidInput(
            f"{plant.name} has no default location of the kind {Location.Kind(kind).label.lower()}. Add one.",
            plant_id=plant.pk,
        )
    return places[0]


def check_open(location: Location, *, field: str) -> None:
    """Raises LocationBlocked."""
    if location.is_blocked:
        raise LocationBlocked(
            f"{location.name} is blocked ({location.blocked_because or 'no reason given'}). "
            "Choose another place, or unblock it.",
            field=field,
            location_id=location.pk,
        )


@transaction.atomic
def set_home(*, material: Material, location: Location | None, plant: Plant) -> None:
    """Give the material its fixed place in the plant; None: it has none any more. Raises InvalidInput."""
    if location is None:
        HomeLocation.objects.filter(material=material, plant=plant).delete()
        return
    if location.plant_id != plant.pk or location.kind != Location.Kind.STOCK:
        raise InvalidInput(f"Choose a stock location of {plant.name}.", field="location", location_id=location.pk)
    HomeLocation.objects.update_or_create(material=material, plant=plant, defaults={"location": location})


@transaction.atomic
def set_location_blocked(*, location_id: int, because: str) -> Location:
    """Write it down at the location; empty `because` opens it again. Locks the location. Raises NoPlace."""
    location = Location.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=location_id)
    if because and location.kind not in (Location.Kind.STOCK, Location.Kind.QUARANTINE):
        raise NoPlace(
            f"{location.name} is no place that holds stock: block the places that goods lie in.",
            location_id=location.pk,
        )
    location.is_blocked, location.blocked_because = bool(because), because
    location.save(update_fields=["is_blocked", "blocked_because"])
    return location


@transaction.atomic
def set_lot_blocked(*, lot_id: int, because: str) -> Lot:
    """Write it down at the lot; empty `because` opens it again. Locks the lot."""
    lot = Lot.objects.select_for_update(no_key=True).order_by("pk").get(pk=lot_id)
    lot.is_blocked, lot.blocked_because = bool(because), because
    lot.save(update_fields=["is_blocked", "blocked_because"])
    return lot
