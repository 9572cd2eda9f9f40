"""Deeds of production: make work orders, release and report them, take over plans, estimate costs."""

from erp.production.services.creation import create_work_orders as create_work_orders
from erp.production.services.creation import make_work_orders as make_work_orders
from erp.production.services.estimates import estimate_orders as estimate_orders
from erp.production.services.estimates import estimate_quoted as estimate_quoted
from erp.production.services.estimates import reestimate_costs as reestimate_costs
from erp.production.services.floor import Floor as Floor
from erp.production.services.floor import hold_floor as hold_floor
from erp.production.services.floor import lock_operation as lock_operation
from erp.production.services.issuing import Issue as Issue
from erp.production.services.issuing import NotOpenForIssue as NotOpenForIssue
from erp.production.services.issuing import OverIssue as OverIssue
from erp.production.services.issuing import WrongMaterial as WrongMaterial
from erp.production.services.issuing import issue_material as issue_material
from erp.production.services.issuing import return_material as return_material
from erp.production.services.plan import apply_plan as apply_plan
from erp.production.services.plan import hold_plan_dates as hold_plan_dates
from erp.production.services.release import AlreadyBegun as AlreadyBegun
from erp.production.services.release import MaterialShort as MaterialShort
from erp.production.services.release import release_work_order as release_work_order
from erp.production.services.release import start_operation as start_operation
from erp.production.services.release import unrelease_work_order as unrelease_work_order
from erp.production.services.reporting import Report as Report
from erp.production.services.reporting import report_operation as report_operation
