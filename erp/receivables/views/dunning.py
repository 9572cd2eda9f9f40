"""Pages of reminders: what is proposed, one notice with its text, who is held."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.receivables import services
from erp.receivables.forms import DunningLevelForm, HoldForm, LevelChangeForm
from erp.receivables.models import DunningLevel, DunningNotice, Invoice
from masterdata.access import visible_to
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    ListPage,
    Money,
    Number,
    OfCompanyForm,
    OfCompanyPage,
    Percent,
    State,
    Tab,
    When,
    sent_version,
)

SEE, DUN = "erp.view_invoice", "erp.send_dunning"
CHIPS = {"proposed": "planned", "sent": "done", "dropped": "cancelled"}


class Notices(ListPage):
    """Reminders."""

    permission = SEE
    title, question = _l("Reminders"), _l("Whom do we remind, and of how much?")
    columns = [
        Code("number", _l("Reminder"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Number("level_no", _l("Level"), sort="level_no"),
        State(lambda row: CHIPS[row.state], _l("State"), word=lambda row: row.get_state_display()),
        When("sent_at", _l("Sent"), sort="sent_at", empty=_l("Not sent")),
        Money("total", _l("Overdue"), currency="currency.code", sort="total"),
    ]
    search_fields = ["number", "customer__name"]
    filters = [Choice("state", _l("State"), choices=DunningNotice.State.choices)]
    order_by = "-pk"
    live = ["dunning"]
    empty = Empty(_l("No reminders yet"), _l("Set the levels, then propose reminders."), "mail")

    def get_rows(self) -> Any:
        rows = DunningNotice.objects.select_related("customer", "currency").annotate(total=Sum("lines__open_amount"))
        return visible_to(self.request.user, rows, SEE)

    def get_actions(self) -> list[Action]:
        return [
            Action(_("On hold"), reverse("erp:dunning_holds"), "bell-off", SEE),
            Action(_("Levels"), reverse("erp:dunning_levels"), "adjustments", DUN),
            Action(_("Propose reminders"), reverse("erp:dunning_run"), "plus", DUN, is_main=True),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("erp:dunning_notice", args=[row.pk])


class NoticePage(DetailPage):
    """One reminder: its invoices, its text."""

    permission = SEE
    live = ["dunning"]

    def get_rows(self) -> Any:
        rows = DunningNotice.objects.select_related("customer", "currency", "company", "fee_invoice", "sent_by")
        return visible_to(self.request.user, rows.annotate(total=Sum("lines__open_amount")), SEE)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return row.customer.name

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Reminders"), reverse("erp:dunning")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return CHIPS[row.state], row.get_state_display()

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("invoices", _("Overdue"), template="erp/receivables/_reminded.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        lines = row.lines.select_related("invoice", "instalment").order_by("id")
        return super().get_context_data(row) | {"lines": list(lines)}

    def get_cards(self, row: Any) -> Sequence[Card]:
        facts = [
            Column("customer.name", _("Customer")),
            Number("level_no", _("Level")),
            Money("total", _("Overdue"), currency="currency.code"),
            When("sent_at", _("Sent"), empty=_("Not sent")),
            Column("sent_by", _("Sent by"), empty=_("Nobody yet")),
            Code("fee_invoice.number", _("Fee and interest"), empty=_("None")),
        ]
        return [Card(_("Facts"), facts)]

    def get_actions(self, row: Any) -> list[Action]:
        pdf = Action(_("PDF"), reverse("erp:dunning_pdf", args=[row.pk]), "file-type-pdf")
        if row.state != DunningNotice.State.PROPOSED:
            return [pdf]
        return [
            pdf,
            Action(_("Drop"), reverse("erp:dunning_drop", args=[row.pk]), "x", DUN, post=True),
            Action(_("Send"), reverse("erp:dunning_send", args=[row.pk]), "mail", DUN, post=True, is_main=True),
        ]


class NoticeDeed(DeedView):
    """A deed on a reminder; afterwards one sees it."""

    permission = DUN

    def get_rows(self) -> Any:
        return visible_to(self.request.user, DunningNotice.objects.all(), DUN)

    def perform(self, row: Any) -> str:
        self.do(row)
        return reverse("erp:dunning_notice", args=[row.pk])

    @abstractmethod
    def do(self, row: Any) -> None: ...


class SendNotice(NoticeDeed):
    permission, done_message = DUN, _l("Sent: its text is kept, fee and interest are posted.")

    def do(self, row: Any) -> None:
        services.send_notice(notice_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]


class DropNotice(NoticeDeed):
    permission, done_message = DUN, _l("Dropped.")

    def do(self, row: Any) -> None:
        services.drop_notice(notice_id=row.pk)


class ProposeReminders(OfCompanyPage):
    """Whoever owes us overdue money."""

    permission, form_class = DUN, OfCompanyForm
    title, submit_label, done_message = _l("Propose reminders"), _l("Propose"), _l("Proposed. Send or drop each.")

    def get_back(self) -> tuple[Any, str]:
        return _("Reminders"), reverse("erp:dunning")

    def perform(self, form: Any) -> str:
        company = form.cleaned_data["company"]
        services.propose_dunning(company_id=company.pk, today=timezone.localdate(), now=timezone.now())
        return reverse("erp:dunning") + "?state=proposed"


class Levels(ListPage):
    """When a company reminds."""

    permission = DUN
    title, question = _l("Levels of reminders"), _l("After how many days, with which fee?")
    columns = [
        Column("company.name", _l("Company"), css="wide"),
        Number("level_no", _l("Level"), link=True),
        Number("after_days", _l("Days overdue")),
        Money("fee", _l("Fee"), currency="company.currency.code"),
        Percent("interest_percent", _l("Interest a year"), places=2),
    ]
    order_by = "level_no"
    empty = Empty(_l("No levels yet"), _l("Set the first: after how many days, with which fee."), "mail")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, DunningLevel.objects.select_related("company__currency"), DUN)

    def get_url(self, row: Any) -> str:
        return reverse("erp:dunning_level", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Set a level"), reverse("erp:dunning_level_set"), "plus", DUN, is_main=True)]


class SetLevel(OfCompanyPage):
    """A level, with its text in a language."""

    permission, form_class = DUN, DunningLevelForm
    title, submit_label, done_message = _l("Set a level"), _l("Set"), _l("Set.")

    def get_back(self) -> tuple[Any, str]:
        return _("Levels of reminders"), reverse("erp:dunning_levels")

    def get_initial(self) -> dict[str, Any]:
        return {"level_no": 1, "after_days": 14, "fee": 0, "interest_percent": 0}

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        company, text = given.pop("company"), [given.pop(name) for name in ("language", "subject", "body")]
        services.set_dunning_level(company_id=company.pk, texts=[tuple(text)] if text[2] else [], **given)
        return reverse("erp:dunning_levels")


class EditLevel(EditPage):
    """A level as it stands, changed by one person at a time; its text in English, or in another language."""

    permission, form_class = DUN, LevelChangeForm
    submit_label, done_message = _l("Change"), _l("Changed.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, DunningLevel.objects.select_related("company"), DUN)

    def get_title(self) -> str:
        return _("Level %(no)s of %(company)s") % {
            "no": self.get_object().level_no,
            "company": self.get_object().company,
        }

    def get_back(self) -> tuple[Any, str]:
        return _("Levels of reminders"), reverse("erp:dunning_levels")

    def get_initial(self) -> dict[str, Any]:
        text = self.get_object().texts.order_by("pk").first()
        words = {"language": text.language, "subject": text.subject, "body": text.body} if text else {"language": "en"}
        return super().get_initial() | words

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), dict(form.cleaned_data)
        text = tuple(given.pop(name) for name in ("language", "subject", "body"))
        services.set_dunning_level(
            company_id=row.company_id,
            level_no=row.level_no,
            texts=[text] if text[2] else [],
            expected_version=sent_version(self.request),
            **given,
        )
        return reverse("erp:dunning_levels")


class HoldReminders(EditPage):
    """Do not remind of an invoice until a day."""

    permission, form_class, version_field = DUN, HoldForm, ""
    submit_label, done_message = _l("Hold"), _l("Held: nobody is reminded of it until then.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, Invoice.objects.all(), DUN)

    def get_title(self) -> str:
        return _("No reminders of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:invoice", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.hold_dunning(
            company_id=row.company_id,
            customer_id=row.customer_id,
            invoice_id=row.pk,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            **form.cleaned_data,
        )
        return reverse("erp:invoice", args=[row.pk])
