"""Where a material belongs in a plant."""

from __future__ import annotations

from django.db import models

from masterdata.models import Location, Material, Plant


class HomeLocation(models.Model):
    """The fixed place of a material in a plant: put-away proposes it."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["material", "plant"]
        constraints = [
            models.UniqueConstraint(name="one_home_per_material_and_plant", fields=["material", "plant"]),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} in {self.location_id}"
