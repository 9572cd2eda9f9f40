"""Dispatch lists, operation runs, execution events, devices, machine states, alarms and downtimes."""

from mes.models.devices import Device, Enrolment
from mes.models.events import EventPhoto, ExecutionEvent, Quarantine
from mes.models.machines import Alarm, Downtime, MachineEvent, MachineState
from mes.models.ranges import TsTzRange
from mes.models.runs import Dispatch, OperationRun

__all__ = [
    "Alarm",
    "Device",
    "Dispatch",
    "Downtime",
    "Enrolment",
    "EventPhoto",
    "ExecutionEvent",
    "MachineEvent",
    "MachineState",
    "OperationRun",
    "Quarantine",
    "TsTzRange",
]
