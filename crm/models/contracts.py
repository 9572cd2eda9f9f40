"""Contracts: what a customer agreed to take, at which prices; call-offs turn it into orders."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.models import SalesOrderLine
from masterdata.models import Company, Currency, Material, Partner, Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class Contract(models.Model):
    """A frame agreement with a customer. Released it is frozen: what changes then is an amendment, written down.

    Both days are its own: it is called off from `valid_from` to `valid_to`. Unless somebody gave notice `notice_days`
    before its end, one that renews by itself is followed by another of `renewal_months`, with prices changed by
    `renewal_percent`. `call_ahead_days` before its day a planned call-off becomes an order, confirmed or a draft.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    class Renewal(models.TextChoices):
        NONE = "none", _("Ends")
        ASK = "ask", _("Ask before it ends")
        AUTO = "auto", _("Renews by itself")

    number = CodeField()
    title = models.CharField(max_length=120, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="contracts")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    customer_reference = models.CharField(max_length=60, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(help_text="Last day")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    notice_days = models.PositiveSmallIntegerField(default=0, help_text="Days before the end to give notice")
    notice_on = models.DateField(null=True, blank=True, help_text="Notice was given: it is not renewed")
    renewal = models.CharField(max_length=4, choices=Renewal, default=Renewal.ASK)
    renewal_months = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    renewal_percent = models.DecimalField(max_digits=6, decimal_places=2, default=0, help_text="Change of prices")
    remind_days = models.PositiveSmallIntegerField(default=30, help_text="Days before the end to remind")
    reminded_at = models.DateTimeField(null=True, blank=True)
    tolerance_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, help_text="So much more than agreed may be called off"
    )
    call_ahead_days = models.PositiveSmallIntegerField(default=14)
    confirms_planned = models.BooleanField(default=True, help_text="Planned call-offs become confirmed orders")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="renewals")
    amendment_no = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: its last day has passed"
    )
    end_reason = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="contract_by_customer", fields=["customer", "state", "valid_to"])]
        constraints = [
            models.CheckConstraint(name="contract_ends_after_it_begins", condition=Q(valid_to__gte=F("valid_from"))),
            models.CheckConstraint(
                name="contract_tolerance_valid",
                condition=Q(tolerance_percent__gte=0, tolerance_percent__lte=100),
            ),
            models.CheckConstraint(
                name="contract_renewal_valid",
                condition=Q(renewal_percent__gt=-100, renewal_percent__lte=1000)
                & Q(renewal_months__gte=1, renewal_months__lte=120),
            ),
            models.CheckConstraint(
                name="active_contract_is_released", condition=~Q(state="active") | Q(released_at__isnull=False)
            ),
            models.CheckConstraint(
                name="closed_contract_says_when",
                condition=Q(state__in=["draft", "active"], ended_at__isnull=True)
                | Q(state__in=["ended", "cancelled"], ended_at__isnull=False),
            ),
            models.UniqueConstraint(name="contract_renewed_once", fields=["previous"], condition=~Q(state="cancelled")),
        ]

    def __str__(self) -> str:
        return self.number


