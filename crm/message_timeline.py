"""How mail reads on an order's timeline."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Message
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    for kind in ("MessageSent", "MessageReceived"):
        timeline.register_about(kind, Message.objects.all(), "message_id", _happening)


def _happening(record: FactRecord, message: Message) -> Happening:
    """To whom, or from whom."""
    url = reverse("crm:message", args=[message.pk])
    if record.kind == "MessageSent":
        sentence = _("Mail sent to %(whom)s") % {"whom": ", ".join(message.to_addresses)}
        return Happening(record.stated_at, sentence, "send", message.made_by or "", message.subject, url)
    sentence = _("Mail from %(whom)s") % {"whom": message.from_address}
    return Happening(record.stated_at, sentence, "mail-opened", "", message.subject, url)
