"""Forms of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.forms import PickField
from crm.models import Message, MessageTemplate
from crm.services.messages import MOST_BYTES
from masterdata.models import Partner
from masterdata.models.languages import Language

LONG = {"rows": "14"}


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; together no larger than a mail may be."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in given if one]
        if sum(one.size or 0 for one in files) > MOST_BYTES:
            raise ValidationError(_t("At most %(mb)s MB of files.") % {"mb": MOST_BYTES // 1024 // 1024})
        return files


class WordsForm(forms.Form):
    """A mail: to whom, and what."""

    to = forms.CharField(label=_("To"), max_length=2000, help_text=_("Several with a comma between"))
    cc = forms.CharField(label=_("Copy to"), max_length=2000, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=250)
    body = forms.CharField(label=_("Message"), max_length=200_000, widget=forms.Textarea(attrs=LONG))


class ComposeForm(WordsForm):
    """A mail with files. `pdf` makes the document's PDF: outside the transaction that queues the mail."""

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    attached = FilesField(label=_("Files"), required=False)
    with_pdf = forms.BooleanField(label=_("With the document as PDF"), required=False)
    hold = forms.BooleanField(label=_("Hold for review"), required=False)
    field_order = ("customer", "to", "cc", "subject", "body", "attached", "with_pdf", "hold")

    def __init__(self, *args: Any, customers: dict[str, Partner] | None, pdf: Callable[[], Any] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("to", "cc"):
            self.fields[name].widget.attrs.update({"list": "addresses", "autocomplete": "off"})
        self.pdf = pdf
        self.attachments: list[tuple[str, str, bytes]] = []
        if customers is None:
            del self.fields["customer"]
        else:
            self.fields["customer"].rows = customers  # type: ignore[attr-defined]
        if pdf is None:
            del self.fields["with_pdf"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("with_pdf") and self.pdf is not None and not self.errors:
            made = self.pdf()
            self.attachments.append((made.file_name, "application/pdf", made.content))
        for file in given.get("attached") or []:
            self.attachments.append((file.name, file.content_type or "application/octet-stream", file.read()))
        return given


class LogForm(forms.Form):
    """A call or a note: two fields, the rest where it matters."""

    kind = forms.ChoiceField(
        label=_("What"),
        choices=[("call-out", _("We called")), ("call-in", _("They called")), ("note", _("Note"))],
    )
    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    body = forms.CharField(label=_("What was said"), max_length=20_000, widget=forms.Textarea)
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    outcome = forms.CharField(label=_("What came of it"), required=False, max_length=160)

    def __init__(self, *args: Any, customers: dict[str, Partner] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if customers is None:
            del self.fields["customer"]
        else:
            self.fields["customer"].rows = customers  # type: ignore[attr-defined]

    def logged(self) -> dict[str, Any]:
        """As the service takes it; a note has neither minutes nor outcome."""
        given = self.cleaned_data
        kind, _, way = given["kind"].partition("-")
        said = {"kind": kind, "body": given["body"]}
        if kind == Message.Kind.NOTE:
            return said
        return said | {"direction": way, "minutes": given["minutes"], "outcome": given["outcome"]}


class AssignForm(forms.Form):
    """Whose mail it is, and what it is about."""

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    document = forms.CharField(
        label=_("About"), required=False, max_length=40, help_text=_("Number of a quotation, an order or a case")
    )
    make_contact = forms.BooleanField(label=_("Keep the sender as a contact"), required=False)
    contact_name = forms.CharField(label=_("Name of the contact"), required=False, max_length=120)

    def __init__(self, *args: Any, customers: dict[str, Partner], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["customer"].rows = customers  # type: ignore[attr-defined]


class TemplateWordsForm(forms.Form):
    """What is changed of a template."""

    name = forms.CharField(label=_("Name"), max_length=80)
    is_active = forms.BooleanField(label=_("Offered when a message is written"), required=False, initial=True)
    subject = forms.CharField(label=_("Subject"), max_length=250)
    body = forms.CharField(label=_("Message"), max_length=20_000, widget=forms.Textarea(attrs=LONG))


class TemplateForm(TemplateWordsForm):
    """A new template."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Small letters, the same in every language"))
    purpose = forms.ChoiceField(label=_("What it is for"), choices=MessageTemplate.Purpose.choices)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    field_order = ("name", "code", "purpose", "language", "subject", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]
