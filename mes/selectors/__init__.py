"""Questions to the shop floor."""

from mes.selectors.alarms import open_alarms
from mes.selectors.dispatch import DispatchItem, dispatch_list, job, told_plan_no
from mes.selectors.instructions import InstructionShown, StepShown, instructions, instructions_of, operations_written
from mes.selectors.instructions import shown as shown_instruction
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
from mes.selectors.shapes import drawing_of

__all__ = [
    "Component",
    "DispatchItem",
    "InstructionShown",
    "JobDetails",
    "JobStep",
    "MachineNow",
    "StepShown",
    "dispatch_list",
    "dispatched_operation",
    "drawing_of",
    "good_pieces",
    "instructions",
    "instructions_of",
    "job",
    "job_details",
    "machine_by_code",
    "machine_now",
    "machines_now",
    "open_alarms",
    "operations_written",
    "people_of",
    "reasons",
    "shown_instruction",
    "told_plan_no",
]
