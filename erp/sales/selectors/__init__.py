"""Questions about sales: read only, limited to what a person may see."""

from erp.sales.selectors.checks import Brings as Brings
from erp.sales.selectors.checks import MaterialCheck as MaterialCheck
from erp.sales.selectors.checks import ShortMaterial as ShortMaterial
from erp.sales.selectors.checks import material_checks as material_checks
from erp.sales.selectors.orders import OrderDetail as OrderDetail
from erp.sales.selectors.orders import expected_without as expected_without
from erp.sales.selectors.orders import order_as_it_stands as order_as_it_stands
from erp.sales.selectors.orders import order_detail as order_detail
from erp.sales.selectors.orders import order_number as order_number
from erp.sales.selectors.orders import visible_orders as visible_orders
from erp.sales.selectors.orders import with_dates as with_dates
from erp.sales.selectors.ready import OPEN_LINES as OPEN_LINES
from erp.sales.selectors.ready import TO_SHIP as TO_SHIP
from erp.sales.selectors.ready import in_hand as in_hand
from erp.sales.selectors.status import OrderStatus as OrderStatus
from erp.sales.selectors.status import order_status as order_status
from erp.sales.selectors.work import LineWork as LineWork
from erp.sales.selectors.work import Making as Making
from erp.sales.selectors.work import line_work as line_work
