"""Forms and deeds of manual entries."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.books import services
from erp.books.forms import BecauseForm, EntryFileForm, EntryForm, UndoForm, head_of, typed
from erp.books.models import ManualEntry
from erp.books.views.entries import APPROVE, WRITE
from masterdata.access import visible_to
from masterdata.errors import InvalidInput
from masterdata.models import Company
from masterdata.pages import CreatePage, DeedView, EditPage, sent_version

LARGEST_FILE = 1_000_000


def companies(user: Any) -> QuerySet[Company]:
    """Where the user may write entries."""
    return visible_to(user, Company.objects.filter(accounts__isnull=False).distinct(), WRITE).order_by("name")


class WriteEntry(CreatePage):
    """A new entry, empty or like another one (`?like=`)."""

    permission, form_class, template_name = WRITE, EntryForm, "erp/supply/rows_form.html"
    title, submit_label = _l("Write an entry"), _l("Save as draft")
    done_message = _l("Saved. Submit it when debits and credits are equal.")

    def get_back(self) -> tuple[Any, str]:
        return _("Manual entries"), reverse("erp:manual_entries")

    @cached_property
    def like(self) -> ManualEntry | None:
        wish = self.request.GET.get("like", "")
        rows = visible_to(self.request.user, ManualEntry.objects.all(), WRITE)
        return rows.filter(pk=int(wish)).first() if wish.isdecimal() else None

    def get_initial(self) -> dict[str, Any]:
        today = {"posted_on": timezone.localdate()}
        return today if self.like is None else head_of(self.like) | today

    def get_form(self, data: Any = None) -> EntryForm:
        lines = [] if self.like is None else list(self.like.lines.select_related("sales_order").order_by("line_no"))
        allowed = companies(self.request.user)
        return EntryForm(data, initial=self.get_initial(), lines=typed(lines), companies=allowed)

    def perform(self, form: Any) -> str:
        row = services.write_entry(
            company=form.cleaned_data["company"],
            draft=form.draft(),
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("erp:manual_entry", args=[row.pk])


class EntryFromFile(CreatePage):
    """A new entry whose lines are in a file."""

    permission, form_class = WRITE, EntryFileForm
    title, submit_label = _l("An entry from a file"), _l("Read it")
    done_message = _l("Read. Look at the lines, then submit it.")

    def get_back(self) -> tuple[Any, str]:
        return _("Manual entries"), reverse("erp:manual_entries")

    def get_initial(self) -> dict[str, Any]:
        return {"posted_on": timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": companies(self.request.user)}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        if given["file"].size > LARGEST_FILE:
            raise InvalidInput(_("The file is larger than a megabyte: split it."), field="file")
        try:
            text = given["file"].read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInput(_("The file is not in UTF-8: save it so."), field="file") from None
        lines = services.lines_from_csv(company=given["company"], text=text)
        draft = services.ManualDraft(posted_on=given["posted_on"], memo=given["memo"], lines=lines)
        row = services.write_entry(
            company=given["company"],
            draft=draft,
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        return reverse("erp:manual_entry", args=[row.pk])

    def refuse(self, form: Any, refusal: Any) -> None:
        """A line of the file has no field of its own."""
        refusal.field = refusal.field if refusal.field in form.fields else "file"
        super().refuse(form, refusal)


class _OfEntry(EditPage):
    """A form about one entry, with its version."""

    def get_rows(self) -> QuerySet[ManualEntry]:
        return visible_to(self.request.user, ManualEntry.objects.select_related("company"), self.permission)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:manual_entry", args=[self.get_object().pk])


class ChangeEntry(_OfEntry):
    """Write a draft, or a refused one, anew."""

    permission, form_class, template_name = WRITE, EntryForm, "erp/supply/rows_form.html"
    title, submit_label, done_message = _l("Change the entry"), _l("Save as draft"), _l("Saved.")

    def get_form(self, data: Any = None) -> EntryForm:
        row = self.get_object()
        lines = list(row.lines.select_related("sales_order").order_by("line_no"))
        own = companies(self.request.user).filter(pk=row.company_id)
        return EntryForm(data, initial=head_of(row), lines=typed(lines), companies=own)

    def perform(self, form: Any) -> str:
        services.change_entry(
            entry_id=self.get_object().pk,
            draft=form.draft(),
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


class RefuseEntry(_OfEntry):
    """Say no, and why."""

    permission, form_class = APPROVE, BecauseForm
    title, submit_label, done_message = _l("Refuse it"), _l("Refuse"), _l("Refused, with your reason.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.refuse_entry(
            entry_id=self.get_object().pk,
            because=form.cleaned_data["because"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


class UndoEntry(_OfEntry):
    """Post its reversal on a day."""

    permission, form_class = APPROVE, UndoForm
    title, submit_label, done_message = _l("Undo the entry"), _l("Post the reversal"), _l("Undone by a linked entry.")

    def get_initial(self) -> dict[str, Any]:
        return {"posted_on": timezone.localdate()}

    def perform(self, form: Any) -> str:
        services.undo_entry(
            entry_id=self.get_object().pk,
            by=self.request.user,  # type: ignore[arg-type]
            posted_on=form.cleaned_data["posted_on"],
            now=timezone.now(),
        )
        return self.get_back()[1]


class _Deed(DeedView):
    def get_rows(self) -> QuerySet[ManualEntry]:
        return visible_to(self.request.user, ManualEntry.objects.all(), self.permission)


class SubmitEntry(_Deed):
    """Have it posted by somebody else."""

    permission, done_message = WRITE, _l("Submitted. Somebody else posts it.")

    def perform(self, row: Any) -> str:
        services.submit_entry(entry_id=row.pk, now=timezone.now())
        return reverse("erp:manual_entry", args=[row.pk])


class ApproveEntry(_Deed):
    """Post it."""

    permission, done_message = APPROVE, _l("Posted.")

    def perform(self, row: Any) -> str:
        services.approve_entry(entry_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("erp:manual_entry", args=[row.pk])


class DropEntry(_Deed):
    """Throw a draft away."""

    permission, done_message = WRITE, _l("Thrown away.")

    def perform(self, row: Any) -> str:
        services.drop_entry(entry_id=row.pk)
        return reverse("erp:manual_entries")
