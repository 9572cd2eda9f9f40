"""Questions to the shop floor."""

from mes.selectors.alarms import open_alarms
from mes.selectors.dispatch import DispatchItem, dispatch_list, job, told_plan_no
from mes.selectors.jobs import (
    Component,
    JobDetails,
    JobStep,
    dispatched_operation,
    good_pieces,
    job_details,
    people_of,
    reasons,
)
from mes.selectors.machines import MachineNow, machine_by_code, machine_now, machines_now

__all__ = [
    "Component",
    "DispatchItem",
    "JobDetails",
    "JobStep",
    "MachineNow",
    "dispatch_list",
    "dispatched_operation",
    "good_pieces",
    "job",
    "job_details",
    "machine_by_code",
    "machine_now",
    "machines_now",
    "open_alarms",
    "people_of",
    "reasons",
    "told_plan_no",
]
