"""Shift handover: fills itself, signed by the one who leaves, accepted by the one who comes, printed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.access import may, scope_of, visible_to
from masterdata.documents.printing import Pdf
from masterdata.models import Plant
from masterdata.pages import Action, Column, DeedView, DetailPage, EditPage, Empty, ListPage, State, When
from masterdata.pages.pdf import PdfPage
from mes import letters, selectors, services
from mes.forms import AcceptHandoverForm, HandoverNotesForm
from mes.models import Handover
from mes.views.floor import floor_tabs, plant_ids

SEE, WRITE = "mes.view_hours", "mes.write_handover"


class _Handovers:
    """Handovers that the user may see, or write."""

    permission: ClassVar[str] = SEE
    request: Any

    def get_rows(self) -> QuerySet[Handover]:
        rows = Handover.objects.select_related("plant__company", "plant__calendar", "signed_by", "accepted_by")
        return visible_to(self.request.user, rows, self.permission)


class Handovers(_Handovers, ListPage):
    """Handovers of every shift."""

    title, question = _l("Handovers"), _l("What did one shift tell the next?")
    columns = [
        Column("shift_name", _l("Shift"), link=True, css="wide", second="plant.name"),
        When("starts_at", _l("From"), sort="starts_at"),
        When("ends_at", _l("Until")),
        State("state", _l("State"), sort="state"),
        Column("signed_by", _l("Handed over by"), empty=_l("Not signed yet")),
        Column("accepted_by", _l("Accepted by"), empty=_l("Nobody yet")),
    ]
    search_fields = ["shift_name", "notes", "plant__name"]
    order_by = "-starts_at"
    live = ["handover"]
    template_name = "mes/floor_list.html"
    empty = Empty(
        _l("No handovers yet"), _l("Write the first one: it fills itself, you add what matters."), "clipboard"
    )

    def get_rows(self) -> QuerySet[Handover]:
        return super().get_rows().filter(plant__in=plant_ids(self.request))

    def get_url(self, row: Handover) -> str:
        return reverse("mes:handover", args=[row.pk])

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return super().get_context_data(rows) | {"floor_tabs": floor_tabs(self.request, "handovers")}

    def get_actions(self) -> list[Action]:
        mine = scope_of(self.request.user, WRITE).plants & set(plant_ids(self.request))
        plants = Plant.objects.filter(pk__in=mine).order_by("code")
        return [
            Action(
                _("Hand over %(plant)s") % {"plant": plant.code}, reverse("mes:handover_begin", args=[plant.pk]),
                "clipboard-plus", WRITE, post=True, is_main=len(plants) == 1,
            )
            for plant in plants
        ]  # fmt: skip


class BeginHandover(DeedView):
    """The handover of the shift that is on."""

    permission = WRITE

    def get_rows(self) -> QuerySet[Plant]:
        return visible_to(self.request.user, Plant.objects.select_related("calendar"), WRITE)

    def perform(self, row: Plant) -> str:
        made = services.begin_handover(plant=row, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("mes:handover", args=[made.pk])


class OneHandover(_Handovers, DetailPage):
    """What one shift hands over."""

    live = ["handover", "quarantine", "alarm"]
    template_name = "mes/handover.html"

    def get_title(self, row: Handover) -> Any:
        return _("Handover, %(shift)s") % {"shift": row.shift_name}

    def get_subtitle(self, row: Handover) -> Any:
        return row.plant.name

    def get_back(self, row: Handover) -> tuple[Any, str]:
        return _("Handovers"), reverse("mes:handovers")

    def get_state(self, row: Handover) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Handover) -> list[Action]:
        def url(name: str) -> str:
            return reverse(f"mes:handover_{name}", args=[row.pk])

        found = [Action(_("Print"), url("pdf"), "printer")]
        if row.state == Handover.State.OPEN:
            sign = _("From then on it says what was; nobody can change it.")
            found += [
                Action(_("Notes"), url("notes"), "pencil", WRITE),
                Action(_("Sign"), url("sign"), "pencil-check", WRITE, post=True, is_main=True, confirm=sign),
            ]
        elif row.state == Handover.State.SIGNED:
            found.append(Action(_("Accept"), url("accept"), "check", WRITE, is_main=True))
        return found

    def get_context_data(self, row: Handover) -> dict[str, Any]:
        content = selectors.with_moments(selectors.handover_content(row))
        return super().get_context_data(row) | {"content": content, "may_write": may(self.request.user, WRITE)}


class WriteNotes(_Handovers, EditPage):
    """What no figure says."""

    permission, form_class, title = WRITE, HandoverNotesForm, _l("Notes of the shift")
    done_message = _l("Noted.")

    def get_back(self) -> tuple[Any, str]:
        return str(self.get_title()), reverse("mes:handover", args=[self.kwargs["pk"]])

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.write_notes(handover=row, notes=form.cleaned_data["notes"], by=self.request.user)
        return reverse("mes:handover", args=[row.pk])


class SignHandover(_Handovers, DeedView):
    """The one who leaves signs."""

    permission, done_message = WRITE, _l("Signed. The shift lead who comes accepts it.")

    def perform(self, row: Handover) -> str:
        services.sign_handover(handover=row, by=self.request.user, now=timezone.now())
        return reverse("mes:handover", args=[row.pk])


class AcceptHandover(_Handovers, EditPage):
    """The one who comes has read it."""

    permission, form_class, title = WRITE, AcceptHandoverForm, _l("Accept the handover")
    submit_label, done_message = _l("I have read it"), _l("Accepted.")

    def get_back(self) -> tuple[Any, str]:
        return _("Handover"), reverse("mes:handover", args=[self.kwargs["pk"]])

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.accept_handover(
            handover=row, remark=form.cleaned_data["remark"], by=self.request.user, now=timezone.now()
        )
        return reverse("mes:handover", args=[row.pk])


class HandoverPdf(_Handovers, PdfPage):
    """The handover on paper."""

    def get_pdf(self, row: Handover, language: str) -> Pdf:
        return letters.handover_pdf(row, language)
