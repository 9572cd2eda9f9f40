"""What planners fill in: how much the parts of a plan count against each other, and how long it is searched."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from aps.models import PlanWeights
from aps.services import MOST_SECONDS
from masterdata.forms import form_of

WeightsForm = form_of(
    PlanWeights,
    ["setup_hour_min", "sooner_day_min", "moved_min", "machine_min", "moved_after_min", "stable_for_h", "frozen_h"],
    labels={
        "setup_hour_min": _("An hour of setup"),
        "sooner_day_min": _("An order finished a day later, though in time"),
        "moved_min": _("A job moved in time after the floor was told"),
        "machine_min": _("A job sent to another machine after the floor was told"),
        "moved_after_min": _("Moved means by more than"),
        "stable_for_h": _("The floor was told about the next"),
        "frozen_h": _("Nothing moves within the next"),
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
    },
)


class OptimiseForm(forms.Form):
    """For how long a plan is to be searched."""

    seconds = forms.IntegerField(min_value=1, max_value=MOST_SECONDS)
