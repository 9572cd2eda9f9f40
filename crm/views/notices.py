"""Notices: what customers were told, what waits to be looked at, and the deeds on one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.forms_of_notices import DiscardForm, NoticeForm
from crm.models import Notice, NoticeLine, NoticeRule, Promise
from crm.services.notice_words import LINK
from crm.views.moved import moved
from masterdata.access import may, person
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Days,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
    sent_version,
)

WRITE = "crm.write_quotation"
CHIPS = {"drafted": "planned", "held": "held", "queued": "done", "discarded": "cancelled"}
MAIL = {
    "queued": _("Waits in the outbox"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "failed": _("Could not be sent"),
    "held": _("Held"),
    "discarded": _("Discarded"),
}


def chip(row: Notice) -> tuple[str, Any]:
    """State and word: of what was given to the post, how far it came."""
    if row.state != Notice.State.QUEUED:
        return CHIPS[row.state], row.get_state_display()
    if row.read_at is not None:
        return "done", _("Read")
    mail_state = getattr(row, "mail_state", None) or ""
    return ("late" if mail_state == "failed" else "done"), MAIL.get(mail_state, _("Written"))


class Notices(ListPage):
    """What were customers told, and what waits for somebody?"""

    permission = "crm.view"
    title, question = _("Notices"), _("What were customers told about changed dates, and what waits to be looked at?")
    columns = [
        When("written_at", _("Written"), sort="written_at"),
        Column("customer.name", _("Customer"), sort="customer__name"),
        Code("order.number", _("Order"), sort="order__number"),
        Column("subject", _("Subject"), second=lambda row: row.held_why or row.discarded_why, css="wide", link=True),
        Number(
            lambda row: row.days_late or None, _("Days moved"), sort="days_late", empty=_("Some hours, on the same day")
        ),
        State(lambda row: chip(row)[0], _("State"), word=lambda row: chip(row)[1]),
        When("read_at", _("Read"), sort="read_at", empty=_("Its link was not opened")),
    ]
    search_fields = ["customer__name", "subject", "order__number"]
    filters = [
        Choice("state", _("State"), choices=Notice.State.choices),
        Choice("reason", _("Reason"), choices=Promise.Reason.choices),
        Flag("read", _("Read"), condition=Q(read_at__isnull=False)),
        Flag("correction", _("Corrections"), condition=Q(is_correction=True)),
        Days("written", _("Written"), field="written_at", is_moment=True),
    ]
    order_by = "-written_at"
    live = ["notice", "message"]
    plant = ""
    empty = Empty(
        _("Nobody had to be told anything"), _("When a promise moves, the customer's notice is written here."), "mail"
    )

    def get_rows(self) -> QuerySet[Notice]:
        return selectors.visible_notices(self.request.user)

    def get_views(self) -> list[View]:
        rows = selectors.visible_notices(self.request.user).order_by()
        held = rows.filter(state=Notice.State.HELD).aggregate(n=Count("pk"))["n"]
        return [
            View("all", _("All")),
            View("held", _("To be looked at"), "state=held", count=held),
            View("drafted", _("Settling"), "state=drafted"),
            View("queued", _("Told"), "state=queued"),
            View("discarded", _("Not sent"), "state=discarded"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("Rules"), reverse("crm:notice_rules"), "adjustments", "crm.set_notice_rules")]

    def get_url(self, row: Any) -> str:
        return reverse("crm:notice", args=[row.pk])


class NoticePage(DetailPage):
    """What is this customer told, why, and may it go?"""

    permission = "crm.view"
    template_name = "crm/notice.html"
    live = ["notice", "message"]
    plant = ""

    def get_rows(self) -> QuerySet[Notice]:
        return selectors.visible_notices(self.request.user)

    @cached_property
    def lines(self) -> list[NoticeLine]:
        rows = NoticeLine.objects.filter(notice=self.kwargs["pk"]).order_by("pk")
        return list(rows.select_related("order_line__material", "order_line__plant", "before", "promise"))

    def get_title(self, row: Any) -> str:
        return str(row.subject)

    def get_subtitle(self, row: Any) -> str:
        return f"{row.customer.name} · {row.order.number}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _t("Notices"), reverse("crm:notices")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return chip(row)

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("words", _("Words"), template="crm/_notice_words.html")]

    def get_cards(self, row: Any) -> Sequence[Card]:
        return [
            Card(
                _t("Why and how"),
                [
                    Column("get_reason_display", _("Reason")),
                    Column(lambda _one: moved(self.lines), _("Moved"), empty=_("Its dates are what they were")),
                    Column("get_language_display", _("Language")),
                    Column("get_tone_display", _("Tone")),
                    Column("rule", _("Rule"), empty=_("The usual rules")),
                    Column(lambda one: _approver(one), _("Sent by"), empty=_("By itself")),
                ],
            ),
            Card(
                _t("Log"),
                [
                    When("written_at", _("Written")),
                    When("settles_at", _("Settles until"), empty=_("It did not settle")),
                    When("decided_at", _("Decided"), empty=_("Not yet")),
                    Column("decided_by", _("By"), empty=_("By rule")),
                    When("queued_at", _("Given to the post"), empty=_("Not yet")),
                    When("mail_sent_at", _("Left the house"), empty=_("Not yet")),
                    When("read_at", _("Read"), empty=_("Its link was not opened")),
                ],
            ),
        ]

    def get_actions(self, row: Any) -> list[Action]:
        order = Action(_t("Order"), reverse("erp:order", args=[row.order_id]), "clipboard-list", "erp.view_order")
        if not row.is_waiting:
            return [order]
        address = {name: reverse(f"crm:notice_{name}", args=[row.pk]) for name in ("edit", "send", "discard")}
        needs = "crm.approve_notice" if row.approver == NoticeRule.Approver.LEAD else WRITE
        fields = {"version": row.version}
        return [
            order,
            Action(_t("Do not send"), address["discard"], "circle-x", needs),
            Action(_t("Edit"), address["edit"], "pencil", needs),
            Action(_t("Send now"), address["send"], "send", needs, post=True, is_main=True, fields=fields),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        messages = row.messages.order_by("pk")
        return super().get_context_data(row) | {
            "lines": self.lines,
            "words": row.body.replace(LINK, _t("(the customer's own link)")),
            "mails": list(messages),
            "banner": row.held_why if row.is_waiting else row.discarded_why,
            "may_write": may(self.request.user, WRITE),
        }


def _approver(row: Notice) -> Any:
    return row.get_approver_display() if row.state == Notice.State.HELD else ""


class NoticeDeed(DeedView):
    permission = WRITE

    def get_rows(self) -> QuerySet[Notice]:
        return selectors.visible_notices(self.request.user)

    def perform(self, row: Any) -> str:
        self.do(row)
        return reverse("crm:notice", args=[row.pk])

    @abstractmethod
    def do(self, row: Any) -> None: ...


class Send(NoticeDeed):
    """Looked at and good."""

    done_message = _("Given to the post.")

    def do(self, row: Any) -> None:
        services.approve_notice(
            notice_id=row.pk, now=timezone.now(), by=person(self.request), expected_version=sent_version(self.request)
        )


class OfNotice(EditPage):
    permission = WRITE

    def get_rows(self) -> QuerySet[Notice]:
        return selectors.visible_notices(self.request.user)

    def get_title(self) -> str:
        return _t("Notice about %(order)s") % {"order": self.get_object().order.number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().subject, reverse("crm:notice", args=[self.get_object().pk])


class EditNotice(OfNotice):
    """Other words for the same dates; from then on somebody sends it."""

    form_class = NoticeForm
    submit_label, done_message = _("Save"), _("Saved: send it when it is good.")

    def perform(self, form: Any) -> str:
        services.rewrite_notice(
            notice_id=self.get_object().pk,
            now=timezone.now(),
            by=person(self.request),
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("crm:notice", args=[self.get_object().pk])


class Discard(OfNotice):
    """The customer is not told, and why."""

    form_class = DiscardForm
    submit_label, done_message = _("Do not send"), _("Not sent: the reason is kept.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.discard_notice(
            notice_id=self.get_object().pk, now=timezone.now(), by=person(self.request), **form.cleaned_data
        )
        return reverse("crm:notices")
