"""Leads: somebody who may become a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from crm.models.pipeline import LostReason, Opportunity
from masterdata.models import Company, Partner, User
from masterdata.models.fields import CodeField


class Lead(models.Model):
    """From whom, where from, and what became of it: a customer with an opportunity, or nothing, for a reason."""

    class State(models.TextChoices):
        NEW = "new", "New"
        CONVERTED = "converted", "Converted"
        DISQUALIFIED = "disqualified", "Disqualified"

    class Source(models.TextChoices):
        WEB = "web", "Website"
        MAIL = "mail", "Mail"
        PHONE = "phone", "Phone"
        FAIR = "fair", "Fair"
        REFERRAL = "referral", "Recommended"
        OTHER = "other", "Other"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=160, blank=True, help_text="The firm that it comes from")
    person = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.OTHER)
    note = models.TextField(blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    customer = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="leads")
    opportunity = models.OneToOneField(Opportunity, models.PROTECT, null=True, blank=True, related_name="lead")
    lost_reason = models.ForeignKey(LostReason, models.PROTECT, null=True, blank=True, related_name="leads")
    lost_note = models.CharField(max_length=240, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(Lower("email"), name="lead_by_email", condition=~Q(email="")),
            models.Index(Lower("organisation"), name="lead_by_organisation", condition=~Q(organisation="")),
        ]
        constraints = [
            models.CheckConstraint(name="lead_names_somebody", condition=~Q(organisation="") | ~Q(person="")),
            models.CheckConstraint(
                name="converted_lead_has_opportunity",
                condition=Q(state="converted", customer__isnull=False, opportunity__isnull=False)
                | (~Q(state="converted") & Q(customer__isnull=True, opportunity__isnull=True)),
            ),
            models.CheckConstraint(
                name="disqualified_lead_has_reason",
                condition=Q(state="disqualified", lost_reason__isnull=False)
                | (~Q(state="disqualified") & Q(lost_reason__isnull=True, lost_note="")),
            ),
            models.CheckConstraint(
                name="closed_lead_says_when",
                condition=Q(state="new", closed_at__isnull=True) | (~Q(state="new") & Q(closed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def name(self) -> str:
        """The firm, else the person."""
        return self.organisation or self.person
