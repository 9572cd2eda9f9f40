"""Questions to the shop floor."""

from mes.selectors.alarms import answered_today, open_alarms
from mes.selectors.attention import Call, calls, notes, open_quarantine, silent_devices
from mes.selectors.boards import Tile, good_today, planned_today, tile, tiles
from mes.selectors.checks import (
    DueCheck,
    check_plans,
    due_at_operations,
    due_checks,
)
from mes.selectors.control import (
    ControlChart,
    control_chart,
    measured_characteristics,
    worst_fits,
)
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
from mes.selectors.machine_time import MachineTime, Reported, Stay, machine_time
from mes.selectors.machines import MachineNow, machine_by_code, machine_now, machines_now
from mes.selectors.oee import (
    NOTHING,
    OrderHours,
    Rolled,
    days,
    figures_of,
    measured_machines,
    order_hours,
    rolled_up,
    shifts,
    trend,
    weeks,
)
from mes.selectors.people import JobNow, PersonNow, minutes_at_jobs, minutes_of, paid_minutes, people_now, staff
from mes.selectors.poor_quality import (
    PoorQuality,
    cost_of_order,
    costs_of,
    pareto,
    supplier_quality,
)
from mes.selectors.quality import (
    DueOnFloor,
    check_plans_listed,
    check_results,
    due_on_floor,
    gauge_state,
    gauges,
    held_operations,
    holds,
    nonconformances,
    open_hold,
)
from mes.selectors.shapes import drawing_of
from mes.selectors.sources import Told, told_of
from mes.selectors.standard_times import RunTimes, run_times

__all__ = [
    "NOTHING",
    "Call",
    "Component",
    "ControlChart",
    "DispatchItem",
    "DueCheck",
    "DueOnFloor",
    "InstructionShown",
    "JobDetails",
    "JobNow",
    "JobStep",
    "MachineNow",
    "MachineTime",
    "OrderHours",
    "PersonNow",
    "PoorQuality",
    "Reported",
    "Rolled",
    "RunTimes",
    "Stay",
    "StepShown",
    "Tile",
    "Told",
    "answered_today",
    "calls",
    "check_plans",
    "check_plans_listed",
    "check_results",
    "control_chart",
    "cost_of_order",
    "costs_of",
    "days",
    "details_of_jobs",
    "dispatch_list",
    "dispatched_operation",
    "drawing_of",
    "due_at_operations",
    "due_checks",
    "due_on_floor",
    "figures_of",
    "fill_handover",
    "gauge_state",
    "gauges",
    "good_pieces",
    "good_today",
    "handover_content",
    "held_operations",
    "holds",
    "instructions",
    "instructions_of",
    "job",
    "job_details",
    "machine_by_code",
    "machine_now",
    "machine_time",
    "machines_now",
    "measured_characteristics",
    "measured_machines",
    "minutes_at_jobs",
    "minutes_of",
    "nonconformances",
    "notes",
    "open_alarms",
    "open_hold",
    "open_quarantine",
    "operations_written",
    "order_hours",
    "paid_minutes",
    "pareto",
    "people_now",
    "people_of",
    "planned_today",
    "reasons",
    "rolled_up",
    "run_times",
    "shifts",
    "shown_instruction",
    "silent_devices",
    "staff",
    "supplier_quality",
    "tile",
    "tiles",
    "told_of",
    "told_plan_no",
    "trend",
    "weeks",
    "with_moments",
    "worst_fits",
]
