"""Journal entries and their lines."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.ledger.models.accounts import Account
from erp.ledger.models.periods import Period
from masterdata.models import Company, Currency, Partner, Plant, TaxCode
from masterdata.models.fields import MoneyField


class JournalEntry(models.Model):
    """One balanced posting. Numbered and chained later by the sealing task; immutable from the start."""

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening"
        RECEIPT = "receipt", "Goods receipt"
        ISSUE = "issue", "Material issue"
        LABOUR = "labour", "Labour and machine time"
        OUTPUT = "output", "Production output"
        SHIPMENT = "shipment", "Shipment"
        INVOICE = "invoice", "Invoice"
        PAYMENT = "payment", "Payment"
        TRANSFER = "transfer", "Transfer"
        ADJUSTMENT = "adjustment", "Adjustment"
        REVALUATION = "revaluation", "Revaluation"
        LANDED_COST = "landed_cost", "Landed cost"
        SUPPLIER_INVOICE = "bill", "Supplier invoice"
        SUPPLIER_PAYMENT = "bill_payment", "Payment to supplier"
        REVERSAL = "reversal", "Reversal"
        MANUAL = "manual", "Manual entry"
        CREDIT_NOTE = "credit_note", "Credit note"
        DEPOSIT = "deposit", "Deposit"
        VARIANCE = "variance", "Variance"
        RETURN = "return", "Return"
        ORDER_COST = "order_cost", "Cost of an order"
        CURRENCY = "currency", "Currency difference"
        WRITE_OFF = "write_off", "Write-off"
        CLOSING = "closing", "Closing of a year"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    posted_on = models.DateField()
    posted_at = models.DateTimeField()
    memo = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, help_text="Document that caused it: stock_move_batch:.., invoice:..")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "journal entries"
        indexes = [models.Index(name="entry_by_source", fields=["source"])]
        triggers = [
            pgtrigger.Protect(name="posted_entries_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="posting_only_in_an_open_period",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM 1 FROM erp_period p WHERE p.id = NEW.period_id
                    AND (p.state = 'open' OR (p.state = 'locked' AND coalesce(
                        (SELECT o.kind FROM erp_journalentry o WHERE o.id = NEW.reverses_id), NEW.kind
                    ) IN ('manual', 'currency', 'closing')))
                    AND p.company_id = NEW.company_id AND NEW.posted_on BETWEEN p.starts_on AND p.ends_on
                    FOR KEY SHARE;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'period is closed or does not hold %', NEW.posted_on
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="entries_wait_for_their_seal",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="posted"),
                func="INSERT INTO erp_unsealedentry (entry_id) SELECT id FROM posted; RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="no_empty_entry",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM erp_journalline l WHERE l.entry_id = NEW.id) THEN
                        RAISE EXCEPTION 'journal entry % has no lines', NEW.id USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class JournalLine(models.Model):
    """`amount` > 0 is a debit, < 0 a credit, in the company's currency. Dimensions say whose money it is.

    `currency_amount` says the same in the document's `currency` when that is another one; a mere currency difference
    has `currency` and a currency amount of zero. `tax_base`, in the company's currency and signed like the tax, is what
    the tax of `tax_code` was computed on (erp/ledger/taxes.py says on which line).
    """

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines")
    amount = MoneyField()
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order = models.ForeignKey(
        "erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="journal_lines"
    )
    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="journal_lines")
    material = models.ForeignKey("masterdata.Material", models.PROTECT, null=True, blank=True, related_name="+")
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True, related_name="+")
    currency_amount = MoneyField(null=True, blank=True)
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    tax_base = MoneyField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="no_zero_journal_line", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="currency_amount_has_its_currency",
                condition=Q(currency__isnull=True, currency_amount__isnull=True)
                | Q(currency__isnull=False, currency_amount__isnull=False),
            ),
            models.CheckConstraint(
                name="tax_base_has_its_code", condition=Q(tax_base__isnull=True) | Q(tax_code__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="posted_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="debits_equal_credits",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF (SELECT sum(amount) FROM erp_journalline WHERE entry_id = NEW.entry_id) <> 0 THEN
                        RAISE EXCEPTION 'journal entry % does not balance', NEW.entry_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"
