"""Lots and serial numbers of a material."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

from masterdata.models import Material


class Lot(models.Model):
    """What came or was made together and can be told apart later: a batch, one numbered piece, or a cut panel.

    A `serial` is one piece. Dimensions (mm) are those of one piece of a dimensioned material; `cut_from` is the lot
    that a remnant is left of.
    """

    class Kind(models.TextChoices):
        LOT = "lot", "Lot"
        SERIAL = "serial", "Serial number"

    material = models.ForeignKey(Material, models.PROTECT, related_name="lots")
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.LOT)
    expires_on = models.DateField(null=True, blank=True, help_text="Last day on which it may be used")
    supplier_lot = models.CharField(max_length=60, blank=True, help_text="The supplier's number of the lot")
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    cut_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="remnants")
    is_blocked = models.BooleanField(default=False, help_text="Neither offered nor taken: expired, recalled, in doubt")
    blocked_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="lot_number_unique_in_material", fields=["material", "number"]),
            models.CheckConstraint(name="lot_has_a_number", condition=~Q(number="")),
            models.CheckConstraint(
                name="lot_dimensions_positive",
                condition=(Q(length_mm__isnull=True) | Q(length_mm__gt=0))
                & (Q(width_mm__isnull=True) | Q(width_mm__gt=0)),
            ),
            models.CheckConstraint(
                name="lot_not_cut_from_itself", condition=Q(cut_from__isnull=True) | ~Q(cut_from=F("id"))
            ),
        ]
        indexes = [models.Index(Upper("number"), "material", name="lot_number_in_any_letters")]
        triggers = [pgtrigger.ReadOnly(name="lot_keeps_what_it_is", fields=["material", "kind", "cut_from"])]

    def __str__(self) -> str:
        return self.number
