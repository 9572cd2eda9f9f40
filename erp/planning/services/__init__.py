"""Deeds of material planning."""

from erp.planning.services.deeds import MessageGone as MessageGone
from erp.planning.services.deeds import NotProposed as NotProposed
from erp.planning.services.deeds import dismiss_message as dismiss_message
from erp.planning.services.deeds import firm_planned_order as firm_planned_order
from erp.planning.services.deeds import firm_work_order as firm_work_order
from erp.planning.services.replacing import NotReplaceable as NotReplaceable
from erp.planning.services.replacing import keep_component as keep_component
from erp.planning.services.replacing import use_substitute as use_substitute
from erp.planning.services.run import Planned as Planned
from erp.planning.services.run import note_changes as note_changes
from erp.planning.services.run import plan_changes as plan_changes
from erp.planning.services.run import plan_materials as plan_materials
from erp.planning.services.run import plants_with_changes as plants_with_changes
