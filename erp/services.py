"""Deeds of the app: verbs, keyword-only, one transaction each."""

from erp.ledger.services import EntryDraft as EntryDraft
from erp.ledger.services import LedgerLine as LedgerLine
from erp.ledger.services import close_period as close_period
from erp.ledger.services import open_books as open_books
from erp.ledger.services import post_entries as post_entries
from erp.ledger.services import post_entry as post_entry
from erp.ledger.services import reopen_period as reopen_period
from erp.production.placement import Placement as Placement
from erp.production.services import apply_plan as apply_plan
from erp.production.services import create_work_orders as create_work_orders
from erp.production.services import release_work_order as release_work_order
from erp.production.services import start_operation as start_operation
from erp.production.specs import MaterialSpec as MaterialSpec
from erp.production.specs import OperationSpec as OperationSpec
from erp.production.specs import WorkOrderSpec as WorkOrderSpec
from erp.stock.intents import MoveIntent as MoveIntent
from erp.stock.intents import OpeningStock as OpeningStock
from erp.stock.intents import StockDemand as StockDemand
from erp.stock.services import hold_owed_issues as hold_owed_issues
from erp.stock.services import lock_free_stock as lock_free_stock
from erp.stock.services import post_moves as post_moves
from erp.stock.services import receive_opening as receive_opening
from erp.stock.services import reserve as reserve
from erp.stock.services import settle_owed_issues as settle_owed_issues
