"""Accounts of a company."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Company


class Account(models.Model):
    """An account of a company. `role` is how postings find it, one account per role and company; most have none."""

    class Role(models.TextChoices):
        INVENTORY = "inventory", "Inventory"
        TRANSIT = "transit", "Goods in transit"
        WIP = "wip", "Work in progress"
        GRNI = "grni", "Goods received, not invoiced"
        OWED_ISSUE = "owed_issue", "Owed issues clearing"
        RECEIVABLE = "receivable", "Receivables"
        PAYABLE = "payable", "Payables"
        BANK = "bank", "Bank"
        INPUT_TAX = "input_tax", "Input tax"
        LANDED_COST = "landed_cost", "Landed cost, not invoiced"
        TAX_PAYABLE = "tax_payable", "Tax payable"
        REVENUE = "revenue", "Revenue"
        COGS = "cogs", "Cost of goods sold"
        LABOUR_ABSORBED = "labour_absorbed", "Labour absorbed"
        MACHINE_ABSORBED = "machine_absorbed", "Machine cost absorbed"
        PRODUCTION_VARIANCE = "production_variance", "Production variance"
        PRICE_VARIANCE = "price_variance", "Purchase price variance"
        STOCK_DIFFERENCE = "stock_difference", "Stock differences"
        REVALUATION = "revaluation", "Revaluation of stock"
        OPENING = "opening", "Opening balance"
        RETAINED = "retained", "Retained earnings"
        DEPOSIT = "deposit", "Customer deposits"
        OVERHEAD_ABSORBED = "overhead_absorbed", "Overhead absorbed"
        USAGE_VARIANCE = "usage_variance", "Material usage variance"
        RATE_VARIANCE = "rate_variance", "Rate variance"
        LABOUR_EFFICIENCY = "labour_efficiency", "Labour efficiency variance"
        MACHINE_EFFICIENCY = "machine_efficiency", "Machine efficiency variance"
        OVERHEAD_VARIANCE = "overhead_variance", "Overhead variance"
        YIELD_VARIANCE = "yield_variance", "Yield variance"
        FREIGHT = "freight", "Freight to customers"
        INSTALLATION = "installation", "Installation at customers"
        PENALTY = "penalty", "Penalties to customers"
        CURRENCY_GAIN = "currency_gain", "Currency differences, realised"
        CURRENCY_VALUATION = "currency_valuation", "Currency differences, unrealised"
        DISCOUNT_GRANTED = "discount_granted", "Cash discount granted"
        DISCOUNT_TAKEN = "discount_taken", "Cash discount taken"
        DUNNING_FEE = "dunning_fee", "Dunning fees and interest"
        BANK_FEE = "bank_fee", "Bank charges"
        BAD_DEBT = "bad_debt", "Bad debts"
        ROUNDING = "rounding", "Rounding differences"
        ACCRUED_COST = "accrued_cost", "Cost of orders, not invoiced"

    class Kind(models.TextChoices):
        ASSET = "asset", "Asset"
        LIABILITY = "liability", "Liability"
        EQUITY = "equity", "Equity"
        INCOME = "income", "Income"
        EXPENSE = "expense", "Expense"

    company = models.ForeignKey(Company, models.PROTECT, related_name="accounts")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    role = models.CharField(max_length=24, choices=Role, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["company", "code"]
        constraints = [
            models.UniqueConstraint(name="account_code_unique_in_company", fields=["company", "code"]),
            models.UniqueConstraint(name="one_account_per_role", fields=["company", "role"], condition=~Q(role="")),
            models.CheckConstraint(name="accounts_with_a_role_are_active", condition=Q(role="") | Q(is_active=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
