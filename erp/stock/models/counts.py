"""Counts of stock: a sheet of places, what was found there, and what became of the differences."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.stock.models.lots import Lot
from erp.stock.models.moves import StockMove
from masterdata.models import Location, Material, Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField


class CountSheet(models.Model):
    """What is to be counted together: the stock below a location, of a material, or both.

    Open until it is posted or dropped. Blind: whoever counts does not see what the book says.
    """

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    is_blind = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="count_sheet_posted_or_dropped", condition=Q(posted_at__isnull=True) | Q(dropped_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.posted_at is None and self.dropped_at is None


class CountLine(models.Model):
    """One place of the sheet. `book_qty` is what the book said when it was counted: what moves later is not lost.

    `difference` is what posting moved (found less book, never below what was left), with its value.
    """

    sheet = models.ForeignKey(CountSheet, models.PROTECT, related_name="lines")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    counted_qty = QuantityField(null=True, blank=True)
    book_qty = QuantityField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    difference = QuantityField(null=True, blank=True)
    move = models.OneToOneField(StockMove, models.PROTECT, null=True, blank=True, related_name="count_line")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_count_line_per_place",
                fields=["sheet", "material", "location", "lot", "sales_order"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="counted_with_its_book_quantity",
                condition=Q(counted_qty__isnull=True, book_qty__isnull=True, counted_at__isnull=True)
                | Q(counted_qty__gte=0, book_qty__gte=0, counted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.material_id} in {self.location_id}"


class CountLimit(models.Model):
    """Differences of a sheet worth more than this (sum of gains and losses) need somebody who may approve them."""

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="count_limit")
    amount = MoneyField()

    class Meta:
        ordering = ["plant"]
        constraints = [models.CheckConstraint(name="count_limit_not_negative", condition=Q(amount__gte=0))]

    def __str__(self) -> str:
        return str(self.amount)
