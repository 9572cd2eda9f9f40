"""What tablets sent and cannot count by itself: the shift lead looks, accepts, corrects or dismisses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import shown
from masterdata.access import may, visible_to
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
    ListPage,
    Quantity,
    State,
    View,
    When,
)
from masterdata.pages.zones import plant_time
from masterdata.shown import plain
from mes import selectors, services
from mes.forms import QuarantineNoteForm, RightForm
from mes.models import ExecutionEvent, Quarantine
from mes.services.log.rewording import OF_PIECES, Right
from mes.views.floor import floor_tabs, plant_ids

SEE, DECIDE = "mes.view_floor", "mes.decide_quarantine"
LINKS = ("event__operator", "event__machine", "event__device", "event__operation__work_order", "event__reason")


class Quarantined(ListPage):
    """Events that wait for a decision, and those that had one."""

    permission = SEE
    title, question = _l("Quarantine"), _l("What was told and does not count yet?")
    columns = [
        When("event.corrected_at", _l("Happened"), sort="event__corrected_at", link=True),
        Column("event.get_kind_display", _l("What"), sort="event__kind"),
        Column("event.operator.name", _l("Who"), sort="event__operator__name", empty=_l("Nobody named")),
        Code("event.machine.code", _l("Machine"), sort="event__machine__code", empty=_l("None")),
        Column("sentence", _l("Why it waits"), css="wide"),
        When("since_at", _l("Came"), sort="since_at"),
        State("state", _l("State"), sort="state"),
    ]
    search_fields = ["sentence", "event__operator__name", "event__machine__code", "code"]
    order_by = "-since_at"
    live = ["quarantine"]
    template_name = "mes/floor_list.html"
    empty = Empty(_l("Nothing waits"), _l("What a tablet tells late and cannot be counted waits here."), "circle-check")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("state", _("State"), choices=Quarantine.State.choices),
            Choice("kind", _("What"), field="event__kind", choices=ExecutionEvent.Kind.choices),
        ]

    def get_rows(self) -> QuerySet[Quarantine]:
        return Quarantine.objects.filter(plant__in=plant_ids(self.request)).select_related(*LINKS)

    @cached_property
    def waiting(self) -> int:
        return selectors.open_quarantine(plant_ids(self.request)).count()

    def get_views(self) -> list[View]:
        tone = "risk" if self.waiting else ""
        return [View("open", _("Waiting"), "state=open", count=self.waiting, tone=tone), View("all", _("All"), "")]

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        tabs = floor_tabs(self.request, "quarantine", waiting=self.waiting)
        return super().get_context_data(rows) | {"floor_tabs": tabs}

    def get_url(self, row: Quarantine) -> str:
        return reverse("mes:quarantined", args=[row.pk])

    def get_row_css(self, row: Quarantine) -> str:
        return "" if row.state == Quarantine.State.OPEN else "is-quiet"


class QuarantinedEvent(DetailPage):
    """One event that waits: what it says, why it does not count, what may be done."""

    permission = SEE
    live = ["quarantine"]
    template_name = "mes/quarantined.html"

    def get_rows(self) -> QuerySet[Quarantine]:
        return Quarantine.objects.filter(plant__in=plant_ids(self.request)).select_related(
            *LINKS, "decided_by", "replaced_by__operator", "replaced_by__reason"
        )

    def get_title(self, row: Quarantine) -> Any:
        return row.event.get_kind_display()

    def get_subtitle(self, row: Quarantine) -> Any:
        event = row.event
        return ", ".join(str(one) for one in (event.machine, event.operator) if one)

    def get_back(self, row: Quarantine) -> tuple[Any, str]:
        return _("Quarantine"), reverse("mes:quarantine") + "?state=open"

    def get_state(self, row: Quarantine) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_cards(self, row: Quarantine) -> Sequence[Card]:
        event = row.event
        said = [
            Column("event.get_kind_display", _("What")),
            Column("event.operator.name", _("Who"), empty=_("Nobody named")),
            Column("event.machine", _("Machine"), empty=_("None")),
            Column(
                "event.operation.work_order.number", _("Work order"), second="event.operation.name", empty=_("None")
            ),
        ]
        if event.good_qty or event.scrap_qty or event.rework_qty:
            said += [
                Quantity("event.good_qty", _("Good")),
                Quantity("event.scrap_qty", _("Scrap")),
                Quantity("event.rework_qty", _("Rework")),
                Column("event.reason", _("Reason"), empty=_("None")),
            ]
        if text := str(event.payload.get("text") or event.payload.get("note") or ""):
            said.append(Column(lambda _row: text, _("Note")))
        when = [
            When("event.corrected_at", _("Happened, by our clock")),
            When("event.happened_at", _("Happened, by the device's clock")),
            When("event.received_at", _("Came here")),
            Column("event.device.name", _("Device"), empty=_("No tablet")),
            Column("code", _("Code")),
        ]
        cards = [Card(_("What was told"), said), Card(_("When and from where"), when)]
        if row.decided_at:
            by_itself = _("By itself, when what it waited for came")
            is_undone = row.state == Quarantine.State.DISMISSED
            decided = [
                Column("decided_by", _("By"), empty=_("Whoever tapped at the tablet") if is_undone else by_itself),
                When("decided_at", _("At")),
                Column("note", _("Note"), empty=_("None")),
            ]
            cards.append(Card(_("Decision"), decided))
        if row.replaced_by:
            cards.append(Card(_("What counts instead"), _instead(row.replaced_by)))
        return cards

    def get_actions(self, row: Quarantine) -> list[Action]:
        if row.state != Quarantine.State.OPEN:
            return []
        dismiss = Action(_("Dismiss"), reverse("mes:quarantine_dismiss", args=[row.pk]), "circle-off", DECIDE)
        correct = Action(_("Correct"), reverse("mes:quarantine_correct", args=[row.pk]), "pencil", DECIDE)
        accept = reverse("mes:quarantine_accept", args=[row.pk])
        if not services.log.can_be_accepted(row):
            return [dismiss, replace(correct, is_main=True)]
        return [
            dismiss,
            *([] if row.event.kind == ExecutionEvent.Kind.CORRECTION else [correct]),
            Action(_("Accept"), accept, "check", DECIDE, post=True, is_main=True),
        ]

    def get_context_data(self, row: Quarantine) -> dict[str, Any]:
        around = (
            ExecutionEvent.objects.filter(operation=row.event.operation_id)
            if row.event.operation_id
            else (ExecutionEvent.objects.filter(operator=row.event.operator_id))
        )
        around = around.select_related("operator", "machine", "quarantine").order_by("-corrected_at")[:12]
        return super().get_context_data(row) | {"around": [(one, _line(one)) for one in around]}


def _instead(event: ExecutionEvent) -> list[Column]:
    pieces = [
        Quantity("replaced_by.good_qty", _("Good")),
        Quantity("replaced_by.scrap_qty", _("Scrap")),
        Quantity("replaced_by.rework_qty", _("Rework")),
        Column("replaced_by.reason", _("Reason"), empty=_("None")),
    ]
    return [
        Column("replaced_by.operator.name", _("Who"), empty=_("Nobody named")),
        When("replaced_by.corrected_at", _("Happened")),
        *(pieces if event.kind in OF_PIECES else []),
    ]


def _line(event: ExecutionEvent) -> str:
    """What an event says, in few words."""
    pieces = [
        f"{shown.quantity(value)} {word}"
        for value, word in (
            (event.good_qty, _("good")), (event.scrap_qty, _("scrap")), (event.rework_qty, _("rework"))
        )
        if value
    ]  # fmt: skip
    return ", ".join(pieces)


class AcceptQuarantined(DeedView):
    """It counts after all."""

    permission = DECIDE
    done_message = _l("Accepted: it counts now, and what it changes is booked.")

    def get_rows(self) -> QuerySet[Quarantine]:
        return visible_to(self.request.user, Quarantine.objects.filter(plant__isnull=False), DECIDE)

    def perform(self, row: Quarantine) -> str:
        services.accept_quarantined(quarantine_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("mes:quarantine") + "?state=open"


class _Decision(FormPage):
    """A decision that needs words."""

    permission = DECIDE

    @cached_property
    def row(self) -> Quarantine:
        rows = visible_to(self.request.user, Quarantine.objects.filter(plant__isnull=False), DECIDE)
        return get_object_or_404(rows.select_related("event"), pk=self.kwargs["pk"])

    def get_back(self) -> tuple[Any, str]:
        return self.row.event.get_kind_display(), reverse("mes:quarantined", args=[self.row.pk])


class CorrectQuarantined(_Decision):
    """What it should have said counts instead of it."""

    form_class, title = RightForm, _l("Correct what was told")
    submit_label = _l("Count it like this")
    done_message = _l("Corrected: this counts now. What was told first stays in the log.")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not may(request.user, DECIDE):
            return super().dispatch(request, *args, **kwargs)
        with plant_time(request, self.row.plant_id):
            return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {"question": self.row.sentence}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"of_pieces": self.row.event.kind in OF_PIECES, "plant_id": self.row.plant_id}

    def get_initial(self) -> dict[str, Any]:
        event = self.row.event
        return {
            "good": plain(event.good_qty),
            "scrap": plain(event.scrap_qty),
            "rework": plain(event.rework_qty),
            "reason": event.reason_id,
            "operator": event.operator_id,
            "happened_at": event.corrected_at,
        }

    def perform(self, form: Any) -> str:
        given, told = form.cleaned_data, self.row.event.corrected_at
        is_same = given["happened_at"] == told.replace(second=0, microsecond=0)
        right = Right(
            happened_at=told if is_same else given["happened_at"],
            operator_id=given["operator"].pk if given["operator"] else None,
            **{f"{name}_qty": given[name] or Decimal(0) for name in ("good", "scrap", "rework") if name in given},
            reason_id=given["reason"].pk if given.get("reason") else None,
        )
        services.correct_quarantined(
            quarantine_id=self.row.pk,
            right=right,
            note=given["note"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("mes:quarantined", args=[self.row.pk])


class DismissQuarantined(_Decision):
    """It never counts, and why."""

    form_class, title = QuarantineNoteForm, _l("Dismiss")
    submit_label, done_message = _l("Dismiss"), _l("Dismissed: the log keeps it, and it does not count.")

    def perform(self, form: Any) -> str:
        services.dismiss_quarantined(
            quarantine_id=self.row.pk,
            note=form.cleaned_data["note"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("mes:quarantine") + "?state=open"
