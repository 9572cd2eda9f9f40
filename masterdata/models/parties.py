"""Partners (customers, suppliers, carriers) with their addresses and contacts."""

from __future__ import annotations

from django.db import models

from masterdata.models.fields import CodeField
from masterdata.models.languages import Language
from masterdata.models.money import Currency, PaymentTerm, TaxCode


class Partner(models.Model):
    """Somebody we deal with; one partner may be customer and supplier at once."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Company"
        PERSON = "person", "Person"

    code = CodeField()
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMPANY)
    is_customer = models.BooleanField(default=False)
    is_supplier = models.BooleanField(default=False)
    is_carrier = models.BooleanField(default=False)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True, related_name="+")
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+")
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    tax_no = models.CharField(max_length=32, blank=True, db_default="", default="", help_text="VAT number")
    language = models.CharField(
        max_length=8, choices=Language, blank=True, db_default="", default="", help_text="Of documents; empty: ours"
    )
    credit_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    is_preferred = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(name="partner_by_name", fields=["name"])]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """Where a partner is reached or delivered to."""

    class Kind(models.TextChoices):
        BILLING = "billing", "Billing"
        DELIVERY = "delivery", "Delivery"

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DELIVERY)
    line1 = models.CharField(max_length=160)
    line2 = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")

    class Meta:
        ordering = ["partner", "kind"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return f"{self.line1}, {self.city}"


class Contact(models.Model):
    """A person at a partner."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["partner", "name"]

    def __str__(self) -> str:
        return self.name


class PartnerAccount(models.Model):
    """A bank account of a partner: where suppliers are paid, and how a customer's money is known."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="accounts")
    iban = models.CharField(max_length=34, help_text="Without spaces")
    bic = models.CharField(max_length=11, blank=True)
    holder = models.CharField(max_length=140, blank=True)
    is_main = models.BooleanField(default=True)

    class Meta:
        ordering = ["partner", "id"]
        constraints = [models.UniqueConstraint(name="partner_account_once", fields=["partner", "iban"])]
        indexes = [models.Index(name="partner_account_by_iban", fields=["iban"])]

    def __str__(self) -> str:
        return self.iban
