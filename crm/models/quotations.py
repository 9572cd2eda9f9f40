"""Quotations: what we offer a customer, revision by revision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from crm.models.contracts import ContractLine
from crm.models.pipeline import LostReason, Opportunity
from crm.models.prices import PriceRule
from erp.models import SalesOrder
from masterdata.models import Company, Currency, Material, Partner, PaymentTerm, Plant, TaxCode, User
from masterdata.models.fields import MoneyField, QuantityField, UnitPriceField
from masterdata.models.languages import Language


class Incoterm(models.TextChoices):
    """Who carries cost and risk how far: Incoterms 2020."""

    EXW = "EXW", "EXW, ex works"
    FCA = "FCA", "FCA, free carrier"
    CPT = "CPT", "CPT, carriage paid to"
    CIP = "CIP", "CIP, carriage and insurance paid to"
    DAP = "DAP", "DAP, delivered at place"
    DPU = "DPU", "DPU, delivered at place unloaded"
    DDP = "DDP", "DDP, delivered duty paid"
    FAS = "FAS", "FAS, free alongside ship"
    FOB = "FOB", "FOB, free on board"
    CFR = "CFR", "CFR, cost and freight"
    CIF = "CIF", "CIF, cost, insurance and freight"


class Quotation(models.Model):
    """What we offer a customer. Accepting it makes and confirms a sales order in the same transaction.

    A row keeps its number, its links and its key through all revisions and always is the newest one; an older revision
    is a copy of it as it was sent, `replaced_by` this row. What was sent is not written again: it is revised.
    `rate`: the company's currency for one of the quotation's on the day it was written. `discount_percent` comes off
    each line after the line's own.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"
        ACCEPTED = "accepted", "Accepted"
        LOST = "lost", "Lost"
        REPLACED = "replaced", "Replaced"

    class Approval(models.TextChoices):
        """Whether its price has to be approved by somebody else, and whether it is."""

        FREE = "free", "Not needed"
        NEEDED = "needed", "Needs approval"
        ASKED = "asked", "Waits for approval"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Not approved"

    number = models.CharField(max_length=40)
    revision_no = models.PositiveSmallIntegerField(default=1)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="older")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="quotations")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    approval = models.CharField(max_length=8, choices=Approval, default=Approval.FREE)
    customer_reference = models.CharField(max_length=60, blank=True)
    valid_until = models.DateField()
    extended_no = models.PositiveSmallIntegerField(default=0, help_text="How often a sent one got a new last day")
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    incoterm = models.CharField(max_length=3, choices=Incoterm, blank=True)
    incoterm_place = models.CharField(max_length=80, blank=True)
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: the customer's"
    )
    language = models.CharField(max_length=8, choices=Language, blank=True, help_text="Empty: the customer's")
    note = models.TextField(blank=True, help_text="Printed under the lines")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_name = models.CharField(max_length=120, blank=True, help_text="Who said yes for the customer")
    accepted_how = models.CharField(max_length=200, blank=True, help_text="By telephone, by their order, signed")
    order = models.OneToOneField(SalesOrder, models.PROTECT, null=True, blank=True, related_name="quotation")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="quotations")
    lost_reason = models.ForeignKey(LostReason, models.PROTECT, null=True, blank=True, related_name="quotations")
    lost_note = models.CharField(max_length=240, blank=True, db_default="", default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="quotation_revision_once", fields=["number", "revision_no"]),
            models.CheckConstraint(
                name="accepted_quotation_has_order",
                condition=~Q(state="accepted") | (Q(order__isnull=False) & Q(accepted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="replaced_quotation_has_its_successor",
                condition=Q(state="replaced", replaced_by__isnull=False)
                | (~Q(state="replaced") & Q(replaced_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="sent_quotation_was_sent", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="quotation_discount_is_a_share",
                condition=Q(discount_percent__gte=0) & Q(discount_percent__lte=100),
            ),
            models.CheckConstraint(name="quotation_rate_positive", condition=Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def signature(self) -> Any:
        """The customer's `QuotationSignature` of this revision, or nothing."""
        if self.sent_at is None:
            return None
        newest = self.replaced_by if self.replaced_by is not None else self
        return newest.signatures.filter(revision_no=self.revision_no).first()

    @property
    def paper_no(self) -> str:
        """The number of this revision's paper; a new last day makes a new paper."""
        number = self.number if self.revision_no == 1 else f"{self.number}-R{self.revision_no}"
        return f"{number}-E{self.extended_no}" if self.extended_no else number


class QuotationLine(models.Model):
    """A line with the delivery date, cost and cause that were offered when it was saved, and from which plan.

    `base_price` is what price lists and contracts said, in words in `price_source`; `unit_price` what is asked;
    `discounted_price` that less both discounts, six decimals; the net amount is quantity times that, rounded to the
    currency. An option is not in the total; the customer chooses it with the yes. Tax is that of the document's code,
    spread to its lines.
    """

    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    base_price = UnitPriceField(null=True, blank=True)
    contract_line = models.ForeignKey(
        ContractLine, models.PROTECT, null=True, blank=True, related_name="+", help_text="Its price is taken from there"
    )
    price_source = models.CharField(max_length=240, blank=True)
    price_rule = models.ForeignKey(PriceRule, models.SET_NULL, null=True, blank=True, related_name="+")
    unit_price = UnitPriceField()
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    discounted_price = UnitPriceField(default=Decimal(0))
    net_amount = MoneyField()
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    tax_amount = MoneyField(default=Decimal(0))
    is_option = models.BooleanField(default=False)
    is_chosen = models.BooleanField(default=False, help_text="An option that the customer takes")
    note = models.CharField(max_length=500, blank=True, help_text="Printed under the line")
    wanted_on = models.DateField()
    offered_at = models.DateTimeField(null=True, blank=True, help_text="Delivery date offered")
    offered_cost = MoneyField(null=True, blank=True)
    offered_cause = models.CharField(max_length=240, blank=True)
    plan_no = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["quotation", "line_no"]
        constraints = [
            models.UniqueConstraint(name="quotation_line_number_unique", fields=["quotation", "line_no"]),
            models.CheckConstraint(
                name="quotation_line_valid",
                condition=Q(quantity__gt=0)
                & Q(unit_price__gte=0)
                & Q(discounted_price__gte=0)
                & Q(discounted_price__lte=F("unit_price")),
            ),
            models.CheckConstraint(
                name="line_discount_is_a_share", condition=Q(discount_percent__gte=0) & Q(discount_percent__lte=100)
            ),
            models.CheckConstraint(name="only_options_are_chosen", condition=Q(is_chosen=False) | Q(is_option=True)),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id}/{self.line_no}"

    @property
    def is_taken(self) -> bool:
        """Whether it counts: every line but options that nobody chose."""
        return self.is_chosen or not self.is_option


TAKEN = Q(lines__is_option=False) | Q(lines__is_chosen=True)
"""Of a quotation: its lines that count."""
