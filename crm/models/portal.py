"""What a customer may open without a log-in, and the signature that came back."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import Q

from crm.models.quotations import Quotation
from masterdata.models import User

READABLE_FOR = dt.timedelta(days=31)
"""So long after the last day of validity the customer can still read what was offered."""


class PortalLink(models.Model):
    """Lets whoever holds its token read one revision of a quotation and accept it. Only the token's hash is kept."""

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="links")
    revision_no = models.PositiveSmallIntegerField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When it was opened first")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="portal_link_expires_after_it_was_made", condition=Q(expires_at__gt=models.F("made_at"))
            )
        ]

    def __str__(self) -> str:
        return f"Link to {self.quotation_id}, revision {self.revision_no}"

    @staticmethod
    def end_for(valid_until: dt.date) -> dt.datetime:
        """When a link to something valid until that day runs out."""
        return dt.datetime.combine(valid_until, dt.time(), dt.UTC) + READABLE_FOR


class QuotationSignature(models.Model):
    """The customer's yes as it was given: name, drawing or typed name, when, from where, and to which bytes.

    Each revision is signed once; those of revisions that were taken back are kept.
    """

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="signatures")
    revision_no = models.PositiveSmallIntegerField()
    link = models.ForeignKey(PortalLink, models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=120)
    path = models.TextField(blank=True, help_text="SVG path in a box of 600 by 200; empty: the name was typed")
    signed_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    document_sha256 = models.CharField(max_length=64, help_text="Of the PDF that was accepted")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="signature_has_a_name", condition=~Q(name="")),
            models.UniqueConstraint(name="one_signature_per_revision", fields=["quotation", "revision_no"]),
        ]
        triggers = [
            pgtrigger.Protect(name="signatures_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.signed_at:%Y-%m-%d}"


class LinkCalls(models.Model):
    """How often an address looked at links, or answered, in a minute: so that nobody tries tokens. Kept for minutes."""

    address = models.CharField(max_length=64)
    what = models.CharField(max_length=8)
    minute_at = models.DateTimeField()
    calls = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["minute_at", "id"]
        verbose_name_plural = "link calls"
        constraints = [
            models.UniqueConstraint(name="link_calls_counted_once", fields=["minute_at", "address", "what"]),
            models.CheckConstraint(name="link_calls_positive", condition=Q(calls__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.calls} of {self.address}"
