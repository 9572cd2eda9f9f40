"""Companies, plants, warehouses and locations."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from masterdata.models.calendars import Calendar
from masterdata.models.fields import CodeField
from masterdata.models.languages import DEFAULT, Language
from masterdata.models.money import Currency


class Company(models.Model):
    """A legal person: owns plants, books in one currency, numbers its legal documents.

    Address, numbers and `language` are what its documents say and in which language when the partner has none.
    """

    code = CodeField()
    name = models.CharField(max_length=120)
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    address = models.TextField(
        max_length=400, blank=True, db_default="", default="", help_text="As it stands on papers, line by line"
    )
    email = models.EmailField(blank=True, db_default="", default="")
    phone = models.CharField(max_length=40, blank=True, db_default="", default="")
    tax_no = models.CharField(max_length=32, blank=True, db_default="", default="", help_text="VAT number")
    register_no = models.CharField(
        max_length=120, blank=True, db_default="", default="", help_text="Commercial register, managing directors"
    )
    language = models.CharField(max_length=8, choices=Language, db_default=DEFAULT, default=DEFAULT)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class Plant(models.Model):
    """A factory: the unit of planning and of stock valuation. Times on its screens are in `time_zone`."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="plants")
    code = CodeField()
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+", help_text="Shipping calendar")
    transport_min = models.PositiveIntegerField(default=0, help_text="Minutes from the dock to the customer")
    address = models.TextField(
        max_length=400, blank=True, db_default="", default="", help_text="As it stands on papers, line by line"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Warehouse(models.Model):
    """A building with stock. Each plant has at least one; `is_main` receives and ships unless said otherwise."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="warehouses")
    code = CodeField()
    name = models.CharField(max_length=120)
    is_main = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(name="one_main_warehouse_per_plant", fields=["plant"], condition=Q(is_main=True)),
        ]

    def __str__(self) -> str:
        return self.name


# One change of a plant's tree at a time (6 is this lock's own number), so that two can't form a circle together.
FORM_A_TREE = """
    PERFORM pg_advisory_xact_lock(6, NEW.plant_id::int);
    IF NOT EXISTS (SELECT FROM masterdata_location WHERE id = NEW.parent_id AND plant_id = NEW.plant_id) THEN
        RAISE EXCEPTION 'A place lies in another of the same plant: choose one of this plant.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'location_lies_in_its_plant', COLUMN = 'parent';
    END IF;
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT l.parent_id FROM masterdata_location l JOIN above a ON a.id = l.id WHERE l.parent_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'A place can not lie in itself, nor in a place inside it: choose another.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'locations_form_a_tree', COLUMN = 'parent';
    END IF;
    RETURN NEW;
"""


class Location(models.Model):
    """A place that stock moves from or to. Only `stock`, `quarantine` and `subcontractor` keep a balance.

    The others are where goods come from or vanish to, so that each move has two ends.
    """

    class Kind(models.TextChoices):
        STOCK = "stock", "Stock"
        SUPPLIER = "supplier", "Supplier"
        CUSTOMER = "customer", "Customer"
        PRODUCTION = "production", "Production"
        TRANSIT = "transit", "In transit"
        LOSS = "loss", "Loss and gain"
        SUBCONTRACTOR = "subcontractor", "Subcontractor"
        QUARANTINE = "quarantine", "Quarantine"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="locations")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, blank=True, related_name="locations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.STOCK)
    is_default = models.BooleanField(default=False, help_text="Used when a deed names no location of this kind")
    is_receiving = models.BooleanField(default=False, help_text="Deliveries come here and wait to be put away")
    is_blocked = models.BooleanField(
        default=False, help_text="Nothing there is offered or taken, and nothing is put there"
    )
    blocked_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["plant", "code"]
        constraints = [
            models.UniqueConstraint(name="location_code_unique_in_plant", fields=["plant", "code"]),
            models.UniqueConstraint(
                name="one_default_location_per_kind", fields=["plant", "kind"], condition=Q(is_default=True)
            ),
            models.UniqueConstraint(
                name="one_receiving_location_per_plant", fields=["plant"], condition=Q(is_receiving=True)
            ),
            models.CheckConstraint(
                name="receiving_location_keeps_stock", condition=Q(is_receiving=False) | Q(kind="stock")
            ),
            models.CheckConstraint(
                name="stock_location_has_warehouse",
                condition=~Q(kind__in=["stock", "quarantine"]) | Q(warehouse__isnull=False),
                violation_error_message="Choose the warehouse that the place is in.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="locations_form_a_tree",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "plant_id"),
                condition=pgtrigger.Q(new__parent__isnull=False),
                func=FORM_A_TREE,
            ),
        ]

    def __str__(self) -> str:
        return self.name
