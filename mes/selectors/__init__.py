"""Questions to the shop floor."""

from mes.selectors.alarms import open_alarms
from mes.selectors.attention import Call, calls, notes, open_quarantine, silent_devices
from mes.selectors.dispatch import DispatchItem, dispatch_list, job, told_plan_no
from mes.selectors.handovers import content_of as handover_content
from mes.selectors.handovers import fill as fill_handover
from mes.selectors.handovers import with_moments
from mes.selectors.instructions import InstructionShown, StepShown, instructions, instructions_of, operations_written
from mes.selectors.instructions import shown as shown_instruction
from mes.selectors.jobs import (
    Component,
    JobDetails,
    JobStep,
    details_of_jobs,
    dispatched_operation,
    good_pieces,
    job_details,
    people_of,
    reasons,
)
from mes.selectors.machines import MachineNow, machine_by_code, machine_now, machines_now
from mes.selectors.people import JobNow, PersonNow, minutes_at_jobs, minutes_of, paid_minutes, people_now, staff
from mes.selectors.shapes import drawing_of

__all__ = [
    "Call",
    "Component",
    "DispatchItem",
    "InstructionShown",
    "JobDetails",
    "JobNow",
    "JobStep",
    "MachineNow",
    "PersonNow",
    "StepShown",
    "calls",
    "details_of_jobs",
    "dispatch_list",
    "dispatched_operation",
    "drawing_of",
    "fill_handover",
    "good_pieces",
    "handover_content",
    "instructions",
    "instructions_of",
    "job",
    "job_details",
    "machine_by_code",
    "machine_now",
    "machines_now",
    "minutes_at_jobs",
    "minutes_of",
    "notes",
    "open_alarms",
    "open_quarantine",
    "operations_written",
    "paid_minutes",
    "people_now",
    "people_of",
    "reasons",
    "shown_instruction",
    "silent_devices",
    "staff",
    "told_plan_no",
    "with_moments",
]