class ContractLine(models.Model):
    """A material agreed by quantity or by value (`agreed_qty` or `agreed_value`, one of them) from one plant.

    Never typed: what is called off, shipped and left follows from the order lines of its call-offs.
    """

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    agreed_qty = QuantityField(null=True, blank=True)
    agreed_value = MoneyField(null=True, blank=True)
    unit_price = UnitPriceField()
    min_call_qty = QuantityField(default=0, help_text="Least quantity of a call-off")

    class Meta:
        ordering = ["contract", "line_no"]
        constraints = [
            models.UniqueConstraint(name="contract_line_number_unique", fields=["contract", "line_no"]),
            models.CheckConstraint(
                name="contract_line_agrees_quantity_or_value",
                condition=Q(agreed_qty__gt=0, agreed_value__isnull=True)
                | Q(agreed_qty__isnull=True, agreed_value__gt=0),
            ),
            models.CheckConstraint(
                name="contract_price_not_negative", condition=Q(unit_price__gte=0) & Q(min_call_qty__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}/{self.line_no}"


class ContractPrice(models.Model):
    """A lower or higher price from a quantity on, of one call-off."""

    line = models.ForeignKey(ContractLine, models.CASCADE, related_name="prices")
    from_qty = QuantityField()
    unit_price = UnitPriceField()

    class Meta:
        ordering = ["line", "from_qty"]
        constraints = [
            models.UniqueConstraint(name="contract_price_step_unique", fields=["line", "from_qty"]),
            models.CheckConstraint(
                name="contract_price_step_valid", condition=Q(from_qty__gt=0) & Q(unit_price__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_qty}: {self.unit_price}"


class ContractAmendment(models.Model):
    """A change of a released contract: its number, who made it and why. Append-only."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="amendments")
    amendment_no = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["contract", "-amendment_no"]
        constraints = [
            models.UniqueConstraint(name="contract_amendment_number_unique", fields=["contract", "amendment_no"])
        ]
        triggers = [
            pgtrigger.Protect(name="amendments_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} amendment {self.amendment_no}"


class ContractChange(models.Model):
    """One thing that an amendment changed: of the contract, or of the line that it names. Append-only."""

    amendment = models.ForeignKey(ContractAmendment, models.PROTECT, related_name="changes")
    line_no = models.PositiveIntegerField(null=True, blank=True)
    what = models.CharField(max_length=40)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["amendment", "line_no", "id"]
        triggers = [
            pgtrigger.Protect(name="contract_changes_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.before} to {self.after}"

    @property
    def said_what(self) -> str:
        """In words."""
        return str(CHANGED.get(self.what, self.what))


CHANGED = {
    "line": _("Line"),
    "agreed_qty": _("Agreed quantity"),
    "agreed_value": _("Agreed value"),
    "unit_price": _("Price each"),
    "min_call_qty": _("Least call-off"),
    "prices": _("Price steps"),
    "title": _("What for"),
    "customer_reference": _("Their number"),
    "valid_from": _("From"),
    "valid_to": _("Last day"),
    "notice_days": _("Notice, days before"),
    "renewal": _("At the end"),
    "renewal_months": _("Renew for months"),
    "renewal_percent": _("Change of prices, %"),
    "remind_days": _("Remind, days before"),
    "tolerance_percent": _("Tolerance, %"),
    "call_ahead_days": _("Call off, days before"),
    "confirms_planned": _("Confirm planned call-offs at once"),
    "owner_id": _("Who looks after it"),
}
"""What an amendment may change, as people call it."""


class PlannedCallOff(models.Model):
    """So much of a contract's line is wanted on a day; clockwork makes it an order in time.

    `problem` says why it did not become one at the last try.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CALLED = "called", _("Called off")
        DROPPED = "dropped", _("Dropped")

    contract_line = models.ForeignKey(ContractLine, models.PROTECT, related_name="planned")
    wanted_on = models.DateField()
    quantity = QuantityField()
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    problem = models.CharField(max_length=240, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["wanted_on", "id"]
        indexes = [
            models.Index(name="planned_call_offs_open", fields=["wanted_on"], condition=Q(state="planned")),
        ]
        constraints = [models.CheckConstraint(name="planned_call_off_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.wanted_on}"


class CallOff(models.Model):
    """An order line that takes from a contract's line. Append-only: cancelling the order gives the quantity back."""

    contract_line = models.ForeignKey(ContractLine, models.PROTECT, related_name="call_offs")
    order_line = models.OneToOneField(SalesOrderLine, models.PROTECT, related_name="call_off")
    planned = models.OneToOneField(PlannedCallOff, models.PROTECT, null=True, blank=True, related_name="call_off")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="call_offs_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.contract_line_id} by {self.order_line_id}"

    @property
    def is_shipped(self) -> bool:
        """In full."""
        return 0 < self.order_line.quantity <= self.order_line.shipped_qty
