"""Rush requests and the options that planning answers with."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.models import SalesOrder, SalesOrderLine, WorkOrderMaterial
from masterdata.models import Material, Partner, Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class RushRequest(models.Model):
    """Can we promise this by then? Answered with options, all from one input version."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        DROPPED = "dropped", "Dropped"

    number = CodeField()
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="rush_requests")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    unit_price = UnitPriceField()
    wanted_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    input_version = models.CharField(
        max_length=40, blank=True, help_text="Of plan and wishes; options hold for it only"
    )
    note = models.CharField(max_length=160, blank=True, help_text="How it was answered, if not as usual")
    answer_no = models.PositiveIntegerField(default=0, help_text="Rises each time the request is answered again")
    levers_no = models.PositiveIntegerField(default=0, help_text="Answer whose further options are all there")
    order = models.OneToOneField(SalesOrder, models.PROTECT, null=True, blank=True, related_name="rush_request")

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="rush_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return self.number


class RushOption(models.Model):
    """One card: A nobody moved, B nobody newly late, C as early as possible, or a lever with what it does.

    `offer_key` is the plan kept for it in APS. `extra_cost` is the sum of its drivers. `ask_first` says who has to be
    asked; such a card cannot be taken. Of a part, `deliver_at` is when `first_qty` comes and `rest_at` when the rest.
    """

    class Lever(models.TextChoices):
        NONE = "", "None"
        OVERTIME = "overtime", "Overtime"
        PLANT = "plant", "Another plant"
        EXPEDITE = "expedite", "Faster supplier"
        MATERIAL = "material", "Material of another order"
        PARTS = "parts", "A part first"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        STALE = "stale", "Answered again"

    request = models.ForeignKey(RushRequest, models.CASCADE, related_name="options")
    answer_no = models.PositiveIntegerField()
    key = models.CharField(max_length=2)
    label = models.CharField(max_length=60)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    is_possible = models.BooleanField(default=True)
    deliver_at = models.DateTimeField(null=True, blank=True)
    extra_cost = MoneyField(default=0)
    cost = MoneyField(default=0)
    margin_percent = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    cause = models.CharField(max_length=240, blank=True)
    offer_key = models.UUIDField(null=True, blank=True)
    lever = models.CharField(max_length=8, choices=Lever, default=Lever.NONE, blank=True)
    ask_first = models.CharField(max_length=160, blank=True, help_text="Who has to be asked before it can be done")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+", help_text="If another")
    input_version = models.CharField(max_length=40, blank=True, help_text="Of that other plant")
    first_qty = QuantityField(null=True, blank=True)
    rest_at = models.DateTimeField(null=True, blank=True)
    bound_at = models.DateTimeField(null=True, blank=True, help_text="Not before then with nobody moved, of A")

    class Meta:
        ordering = ["request", "answer_no", "key"]
        constraints = [
            models.UniqueConstraint(name="one_option_per_key_and_answer", fields=["request", "answer_no", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.key}"


class RushDriver(models.Model):
    """What an option costs more, and for what; company currency. Less than zero: it saves that."""

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="drivers")
    text = models.CharField(max_length=120)
    amount = MoneyField()

    class Meta:
        ordering = ["option", "id"]

    def __str__(self) -> str:
        return f"{self.text} {self.amount}"


class RushMaterial(models.Model):
    """What taking an option does about a material: it takes `quantity` of what `need` holds, or it orders it fast."""

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="materials")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    need = models.ForeignKey(WorkOrderMaterial, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(default=0)

    class Meta:
        ordering = ["option", "id"]
        constraints = [
            models.CheckConstraint(
                name="taken_material_has_quantity",
                condition=Q(need__isnull=True, quantity=0) | Q(need__isnull=False, quantity__gt=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.material_id}"


class RushVictim(models.Model):
    """An order line that an option makes late, or later."""

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="victims")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="+")
    old_end_at = models.DateTimeField()
    new_end_at = models.DateTimeField()

    class Meta:
        ordering = ["option", "-new_end_at"]

    def __str__(self) -> str:
        return f"{self.order_line_id} to {self.new_end_at}"
