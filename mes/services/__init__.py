"""Deeds on the shop floor: dispatch, runs, machines, alarms."""

from mes.services.dispatching import dispatch_plan
from mes.services.machines import (
    acknowledge_alarm,
    report_machine_down,
    report_machine_up,
    take_machine_event,
)
from mes.services.runs import end_finished_runs, finish, pause, report, resume, start

__all__ = [
    "acknowledge_alarm",
    "dispatch_plan",
    "end_finished_runs",
    "finish",
    "pause",
    "report",
    "report_machine_down",
    "report_machine_up",
    "resume",
    "start",
    "take_machine_event",
]
