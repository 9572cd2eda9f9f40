"""Pages that change something: create and edit forms, and the button that does one deed."""

from __future__ import annotations

import json
from abc import abstractmethod
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Manager, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from masterdata import shown
from masterdata.access import Guarded
from masterdata.errors import Refusal, StaleVersion
from masterdata.pages.details import OneRow
from masterdata.pages.once import FIELD, new_key, once

DASHES = "---------"  # what Django shows for nothing where a form does not say it in words


class FormPage(Guarded):
    """A form that makes one service call. `perform` calls it and returns the address to go to.

    A refusal is shown at its field (or above the form) with everything that was typed kept.
    """

    form_class: ClassVar[type[forms.Form]]
    title: ClassVar[Any] = ""
    submit_label: ClassVar[Any] = ""
    done_message: ClassVar[Any] = ""
    template_name: ClassVar[str] = "pages/form.html"

    def get_title(self) -> Any:
        return self.title

    def get_back(self) -> tuple[Any, str] | None:
        return None

    def get_initial(self) -> dict[str, Any]:
        return self.request.GET.dict()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def get_form(self, data: Any = None) -> forms.Form:
        files = self.request.FILES if data is not None else None
        form = self.form_class(data, files, initial=self.get_initial(), **self.get_form_kwargs())
        for field in form.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
                field.empty_label = _("Choose one") if field.required else _("None")
        return form

    @abstractmethod
    def perform(self, form: Any) -> str: ...

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return {
            "form": form,
            "page_title": self.get_title(),
            "back": self.get_back(),
            "submit_label": self.submit_label or _("Save"),
            "idempotency_field": FIELD,
            "idempotency_key": self.request.POST.get(FIELD) or new_key(),
            "has_files": form.is_multipart(),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return render(request, self.template_name, self.get_context_data(self.get_form()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form(request.POST)
        if form.is_valid():
            try:
                url = once(request, lambda: self.perform(form))
            except StaleVersion as refusal:
                return self.stale(form, refusal)
            except Refusal as refusal:
                self.refuse(form, refusal)
            else:
                if self.done_message:
                    messages.success(request, self.done_message)
                return go_to(request, url)
        return render(request, self.template_name, self.get_context_data(form), status=422)

    def refuse(self, form: Any, refusal: Refusal) -> None:
        """Put the sentence at its field, or above the form; of a form with rows at the row that it names."""
        field = form.field_of(refusal.field) if hasattr(form, "field_of") else refusal.field
        form.add_error(field if field in form.fields else None, refusal.sentence)

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        form.add_error(None, refusal.sentence)
        return render(self.request, self.template_name, self.get_context_data(form), status=409)


class CreatePage(FormPage):
    """A form that makes a new row."""


class EditPage(FormPage, OneRow):
    """A form about one row, with a version: when somebody changed the row meanwhile, both are shown, nothing is lost.

    `version_field` is the row's version (empty: the row has none). The service checks it once more under its lock.
    """

    version_field: ClassVar[str] = "version"
    conflict_template: ClassVar[str] = "pages/conflict.html"

    def get_title(self) -> Any:
        return self.title or str(self.get_object())

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {name: _as_typed(getattr(row, name, None)) for name in self.form_class.base_fields}

    def get_version(self) -> str:
        return str(getattr(self.get_object(), self.version_field, "")) if self.version_field else ""

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        version = self.request.POST.get("version") or self.get_version()
        return super().get_context_data(form) | {"object": self.get_object(), "version": version}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sent = request.POST.get("version", "")
        if sent and sent != self.get_version():
            return self.stale(self.get_form(request.POST), StaleVersion(_("Somebody else saved this meanwhile.")))
        return super().post(request, *args, **kwargs)

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        """What stands now beside what was typed; sending again carries the new version."""
        if hasattr(self, "_object"):
            del self._object
        now = self.get_form()
        both = [(mine, in_words(mine), in_words(theirs)) for mine, theirs in zip(form, now, strict=True)]
        context = self.get_context_data(form) | {
            "version": self.get_version(),
            "idempotency_key": new_key(),
            "sentence": refusal.sentence,
            "differences": [(field.label, mine, theirs) for field, mine, theirs in both if mine != theirs],
        }
        return render(self.request, self.conflict_template, context, status=409)


class DeedView(OneRow):
    """A button that does one deed on one row, by POST. `perform` calls the service, returns where to go ("": back).

    A part of a page that looks after itself sends `stay`: then nobody leaves, and what is to be said is said there.
    """

    http_method_names = ["post", "options"]
    done_message: ClassVar[Any] = ""

    @abstractmethod
    def perform(self, row: Any) -> str: ...

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        try:
            url = once(request, lambda: self.perform(row))
        except Refusal as refusal:
            return _ended(request, messages.ERROR, refusal.sentence, "")
        return _ended(request, messages.SUCCESS, self.done_message, url)


def _ended(request: HttpRequest, level: int, text: Any, url: str) -> HttpResponseBase:
    if "stay" in request.POST:
        said = {"kind": messages.DEFAULT_TAGS[level], "text": str(text)}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"said": said})} if text else {})
    if text:
        messages.add_message(request, level, text)
    return go_to(request, url)


def sent_version(request: HttpRequest) -> int | None:
    """The version that the form or button was shown with; None when it sent none."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() else None


def go_to(request: HttpRequest, url: str) -> HttpResponse | HttpResponseRedirect:
    """A redirect, also for htmx (which would otherwise swap the next page into a part); empty: where we came from."""
    if not url:
        came_from = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
        url = came_from if is_ours else "/"
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _as_typed(value: Any) -> Any:
    """Decimals without the column's trailing zeros, a related row as its id, many related rows as a list."""
    if isinstance(value, Decimal):
        return shown.plain(value)
    if isinstance(value, Manager):
        return list(value.all())
    return value.pk if isinstance(value, Model) else value


def in_words(bound: Any) -> str:
    """A form value in words: the choice's label, else the text."""
    value = bound.value()
    field = bound.field
    if isinstance(field, forms.ChoiceField):
        for key, label in getattr(field.widget, "choices", ()):
            if str(key) == str(value):
                return str(label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return shown.DASH if value in (None, "") else str(value)
