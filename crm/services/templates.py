"""Templates of messages: written and changed; what they may name is checked when they are saved."""

from __future__ import annotations

import datetime as dt
import re

from django.db import IntegrityError, transaction

from crm import placeholders
from crm.models import MessageTemplate
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import User
from masterdata.models.languages import Language

_CODE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
Purpose = MessageTemplate.Purpose


class TemplateExists(Refusal):
    """There is one with this code in this language."""

    code = "template_exists"


@transaction.atomic
def write_template(
    *,
    code: str,
    name: str,
    purpose: str,
    language: str,
    subject: str,
    body: str,
    now: dt.datetime,
    by: User | None = None,
) -> MessageTemplate:
    """A new template, or an old one in another language; then it is for the same purpose. Raises TemplateExists."""
    if not _CODE.match(code):
        raise InvalidInput("A code is of small letters, digits and _, and begins with a letter.", field="code")
    if purpose not in Purpose.values:
        raise InvalidInput("Choose what it is for.", field="purpose")
    if language not in Language.values:
        raise InvalidInput("Choose a language.", field="language")
    other = MessageTemplate.objects.filter(code=code).exclude(purpose=purpose).first()
    if other is not None:
        word = other.get_purpose_display().lower()
        raise InvalidInput(
            f"Template {code} is there in another language, for another purpose: {word}.", field="purpose"
        )
    row = MessageTemplate(code=code, purpose=purpose, language=language, changed_at=now, changed_by=by)
    _say(row, name, subject, body)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        word = row.get_language_display()
        raise TemplateExists(f"Template {code} is there in {word} already: change that one.", field="code") from None
    return row


@transaction.atomic
def change_template(
    *,
    template_id: int,
    name: str,
    subject: str,
    body: str,
    is_active: bool,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
) -> MessageTemplate:
    """Other words, or no longer offered. Locks the template; raises StaleVersion."""
    row = MessageTemplate.objects.select_for_update().order_by("pk").get(pk=template_id)
    if expected_version not in (None, row.version):
        raise StaleVersion("Somebody changed this template meanwhile.", version=row.version)
    _say(row, name, subject, body)
    row.is_active, row.changed_at, row.changed_by, row.version = is_active, now, by, row.version + 1
    row.save()
    return row


def _say(row: MessageTemplate, name: str, subject: str, body: str) -> None:
    row.name, row.subject = " ".join(name.split()), " ".join(subject.split())
    row.body = body.replace("\x00", "").replace("\r\n", "\n").strip()
    for field, longest in (("name", 80), ("subject", 250), ("body", 20_000)):
        text = getattr(row, field)
        if not 0 < len(text) <= longest:
            raise InvalidInput(f"Write from 1 to {longest:,} characters.", field=field)
    placeholders.check(row.subject, row.purpose, field="subject")
    placeholders.check(row.body, row.purpose, field="body")
