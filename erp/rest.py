"""The hub over REST: one router, gathered from its packages."""

from rest_framework.routers import SimpleRouter

from erp.banking import rest as banking
from erp.books import manual_rest as manual
from erp.books import rest as books
from erp.cost import rest as cost
from erp.fulfilment import rest as fulfilment
from erp.ledger import rest as ledger
from erp.payables import paying_rest as paying
from erp.payables import rest as payables
from erp.planning import replacing_rest as replacing
from erp.planning import rest as planning
from erp.production import rest as production
from erp.profit import rest as profit
from erp.receivables import dunning_rest as dunning
from erp.receivables import rest as receivables
from erp.sales import cost_rest as order_cost
from erp.sales import credit_rest as credit
from erp.sales import rest as sales
from erp.sales import work_rest as work
from erp.standards import rest as standards
from erp.stock import rest as stock
from erp.stock import value_rest as value
from erp.stockroom import rest as stockroom
from erp.supply import asking_rest as asking
from erp.supply import buying_rest as buying
from erp.supply import punctuality_rest as punctuality
from erp.supply import rest as supply
from erp.supply import subcontract_rest as subcontracts
from erp.treasury import rest as treasury

router = SimpleRouter()
PACKAGES = (
    sales, credit, fulfilment, receivables, payables, paying, planning, replacing, supply, buying, asking, subcontracts,
    punctuality, production, profit, stock, stockroom, value, order_cost, cost, ledger, books, manual, treasury,
    banking, dunning, work, standards,
)  # fmt: skip
for package in PACKAGES:
    for prefix, viewset in package.VIEWSETS:
        # Deeds on rows that another package lists share the address, not the name.
        router.register(prefix, viewset, basename=prefix if hasattr(viewset, "list") else viewset.__name__)

urlpatterns = router.urls
