"""What an event does to the problem: what stops and starts, what comes late, what is done, what is wanted no more."""

from aps.engine.events.event import Event, after
from aps.engine.events.orders import UNCHANGED, Begun, OrderAdded, OrderCancelled, OrderChanged, Quantity
from aps.engine.events.progress import progressed
from aps.engine.events.supply import MaterialEarly, MaterialLate
from aps.engine.events.who import ASSUMED_MIN, MachineDown, MachineUp, OperatorAbsent, OperatorBack
from aps.engine.events.work import OperationFinished, OperationStarted

__all__ = [
    "ASSUMED_MIN",
    "UNCHANGED",
    "Begun",
    "Event",
    "MachineDown",
    "MachineUp",
    "MaterialEarly",
    "MaterialLate",
    "OperationFinished",
    "OperationStarted",
    "OperatorAbsent",
    "OperatorBack",
    "OrderAdded",
    "OrderCancelled",
    "OrderChanged",
    "Quantity",
    "after",
    "progressed",
]
