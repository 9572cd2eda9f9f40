"""Alarms: the list with owner and age, one alarm with its steps, the deeds, who is told when nobody answers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import access, shown
from masterdata.models import Plant
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    DeedView,
    DetailPage,
    Empty,
    FormPage,
    Happening,
    ListPage,
    State,
    View,
    When,
)
from mes import services
from mes.forms import CloseAlarmForm, EscalationForm
from mes.models import Alarm, EscalationRule
from mes.views.floor import plant_ids

SEE, TAKE, SET = "mes.view_floor", "mes.acknowledge_alarm", "mes.set_escalation"


def owner(row: Alarm) -> Any:
    """Who takes care."""
    return row.repair_by or row.acknowledged_by or ""


def age(row: Alarm) -> str:
    """How long it lasted, or lasts."""
    return shown.duration(int(((row.cleared_at or timezone.now()) - row.raised_at).total_seconds() // 60))


def because(row: Alarm) -> str:
    """Why it happened: the reason and what was said."""
    return ": ".join(str(one) for one in (row.reason, row.note) if one)


def happened(row: Alarm) -> str:
    """What it says, and how often when it came again."""
    return f"{row.text} \N{MULTIPLICATION SIGN}{row.count}" if row.count > 1 else row.text


def told(row: Alarm) -> str:
    """The highest who was told."""
    steps = list(row.steps.all())
    return steps[-1].told if steps else ""


class Alarms(ListPage):
    """Every alarm, open ones first."""

    permission = SEE
    title, question = _("Alarms"), _("What stands, since when, and who takes care?")
    columns = [
        Code("machine.code", _("Machine"), sort="machine__code", second="machine.name", link=True),
        Column(happened, _("What"), css="wide wraps"),
        State("state", _("State"), sort="state"),
        When("raised_at", _("Since"), sort="raised_at"),
        Column(age, _("Age"), css="num"),
        Column(owner, _("Who takes care"), empty=_("Nobody yet")),
        Column(told, _("Told up to"), empty=_("Nobody had to be told")),
        Column(because, _("Reason"), empty=_("Not closed yet"), css="wide wraps"),
    ]
    search_fields = ["machine__code", "machine__name", "text", "note"]
    filters = [
        Choice("state", _("State"), choices=Alarm.State.choices),
        Choice("kind", _("Kind"), choices=Alarm.Kind.choices),
    ]
    order_by = "-raised_at"
    live = ["alarm"]
    empty = Empty(_("No alarms"), _("When a machine stops, it is shown here and on every tablet."), "circle-check")

    def get_rows(self) -> QuerySet[Alarm]:
        rows = Alarm.objects.filter(machine__work_centre__plant__in=plant_ids(self.request))
        return rows.select_related("machine", "acknowledged_by", "repair_by", "reason").prefetch_related("steps")

    def get_row_css(self, row: Alarm) -> str:
        return {"raised": "is-late", "cleared": "is-quiet", "closed": "is-quiet"}.get(row.state, "")

    def get_url(self, row: Alarm) -> str:
        return reverse("mes:alarm", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Andon board"), reverse("mes:andon_any"), "device-tv", SEE),
            Action(_("Who is told"), reverse("mes:escalation_any"), "adjustments", SET),
        ]

    def get_views(self) -> list[View]:
        waiting = self.get_rows().filter(state="raised").count()
        to_close = self.get_rows().filter(state="cleared").count()
        return [
            View("all", _("All"), ""),
            View("raised", _("Nobody yet"), "state=raised", count=waiting, tone="late" if waiting else ""),
            View("cleared", _("To close"), "state=cleared", count=to_close),
        ]


class AlarmPage(DetailPage):
    """One alarm: what, where, who was told and when, and the deeds that carry it on."""

    permission = SEE
    plant = "machine.work_centre.plant_id"
    live = ["alarm"]

    def get_rows(self) -> QuerySet[Alarm]:
        rows = Alarm.objects.select_related(
            "machine__work_centre__plant", "acknowledged_by", "repair_by", "closed_by", "reason", "event__operator"
        )
        return access.visible_to(self.request.user, rows.prefetch_related("steps", "downtimes__reason"), SEE)

    def get_title(self, row: Alarm) -> str:
        return row.machine.code

    def get_subtitle(self, row: Alarm) -> str:
        return row.text

    def get_back(self, row: Alarm) -> tuple[Any, str]:
        return _("Alarms"), reverse("mes:alarms")

    def get_state(self, row: Alarm) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Alarm) -> list[Action]:
        found = [Action(_("Machine"), reverse("mes:machine", args=[row.machine_id]), "building-factory-2", SEE)]
        if row.state == "raised":
            found.append(
                Action(_("I take care"), reverse("mes:acknowledge", args=[row.pk]), "eye-check", TAKE, True, True)
            )
        if row.state in ("raised", "acknowledged"):
            begin = reverse("mes:alarm_repair", args=[row.pk])
            found.append(Action(_("I am repairing it"), begin, "tool", TAKE, True, row.state == "acknowledged"))
        if row.state == "cleared" or (row.kind == "help" and row.is_open):
            close = reverse("mes:alarm_close", args=[row.pk])
            found.append(Action(_("Close with a reason"), close, "circle-check", TAKE, False, row.state == "cleared"))
        return found

    def get_cards(self, row: Alarm) -> list[Card]:
        what = [
            Column("text", _("What")),
            Column("get_kind_display", _("Kind")),
            Column("code", _("Code")),
            Column("count", _("Times")),
            Column(age, _("Age")),
        ]
        who = [
            Column(owner, _("Who takes care"), empty=_("Nobody yet")),
            Column(told, _("Told up to"), empty=_("Nobody had to be told")),
            Column("reason", _("Reason"), empty=_("Not closed yet")),
            Column("note", _("What it was"), empty=_("Not closed yet")),
        ]
        return [Card(_("What"), what), Card(_("Who and why"), who)]

    def get_timeline(self, row: Alarm) -> list[Happening]:
        caller = row.event.operator.name if row.event and row.event.operator else ""
        found = [Happening(row.raised_at, _("Raised"), "alert-octagon", caller, tone="bad")]
        for step in row.steps.all():
            higher = _("Nobody had taken it: %(who)s told") % {"who": step.told}
            found.append(Happening(step.at, higher, "arrow-up", tone="bad"))
        for at, sentence, icon, who in (
            (row.acknowledged_at, _("Taken"), "eye-check", row.acknowledged_by),
            (row.repair_at, _("In repair"), "tool", row.repair_by),
            (row.cleared_at, _("Cleared"), "player-play", ""),
            (row.closed_at, _("Closed"), "circle-check", row.closed_by),
        ):
            if at:
                found.append(Happening(at, sentence, icon, who or "", tone="good" if icon == "circle-check" else ""))
        return sorted(found, key=lambda one: one.at)


class AlarmDeed(DeedView):
    """A button that carries an alarm on."""

    permission = TAKE

    def get_rows(self) -> QuerySet[Alarm]:
        return access.visible_to(self.request.user, Alarm.objects.all(), TAKE)


class Acknowledge(AlarmDeed):
    """I have seen it and take care."""

    done_message = _("Acknowledged: everybody sees that you take care.")

    def perform(self, row: Alarm) -> str:
        services.acknowledge_alarm(alarm_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return ""


class Repair(AlarmDeed):
    """I am there and repair it."""

    done_message = _("In repair: everybody sees that you are at it.")

    def perform(self, row: Alarm) -> str:
        services.begin_repair(alarm_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return ""


class Close(FormPage):
    """Why it happened."""

    permission, form_class = TAKE, CloseAlarmForm
    submit_label, done_message = _("Close the alarm"), _("Closed.")

    @property
    def alarm(self) -> Alarm:
        rows = Alarm.objects.select_related("machine")
        return get_object_or_404(access.visible_to(self.request.user, rows, TAKE), pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        return _("Close: %(text)s") % {"text": self.alarm.text}

    def get_back(self) -> tuple[Any, str]:
        return _("Alarm"), reverse("mes:alarm", args=[self.kwargs["pk"]])

    def perform(self, form: CloseAlarmForm) -> str:
        reason = form.cleaned_data["reason"]
        services.close_alarm(
            alarm_id=self.alarm.pk,
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            reason_id=reason.pk if reason else None,
            note=form.cleaned_data["note"],
        )
        return reverse("mes:alarms")


class Escalation(FormPage):
    """Who is told when nobody takes an alarm of the plant."""

    permission, form_class = SET, EscalationForm
    done_message = _("Saved. It holds for alarms that nobody has taken, from now on.")

    @property
    def row(self) -> Plant:
        rows = access.visible_to(self.request.user, Plant.objects.order_by("code"), SET)
        if "plant_id" in self.kwargs:
            return get_object_or_404(rows, pk=self.kwargs["plant_id"])
        chosen = self.request.plant  # type: ignore[attr-defined]
        found = rows.filter(pk=chosen.pk).first() if chosen else None
        return found or get_object_or_404(rows[:1])

    def get_title(self) -> Any:
        return _("When nobody takes an alarm in %(plant)s") % {"plant": self.row.name}

    def get_back(self) -> tuple[Any, str]:
        return _("Alarms"), reverse("mes:alarms")

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for rule in EscalationRule.objects.filter(plant=self.row):
            found |= {f"after_{rule.level}": rule.after_min, f"told_{rule.level}": rule.told}
        return found

    def perform(self, form: EscalationForm) -> str:
        services.set_escalation(plant_id=self.row.pk, steps=form.steps())
        return reverse("mes:alarms")
