"""How mail reads on an order's timeline."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Message
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    for kind in ("MessageSent", "MessageReceived", "MessageFailed", "MessageNoted"):
        timeline.register_about(kind, Message.objects.all(), "message_id", _happening)


def _happening(record: FactRecord, message: Message) -> Happening:
    """To whom, or from whom."""
    url, whom = reverse("crm:message", args=[message.pk]), {"whom": ", ".join(message.to_addresses)}
    if record.kind == "MessageSent":
        sentence = _("Mail sent to %(whom)s") % whom
        return Happening(record.stated_at, sentence, "send", message.made_by or "", message.subject, url)
    if record.kind == "MessageFailed":
        sentence = _("Mail to %(whom)s did not arrive") % whom
        return Happening(record.stated_at, sentence, "mail-off", "", message.error or message.subject, url, tone="bad")
    if record.kind == "MessageNoted":
        is_call = message.kind == Message.Kind.CALL
        said = message.subject or message.outcome or " ".join(message.body.split())[:140]
        sentence, icon = (_("Call logged"), "phone") if is_call else (_("Note"), "note")
        return Happening(record.stated_at, sentence, icon, message.made_by or "", said, url)
    sentence = _("Mail from %(whom)s") % {"whom": message.from_address}
    return Happening(record.stated_at, sentence, "mail-opened", "", message.subject, url)
