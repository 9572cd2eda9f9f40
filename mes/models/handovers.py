"""What one shift tells the next."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Plant, User


class Handover(models.Model):
    """The handover of a shift in a plant. Until it is signed its page shows what is; `content` is what was then.

    open -> signed (by the one who leaves) -> accepted (by the one who comes).
    """

    class State(models.TextChoices):
        OPEN = "open", "Being written"
        SIGNED = "signed", "Signed"
        ACCEPTED = "accepted", "Accepted"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="handovers")
    shift_name = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    notes = models.TextField(blank=True, max_length=4000)
    content = models.JSONField(null=True, blank=True, help_text="The shift as it stood when it was signed")
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(max_length=400, blank=True, help_text="Of the one who comes")
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-starts_at", "plant"]
        constraints = [
            models.UniqueConstraint(name="one_handover_per_shift", fields=["plant", "starts_at"]),
            models.CheckConstraint(name="shift_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="handover_is_signed_before_it_is_accepted",
                condition=Q(state="open", signed_at=None, accepted_at=None)
                | Q(state="signed", signed_at__isnull=False, content__isnull=False, accepted_at=None)
                | Q(state="accepted", signed_at__isnull=False, content__isnull=False, accepted_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="signed_handovers_stand",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'DELETE' OR OLD.state = 'accepted'
                        OR (OLD.state = 'signed' AND (NEW.content, NEW.notes, NEW.signed_at, NEW.signed_by_id)
                            IS DISTINCT FROM (OLD.content, OLD.notes, OLD.signed_at, OLD.signed_by_id)) THEN
                        RAISE EXCEPTION 'signed: what was handed over stands' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
                condition=pgtrigger.Q(old__state__in=["signed", "accepted"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.shift_name} {self.starts_at:%Y-%m-%d}"
