"""Work instructions in the office: the list, a version with its steps, writing, marking pictures, releasing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.access import may, person, requires, visible_to
from masterdata.models import RoutingOperation
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    EditPage,
    Empty,
    ListPage,
    OneRow,
    State,
    View,
    When,
)
from mes import selectors, services
from mes.instruction_forms import MarksForm, NewInstructionForm, ReleaseForm, StepForm
from mes.models import InstructionPicture, InstructionStep, WorkInstruction
from mes.services.instructions import same_step

SEE, WRITE = "mes.view_instructions", "mes.write_instructions"


class Instructions(ListPage):
    """Every version of every instruction; the list begins with what holds."""

    permission = SEE
    title, question = _l("Work instructions"), _l("How is each step done, and which version holds?")
    columns = [
        Code("operation.routing.material.code", _l("Product"), sort="operation__routing__material__code", link=True),
        Column("operation.routing.material.name", _l("Name"), css="wide"),
        Column(lambda row: f"{row.operation.sequence} {row.operation.name}", _l("Operation")),
        Column("operation.work_centre.name", _l("Work centre")),
        Column("operation.routing.plant.code", _l("Plant")),
        Column("version_no", _l("Version"), css="num"),
        State("state", _l("State"), sort="state"),
        When("released_at", _l("Released"), sort="released_at", empty=_l("Not released")),
        Column("released_by", _l("By"), empty=_l("Not released")),
    ]
    search_fields = ["operation__routing__material__code", "operation__routing__material__name", "operation__name"]
    filters = [Choice("state", _l("State"), choices=WorkInstruction.State.choices)]
    order_by = "-id"
    live = ["instructions"]
    empty = Empty(
        _l("No work instructions yet"),
        _l("Write how a step is done; the tablet shows it beside the job."),
        "notes",
    )

    def get_rows(self) -> QuerySet[WorkInstruction]:
        return selectors.instructions(self.request.user)

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("released", _("In force"), "state=released"),
            View("draft", _("Being written"), "state=draft"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("New instruction"), reverse("mes:instruction_create"), "plus", WRITE, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("mes:instruction", args=[row.pk])


def _writable(request: Any) -> QuerySet[WorkInstruction]:
    related = "operation__routing__material", "operation__routing__plant"
    return visible_to(request.user, WorkInstruction.objects.select_related(*related), WRITE)


def _at(row: WorkInstruction) -> str:
    return reverse("mes:instruction", args=[row.pk])


class NewInstruction(CreatePage):
    """A draft for an operation: a copy of what holds now, else empty."""

    permission, form_class = WRITE, NewInstructionForm
    title = _l("New work instruction")
    submit_label = _l("Begin")

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = RoutingOperation.objects.filter(routing__state="frozen").select_related(
            "routing__material", "routing__plant"
        )
        rows = rows.order_by("routing__material__code", "routing__plant__code", "sequence")
        return {"operations": visible_to(self.request.user, rows, WRITE)}

    def get_back(self) -> tuple[Any, str]:
        return _("Work instructions"), reverse("mes:instructions")

    def perform(self, form: Any) -> str:
        operation = form.cleaned_data["operation"]
        by, now = person(self.request), timezone.now()
        return _at(services.write_instruction(operation_id=operation.pk, by=by, now=now))


class Instruction(OneRow):
    """One version as the tablet shows it, with what may be done to it."""

    permission = SEE

    def get_rows(self) -> QuerySet[WorkInstruction]:
        return selectors.instructions(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        material = row.operation.routing.material
        is_draft = row.state == WorkInstruction.State.DRAFT
        writes = may(request.user, WRITE) and _writable(request).filter(pk=row.pk).exists()
        context = {
            "object": row,
            "page_title": f"{row.operation.sequence} {row.operation.name}",
            "subtitle": f"{material.code} · {material.name} · {row.operation.routing.plant.name}",
            "back": (_("Work instructions"), reverse("mes:instructions")),
            "shown": selectors.shown_instruction(row, material.pk),
            "versions": same_step(row.operation).select_related("released_by").order_by("-version_no"),
            "is_draft": is_draft,
            "may_write": writes,
            "edits": writes and is_draft,
            "draft": same_step(row.operation).filter(state=WorkInstruction.State.DRAFT).first(),
            "material": material,
        }
        return render(request, "mes/instruction.html", context)


class Preview(Instruction):
    """As the tablet shows it: large, one step after the other."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        shown = selectors.shown_instruction(row, row.operation.routing.material_id)
        title = f"{row.operation.sequence} {row.operation.name}"
        context = {"object": row, "shown": shown, "page_title": title, "plant": row.operation.routing.plant}
        return render(request, "mes/instruction_preview.html", context)


