"""Questions of the accountant."""

from erp.books.selectors.checklist import Check as Check
from erp.books.selectors.checklist import checklist as checklist
from erp.books.selectors.checklist import standing_in_the_way as standing_in_the_way
from erp.books.selectors.report import Asked as Asked
from erp.books.selectors.report import Report as Report
from erp.books.selectors.report import ReportRow as ReportRow
from erp.books.selectors.report import TaxSlice as TaxSlice
from erp.books.selectors.results import profit_by_order as profit_by_order
from erp.books.selectors.results import tax_lines as tax_lines
from erp.books.selectors.results import taxes as taxes
from erp.books.selectors.statements import balance_sheet as balance_sheet
from erp.books.selectors.statements import profit_and_loss as profit_and_loss
from erp.books.selectors.statements import profit_by_plant as profit_by_plant
from erp.books.selectors.statements import trial_balance as trial_balance
from erp.books.selectors.subledgers import received_not_invoiced as received_not_invoiced
from erp.books.selectors.subledgers import valuation as valuation
