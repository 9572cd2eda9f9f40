"""Dispatch lists, operation runs, execution events, devices, machine states, alarms and downtimes."""

from mes.models.alarms import Alarm, AlarmStep, EscalationRule
from mes.models.checks import Characteristic, CheckPlan, CheckResult, CheckValue, Gauge, GaugeCalibration
from mes.models.devices import Device, Enrolment
from mes.models.events import EventPhoto, ExecutionEvent, Quarantine
from mes.models.handovers import Handover
from mes.models.instructions import InstructionPicture, InstructionStep, PictureMark, WorkInstruction
from mes.models.labour import Attendance, AttendanceBreak, LabourBooking, SkillOverride
from mes.models.machines import Downtime, MachineEvent, MachineState
from mes.models.nonconformances import Disposition, NonConformance, NonConformancePhoto, QualityHold
from mes.models.parts import PartFeature, PartShape
from mes.models.ranges import TsTzRange
from mes.models.runs import Dispatch, OperationRun
from mes.models.standard_times import TimeProposal
from mes.models.tracing import GenealogyEdge, TracedMove

__all__ = [
    "Alarm",
    "AlarmStep",
    "Attendance",
    "AttendanceBreak",
    "Characteristic",
    "CheckPlan",
    "CheckResult",
    "CheckValue",
    "Device",
    "Dispatch",
    "Disposition",
    "Downtime",
    "Enrolment",
    "EscalationRule",
    "EventPhoto",
    "ExecutionEvent",
    "Gauge",
    "GaugeCalibration",
    "GenealogyEdge",
    "Handover",
    "InstructionPicture",
    "InstructionStep",
    "LabourBooking",
    "MachineEvent",
    "MachineState",
    "NonConformance",
    "NonConformancePhoto",
    "OperationRun",
    "PartFeature",
    "PartShape",
    "PictureMark",
    "QualityHold",
    "Quarantine",
    "SkillOverride",
    "TimeProposal",
    "TracedMove",
    "TsTzRange",
    "WorkInstruction",
]
