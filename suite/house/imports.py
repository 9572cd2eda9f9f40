"""Pages of imports: upload files, see what they would do, import them with one click, watch it, and look back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from masterdata.access import requires, visible_to
from masterdata.models import DataImport, DataImportFault, Plant
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Column,
    CreatePage,
    Days,
    DeedView,
    DetailPage,
    Empty,
    ListPage,
    Number,
    State,
    Tab,
    When,
)
from suite.importing import templates, uploads
from suite.importing.beat import topic
from suite.importing.contract import BY_NAME

IMPORT = uploads.IMPORT
SHOWN_FAULTS = 100
NOT_YET = _l("Not imported")
STAGES = {
    "": _l("Waits for the worker"),
    "unpacking": _l("Opening the files"),
    "reading": _l("Reading"),
    "waiting": _l("Waits until no other import runs"),
    "checking": _l("Checking all rows"),
    "writing": _l("Writing"),
}


def stage_of(run: DataImport) -> str:
    """What the worker is doing, in words: "Reading boms.csv"."""
    if run.started_at is None:
        return str(STAGES[""])
    kind, _colon, subject = run.stage.partition(":")
    return f"{STAGES.get(kind, STAGES['checking'])} {subject.replace('_', ' ')}".strip()


def file_names(run: DataImport) -> str:
    """What was uploaded."""
    return ", ".join(file.name for file in run.files.all())


def faults_of(run: DataImport) -> int | None:
    """How many faults, nothing when none."""
    return run.fault_count or None


class Imports(ListPage):
    """Who imported what when, and what waits to be imported."""

    permission = IMPORT
    title, question = _l("Imports"), _l("What came in from files, and what is wrong with the rest?")
    columns = [
        Number("pk", _l("No."), sort="pk", link=True, css="w-1"),
        Column(file_names, _l("Files"), css="wide", link=True),
        Column("plant.code", _l("Plant"), sort="plant__code"),
        State("state", _l("State"), sort="state"),
        Number(faults_of, _l("Faults"), sort="fault_count", empty=_l("None found")),
        Column("uploaded_by", _l("Uploaded by"), sort="uploaded_by__username"),
        When("uploaded_at", _l("Uploaded"), sort="uploaded_at"),
        Column("imported_by", _l("Imported by"), sort="imported_by__username", empty=NOT_YET),
        When("ended_at", _l("Ended"), sort="ended_at", empty=_l("Still going on")),
    ]
    search_fields = ["files__name", "uploaded_by__username", "plant__code"]
    filters = [
        Choice("state", _l("State"), choices=DataImport.State.choices),
        Days("uploaded", _l("Uploaded"), field="uploaded_at", is_moment=True),
    ]
    order_by = "-pk"
    live = ["imports"]
    empty = Empty(
        _l("Nothing was imported yet"),
        _l("Upload CSV files or an Excel workbook: materials, BOMs, routings, stock, partners, orders."),
        "file-import",
        Action(_l("Upload files"), reverse_lazy("suite:import_upload"), "upload", IMPORT, is_main=True),  # type: ignore[arg-type]
    )

    def get_rows(self) -> QuerySet[DataImport]:
        rows = visible_to(self.request.user, DataImport.objects.all(), IMPORT)
        return rows.select_related("plant", "uploaded_by", "imported_by").prefetch_related("files").distinct()

    def get_url(self, row: DataImport) -> str:
        return reverse("suite:import", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Upload files"), reverse("suite:import_upload"), "upload", IMPORT, is_main=True)]


class ManyFiles(forms.FileField):
    """Several files in one field; each is there as the web server has it, on disk."""

    class Input(forms.FileInput):
        allow_multiple_selected = True

    widget: Any = Input

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        found = [one for one in data or [] if one]
        if not found:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return found  # the service looks at them


class UploadForm(forms.Form):
    """The files, and where they go."""

    files = ManyFiles(  # type: ignore[assignment]
        label=_l("Files"), help_text=_l("CSV files, a ZIP of them, or an Excel workbook with a sheet per table")
    )
    plant = forms.ModelChoiceField(Plant.objects.none(), label=_l("Plant"), empty_label=None)
    shift_days = forms.IntegerField(
        label=_l("Move dates by"), required=False, help_text=_l("Days that the dates of orders are moved; empty: none")
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plants = self.fields["plant"]
        assert isinstance(plants, forms.ModelChoiceField)
        plants.queryset = visible_to(by, Plant.objects.order_by("code"), IMPORT)
        files = self.fields["files"].widget.attrs
        files.update({"accept": ".csv,.zip,.xlsx", "data-most": uploads.LARGEST_UPLOAD})


class Upload(CreatePage):
    """Upload files; a worker checks them."""

    permission, form_class = IMPORT, UploadForm
    title, submit_label = _l("Upload files"), _l("Upload and check")
    template_name = "suite/house/import_upload.html"

    def get_back(self) -> tuple[Any, str]:
        return _("Imports"), reverse("suite:imports")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"by": self.request.user}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "tables": [(file.file_name, file, templates.WHAT[file.name]) for file in BY_NAME.values()],
            "workbook": templates.WORKBOOK,
        }

    def perform(self, form: Any) -> str:
        asked = form.cleaned_data
        run = uploads.upload_files(
            plant=asked["plant"],
            files=asked["files"],
            shift_days=asked["shift_days"] or 0,
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("suite:import", args=[run.pk])


class ImportPage(DetailPage):
    """One import: what was found, what it would do, how far it is, what it did."""

    permission = IMPORT
    live = ["imports"]
    template_name = "suite/house/import.html"

    def get_rows(self) -> QuerySet[DataImport]:
        rows = visible_to(self.request.user, DataImport.objects.all(), IMPORT)
        joined = rows.select_related("plant", "uploaded_by", "imported_by", "cancel_requested_by")
        return joined.prefetch_related("files", "tables", "counts")

    def get_title(self, row: Any) -> Any:
        return _("Import %(number)s") % {"number": row.pk}

    def get_subtitle(self, row: Any) -> Any:
        return file_names(row)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Imports"), reverse("suite:imports")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_cards(self, row: Any) -> Sequence[Card]:
        who = [
            Column("plant", _("Plant")),
            Column("uploaded_by", _("Uploaded by")),
            When("uploaded_at", _("Uploaded")),
            Number("shift_days", _("Dates moved by, days")),
        ]
        end = [
            Column("imported_by", _("Imported by"), empty=_("Nobody yet")),
            When("asked_at", _("Asked for"), empty=_("Not asked for yet")),
            When("ended_at", _("Ended"), empty=_("Still going on")),
            Column("cancel_requested_by", _("Cancelled by"), empty=_("Nobody")),
        ]
        return [Card(_("Files"), who), Card(_("Import"), end)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        folder = "suite/house"
        tabs = [Tab("counts", _("What it does"), template=f"{folder}/_import_counts.html")]
        if row.fault_count:
            faults = Tab(
                "faults", _("Faults"), template=f"{folder}/_import_faults.html", count=row.fault_count, tone="late"
            )
            tabs = [faults]
        return [
            *tabs,
            Tab("rows", _("First rows"), template=f"{folder}/_import_rows.html", count=len(row.tables.all())),
        ]

    def get_actions(self, row: Any) -> list[Action]:
        states = DataImport.State
        found = []
        if row.state in (states.CHECKING, states.IMPORTING, states.READY, states.FAULTY, states.FAILED):
            url = reverse("suite:import_cancel", args=[row.pk])
            label = _("Discard files") if row.state in (states.FAULTY, states.FAILED) else _("Cancel import")
            if row.cancel_requested_at is None:
                found.append(Action(label, url, "x", IMPORT, post=True))
        if row.state == states.READY:
            url = reverse("suite:import_do", args=[row.pk])
            fields = {"version": row.version}
            found.append(Action(_("Import now"), url, "file-import", IMPORT, post=True, is_main=True, fields=fields))
        elif row.state == states.FAILED:
            url = reverse("suite:import_again", args=[row.pk])
            found.append(Action(_("Check again"), url, "refresh", IMPORT, post=True, is_main=True))
        elif not row.is_going_on:
            found.append(Action(_("Upload files"), reverse("suite:import_upload"), "upload", IMPORT, is_main=True))
        return found

    def get_context_data(self, row: Any) -> dict[str, Any]:
        faults = list(row.faults.all()[:SHOWN_FAULTS]) if row.fault_count else []
        counts = list(row.counts.all())
        return super().get_context_data(row) | {
            "stage": stage_of(row),
            "topic": topic(row.pk),
            "faults": faults,
            "more_faults": row.fault_count - len(faults),
            "counts": counts,
            "sums": [sum(getattr(one, name) for one in counts) for name in ("created", "changed", "unchanged")],
            "answer": _answer(row, counts),
        }


def _answer(run: DataImport, counts: Sequence[Any]) -> str:
    """The page's answer in one sentence."""
    changes = sum(one.created + one.changed for one in counts)
    states = DataImport.State
    if run.state == states.FAULTY:
        text = ngettext("%(n)s fault: nothing was imported.", "%(n)s faults: nothing was imported.", run.fault_count)
        return text % {"n": f"{run.fault_count:,}"} + " " + _("Mend the files and upload them again.")
    if run.state == states.READY:
        if not changes:
            return _("No faults, and nothing to do: all of it is here already.")
        return _("No faults. Importing writes %(n)s rows, all of them or none.") % {"n": f"{changes:,}"}
    if run.state == states.DONE:
        return _("Imported: %(n)s rows were written.") % {"n": f"{changes:,}"}
    return {
        states.FAILED: _("It failed; nothing was imported."),
        states.CANCELLED: _("It was cancelled; nothing was imported."),
    }.get(states(run.state), "")


