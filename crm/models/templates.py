"""Templates of messages: words with placeholders from a list of what may stand there."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from masterdata.models import User
from masterdata.models.languages import DEFAULT, Language


class MessageTemplate(models.Model):
    """Subject and body of a message, one per code and language. Its purpose says which placeholders it may use."""

    class Purpose(models.TextChoices):
        CUSTOMER = "customer", "To a customer"
        QUOTATION = "quotation", "With a quotation"
        ORDER = "order", "About an order"
        CASE = "case", "About a case"

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=10, choices=Purpose)
    language = models.CharField(max_length=8, choices=Language, default=DEFAULT)
    subject = models.CharField(max_length=250)
    body = models.TextField(max_length=20_000)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["purpose", "code", "language"]
        constraints = [models.UniqueConstraint(name="one_template_per_language", fields=["code", "language"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_language_display()})"
