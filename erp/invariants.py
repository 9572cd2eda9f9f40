"""Invariants of the hub, gathered from its packages."""

from erp.banking.invariants import INVARIANTS as BANKING
from erp.books.invariants import INVARIANTS as BOOKS
from erp.cost.invariants import INVARIANTS as COST
from erp.fulfilment.invariants import INVARIANTS as FULFILMENT
from erp.ledger.invariants import INVARIANTS as LEDGER
from erp.ledger.seal_invariants import INVARIANTS as SEALS
from erp.payables.invariants import INVARIANTS as PAYABLES
from erp.planning.invariants import INVARIANTS as PLANNING
from erp.production.invariants import INVARIANTS as PRODUCTION
from erp.receivables.invariants import INVARIANTS as RECEIVABLES
from erp.sales.invariants import INVARIANTS as SALES
from erp.standards.invariants import INVARIANTS as STANDARDS
from erp.stock.invariants import INVARIANTS as STOCK
from erp.stock.place_invariants import INVARIANTS as PLACES
from erp.stock.value_invariants import INVARIANTS as VALUE
from erp.supply.invariants import INVARIANTS as SUPPLY

INVARIANTS = [
    *LEDGER,
    *SEALS,
    *COST,
    *STOCK,
    *PLACES,
    *VALUE,
    *PRODUCTION,
    *STANDARDS,
    *SUPPLY,
    *PLANNING,
    *PAYABLES,
    *SALES,
    *FULFILMENT,
    *RECEIVABLES,
    *BANKING,
    *BOOKS,
]
