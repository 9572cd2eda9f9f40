"""The shape of parts that are drawn: a panel's dimensions, edge bands, holes and grooves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from masterdata.models import Material


def _mm(**more: object) -> models.DecimalField:
    return models.DecimalField(max_digits=8, decimal_places=2, **more)  # type: ignore[arg-type]


class PartShape(models.Model):
    """A panel as it is drawn, in millimetres; a variant is a material of its own, with a shape of its own."""

    class Grain(models.TextChoices):
        NONE = "", _("No grain")
        LENGTH = "length", _("Along the length")
        WIDTH = "width", _("Along the width")

    material = models.OneToOneField(Material, models.PROTECT, related_name="shape")
    length_mm = _mm()
    width_mm = _mm()
    thickness_mm = _mm()
    grain = models.CharField(max_length=6, choices=Grain, blank=True, default=Grain.NONE)
    edge_front_mm = _mm(default=0)
    edge_back_mm = _mm(default=0)
    edge_left_mm = _mm(default=0)
    edge_right_mm = _mm(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["material"]
        constraints = [
            models.CheckConstraint(
                name="shape_has_a_size", condition=Q(length_mm__gt=0, width_mm__gt=0, thickness_mm__gt=0)
            ),
            models.CheckConstraint(
                name="shape_edges_not_negative",
                condition=Q(edge_front_mm__gte=0, edge_back_mm__gte=0, edge_left_mm__gte=0, edge_right_mm__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.length_mm} x {self.width_mm} x {self.thickness_mm}"


class PartFeature(models.Model):
    """Holes in a row (`count`, `pitch_mm` apart) or a groove (`length_mm`, `width_mm`), from the lower left corner."""

    class Kind(models.TextChoices):
        HOLES = "holes", _("Holes")
        GROOVE = "groove", _("Groove")

    shape = models.ForeignKey(PartShape, models.CASCADE, related_name="features")
    kind = models.CharField(max_length=6, choices=Kind)
    x_mm = _mm()
    y_mm = _mm()
    width_mm = _mm(help_text="Diameter of holes, width of a groove")
    depth_mm = _mm()
    count = models.PositiveSmallIntegerField(default=1)
    pitch_mm = _mm(default=0)
    length_mm = _mm(default=0)
    is_upright = models.BooleanField(default=False, help_text="Along the width instead of the length")

    class Meta:
        ordering = ["shape", "id"]
        constraints = [
            models.CheckConstraint(
                name="feature_has_its_measures",
                condition=Q(width_mm__gt=0, depth_mm__gt=0, x_mm__gte=0, y_mm__gte=0, count__gte=1)
                & (Q(kind="holes") | Q(kind="groove", length_mm__gt=0, count=1))
                & (Q(count=1) | Q(pitch_mm__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.x_mm}, {self.y_mm}"
