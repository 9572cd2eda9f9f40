"""Work orders with their materials and operations, copied at creation and frozen at release."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BTreeIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata.models import Bom, Machine, Material, Plant, Routing, Unit, WorkCentre
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField

# What a released work order was copied from stays: progress moves, the copy does not. A split opens it for itself.
_FROZEN = """
    IF EXISTS (SELECT 1 FROM erp_workorder WHERE id = OLD.work_order_id AND state IN ('released', 'closed')) THEN
        RAISE EXCEPTION 'released: its materials and operations are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
"""
_FROZEN_TO_NEW = """
    IF EXISTS (SELECT 1 FROM new_rows n JOIN erp_workorder w ON w.id = n.work_order_id
               WHERE w.state IN ('released', 'closed'){but}) THEN
        RAISE EXCEPTION 'released: its materials and operations are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
"""


_KEYS = {"work_order", "material", "unit", "instead_of", "work_centre", "mends"}


def _frozen(what: str, *copied: str, but: str = "") -> list[pgtrigger.Trigger]:
    """A released work order keeps the copied columns of these rows, loses none and gets no new ones, `but` some."""
    return [
        pgtrigger.Trigger(
            name=f"released_work_keeps_{what}",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(*(f"{name}_id" if name in _KEYS else name for name in copied)),
            condition=pgtrigger.AnyChange(*copied),
            func=_FROZEN,
        ),
        pgtrigger.Trigger(
            name=f"released_work_loses_no_{what}", when=pgtrigger.Before, operation=pgtrigger.Delete, func=_FROZEN
        ),
        pgtrigger.Trigger(
            name=f"released_work_gets_no_{what}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=_FROZEN_TO_NEW.format(but=but),
        ),
    ]


class WorkOrder(models.Model):
    """Make `quantity` of a material in a plant. proposed -> firm -> released -> closed; cancelled from any but closed.

    A confirmed order's work orders are firm; those without an order line are for stock, and proposed ones among them
    follow material planning. `good_qty` and `scrap_qty` are of the last operation. `path` places it
    in the order line's product tree: "1" the product of line 1, "1.2" the second component that it makes.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        FIRM = "firm", "Firm"
        RELEASED = "released", "Released"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="work_orders")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    bom = models.ForeignKey(Bom, models.PROTECT, null=True, blank=True, related_name="+")
    routing = models.ForeignKey(Routing, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="work_orders"
    )
    path = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    quantity = QuantityField()
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    over_qty = QuantityField(default=0, db_default=0, help_text="Made beyond the quantity and accepted, in tolerance")
    planned_unit_cost = UnitPriceField(default=0)
    needed_on = models.DateField(null=True, blank=True, help_text="Work for stock: when planning needs it")
    start_by_on = models.DateField(null=True, blank=True, help_text="Work for stock: the lead time before")
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    short_reason = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why it was released although material is missing"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    is_rework = models.BooleanField(
        default=False, db_default=False, help_text="Mends goods that came back: they keep their value, the work is cost"
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", help_text="Of which it was a part at first"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="work_order_quantities_valid",
                condition=Q(quantity__gt=0) & Q(good_qty__gte=0) & Q(scrap_qty__gte=0) & Q(over_qty__gte=0),
            ),
        ]
        indexes = [
            models.Index(
                name="work_orders_open",
                fields=["plant", "id"],
                condition=Q(state__in=["proposed", "firm", "released"]),
            )
        ]

    def __str__(self) -> str:
        return self.number


class WorkOrderMaterial(models.Model):
    """A component need: `quantity` gross (scrap included) for the whole order, `issued_qty` so far.

    A substitute is used `instead_of` the BOM's component, of which `instead_qty` would be needed.
    """

    class Choice(models.TextChoices):
        OPEN = "", _("Not decided")
        PLANNED = "planned", _("Replaced by planning")
        CHOSEN = "chosen", _("Replaced by somebody")
        KEPT = "kept", _("Not to be replaced")

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="materials")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    operation_sequence = models.PositiveIntegerField(help_text="Operation that uses it")
    is_scanned = models.BooleanField(default=False, db_default=False, help_text="Issued by scan, not by backflush")
    quantity = QuantityField()
    issued_qty = QuantityField(default=0)
    issued_value = MoneyField(default=0)
    instead_of = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    instead_qty = QuantityField(null=True, blank=True)
    choice = models.CharField(max_length=7, choices=Choice, default=Choice.OPEN, db_default="", blank=True)

    class Meta:
        ordering = ["work_order", "line_no"]
        constraints = [
            models.UniqueConstraint(name="work_order_material_number_unique", fields=["work_order", "line_no"]),
            models.CheckConstraint(
                name="work_order_material_valid", condition=Q(quantity__gt=0) & Q(issued_qty__gte=0)
            ),
            models.CheckConstraint(
                name="substitute_says_instead_of_what",
                condition=Q(instead_of__isnull=True, instead_qty__isnull=True, choice__in=["", "kept"])
                | Q(instead_of__isnull=False, instead_qty__gt=0, choice__in=["planned", "chosen"]),
            ),
        ]

        triggers = _frozen(
            "needs",
            "work_order", "line_no", "material", "unit", "operation_sequence", "is_scanned", "quantity", "instead_of",
            "instead_qty",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} of {self.material_id}"


