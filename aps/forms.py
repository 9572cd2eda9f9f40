"""What planners fill in: how much the parts of a plan count, how long it is searched, what a scenario assumes."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aps import selectors
from aps.models import ChangeKind, PlanWeights, Scenario
from aps.models.proposals import A_WEEK_MIN
from aps.services import MOST_SECONDS
from erp.models import SalesOrderLine
from masterdata.forms import form_of
from masterdata.models import Calendar, Machine, Material, Plant, WorkCentre

WeightsForm = form_of(
    PlanWeights,
    [
        "setup_hour_min",
        "sooner_day_min",
        "moved_min",
        "machine_min",
        "moved_after_min",
        "stable_for_h",
        "frozen_h",
        "overtime_day_min",
        "overtime_premium_percent",
        "late_hour_cost",
    ],
    labels={
        "setup_hour_min": _("An hour of setup"),
        "sooner_day_min": _("An order finished a day later, though in time"),
        "moved_min": _("A job moved in time after the floor was told"),
        "machine_min": _("A job sent to another machine after the floor was told"),
        "moved_after_min": _("Moved means by more than"),
        "stable_for_h": _("The floor was told about the next"),
        "frozen_h": _("Nothing moves within the next"),
        "overtime_day_min": _("Overtime that a rush order may ask for"),
        "overtime_premium_percent": _("An hour of overtime costs more by"),
        "late_hour_cost": _("An hour of delay of an ordinary order costs"),
    },
    hints={
        "setup_hour_min": _(
            "Minutes of delay of an ordinary order that an hour of setup is worth. 0: setups are free."
        ),
        "sooner_day_min": _("Minutes of delay that it is worth. Higher: less work waits between machines."),
        "moved_min": _("Minutes of delay that it is worth. Higher: a calmer plan, and more delay."),
        "machine_min": _("Minutes of delay that it is worth, at any time ahead."),
        "moved_after_min": _("Minutes. Smaller shifts cost nothing."),
        "stable_for_h": _("Hours. Later work may move freely."),
        "frozen_h": _(
            "Hours. Only what cannot stay moves: its machine is down, or what it waits for is late. 0: anything."
        ),
        "overtime_day_min": _("Minutes a machine and day. 0: none is offered."),
        "overtime_premium_percent": _("Percent of the work centre's labour rate."),
        "late_hour_cost": _(
            "In the company's currency. The board counts it into the cost of changes by hand; it moves no plan. "
            "0: only machine time is counted."
        ),
    },
)


class PolicyForm(forms.Form):
    """Whether a plan in which a promise slips waits for a planner, and for how many minutes."""

    AT_ONCE, SOME_TIME, PLANNER = "at_once", "some_time", "planner"

    mode = forms.ChoiceField(
        label=_("The plan"),
        widget=forms.RadioSelect,
        choices=[
            (AT_ONCE, _("is published at once")),
            (SOME_TIME, _("waits some minutes for a planner, then is published by itself")),
            (PLANNER, _("waits until a planner decides")),
        ],
    )
    wait_min = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=A_WEEK_MIN, required=False)

    @classmethod
    def initial_of(cls, wait_min: int | None) -> dict[str, Any]:
        """The fields for what a policy stores; minutes only where they are asked for."""
        mode = cls.PLANNER if wait_min is None else cls.SOME_TIME if wait_min else cls.AT_ONCE
        return {"mode": mode, "wait_min": wait_min or None}

    def clean(self) -> dict[str, Any]:
        """`wait_min` as a policy stores it: minutes, 0 at once, None until a planner decides."""
        found: dict[str, Any] = super().clean() or {}
        mode = found.get("mode")
        if mode != self.SOME_TIME:
            self.errors.pop("wait_min", None)
            found["wait_min"] = 0 if mode == self.AT_ONCE else None
        elif found.get("wait_min") is None and "wait_min" not in self.errors:
            self.add_error("wait_min", _("Enter for how many minutes it waits."))
        return found


class OptimiseForm(forms.Form):
    """For how long a plan is to be searched."""

    seconds = forms.IntegerField(min_value=1, max_value=MOST_SECONDS)


DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ScenarioForm(forms.Form):
    """What a scenario is called."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What if ...? A third saw in December"))
    notes = forms.CharField(label=_("Notes"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class NewScenarioForm(ScenarioForm):
    """The plan of which plant is copied."""

    plant = forms.ModelChoiceField(Plant.objects.none(), label=_("Plant"), empty_label=None)
    like = forms.ModelChoiceField(
        Scenario.objects.none(),
        label=_("Begin with the changes of"),
        required=False,
        empty_label=_("nothing: the plan as it is"),
    )
    field_order = ["name", "plant", "like", "notes"]

    def __init__(self, *args: Any, plants: QuerySet[Plant], scenarios: QuerySet[Scenario], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plant"].queryset = plants  # type: ignore[attr-defined]
        self.fields["like"].queryset = scenarios  # type: ignore[attr-defined]


class OrderLineField(forms.CharField):
    """An open order line by its number, "SO-17/10"; the browser proposes from a list on the page."""

    plant_id = 0

    def clean(self, value: Any) -> SalesOrderLine | None:
        """The line."""
        number, _slash, line_no = str(super().clean(value)).strip().partition("/")
        lines = selectors.open_lines(self.plant_id).filter(order__number__iexact=number.strip())
        found = list(lines.filter(line_no=line_no.strip()) if line_no.strip().isdecimal() else lines[:2])
        if len(found) != 1:
            raise forms.ValidationError(_("Choose an open order line from the list, such as SO-2026-000017/10."))
        return found[0]


class ChangeForm(forms.Form):
    """A change of a scenario: choices are of its plant, times are that plant's."""

    def __init__(self, *args: Any, scenario: Scenario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_the_plant = {
            "machine": Machine.objects.filter(work_centre__plant=scenario.plant_id).select_related("work_centre"),
            "work_centre": WorkCentre.objects.filter(plant=scenario.plant_id),
        }
        for name, field in self.fields.items():
            if name in of_the_plant and isinstance(field, forms.ModelChoiceField):
                field.queryset = of_the_plant[name]
            if isinstance(field, OrderLineField):
                field.plant_id = scenario.plant_id


def _machine(**more: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Machine.objects.none(), label=_("Machine"), **more)


def _speed(hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=_("Speed, %"), min_value=1, max_value=1000, initial=100, help_text=hint)


def _line() -> OrderLineField:
    return OrderLineField(
        label=_("Order line"), help_text=_("Number of the order and line"), widget=forms.TextInput({"list": "lines"})
    )


def _weight() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=100, initial=1, help_text=_("3: a minute late counts three times")
    )


class Span(ChangeForm):
    """From when until when."""

    from_at = forms.DateTimeField(label=_("From"), widget=MOMENT)
    until_at = forms.DateTimeField(label=_("Until"), widget=MOMENT)


class MachineSpan(Span):
    """A machine for some time."""

    machine = _machine()
    field_order = ["machine", "from_at", "until_at"]


class MachineSpeed(ChangeForm):
    """A machine at a speed."""

    machine = _machine()
    speed_percent = _speed(_("100 is the routing's speed, 200 twice as fast"))


class MachineOrCentre(ChangeForm):
    """One machine, or all of a work centre."""

    machine = _machine(required=False)
    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.none(), label=_("or work centre"), required=False, help_text=_("All machines in it")
    )


class Overtime(MachineOrCentre, Span):
    """More hours."""

    field_order = ["machine", "work_centre", "from_at", "until_at"]


class OtherCalendar(MachineOrCentre):
    """Other hours."""

    calendar = forms.ModelChoiceField(Calendar.objects.all(), label=_("Calendar"))
    field_order = ["machine", "work_centre", "calendar"]


class LineDue(ChangeForm):
    """Due on another day."""

    order_line = _line()
    due_on = forms.DateField(label=_("Due on"), widget=DAY, help_text=_("At the customer by the end of that day"))


class LineWeight(ChangeForm):
    """How much it counts."""

    order_line = _line()
    weight = _weight()


class LineOut(ChangeForm):
    """Left out, or cancelled."""

    order_line = _line()


class NewOrder(ChangeForm):
    """An order that nobody has written."""

    material = forms.ModelChoiceField(
        Material.objects.filter(is_active=True, is_sellable=True).order_by("name"), label=_("Product")
    )
    quantity = forms.DecimalField(
        label=_("Pieces"),
        max_digits=18,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        error_messages={"min_value": _("Give a quantity of more than 0.")},
    )
    due_on = forms.DateField(label=_("Wanted on"), widget=DAY)
    weight = _weight()


class OtherWeights(ChangeForm):
    """What counts, as far as it is to count differently."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in copy.deepcopy(WeightsForm.base_fields).items():
            field.required, field.initial = False, None
            self.fields[name] = field


CHANGE_FORMS: dict[ChangeKind, type[ChangeForm]] = {
    ChangeKind.MACHINE_OFF: MachineSpan,
    ChangeKind.MACHINE_ON: MachineSpan,
    ChangeKind.MACHINE_COPY: MachineSpeed,
    ChangeKind.SPEED: MachineSpeed,
    ChangeKind.CALENDAR: OtherCalendar,
    ChangeKind.OVERTIME: Overtime,
    ChangeKind.LINE_DUE: LineDue,
    ChangeKind.LINE_WEIGHT: LineWeight,
    ChangeKind.LINE_OUT: LineOut,
    ChangeKind.NEW_ORDER: NewOrder,
    ChangeKind.WEIGHTS: OtherWeights,
}
