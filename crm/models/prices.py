"""Price lists: what a material costs whom, from which quantity and when."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from masterdata.models import Company, Currency, Material, MaterialCategory, Partner
from masterdata.models.fields import CodeField, QuantityField, UnitPriceField


class CustomerGroup(models.Model):
    """Customers who have prices in common: dealers, contract makers, the house's own shops."""

    code = CodeField()
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomerTerms(models.Model):
    """How we sell to a customer: the one group that it belongs to, and how goods are delivered unless said otherwise.

    A customer without a row is in no group.
    """

    customer = models.OneToOneField(Partner, models.PROTECT, related_name="terms")
    group = models.ForeignKey(CustomerGroup, models.PROTECT, null=True, blank=True, related_name="members")
    incoterm = models.CharField(max_length=3, blank=True)
    incoterm_place = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["customer"]
        verbose_name_plural = "customer terms"

    def __str__(self) -> str:
        return f"Terms of {self.customer_id}"


class PriceList(models.Model):
    """Prices of one company in one currency for a time: for one customer, for one group, or for everybody.

    Of two lists for the same customers the one with the higher `priority` is asked first.
    """

    name = models.CharField(max_length=80)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="price_lists")
    group = models.ForeignKey(CustomerGroup, models.PROTECT, null=True, blank=True, related_name="price_lists")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day; empty: until further notice")
    priority = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(name="price_list_name_once_per_company", fields=["company", "name"]),
            models.CheckConstraint(
                name="price_list_for_customer_or_group", condition=Q(customer__isnull=True) | Q(group__isnull=True)
            ),
            models.CheckConstraint(
                name="price_list_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceRule(models.Model):
    """One price of a list: for a material, a category or everything, from a quantity on, for the list's time or less.

    Exactly one of: a fixed price per unit, percent off the list price, so much per unit on top of the list price.
    """

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="rules")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(MaterialCategory, models.PROTECT, null=True, blank=True, related_name="+")
    from_quantity = QuantityField(default=0)
    fixed_price = UnitPriceField(null=True, blank=True)
    percent_off = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    surcharge = UnitPriceField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["price_list", "material", "category", "from_quantity", "valid_from"]
        constraints = [
            models.CheckConstraint(
                name="price_rule_for_material_or_category",
                condition=Q(material__isnull=True) | Q(category__isnull=True),
            ),
            models.CheckConstraint(name="price_rule_from_quantity_not_negative", condition=Q(from_quantity__gte=0)),
            models.CheckConstraint(
                name="price_rule_says_one_price",
                condition=Q(fixed_price__gte=0, percent_off__isnull=True, surcharge__isnull=True)
                | Q(fixed_price__isnull=True, percent_off__gt=0, percent_off__lte=100, surcharge__isnull=True)
                | Q(fixed_price__isnull=True, percent_off__isnull=True, surcharge__gt=0),
            ),
            models.CheckConstraint(
                name="price_rule_ends_after_it_begins",
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="equal_price_rules_do_not_overlap",
                expressions=[
                    ("price_list", RangeOperators.EQUAL),
                    (Coalesce("material_id", 0, output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    (Coalesce("category_id", 0, output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    ("from_quantity", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_list_id} {self.material_id or self.category_id or 'everything'} from {self.from_quantity}"
