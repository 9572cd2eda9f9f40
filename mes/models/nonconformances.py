"""What is not as it should be: non-conformances, what became of their pieces, and operations that are held."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.models import (
    Lot,
    ReceiptLine,
    ReturnReceipt,
    SalesOrder,
    StockBalance,
    StockMove,
    SupplierReturn,
    WorkOrder,
    WorkOrderOperation,
)
from masterdata.models import Employee, Machine, Material, Partner, Plant, ReasonCode, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField
from mes.models.checks import CheckResult
from mes.models.events import EventPhoto, ExecutionEvent


class NonConformance(models.Model):
    """Pieces that are not as they should be. open -> decided (all pieces disposed of) -> closed; open -> withdrawn.

    `place` says where the pieces are and so what a decision does: on the bench they are not reported yet; reported as
    good or as scrap they are counted already; in stock they lie in quarantine in `balance`; a customer's are with
    `return_receipt` or still away.
    """

    class Kind(models.TextChoices):
        PROCESS = "process", _("In process")
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        DECIDED = "decided", _("Decided")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Severity(models.TextChoices):
        MINOR = "minor", _("Minor")
        MAJOR = "major", _("Major")
        CRITICAL = "critical", _("Critical")

    class Place(models.TextChoices):
        BENCH = "bench", _("At the operation, not reported yet")
        GOOD = "good", _("Reported as good already")
        SCRAPPED = "scrapped", _("Reported as scrap already")
        STOCK = "stock", _("In quarantine")
        RETURNED = "returned", _("Came back from the customer")
        AWAY = "away", _("With the customer")

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="nonconformances")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.MAJOR)
    place = models.CharField(max_length=8, choices=Place)
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField()
    defect = models.ForeignKey(
        ReasonCode, models.PROTECT, null=True, blank=True, related_name="+", help_text="A reason of scrap"
    )
    text = models.CharField(max_length=800, blank=True)
    operation = models.ForeignKey(
        WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="nonconformances"
    )
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    receipt_line = models.ForeignKey(ReceiptLine, models.PROTECT, null=True, blank=True, related_name="nonconformances")
    return_receipt = models.OneToOneField(
        ReturnReceipt, models.PROTECT, null=True, blank=True, related_name="nonconformance"
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", help_text="The supplier or the customer"
    )
    sales_order = models.ForeignKey(
        SalesOrder, models.PROTECT, null=True, blank=True, related_name="nonconformances", help_text="Whose cost it is"
    )
    balance = models.ForeignKey(StockBalance, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.ForeignKey(CheckResult, models.PROTECT, null=True, blank=True, related_name="nonconformances")
    event = models.OneToOneField(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="nonconformance")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    employee = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    cause = models.CharField(max_length=800, blank=True)
    corrective_action = models.CharField(max_length=800, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "non-conformance"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="nonconformance_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="nonconformance_says_where_from",
                condition=Q(kind="process", operation__isnull=False, place__in=["bench", "good", "scrapped"])
                | Q(kind="supplier", partner__isnull=False, place="stock", receipt_line__isnull=False)
                | Q(kind="customer", partner__isnull=False, place="returned", return_receipt__isnull=False)
                | Q(kind="customer", partner__isnull=False, place="away", sales_order__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_nonconformance_has_a_cause",
                condition=~Q(state="closed") | (~Q(cause="") & ~Q(corrective_action="") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="nonconformance_open", fields=["plant", "id"], condition=Q(state="open")),
            models.Index(name="nonconformance_by_time", fields=["plant", "raised_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class NonConformancePhoto(models.Model):
    """A photo of a non-conformance."""

    nonconformance = models.ForeignKey(NonConformance, models.PROTECT, related_name="photos")
    photo = models.ForeignKey(EventPhoto, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "non-conformance photo"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="nonconformance_photo_once", fields=["nonconformance", "photo"]),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id}"


class Disposition(models.Model):
    """What became of `quantity` pieces of a non-conformance, and the deed of the hub that did it. Never changed.

    `value` is what scrapped or returned pieces were worth; what rework costs is asked of the cost entries.
    """

    class Kind(models.TextChoices):
        USE = "use", _("Use as is")
        REWORK = "rework", _("Rework")
        SCRAP = "scrap", _("Scrap")
        RETURN = "return", _("Return to supplier")

    nonconformance = models.ForeignKey(NonConformance, models.PROTECT, related_name="dispositions")
    kind = models.CharField(max_length=6, choices=Kind)
    quantity = QuantityField()
    value = MoneyField(default=0)
    note = models.CharField(max_length=400, blank=True)
    event = models.OneToOneField(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="disposition")
    rework_step = models.OneToOneField(
        WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="disposition"
    )
    rework_order = models.OneToOneField(WorkOrder, models.PROTECT, null=True, blank=True, related_name="disposition")
    move = models.OneToOneField(StockMove, models.PROTECT, null=True, blank=True, related_name="disposition")
    supplier_return = models.OneToOneField(
        SupplierReturn, models.PROTECT, null=True, blank=True, related_name="disposition"
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="disposition_valid", condition=Q(quantity__gt=0, value__gte=0)),
            models.CheckConstraint(
                name="only_scrap_and_returns_have_a_value", condition=Q(value=0) | Q(kind__in=["scrap", "return"])
            ),
        ]
        triggers = [pgtrigger.Protect(name="dispositions_are_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class QualityHold(models.Model):
    """An operation of which nothing more is started or reported until somebody with the right releases it."""

    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="quality_holds")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    result = models.ForeignKey(CheckResult, models.PROTECT, null=True, blank=True, related_name="holds")
    nonconformance = models.ForeignKey(NonConformance, models.PROTECT, null=True, blank=True, related_name="holds")
    since_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-since_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="hold_has_a_check_or_a_nonconformance",
                condition=Q(result__isnull=False) | Q(nonconformance__isnull=False),
            ),
            models.CheckConstraint(name="released_hold_says_why", condition=Q(released_at__isnull=True) | ~Q(note="")),
            models.UniqueConstraint(
                name="one_open_hold_per_operation", fields=["operation"], condition=Q(released_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.operation_id}"
