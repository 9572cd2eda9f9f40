"""Deeds of sales: take orders, ship."""

from erp.sales.services.confirmation import AlreadyConfirmed as AlreadyConfirmed
from erp.sales.services.confirmation import Quoted as Quoted
from erp.sales.services.confirmation import confirm_order as confirm_order
from erp.sales.services.confirmation import confirm_orders as confirm_orders
from erp.sales.services.orders import OrderLineInput as OrderLineInput
from erp.sales.services.orders import create_order as create_order
from erp.sales.services.orders import set_promise as set_promise
from erp.sales.services.orders import set_promises as set_promises
from erp.sales.services.reporting import report_operation as report_operation
from erp.sales.services.taking import MaterialGone as MaterialGone
from erp.sales.services.taking import Take as Take
from erp.sales.services.taking import confirm_with_material as confirm_with_material
from erp.sales.services.wishes import NotSold as NotSold
from erp.sales.services.wishes import TooLarge as TooLarge
from erp.sales.services.wishes import check_wish as check_wish
