"""Tablets in the office: which there are, when they were last heard, and how one more is enrolled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from masterdata import access
from masterdata.access import requires
from masterdata.documents.codes import qr
from masterdata.models import Machine, Plant
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    DeedView,
    DetailPage,
    Empty,
    Flag,
    FormPage,
    ListPage,
    State,
    When,
)
from mes import services
from mes.models import Device, Enrolment

DEED = "mes.manage_device"
CODE = "enrolment-code"
SILENT = dt.timedelta(minutes=15)


def state_of(device: Device) -> tuple[str, Any]:
    """One word for a device: revoked, silent with a queue, with a queue, in order."""
    if device.is_revoked:
        return "cancelled", _("Revoked")
    is_silent = device.last_seen_at is None or device.last_seen_at < timezone.now() - SILENT
    if device.queue_length and is_silent:
        return "late", _("Silent with a queue")
    if device.queue_length:
        return "at_risk", _("Sending")
    return ("planned", _("Not heard lately")) if is_silent else ("done", _("In touch"))


class Devices(ListPage):
    """Tablets and browsers that report from the floor."""

    permission = DEED
    title, question = _("Tablets"), _("Which tablet has not been heard, and does it still hold reports?")
    columns = [
        Code("name", _("Tablet"), sort="name", second="machine.code", link=True),
        Column("plant.name", _("Plant"), sort="plant__name"),
        State("state", _("State"), word="state_word"),
        When("last_seen_at", _("Last heard"), sort="last_seen_at", empty=_("Never")),
        Column("queue_length", _("Reports it holds"), sort="queue_length", css="num"),
        Column("clock", _("Its clock"), css="num"),
        Column("app_version", _("App"), empty=_("It has not said")),
        When("enrolled_at", _("Enrolled"), sort="enrolled_at", empty=_("A browser with a log-in")),
    ]
    search_fields = ["name", "machine__code", "plant__name"]
    filters = [
        Choice("plant__code", _("Plant"), choices=lambda: list(Plant.objects.values_list("code", "name"))),
        Flag("silent", _("Holds reports"), condition=Q(queue_length__gt=0)),
    ]
    order_by = "name"
    live = ["device"]
    empty = Empty(_("No tablets yet"), _("Enrol the first one: it needs no log-in then."), "device-tablet")

    def get_rows(self) -> QuerySet[Device]:
        rows = access.visible_to(self.request.user, Device.objects.all(), DEED)
        return rows.select_related("plant", "machine")

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.state, row.state_word = state_of(row)
            row.clock = clock_words(row.clock_offset_ms)
        return rows

    def get_url(self, row: Device) -> str:
        return reverse("mes:device", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Enrol a tablet"), reverse("mes:enrolment_create"), "plus", DEED, is_main=True)]


def clock_words(offset_ms: int) -> str:
    """How wrong the device's clock is, in words."""
    seconds = abs(offset_ms) // 1000
    if not seconds:
        return _now("right")
    said = _now("%(minutes)s min %(seconds)s s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    return (_now("%(time)s slow") if offset_ms > 0 else _now("%(time)s fast")) % {"time": said}


class DevicePage(DetailPage):
    """One tablet: where it hangs, what it holds, when it was heard."""

    permission = DEED

    def get_rows(self) -> QuerySet[Device]:
        rows = access.visible_to(self.request.user, Device.objects.all(), DEED)
        return rows.select_related("plant", "machine", "user")

    def get_title(self, row: Device) -> str:
        return row.name

    def get_subtitle(self, row: Device) -> str:
        return row.plant.name

    def get_back(self, row: Device) -> tuple[Any, str]:
        return _("Tablets"), reverse("mes:devices")

    def get_state(self, row: Device) -> tuple[str, Any]:
        return state_of(row)

    def get_cards(self, row: Device) -> list[Card]:
        row.clock = clock_words(row.clock_offset_ms)  # type: ignore[attr-defined]
        return [
            Card(
                _("Tablet"),
                [
                    Column("machine.code", _("Hangs at"), empty=_("It is carried around")),
                    When("last_seen_at", _("Last heard"), empty=_("Never")),
                    Column("queue_length", _("Reports it holds")),
                    Column("told_seq", _("Heard all up to number")),
                    Column("clock", _("Its clock")),
                    Column("app_version", _("App"), empty=_("It has not said")),
                    When("enrolled_at", _("Enrolled"), empty=_("A browser with a log-in")),
                    When("revoked_at", _("Revoked"), empty=_("No")),
                ],
            )
        ]

    def get_actions(self, row: Device) -> list[Action]:
        if row.is_revoked:
            return []
        return [Action(_("Revoke"), reverse("mes:device_revoke", args=[row.pk]), "x", DEED, post=True)]


class EnrolForm(forms.Form):
    """What the tablet is called and where it hangs."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example the machine that it hangs at"))
    machine = forms.ModelChoiceField(
        Machine.objects.none(), label=_("Machine"), required=False, help_text=_("Empty: it is carried around")
    )
    plant = forms.ModelChoiceField(Plant.objects.none(), label=_("Plant"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plants = access.visible_to(user, Plant.objects.all(), DEED)
        machines = Machine.objects.filter(work_centre__plant__in=plants, is_active=True).order_by(F("code"))
        self.fields["plant"].queryset = plants  # type: ignore[attr-defined]
        self.fields["machine"].queryset = machines  # type: ignore[attr-defined]


class Enrol(FormPage):
    """A code for one tablet."""

    permission = DEED
    form_class = EnrolForm
    title = _("Enrol a tablet")
    submit_label = _("Make the code")
    done_message = ""

    def get_back(self) -> tuple[Any, str]:
        return _("Tablets"), reverse("mes:devices")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        plant = getattr(self.request, "plant", None)
        return {"plant": plant.pk} if plant else {}

    def perform(self, form: EnrolForm) -> str:
        given = form.cleaned_data
        row, code = services.offer_enrolment(
            name=given["name"],
            plant=given["plant"],
            machine=given["machine"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        self.request.session[CODE] = {"id": row.pk, "code": code}
        return reverse("mes:enrolment", args=[row.pk])


@requires(DEED)
@require_GET
def enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """The code, large, with its picture to scan: shown to who made it, while it waits."""
    row = get_object_or_404(access.visible_to(request.user, Enrolment.objects.all(), DEED), pk=pk)
    kept = request.session.get(CODE) or {}
    if kept.get("id") != row.pk:
        return redirect("mes:devices")
    code = kept["code"]
    address = request.build_absolute_uri(f"/tablet/enrol/?code={code}")
    context = {
        "row": row,
        "code": f"{code[:4]} {code[4:]}",
        "address": request.build_absolute_uri("/tablet/enrol/"),
        "picture": mark_safe(qr(address)),  # noqa: S308 (drawn by us)
        "is_used": row.used_by_id is not None,
        "is_over": row.expires_at < timezone.now(),
        "page_title": _now("Enrol %(name)s") % {"name": row.name},
    }
    return render(request, "mes/enrolment.html", context)


class Revoke(DeedView):
    """Lost or retired."""

    permission = DEED
    done_message = _("Revoked: it reports nothing any more. What it has sent stays.")

    def get_rows(self) -> QuerySet[Device]:
        return access.visible_to(self.request.user, Device.objects.all(), DEED)

    def perform(self, row: Device) -> str:
        services.revoke_device(device_id=row.pk, now=timezone.now())
        return reverse("mes:devices")
