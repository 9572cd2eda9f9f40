"""What a sales order cost beside production, as somebody booked it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.cost.models.entries import Element
from erp.ledger.models import Account
from masterdata.models import Partner, Plant, User
from masterdata.models.fields import MoneyField

BOOKABLE = (Element.FREIGHT, Element.INSTALLATION, Element.PENALTY, Element.SUBCONTRACT, Element.OTHER)


class CostBooking(models.Model):
    """`amount` (company currency) of an element on a sales order, against an account; undone by a booking that
    `reverses` it."""

    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, related_name="cost_bookings")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    element = models.CharField(max_length=12, choices=Element)
    amount = MoneyField()
    text = models.CharField(max_length=200)
    against = models.CharField(max_length=24, choices=Account.Role)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    booked_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="cost_booking_valid", condition=~Q(amount=0) & Q(element__in=[str(one) for one in BOOKABLE])
            ),
        ]
        triggers = [pgtrigger.Protect(name="bookings_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.element} {self.amount}"
