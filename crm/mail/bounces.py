"""Bounces: what a mail server says about a mail of ours that did not arrive (RFC 3464)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

_ID = re.compile(r"<[^<>\s]{1,990}>")


@dataclass(frozen=True)
class Bounce:
    """`message_id` of the mail that is meant, as far as it says. `is_final`: it will not be tried any more."""

    message_id: str
    reason: str
    is_final: bool


def bounce_of(mail: Message) -> Bounce | None:
    """What the report says; None when it is none."""
    if mail.get_content_type() != "multipart/report":
        return None
    report_type = str(mail.get_param("report-type", "") or "").lower()
    parts = [part for part in mail.walk() if part is not mail]
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None or report_type not in ("delivery-status", ""):
        return None
    fields = _fields(status)
    action = fields.get("action", "").lower()
    if action not in ("failed", "delayed"):
        return None
    who = fields.get("final-recipient", fields.get("original-recipient", "")).rpartition(";")[2].strip()
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("status", "")
    reason = f"{who}: {said}".strip(": ") or "The mail did not arrive."
    return Bounce(_meant(parts), " ".join(reason.split())[:1000], action == "failed")


def _fields(status: Message) -> dict[str, str]:
    """The fields of all recipients; of two with the same name the first, failures before delays."""
    payload = status.get_payload()
    groups = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    groups.sort(key=lambda group: "fail" not in str(group.get("Action", "")).lower())
    found: dict[str, str] = {}
    for group in groups:
        for name, value in group.items():
            found.setdefault(name.lower(), " ".join(str(value).split()))
    return found


def _meant(parts: list[Message]) -> str:
    """The Message-ID of the mail that comes back with the report, whole or as its head."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            head = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(head, Message) and (found := _ID.findall(str(head.get("Message-ID", "")))):
                return str(found[0])
        elif kind == "text/rfc822-headers":
            lines = re.sub(r"\r?\n[ \t]+", " ", str(part.get_payload()))
            if found := re.findall(r"^message-id:\s*(<[^<>\s]+>)", lines, re.IGNORECASE | re.MULTILINE):
                return str(found[0])
    return ""
