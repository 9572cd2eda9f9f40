"""The words of notices, in the customer's language and tone: honest, and never with another customer's name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.models import Tone
from masterdata.documents.wording import Wording, wording
from masterdata.errors import InvalidInput

LINK = "{link}"
"""Stands in a notice until it is sent: its link is made then, and only its hash is kept."""
PLACEHOLDERS = ("customer", "order", "reference", "day", "lines", "why", "company", "link")
"""What a rule's own words may name."""
_NAMED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A line as the customer reads of it."""

    line_no: int
    what: str
    quantity: Decimal
    unit_code: str
    time_zone: str
    old_at: dt.datetime
    new_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Told:
    """All that a notice is written from. `kind` is of the machine that is down, if it may be said."""

    customer: str
    company: str
    order_no: str
    reference: str
    reason: str
    kind: str
    tone: str
    language: str
    has_hours: bool
    is_correction: bool
    lines: Sequence[MovedLine]
    own_subject: str = ""
    own_body: str = ""


def words(told: Told) -> tuple[str, str]:
    """Subject and body; the body holds `LINK` where the link will stand."""
    say = Wording(told.language)
    lines = "\n\n".join(line_words(say, line, "line", told.has_hours) for line in told.lines)
    last = max(told.lines, key=lambda line: line.new_at)
    values = {
        "customer": told.customer,
        "company": told.company,
        "order": told.order_no,
        "reference": say.word("notice", "reference", reference=told.reference) if told.reference else "",
        "day": _at(say, last.new_at, last.time_zone, told.has_hours),
        "lines": lines,
        "why": why(say, told.reason, told.kind),
        "link": LINK,
    }
    key = "subject_correction" if told.is_correction else "subject"
    subject = fill(told.own_subject, values) if told.own_subject else _word(say, key, values)
    body = fill(told.own_body, values) if told.own_body else _usual(say, told, values)
    return " ".join(subject.split())[:160], body


def _usual(say: Wording, told: Told, values: dict[str, str]) -> str:
    tone = Tone.FRIENDLY if told.tone == Tone.FRIENDLY else Tone.FORMAL
    opening = "correction" if told.is_correction else "opening"
    return "\n\n".join(
        (
            _word(say, f"dear_{tone}", values),
            _word(say, f"{opening}_{tone}", values),
            values["lines"],
            _word(say, "why", values),
            _word(say, f"sorry_{tone}", values),
            _word(say, "link", values),
            f"{_word(say, f'regards_{tone}', values)}\n{told.company}",
        )
    )


def line_words(say: Wording, line: MovedLine, key: str, has_hours: bool) -> str:
    """What it is, the date that was known, the new one."""
    return say.word(
        "notice",
        key,
        line=str(line.line_no),
        what=f"{say.quantity(line.quantity, line.unit_code)} {line.what}",
        old=_at(say, line.old_at, line.time_zone, has_hours),
        new=_at(say, line.new_at, line.time_zone, has_hours),
    )


def why(say: Wording, reason: str, kind: str) -> str:
    """The reason as a customer may read it: the kind of cause, never whose order it was."""
    if reason == "breakdown" and kind:
        return say.word("notice", "why_breakdown_kind", kind=kind)
    return say.word("notice", f"why_{reason}")


def _at(say: Wording, at: dt.datetime, time_zone: str, has_hours: bool) -> str:
    with timezone.override(zone(time_zone)):
        return say.moment(at) if has_hours else say.day(at)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _word(say: Wording, key: str, values: dict[str, str]) -> str:
    return say.word("notice", key, **values)


def fill(text: str, values: dict[str, str]) -> str:
    """The text with what is named in braces; nothing that a person typed is ever run."""
    return _NAMED.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def refuse_unknown(text: str, field: str) -> None:
    """Raises InvalidInput for a placeholder that is not on the list."""
    for name in _NAMED.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise InvalidInput(f"{{{name[:40]}}} is no placeholder. Choose from: {known}.", field=field)


def language_of(customer_language: str, company_language: str) -> str:
    return wording(customer_language, company_language).language