RATES = ("rate_labour", "rate_machine", "rate_on_labour", "rate_on_machine", "rate_on_material", "rate_an_hour")
"""Columns of an operation with the rates that its work order was planned at: empty while it is only proposed, and of
rework steps. Later changes of rates, also back-dated ones, leave what was planned as it was."""


class WorkOrderOperation(models.Model):
    """One operation: planned minutes as copied, what was reported, and the planned dates that `apply_plan` wrote.

    `rework_qty` came in and is neither good nor lost: it waits for a rework step or is in one. A rework step is an
    operation that is added to the work order and `mends` some pieces (`quantity`) of one of the others: what comes out
    of it good is good there, and goes on. Its own `rework_qty` are pieces that it gave back for another step.
    """

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="operations")
    sequence = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, related_name="+")
    setup_min = models.DecimalField(max_digits=10, decimal_places=3, default=0)
    run_min_per_unit = models.DecimalField(max_digits=12, decimal_places=6)
    rate_labour = UnitPriceField(null=True, blank=True, help_text="Money an hour on the day it was made, as the others")
    rate_machine = UnitPriceField(null=True, blank=True)
    rate_on_labour = UnitPriceField(null=True, blank=True, help_text="Per cent of overhead, as the next two")
    rate_on_machine = UnitPriceField(null=True, blank=True)
    rate_on_material = UnitPriceField(null=True, blank=True)
    rate_an_hour = UnitPriceField(null=True, blank=True, help_text="Overhead of an hour")
    setup_family = models.CharField(max_length=40, blank=True)
    is_splittable = models.BooleanField(default=True)
    is_last = models.BooleanField(default=False)
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0, db_default=0)
    mends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="rework_steps")
    quantity = QuantityField(null=True, blank=True, help_text="Pieces that a rework step mends")
    worked_min = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    machine = models.ForeignKey(
        Machine, models.PROTECT, null=True, blank=True, related_name="+", help_text="Where it runs or last ran"
    )
    planned_machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    plan_no = models.PositiveIntegerField(null=True, blank=True, help_text="Plan that wrote the planned dates")

    class Meta:
        ordering = ["work_order", "sequence"]
        constraints = [
            models.UniqueConstraint(name="operation_sequence_unique", fields=["work_order", "sequence"]),
            models.CheckConstraint(
                name="operation_quantities_valid",
                condition=Q(good_qty__gte=0) & Q(scrap_qty__gte=0) & Q(rework_qty__gte=0) & Q(worked_min__gte=0),
            ),
            models.CheckConstraint(
                name="operation_finishes_after_start",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="rework_step_says_how_many",
                condition=Q(mends__isnull=True, quantity__isnull=True)
                | Q(mends__isnull=False, quantity__gt=0, is_last=False),
            ),
        ]
        indexes = [
            BTreeIndex(name="operations_open", fields=["work_centre", "id"], condition=Q(finished_at__isnull=True)),
            BTreeIndex(
                name="operations_running",
                fields=["work_order"],
                condition=Q(started_at__isnull=False, finished_at__isnull=True),
            ),
        ]

        triggers = _frozen(
            "steps",
            "work_order", "sequence", "name", "work_centre", "setup_min", "run_min_per_unit", "setup_family",
            "is_splittable", "is_last", "mends", "quantity", but=" AND n.mends_id IS NULL",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sequence} {self.name}"

    @property
    def reported_qty(self) -> Decimal:
        """Pieces that were said to be good, scrap or in rework."""
        return self.good_qty + self.scrap_qty + self.rework_qty

    def pieces_of(self, order: WorkOrder) -> Decimal:
        """How many the operation is for: a rework step mends some, any other works on all of the order."""
        return order.quantity if self.quantity is None else self.quantity


class WorkReport(models.Model):
    """What one report did, so that it can be taken back: its pieces and minutes, and the rows that it posted.

    `key` is the event on the floor. `move_ids`, `entry_ids` and `owed_ids` are stock moves, journal entries and owed
    issues; `ended_ids` the operations that ended by it; `replacement_ids` the work orders that make again what it lost.
    """

    key = models.UUIDField(unique=True)
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="reports")
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0)
    over_qty = QuantityField(default=0)
    worked_min = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    move_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    entry_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    owed_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    ended_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    replacement_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reported_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.good_qty} at {self.operation_id}"