class ImportNow(ImportPage):
    """The part of the page that moves while a worker is at it; once it has ended the page itself is fetched anew."""

    template_name = "suite/house/_import_now.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = self.get_object()
        if not run.is_going_on:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("suite:import", args=[run.pk])})
        return super().get(request, *args, **kwargs)


class Faults(ListPage):
    """All faults of one import, to be searched, sorted and taken along as a file."""

    permission = IMPORT
    title = _l("Faults")
    columns = [
        Column("file", _l("File"), sort="file"),
        Number("row", _l("Row"), sort="row"),
        Column("column", _l("Column"), sort="column", empty=_l("The whole row or file")),
        Column("value", _l("Found"), css="wide", empty=_l("Nothing stands there")),
        Column("expected", _l("Expected"), css="wide"),
    ]
    search_fields = ["file", "column", "value", "expected"]
    order_by = "pk"
    empty = Empty(_l("No faults"), "", "circle-check")

    def get_import(self) -> DataImport:
        rows = visible_to(self.request.user, DataImport.objects.all(), IMPORT)
        run = rows.filter(pk=self.kwargs["pk"]).first()
        if run is None:
            raise Http404
        return run

    def get_rows(self) -> QuerySet[DataImportFault]:
        return DataImportFault.objects.filter(run=self.get_import())

    def get_url(self, row: DataImportFault) -> str:
        return ""

    def get_actions(self) -> list[Action]:
        url = reverse("suite:import", args=[self.kwargs["pk"]])
        return [Action(_("Import %(number)s") % {"number": self.kwargs["pk"]}, url, "arrow-left", IMPORT)]


class ImportDeed(DeedView):
    """A button of one import."""

    permission = IMPORT

    def get_rows(self) -> QuerySet[DataImport]:
        return visible_to(self.request.user, DataImport.objects.all(), IMPORT)


class Import(ImportDeed):
    """The one click that imports what was checked."""

    def perform(self, row: DataImport) -> str:
        sent = self.request.POST.get("version", "")
        version = int(sent) if sent.isdigit() else None
        uploads.import_files(import_id=row.pk, by=self.request.user, now=timezone.now(), expected_version=version)  # type: ignore[arg-type]
        return reverse("suite:import", args=[row.pk])


class CheckAgain(ImportDeed):
    """The button for an import that failed."""

    def perform(self, row: DataImport) -> str:
        uploads.check_again(import_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("suite:import", args=[row.pk])


class Cancel(ImportDeed):
    """The button that gives it up."""

    def perform(self, row: DataImport) -> str:
        uploads.cancel_import(import_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("suite:import", args=[row.pk])


@requires(IMPORT)
def template(request: HttpRequest, name: str) -> HttpResponse:
    """An empty file to fill in: a CSV with its header, or the workbook with all sheets."""
    found = templates.file_named(name)
    if found is None:
        raise Http404
    content, content_type = found
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
