"""Work centres, machines and working calendars over REST."""

from __future__ import annotations

from typing import Any

from masterdata import services
from masterdata.api.rows import EditableRows
from masterdata.api.serializers import Row
from masterdata.models import Calendar, CalendarException, Machine, Shift, ShiftBreak, SkillRequirement, WorkCentre


class WorkCentreRow(Row):
    class Meta:
        model = WorkCentre
        fields = (
            "id", "plant", "code", "name", "kind", "calendar", "machine_rate", "labour_rate", "is_tended_together"
        )  # fmt: skip
        fixed = ("plant",)
        needs = {"machine_rate": "erp.view_cost", "labour_rate": "erp.view_cost"}


class MachineRow(Row):
    class Meta:
        model = Machine
        fields = (
            "id", "work_centre", "code", "name", "calendar", "speed_percent", "is_tended_together", "is_active",
            "version",
        )  # fmt: skip
        read_only_fields = ("version",)
        fixed = ("work_centre",)


class BreakRow(Row):
    class Meta:
        model = ShiftBreak
        fields = ("id", "shift", "starts", "ends", "is_paid")
        fixed = ("shift",)


class ShiftRow(Row):
    breaks = BreakRow(many=True, read_only=True)

    class Meta:
        model = Shift
        fields = ("id", "calendar", "name", "weekday", "starts", "ends", "breaks")
        fixed = ("calendar",)


class ExceptionRow(Row):
    class Meta:
        model = CalendarException
        fields = ("id", "calendar", "on", "name", "is_working", "starts", "ends")
        fixed = ("calendar",)


class CalendarRow(Row):
    """A calendar with its week (shifts have an endpoint of their own)."""

    shifts = ShiftRow(many=True, read_only=True)

    class Meta:
        model = Calendar
        fields = ("id", "code", "name", "time_zone", "shifts")


class WorkCentres(EditableRows):
    """Machines that can do the same work, with one pair of hourly rates."""

    queryset = WorkCentre.objects.all()
    serializer_class = WorkCentreRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_resource"
    filterset_fields = ("plant", "code", "kind")
    search_fields = ("code", "name")


class Machines(EditableRows):
    """Stations that do one operation at a time."""

    queryset = Machine.objects.all()
    serializer_class = MachineRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_resource"
    filterset_fields = ("work_centre", "work_centre__plant", "code", "is_active")
    search_fields = ("code", "name")

    def make(self, values: dict[str, Any]) -> Machine:
        return services.create_machine(values=values)

    def change(self, row: Machine, values: dict[str, Any], expected_version: int | None) -> Machine:
        return services.update_machine(machine=row, values=values, expected_version=expected_version)


class RequirementRow(Row):
    class Meta:
        model = SkillRequirement
        fields = ("id", "work_centre", "machine", "operation", "skill", "level")


class SkillRequirements(EditableRows):
    """What one must be trained for to work at a work centre, at one machine of it, or on operations of one name."""

    queryset = SkillRequirement.objects.all()
    serializer_class = RequirementRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_resource"
    filterset_fields = ("work_centre", "machine", "skill")


class Calendars(EditableRows):
    """Working weeks in one time zone."""

    queryset = Calendar.objects.prefetch_related("shifts__breaks")
    serializer_class = CalendarRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_calendar"
    filterset_fields = ("code",)
    search_fields = ("code", "name")


class Shifts(EditableRows):
    """Weekly working periods in local wall time."""

    queryset = Shift.objects.prefetch_related("breaks")
    serializer_class = ShiftRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_calendar"
    filterset_fields = ("calendar", "weekday")


class ShiftBreaks(EditableRows):
    """Breaks inside shifts."""

    queryset = ShiftBreak.objects.all()
    serializer_class = BreakRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_calendar"
    filterset_fields = ("shift", "shift__calendar")


class CalendarExceptions(EditableRows):
    """Holidays and extra shifts."""

    queryset = CalendarException.objects.all()
    serializer_class = ExceptionRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_calendar"
    filterset_fields = ("calendar", "on", "is_working")


VIEWSETS: list[tuple[str, Any]] = [
    ("work-centres", WorkCentres),
    ("machines", Machines),
    ("skill-requirements", SkillRequirements),
    ("calendars", Calendars),
    ("shifts", Shifts),
    ("shift-breaks", ShiftBreaks),
    ("calendar-exceptions", CalendarExceptions),
]
