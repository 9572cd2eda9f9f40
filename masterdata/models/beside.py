"""What stands beside the lines of a BOM: what else comes out of the work, and what may be used instead of a part."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from masterdata.models.engineering import FROZEN_LINE, Bom, BomLine
from masterdata.models.fields import QuantityField
from masterdata.models.materials import Material
from masterdata.models.places import Plant
from masterdata.models.units import Unit

FROZEN_SUBSTITUTE = """
    IF EXISTS (SELECT 1 FROM masterdata_bomline l JOIN masterdata_bom b ON b.id = l.bom_id
               WHERE l.id = {row}.line_id AND b.state <> 'draft') THEN
        RAISE EXCEPTION 'frozen: make a new version instead' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""


class BomByproduct(models.Model):
    """`quantity` (base units) of another material that comes out beside each `base_qty` good pieces of the parent.

    `cost_share_percent` of the work's cost is its value; empty: it is worth what its stock is worth, else its standard
    cost. Either way the work order is credited with it, and never with more than it holds.
    """

    bom = models.ForeignKey(Bom, models.CASCADE, related_name="byproducts")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="comes_out_of")
    quantity = QuantityField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    cost_share_percent = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, help_text=_("Empty: what it is worth in stock")
    )

    class Meta:
        ordering = ["bom", "line_no"]
        constraints = [
            models.UniqueConstraint(name="byproduct_number_unique", fields=["bom", "line_no"]),
            models.UniqueConstraint(name="byproduct_named_once", fields=["bom", "material"]),
            models.CheckConstraint(name="byproduct_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="byproduct_share_below_hundred",
                condition=Q(cost_share_percent__isnull=True)
                | (Q(cost_share_percent__gte=0) & Q(cost_share_percent__lt=100)),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_bom_keeps_byproducts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=FROZEN_LINE.format(table="masterdata_bom", row="NEW", column="bom_id"),
            ),
            pgtrigger.Trigger(
                name="frozen_bom_loses_no_byproducts",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_LINE.format(table="masterdata_bom", row="OLD", column="bom_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.material_id} beside it"


class BomSubstitute(models.Model):
    """A material that may be used instead of a line's component: `ratio` base units of it for one of the component.

    The lowest `priority` is asked first. `by_itself`: planning may use it for firm work too, without being asked.
    """

    line = models.ForeignKey(BomLine, models.CASCADE, related_name="substitutes")
    material = models.ForeignKey(Material, models.PROTECT, related_name="stands_in_for")
    ratio = QuantityField(default=1)
    priority = models.PositiveSmallIntegerField(default=1)
    plant = models.ForeignKey(
        Plant, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: in every plant")
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    by_itself = models.BooleanField(default=False, help_text=_("Also for firm work, without asking"))

    class Meta:
        ordering = ["line", "priority", "id"]
        constraints = [
            models.UniqueConstraint(
                name="substitute_named_once", fields=["line", "material", "plant"], nulls_distinct=False
            ),
            models.CheckConstraint(name="substitute_ratio_positive", condition=Q(ratio__gt=0)),
            models.CheckConstraint(
                name="substitute_days_in_order",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_bom_keeps_substitutes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=FROZEN_SUBSTITUTE.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="frozen_bom_loses_no_substitutes",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_SUBSTITUTE.format(row="OLD"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} instead"
