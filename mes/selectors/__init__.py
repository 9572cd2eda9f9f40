"""Questions to the shop floor."""

from mes.selectors.alarms import open_alarms
from mes.selectors.dispatch import DispatchItem, dispatch_list, job
from mes.selectors.machines import MachineNow, machine_by_code, machines_now

__all__ = [
    "DispatchItem",
    "MachineNow",
    "dispatch_list",
    "job",
    "machine_by_code",
    "machines_now",
    "open_alarms",
]
