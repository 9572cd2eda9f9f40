"""What people fill in on the floor: reports of pieces, machines down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import shown
from masterdata.models import Employee, Machine, ReasonCode
from mes.models import MachineState

# Minutes until a machine is back, as people guess them; empty: nobody knows.
ESTIMATES = [
    (30, _("30 min")),
    (60, _("1 hour")),
    (120, _("2 hours")),
    (240, _("4 hours")),
    (480, _("8 hours")),
    (1440, _("1 day")),
    (4320, _("3 days")),
    (10080, _("1 week")),
]


class ReportForm(forms.Form):
    """Good and scrapped pieces and those to rework; scrap needs a reason."""

    good = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6, required=False)
    scrap = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6, required=False)
    rework = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6, required=False)
    reason = forms.ModelChoiceField(ReasonCode.objects.filter(kind="scrap"), required=False)
    finish = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("good", "scrap", "rework"):
            given[name] = given.get(name) or Decimal(0)
        if given["scrap"] and not given.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Choose why pieces were scrapped, then save again."))
        return given

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        found = next(iter(self.errors.values()), [""])
        return str(found[0])


class MachineDownForm(forms.Form):
    """Why a machine stands, and when it may be back: one of the usual spans, or nobody knows."""

    reason = forms.ModelChoiceField(
        ReasonCode.objects.filter(kind="downtime"), required=False, label=_("Reason"), empty_label=_("Not known yet")
    )
    estimate = forms.TypedChoiceField(
        choices=[("", _("Nobody knows yet")), *ESTIMATES],
        coerce=int,
        empty_value=None,
        required=False,
        label=_("Back in about"),
    )

    def until(self, now: dt.datetime) -> dt.datetime | None:
        """When it may be back, counted from now."""
        minutes = self.cleaned_data["estimate"]
        return None if minutes is None else now + dt.timedelta(minutes=minutes)


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=picker, **more)


class HoursForm(forms.Form):
    """When somebody really came and went, and why that is put right."""

    since_at = _moment(_("Came"))
    until_at = _moment(_("Went"), required=False, help_text=_("Empty: still here"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept in the log with your name"),
    )


class StrikeForm(forms.Form):
    """Why hours do not count."""

    reason = forms.CharField(label=_("Why they do not count"), max_length=200, widget=forms.Textarea({"rows": 2}))


class SkillOverrideForm(forms.Form):
    """Whom to let do which job without the skill that it needs."""

    person = forms.ModelChoiceField(
        Employee.objects.filter(is_active=True).order_by("name"), label=_("Who"), empty_label=_("Choose one")
    )
    machine = forms.ModelChoiceField(
        Machine.objects.filter(is_active=True).order_by("code"), label=_("Machine"), empty_label=_("Choose one")
    )
    job = forms.CharField(label=_("Work order"), max_length=40, help_text=_("Its number, as on the job sheet"))
    reason = forms.CharField(
        label=_("Why it may be done"), max_length=200, widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept with your name"),
    )  # fmt: skip


class RightForm(forms.Form):
    """What an event should have said. Pieces are asked of reports only."""

    good = forms.DecimalField(label=_("Good"), min_value=0, max_digits=18, decimal_places=6, required=False)
    scrap = forms.DecimalField(label=_("Scrap"), min_value=0, max_digits=18, decimal_places=6, required=False)
    rework = forms.DecimalField(label=_("To rework"), min_value=0, max_digits=18, decimal_places=6, required=False)
    reason = forms.ModelChoiceField(
        ReasonCode.objects.filter(kind="scrap"), label=_("Why scrap"), required=False, empty_label=_("No scrap")
    )
    operator = forms.ModelChoiceField(
        Employee.objects.filter(is_active=True).order_by("name"), label=_("Who"), empty_label=_("Nobody named"),
        required=False,
    )  # fmt: skip
    happened_at = _moment(_("When it happened"))
    note = forms.CharField(
        label=_("What was wrong, and how you know"), max_length=200, widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept in the log with your name; what was told first stays there too"),
    )  # fmt: skip

    def __init__(self, *args: Any, of_pieces: bool, plant_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.fields["operator"]
        people.queryset = people.queryset.filter(plant_id=plant_id)  # type: ignore[attr-defined]
        people.required = bool(self.initial.get("operator"))
        if not of_pieces:
            for name in ("good", "scrap", "rework", "reason"):
                del self.fields[name]


class QuarantineNoteForm(forms.Form):
    """Why an event is dismissed."""

    note = forms.CharField(
        label=_("Why it does not count"), max_length=400, widget=forms.Textarea({"rows": 3}),
        help_text=_("The operator and whoever audits the log will read it"),
    )  # fmt: skip


class HandoverNotesForm(forms.Form):
    """What the coming shift must know and no figure says."""

    notes = forms.CharField(
        label=_("Notes"), max_length=4000, required=False, widget=forms.Textarea({"rows": 8}),
        help_text=_("What the next shift must know and no figure says"),
    )  # fmt: skip


class AcceptHandoverForm(forms.Form):
    """A word of the one who comes."""

    remark = forms.CharField(label=_("Remark"), max_length=400, required=False, widget=forms.Textarea({"rows": 3}))


class StopReasonForm(forms.Form):
    """The reason of a stop; with minutes it holds for the first part only, and the rest is asked again."""

    reason = forms.ModelChoiceField(
        ReasonCode.objects.filter(kind__in=["downtime", "pause"]), label=_("Reason"), empty_label=_("Choose one")
    )
    minutes = forms.IntegerField(
        min_value=1,
        required=False,
        label=_("Only the first minutes"),
        help_text=_("Leave it empty for the whole stop. The rest keeps its reason, or waits for one."),
    )

    def __init__(self, *args: Any, stop: MachineState, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop = stop

    def clean_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data["minutes"]
        end = self.stop.until_at or timezone.now()
        length = (end - self.stop.since_at).total_seconds() / 60
        if minutes is not None and minutes >= length:
            raise forms.ValidationError(
                _("The stop lasted %(length)s. Give fewer minutes, or none for all of it."),
                params={"length": shown.duration(int(length))},
            )
        return minutes

    def until(self) -> dt.datetime | None:
        """Where the reason ends; empty: with the stop."""
        minutes = self.cleaned_data["minutes"]
        return None if minutes is None else self.stop.since_at + dt.timedelta(minutes=minutes)


class CloseAlarmForm(forms.Form):
    """Why it happened: a reason, a few words, or both."""

    reason = forms.ModelChoiceField(
        ReasonCode.objects.filter(kind__in=["downtime", "pause"]),
        required=False,
        label=_("Reason"),
        empty_label=_("None of these"),
    )
    note = forms.CharField(max_length=400, required=False, label=_("What it was"), widget=forms.Textarea({"rows": 3}))


class EscalationForm(forms.Form):
    """Who is told when nobody takes an alarm: up to three steps."""

    after_1 = forms.IntegerField(min_value=1, max_value=1440, required=False, label=_("After minutes"))
    told_1 = forms.CharField(max_length=60, required=False, label=_("Told first"))
    after_2 = forms.IntegerField(min_value=1, max_value=1440, required=False, label=_("After minutes"))
    told_2 = forms.CharField(max_length=60, required=False, label=_("Told then"))
    after_3 = forms.IntegerField(min_value=1, max_value=1440, required=False, label=_("After minutes"))
    told_3 = forms.CharField(max_length=60, required=False, label=_("Told at last"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in (1, 2, 3):
            if bool(given.get(f"after_{number}")) != bool(given.get(f"told_{number}")):
                self.add_error(f"told_{number}", _("Give both, the minutes and who is told, or neither."))
        return given

    def steps(self) -> list[tuple[int, str]]:
        """The steps that are filled in."""
        given = self.cleaned_data
        return [(given[f"after_{n}"], given[f"told_{n}"]) for n in (1, 2, 3) if given.get(f"after_{n}")]
