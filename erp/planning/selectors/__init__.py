"""Questions to material planning: read only."""

from erp.planning.selectors.instead import Usable as Usable
from erp.planning.selectors.instead import free_instead as free_instead
from erp.planning.selectors.instead import may_be_used as may_be_used
from erp.planning.selectors.messages import OrderBehind as OrderBehind
from erp.planning.selectors.messages import action_messages as action_messages
from erp.planning.selectors.messages import orders_behind_supplies as orders_behind_supplies
from erp.planning.selectors.messages import requisitions_behind_supplies as requisitions_behind_supplies
from erp.planning.selectors.promised import LinePromise as LinePromise
from erp.planning.selectors.promised import PromisePart as PromisePart
from erp.planning.selectors.promised import UsableInstead as UsableInstead
from erp.planning.selectors.promised import available_to_promise as available_to_promise
from erp.planning.selectors.reasons import SupplyReason as SupplyReason
from erp.planning.selectors.reasons import why_planned_order as why_planned_order
from erp.planning.selectors.reasons import why_work_order as why_work_order
from erp.planning.selectors.words import open_planned_supply as open_planned_supply
from erp.planning.selectors.words import supply_words as supply_words
