"""Rush requests and the options that planning answers with."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.models.quotations import Quotation
from erp.models import SalesOrder, SalesOrderLine, WorkOrderMaterial
from masterdata.models import Material, Partner, Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class RushRequest(models.Model):
    """Can we promise this by then? Answered with options, all from one input version.

    `quotation`: all its lines are asked together, and taking an option accepts it. `for_order`: that order is to come
    earlier; its own work is moved and no other order is made. `lines` are what is asked; material and quantity of the
    first stand here too. `base_cost` is what it costs without any rush, in the company's currency.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        DROPPED = "dropped", "Dropped"
        EXPIRED = "expired", "Expired"

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
    quotation = models.ForeignKey(
        Quotation, models.PROTECT, null=True, blank=True, related_name="rush_requests", help_text="Asked as a whole"
    )
    for_order = models.ForeignKey(
        SalesOrder, models.PROTECT, null=True, blank=True, related_name="hurries", help_text="To come earlier"
    )
    source_version = models.PositiveIntegerField(default=0, help_text="Of quotation or order, as it was answered")
    holds_until = models.DateTimeField(null=True, blank=True, help_text="Of the latest answer, at the longest")
    base_cost = MoneyField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="rush_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="rush_comes_from_one_place", condition=Q(quotation__isnull=True) | Q(for_order__isnull=True)
            ),
        ]

    @property
    def source_no(self) -> str:
        """Number of the quotation or order that it comes from."""
        source = self.quotation or self.for_order
        return source.number if source is not None else ""

    @property
    def taken_order(self) -> SalesOrder | None:
        """What became of it: the order that was made, or the one that comes earlier."""
        return self.order or (self.for_order if self.state == self.State.TAKEN else None)

    def __str__(self) -> str:
        return self.number


class RushLine(models.Model):
    """One thing that is asked for; `net_amount` in the company's currency. `order_line`: what is to come earlier."""

    request = models.ForeignKey(RushRequest, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    net_amount = MoneyField()
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["request", "line_no"]
        constraints = [
            models.UniqueConstraint(name="rush_line_number_unique", fields=["request", "line_no"]),
            models.CheckConstraint(name="rush_line_valid", condition=Q(quantity__gt=0) & Q(net_amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.line_no}"


class RushOption(models.Model):
    """One card: A nobody moved, B nobody newly late, C as early as possible, or a lever with what it does.

    `offer_key` is the plan kept for it in APS. `extra_cost` is the sum of its drivers. `ask_first` says who has to be
    asked; such a card cannot be taken. Of a part, `deliver_at` is when what comes first is there and `rest_at` when the
    rest; `parts` say what of each line, `first_qty` the same when one line is asked.
    `sure_percent` is how sure the wanted day is, from what was observed; without observations it is empty and
    `sure_why` says so. `p50_at` and `p90_at`: by then it is there with 50 and 90 %.
    """

    class Lever(models.TextChoices):
        NONE = "", "None"
        OVERTIME = "overtime", "Overtime"
        PLANT = "plant", "Another plant"
        EXPEDITE = "expedite", "Faster supplier"
        MATERIAL = "material", "Material of another order"
        PARTS = "parts", "A part first"
        INSTEAD = "instead", "Another material"

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
    moved_count = models.PositiveIntegerField(default=0, help_text="Operations of others that stand elsewhere then")
    sure_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    sure_why = models.CharField(max_length=120, blank=True)
    p50_at = models.DateTimeField(null=True, blank=True)
    p90_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["request", "answer_no", "key"]
        constraints = [
            models.UniqueConstraint(name="one_option_per_key_and_answer", fields=["request", "answer_no", "key"]),
            models.CheckConstraint(
                name="sureness_is_a_percentage", condition=Q(sure_percent__isnull=True) | Q(sure_percent__lte=100)
            ),
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
    """What taking an option does about a material: takes `quantity` of what `need` holds, uses it `instead_of` another,
    or orders it fast."""

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="materials")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    need = models.ForeignKey(WorkOrderMaterial, models.PROTECT, null=True, blank=True, related_name="+")
    instead_of = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
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


class RushPart(models.Model):
    """How much of a line that is asked for comes first with an option; all or nothing of it too. The rest comes later.

    `line_no` is that of the request's line when it was answered.
    """

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="parts")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    first_qty = QuantityField()

    class Meta:
        ordering = ["option", "line_no"]
        constraints = [
            models.UniqueConstraint(name="one_part_per_line_of_option", fields=["option", "line_no"]),
            models.CheckConstraint(
                name="part_is_within_its_line",
                condition=Q(quantity__gt=0) & Q(first_qty__gte=0) & Q(first_qty__lte=F("quantity")),
            ),
        ]

    @property
    def rest_qty(self) -> Decimal:
        """What comes later."""
        return self.quantity - self.first_qty

    def __str__(self) -> str:
        return f"{self.first_qty} of {self.quantity} of {self.material_id}"


class RushVictim(models.Model):
    """An order line that an option makes late, or later; `promised_at` is what its customer was promised when asked."""

    option = models.ForeignKey(RushOption, models.CASCADE, related_name="victims")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="+")
    old_end_at = models.DateTimeField()
    new_end_at = models.DateTimeField()
    promised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["option", "-new_end_at"]

    def __str__(self) -> str:
        return f"{self.order_line_id} to {self.new_end_at}"


class RushApproval(models.Model):
    """Somebody who may not take an option himself asks who may; approving takes it, in the same transaction."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        STALE = "stale", "Answered again"

    request = models.ForeignKey(RushRequest, models.CASCADE, related_name="approvals")
    option = models.ForeignKey(RushOption, models.CASCADE, related_name="approvals")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    why = models.CharField(max_length=240, blank=True, help_text="What whoever asks says for it")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="one_approval_asked_per_rush", fields=["request"], condition=Q(state="asked")),
            models.CheckConstraint(
                name="decided_approval_has_its_time",
                condition=Q(state__in=["asked", "stale"]) | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(name="rejection_says_why", condition=~Q(state="rejected") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"{self.option_id} {self.state}"
