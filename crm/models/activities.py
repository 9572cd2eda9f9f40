"""Activities: what somebody is to do with a customer or a lead, by when, and what came of it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.models.cases import Case
from crm.models.leads import Lead
from crm.models.pipeline import Opportunity
from crm.models.quotations import Quotation
from erp.models import SalesOrder
from masterdata.models import Company, Partner, User


class Activity(models.Model):
    """Something to do, of one person, about a lead or a customer and perhaps a document of theirs.

    `due_at` of a whole day is the end of that day: from then on it is overdue. `rung_at` is when its owner was
    reminded, `seen_at` when they had seen that, `mailed_at` when they were told by mail.
    """

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        MAIL = "mail", "Mail"
        MEETING = "meeting", "Meeting"
        VISIT = "visit", "Visit"
        TASK = "task", "Task"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TASK)
    subject = models.CharField(max_length=160)
    note = models.TextField(blank=True)
    due_at = models.DateTimeField()
    is_whole_day = models.BooleanField(default=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="activities")
    customer = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="activities")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="activities")
    quotation = models.ForeignKey(Quotation, models.PROTECT, null=True, blank=True, related_name="activities")
    order = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="activities")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="activities")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=400, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name_plural = "activities"
        indexes = [
            models.Index(name="activity_to_do", fields=["owner", "due_at"], condition=Q(done_at__isnull=True)),
            models.Index(
                name="activity_to_ring",
                fields=["remind_at"],
                condition=Q(done_at__isnull=True, rung_at__isnull=True, remind_at__isnull=False),
            ),
            models.Index(name="activity_by_customer", fields=["customer", "due_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="activity_is_about_somebody", condition=Q(lead__isnull=False) | Q(customer__isnull=False)
            ),
            models.CheckConstraint(
                name="reminder_not_after_due", condition=Q(remind_at__isnull=True) | Q(remind_at__lte=F("due_at"))
            ),
            models.CheckConstraint(
                name="rung_activity_has_reminder", condition=Q(rung_at__isnull=True) | Q(remind_at__isnull=False)
            ),
            models.CheckConstraint(
                name="only_rung_activity_is_seen_or_mailed",
                condition=Q(rung_at__isnull=False) | Q(seen_at__isnull=True, mailed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def shown_at(self) -> dt.datetime:
        """When it is due as people say it: a whole day ends on that day."""
        return self.due_at - dt.timedelta(seconds=1) if self.is_whole_day else self.due_at

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
