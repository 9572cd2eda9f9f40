"""What material planning remembers: which materials it plans, what changed since, and what it asks people to do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.supply.models import PlannedOrder, PurchaseOrderLine
from masterdata.models import Material, Plant
from masterdata.models.fields import QuantityField


class PlannedMaterial(models.Model):
    """A material that planning looks after in a plant: its changes are noted. `planned_on` is the plant's day."""

    counts_nothing = True

    plant = models.ForeignKey(Plant, models.CASCADE, related_name="+")
    material = models.ForeignKey(Material, models.CASCADE, related_name="+")
    planned_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="one_row_per_planned_material", fields=["plant", "material"]),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} in {self.plant_id}"


class MaterialChange(models.Model):
    """Supply, demand or parameters of a material changed: triggers write it with the change, the next run takes it."""

    counts_nothing = True

    plant = models.ForeignKey(Plant, models.CASCADE, related_name="+", db_constraint=False)
    material = models.ForeignKey(Material, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    changed_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.material_id} in {self.plant_id}"


class ActionMessage(models.Model):
    """What somebody should do about a supply, or about too little stock. It comes, changes and goes with each run.

    Dates: a supply comes (or is to be ordered) `from_on` and should `to_on`. A dismissed one is quiet until a day, or
    until it changes.
    """

    class Kind(models.TextChoices):
        ORDER = "order", _("Order")
        SEND = "send", _("Send")
        EXPEDITE = "expedite", _("Expedite")
        DEFER = "defer", _("Defer")
        CANCEL = "cancel", _("Cancel")
        BELOW_SAFETY = "below_safety", _("Below safety stock")
        REDATED = "redated", _("Start date passed")
        INCOMPLETE = "incomplete", _("Complete its data")
        SUBSTITUTE = "substitute", _("Use a substitute")
        SUBSTITUTED = "substituted", _("Uses a substitute")

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    work_order = models.ForeignKey(WorkOrder, models.CASCADE, null=True, blank=True, related_name="messages")
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    planned_order = models.ForeignKey(PlannedOrder, models.CASCADE, null=True, blank=True, related_name="messages")
    need = models.ForeignKey(WorkOrderMaterial, models.CASCADE, null=True, blank=True, related_name="messages")
    substitute = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField()
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    dismissed_until = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_message_of_a_kind",
                fields=["plant", "material", "kind", "work_order", "purchase_order_line", "planned_order", "need"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="message_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="message_about_a_substitute_names_it",
                condition=Q(kind__in=["substitute", "substituted"], need__isnull=False, substitute__isnull=False)
                | (~Q(kind__in=["substitute", "substituted"]) & Q(need__isnull=True, substitute__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