class NextVersion(DeedView):
    """A draft that begins as a copy of this one."""

    permission = WRITE

    def get_rows(self) -> QuerySet[WorkInstruction]:
        return _writable(self.request)

    def perform(self, row: Any) -> str:
        by, now = person(self.request), timezone.now()
        return _at(services.write_instruction(operation_id=row.operation_id, by=by, now=now))


class DropInstruction(NextVersion):
    """A draft that nobody needs."""

    done_message = _l("The draft is gone.")

    def perform(self, row: Any) -> str:
        services.drop_instruction(instruction_id=row.pk)
        return reverse("mes:instructions")


class ReleaseInstruction(EditPage):
    """From now on it holds."""

    permission, form_class = WRITE, ReleaseForm
    submit_label = _l("Release")
    done_message = _l("Released: work that is released from now on follows it.")

    def get_rows(self) -> QuerySet[WorkInstruction]:
        return _writable(self.request)

    def get_title(self) -> Any:
        return _("Release version %(number)s") % {"number": self.get_object().version_no}

    def get_back(self) -> tuple[Any, str]:
        return str(self.get_object().operation.name), _at(self.get_object())

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.release_instruction(
            instruction_id=row.pk, note=form.cleaned_data["note"], by=person(self.request), now=timezone.now(),
            expected_version=row.version,
        )  # fmt: skip
        return _at(row)


class AddStep(ReleaseInstruction):
    """One more step, at the end."""

    form_class = StepForm  # type: ignore[assignment]
    submit_label = _l("Save")
    done_message = ""  # type: ignore[assignment]
    step: InstructionStep | None = None

    def get_title(self) -> Any:
        return _("New step")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        upload = given["picture"]
        services.write_step(
            instruction_id=row.pk, step_id=self.step.pk if self.step else None, title=given["title"],
            text=given["text"], shows_drawing=given["shows_drawing"],
            picture=(upload.name, upload.read()) if upload else None, loses_picture=given["loses_picture"],
            expected_version=row.version,
        )  # fmt: skip
        return _at(row)


class EditStep(AddStep):
    """Change a step."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = InstructionStep.objects.filter(instruction=kwargs["pk"])
        self.step = get_object_or_404(rows, pk=kwargs["step_id"])

    def get_title(self) -> Any:
        return _("Step %(number)s") % {"number": self.step.step_no if self.step else ""}

    def get_initial(self) -> dict[str, Any]:
        assert self.step is not None
        return {"title": self.step.title, "text": self.step.text, "shows_drawing": self.step.shows_drawing}


class _OnStep(NextVersion):
    def perform(self, row: Any) -> str:
        self.act(row, get_object_or_404(row.steps, pk=self.kwargs["step_id"]))
        return _at(row)

    @abstractmethod
    def act(self, row: WorkInstruction, step: InstructionStep) -> None: ...


class RemoveStep(_OnStep):
    def act(self, row: WorkInstruction, step: InstructionStep) -> None:
        services.remove_step(instruction_id=row.pk, step_id=step.pk)


class StepUp(_OnStep):
    def act(self, row: WorkInstruction, step: InstructionStep) -> None:
        services.move_step(instruction_id=row.pk, step_id=step.pk, by_places=-1)


class StepDown(_OnStep):
    def act(self, row: WorkInstruction, step: InstructionStep) -> None:
        services.move_step(instruction_id=row.pk, step_id=step.pk, by_places=1)


class MarkPicture(EditStep):
    """Numbers on a step's picture: clicked there, or typed in per cent."""

    form_class = MarksForm  # type: ignore[assignment]
    template_name = "mes/instruction_marks.html"

    def get_title(self) -> Any:
        return _("Marks of step %(number)s") % {"number": self.step.step_no if self.step else ""}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        row = self.get_object()
        shown = selectors.shown_instruction(row, row.operation.routing.material_id)
        one = next(one for one in shown.steps if self.step and one.step.pk == self.step.pk)
        marks = list(getattr(form, "marks", [])) or one.marks
        return super().get_context_data(form) | {"one": one, "marks": marks}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        assert self.step is not None
        services.mark_picture(instruction_id=row.pk, step_id=self.step.pk, marks=form.marks)
        return _at(row)


@requires(SEE)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture's bytes; even if a browser opened it as a page, nothing in it could run."""
    seen = selectors.instructions(request.user).filter(steps__picture=pk)
    row = get_object_or_404(InstructionPicture.objects.filter(pk=pk), pk=pk if seen.exists() else 0)
    answer = HttpResponse(bytes(row.content), content_type=row.content_type)
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
