"""Cases: what a customer asks or complains about after the sale, and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.models import SalesOrder, SalesOrderLine
from masterdata.models import Company, Contact, Partner, User
from masterdata.models.fields import CodeField


class Case(models.Model):
    """A customer's question or complaint, about an order and a line of it if it is about one.

    `open` waits for us, `answered` for the customer. `answered_at` is when they were answered first.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    class Topic(models.TextChoices):
        QUESTION = "question", "Question"
        DELIVERY = "delivery", "Delivery"
        DAMAGE = "damage", "Damage"
        DEFECT = "defect", "Defect"
        MISSING = "missing", "Something is missing"
        INVOICE = "invoice", "Invoice"
        OTHER = "other", "Other"

    class Urgency(models.IntegerChoices):
        LOW = 1, "Low"
        NORMAL = 2, "Normal"
        HIGH = 3, "High"

    class Outcome(models.TextChoices):
        NONE = "", "None"
        SOLVED = "solved", "Solved"
        REPLACED = "replaced", "Replaced or repaired"
        CREDITED = "credited", "Credited"
        REFUSED = "refused", "Not our fault"
        WITHDRAWN = "withdrawn", "Withdrawn by the customer"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="cases")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    order = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="cases")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="cases")
    topic = models.CharField(max_length=10, choices=Topic, default=Topic.QUESTION)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.NORMAL)
    subject = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NONE, blank=True)
    outcome_note = models.CharField(max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="case_by_customer", fields=["customer", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="closed_case_has_outcome",
                condition=(Q(state="closed") & Q(closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="closed") & Q(closed_at__isnull=True) & Q(outcome="")),
            ),
            models.CheckConstraint(
                name="case_line_has_its_order", condition=Q(order_line__isnull=True) | Q(order__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number
