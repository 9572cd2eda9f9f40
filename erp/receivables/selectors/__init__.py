"""Questions about what customers owe: read only, limited to what a person may see."""

from erp.receivables.selectors.invoices import invoice_stage as invoice_stage
from erp.receivables.selectors.invoices import overdue_invoices as overdue_invoices
from erp.receivables.selectors.invoices import visible_invoices as visible_invoices
from erp.receivables.selectors.invoices import visible_payments as visible_payments
