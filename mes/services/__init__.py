"""Deeds on the shop floor: dispatch, runs, machines, alarms."""

from mes.services import machine_handlers as machine_handlers
from mes.services.alarms import (
    acknowledge_alarm,
    begin_repair,
    call_for_help,
    close_alarm,
    escalate_alarms,
    set_escalation,
)
from mes.services.check_plans import (
    CharacteristicInput,
    PlanInput,
    activate_check_plan,
    add_characteristic,
    change_characteristic,
    change_check_plan,
    create_check_plan,
    remove_characteristic,
    renew_check_plan,
    retire_check_plan,
)
from mes.services.checking import (
    Source,
    ValueInput,
    record_check,
    void_check,
)
from mes.services.devices import (
    browser,
    device_by_token,
    enrol,
    keep_photo,
    offer_enrolment,
    revoke_device,
)
from mes.services.dispatching import dispatch_plan
from mes.services.disposing import (
    Decision,
    Rework,
    dispose,
)
from mes.services.gauges import (
    calibrate_gauge,
    change_gauge,
    create_gauge,
)
from mes.services.handovers import accept_handover, begin_handover, sign_handover, write_notes
from mes.services.holds import (
    hold_operation,
    release_hold,
)
from mes.services.hours import add_hours, correct_hours, strike_hours
from mes.services.instructions import (
    drop_instruction,
    mark_picture,
    move_step,
    release_instruction,
    remove_step,
    write_instruction,
    write_step,
)
from mes.services.labour import allow_by_pin, allow_without_skill
from mes.services.log import (
    accept_quarantined,
    correct,
    correct_quarantined,
    dismiss_quarantined,
    rebuild,
    release_stale,
    take,
    take_batch,
)
from mes.services.machines import report_machine_down, report_machine_up, take_machine_event
from mes.services.nonconformances import (
    add_photo,
    close_nonconformance,
    raise_complaint,
    raise_nonconformance,
    raise_supplier_nonconformance,
    withdraw_nonconformance,
)
from mes.services.parts import write_shape
from mes.services.runs import end_finished_runs
from mes.services.standard_times import accept_times, look_at_times, reject_time
from mes.services.states import rebuild_states
from mes.services.stops import give_stop_reason
from mes.services.taps import finish, pause, report, resume, set_up, start, tell_of_person
from mes.services.tracing import block_recall, consumed_of, moves_are_of, unblock_recall

__all__ = [
    "CharacteristicInput",
    "Decision",
    "PlanInput",
    "Rework",
    "Source",
    "ValueInput",
    "accept_handover",
    "accept_quarantined",
    "accept_times",
    "acknowledge_alarm",
    "activate_check_plan",
    "add_characteristic",
    "add_hours",
    "add_photo",
    "allow_by_pin",
    "allow_without_skill",
    "begin_handover",
    "begin_repair",
    "block_recall",
    "browser",
    "calibrate_gauge",
    "call_for_help",
    "change_characteristic",
    "change_check_plan",
    "change_gauge",
    "close_alarm",
    "close_nonconformance",
    "consumed_of",
    "correct",
    "correct_hours",
    "correct_quarantined",
    "create_check_plan",
    "create_gauge",
    "device_by_token",
    "dismiss_quarantined",
    "dispatch_plan",
    "dispose",
    "drop_instruction",
    "end_finished_runs",
    "enrol",
    "escalate_alarms",
    "finish",
    "give_stop_reason",
    "hold_operation",
    "keep_photo",
    "look_at_times",
    "mark_picture",
    "move_step",
    "moves_are_of",
    "offer_enrolment",
    "pause",
    "raise_complaint",
    "raise_nonconformance",
    "raise_supplier_nonconformance",
    "rebuild",
    "rebuild_states",
    "record_check",
    "reject_time",
    "release_hold",
    "release_instruction",
    "release_stale",
    "remove_characteristic",
    "remove_step",
    "renew_check_plan",
    "report",
    "report_machine_down",
    "report_machine_up",
    "resume",
    "retire_check_plan",
    "revoke_device",
    "set_escalation",
    "set_up",
    "sign_handover",
    "start",
    "strike_hours",
    "take",
    "take_batch",
    "take_machine_event",
    "tell_of_person",
    "unblock_recall",
    "void_check",
    "withdraw_nonconformance",
    "write_instruction",
    "write_notes",
    "write_shape",
    "write_step",
]
