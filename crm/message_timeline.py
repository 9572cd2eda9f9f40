"""How mail reads on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Message
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("MessageSent", _told)
    timeline.register("MessageReceived", _told)


def _told(records: Sequence[FactRecord]) -> timeline.Told:
    """Both kinds: to whom, or from whom."""
    found = Message.objects.in_bulk({record.payload["message_id"] for record in records})
    return {
        record.pk: _happening(record, message)
        for record in records
        if (message := found.get(record.payload["message_id"]))
    }


def _happening(record: FactRecord, message: Message) -> Happening:
    url = reverse("crm:message", args=[message.pk])
    if record.kind == "MessageSent":
        sentence = _("Mail sent to %(whom)s") % {"whom": ", ".join(message.to_addresses)}
        return Happening(record.stated_at, sentence, "send", message.made_by or "", message.subject, url)
    sentence = _("Mail from %(whom)s") % {"whom": message.from_address}
    return Happening(record.stated_at, sentence, "mail-opened", "", message.subject, url)
