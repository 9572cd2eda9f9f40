"""What can be sold to whom: customers, products and the plants that make them, for forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from masterdata.models import Material, Partner, Plant, Routing
from masterdata.models.engineering import VersionState
from masterdata.rights import visible_to

BETWEEN = " · "


def named(row: Material | Partner) -> str:
    """How it is shown in a field that finds by typing: name and code."""
    return f"{row.name}{BETWEEN}{row.code}"


@dataclass(frozen=True)
class Catalogue:
    """Read once for a page, however many lines it has; `plants` are those that the user may see."""

    user: Any
    plants: Sequence[Plant]
    plant: Plant | None = None

    @cached_property
    def products(self) -> dict[str, Material]:
        """By code: what is sold."""
        rows = visible_to(self.user, Material.objects.filter(is_sellable=True, is_active=True))
        return {row.code: row for row in rows.select_related("unit").order_by("name")}

    @cached_property
    def customers(self) -> dict[str, Partner]:
        """By code: who may buy."""
        rows = visible_to(self.user, Partner.objects.filter(is_customer=True, is_active=True))
        return {row.code: row for row in rows.order_by("name")}

    @cached_property
    def _makers(self) -> dict[int, list[int]]:
        made: dict[int, list[int]] = {}
        routings = Routing.objects.filter(state=VersionState.FROZEN, plant__in=[plant.pk for plant in self.plants])
        for material_id, plant_id in routings.order_by("plant_id").values_list("material_id", "plant_id"):
            made.setdefault(material_id, []).append(plant_id)
        return made

    def plant_for(self, material: Material) -> Plant | None:
        """Where it is made: the plant that one works in if it can, else the first that can."""
        makers = self._makers.get(material.pk, [])
        if self.plant is not None and (self.plant.pk in makers or not makers):
            return self.plant
        able = [plant for plant in self.plants if plant.pk in makers]
        return next(iter([*able, *self.plants]), None)


def typed(text: str, rows: dict[str, Any]) -> Any | None:
    """The row meant by what was typed or picked: its code, name and code, or its name alone."""
    text = text.strip()
    if row := rows.get(text) or rows.get(text.rsplit(BETWEEN.strip(), 1)[-1].strip()):
        return row
    same = _named_alike(text, rows.values())
    return same[0] if len(same) == 1 else None


def _named_alike(text: str, rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row.name.casefold() == text.casefold() or row.code.casefold() == text.casefold()]
