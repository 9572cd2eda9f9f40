"""The page of a message: the conversation around it, and what is done with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import Message, MessageAttachment
from crm.views.messages.lists import state_look, state_word, whom
from crm.views.messages.subject import address
from crm.views.messages.writing import WRITE, OneMessage
from masterdata.access import may, person, requires
from masterdata.pages import Action, Card, Column, DeedView, DetailPage, When

State = Message.State


class MessagePage(OneMessage, DetailPage):
    """What was said, before and after?"""

    permission = "crm.view"
    template_name = "crm/messages/message.html"
    live = ["message"]

    def get_rows(self) -> QuerySet[Message]:
        return super().get_rows().select_related("handled_by", "notice")

    def get_title(self, row: Any) -> str:
        return row.subject or _t("No subject")

    def get_subtitle(self, row: Any) -> str:
        return whom(row)

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Messages"), reverse("crm:messages")

    def get_state(self, row: Any) -> tuple[str, str]:
        return state_look(row), state_word(row)

    def get_actions(self, row: Any) -> list[Action]:
        def deed(name: str, label: Any, icon: str, **more: Any) -> Action:
            return Action(label, reverse(f"crm:message_{name}", args=[row.pk]), icon, WRITE, post=True, **more)

        answer = Action(_t("Answer"), reverse("crm:message_write") + f"?answers={row.pk}", "arrow-back-up", WRITE)
        if row.state == State.HELD:
            change = Action(_t("Change"), reverse("crm:message_rewrite", args=[row.pk]), "pencil", WRITE)
            confirm = _t("Discard this message? It is kept, but never sent.")
            discard = deed("discard", _t("Discard"), "trash", confirm=confirm)
            return [discard, change, deed("release", _t("Send"), "send", is_main=True)]
        if row.state == State.FAILED:
            anew = Action(_t("Write anew"), answer.url, "pencil", WRITE)
            return [_handled(row, deed), anew, deed("retry", _t("Send again"), "refresh", is_main=True)]
        if row.state == State.RECEIVED:
            return self._received(row, deed, answer)
        return [answer] if row.state == State.SENT else []

    def _received(self, row: Any, deed: Any, answer: Action) -> list[Action]:
        done = _handled(row, deed)
        assign = Action(_t("Assign"), reverse("crm:message_assign", args=[row.pk]), "user-plus", WRITE)
        if row.customer is None:
            return [done, Action(assign.label, assign.url, assign.icon, WRITE, is_main=True)]
        return [assign, done, Action(answer.label, answer.url, answer.icon, WRITE, is_main=True)]

    def get_cards(self, row: Any) -> list[Card]:
        about = [
            Column("customer.name", _("Customer"), empty=_("Nobody knows the sender")),
            Column("contact.name", _("Person"), empty=_("No contact has this address")),
            Column("order.number", _("Order"), empty=_("About no order")),
            Column("quotation.number", _("Quotation"), empty=_("About no quotation")),
            Column("case.number", _("Case"), empty=_("About no case")),
            Column("owner", _("Ours"), empty=_("Nobody yet")),
        ]
        way = [
            When("made_at", _("Written") if row.direction != "in" else _("Came in")),
            When("sent_at", _("Sent"), empty=_("Not sent yet")),
            When("read_at", _("Read"), empty=_("No answer proves it yet")),
            When("handled_at", _("Handled"), empty=_("Nobody has handled it")),
        ]
        shown = {"sent_at", "made_at"} | ({"handled_at"} if row.direction == "in" or row.handled_at else {"read_at"})
        return [Card(_t("About"), about), Card(_t("Way"), [one for one in way if one.key in shown])]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        told = list(selectors.conversation(user, row)) if row.kind == Message.Kind.MAIL else [row]
        return super().get_context_data(row) | {
            "told": [(one, state_look(one), state_word(one), whom(one)) for one in told],
            "links": _links(row, user),
        }


def _handled(row: Message, deed: Any) -> Action:
    """It needs nothing more, or something after all."""
    found: Action = (
        deed("reopen", _t("To handle again"), "rotate") if row.handled_at else deed("handle", _t("Handled"), "check")
    )
    return found


def _links(row: Message, user: Any) -> list[tuple[str, str]]:
    """Documents that the user may open."""
    found = [
        (row.customer and row.customer.name, "crm:customer", row.customer_id, "crm.view"),
        (row.order and row.order.number, "erp:order", row.order_id, "erp.view_order"),
        (row.quotation and row.quotation.number, "crm:quotation", row.quotation_id, "crm.view"),
        (row.case and row.case.number, "crm:case", row.case_id, "crm.view"),
    ]
    shown = [(name, address(url, pk)) for name, url, pk, deed in found if name and pk and may(user, deed)]
    return [(name, url) for name, url in shown if url]


class MessageDeed(OneMessage, DeedView):
    permission = WRITE

    def back(self, row: Message) -> str:
        return reverse("crm:message", args=[row.pk])


class Release(MessageDeed):
    """Reviewed and good."""

    done_message = _("It is on its way.")

    def perform(self, row: Any) -> str:
        services.release_message(message_id=row.pk, now=timezone.now())
        return self.back(row)


class Discard(MessageDeed):
    done_message = _("Discarded: it is kept, but never sent.")

    def perform(self, row: Any) -> str:
        services.discard_message(message_id=row.pk, by=person(self.request), now=timezone.now())
        return self.back(row)


class Retry(MessageDeed):
    done_message = _("It is tried again.")

    def perform(self, row: Any) -> str:
        services.retry_message(message_id=row.pk, now=timezone.now())
        return self.back(row)


class Handle(MessageDeed):
    done_message = _("Handled.")

    def perform(self, row: Any) -> str:
        services.mark_handled(message_id=row.pk, by=person(self.request), now=timezone.now())
        return self.back(row)


class Reopen(MessageDeed):
    done_message = _("It waits to be handled again.")

    def perform(self, row: Any) -> str:
        services.mark_unhandled(message_id=row.pk, now=timezone.now())
        return self.back(row)


@requires("crm.view")
def attachment(request: HttpRequest, pk: int, file_id: int) -> HttpResponseBase:
    """A file of a message, always to be saved, never shown: it is a stranger's."""
    message = get_object_or_404(selectors.visible_messages(request.user), pk=pk)
    row = get_object_or_404(MessageAttachment.objects.filter(message=message), pk=file_id)
    if row.is_left_out:
        raise Http404
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.name)}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
