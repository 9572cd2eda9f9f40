"""Pages of manual entries: what was written by hand, what waits for a yes, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.books.models import ManualEntry
from masterdata.access import visible_to
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DetailPage,
    Empty,
    Happening,
    Html,
    ListPage,
    Money,
    State,
    Tab,
    View,
    When,
    YesNo,
)
from masterdata.pages.columns import Column as Field

SEE, WRITE, APPROVE = "erp.view_ledger", "erp.write_entry", "erp.approve_entry"
Is = ManualEntry.State
TONES = {Is.DRAFT: "planned", Is.SUBMITTED: "risk", Is.REFUSED: "late", Is.POSTED: "done"}


def listed(user: Any) -> QuerySet[ManualEntry]:
    """What the user may see, with what its debits come to."""
    rows = ManualEntry.objects.select_related("company__currency", "author", "decided_by", "entry__seal")
    return visible_to(user, rows.annotate(total=Sum("lines__amount", filter=Q(lines__amount__gt=0))), SEE)


class ManualEntries(ListPage):
    """What was written by hand, the newest first."""

    permission = SEE
    title, question = _l("Manual entries"), _l("What was written by hand, and who has to look at it?")
    columns = [
        Code("number", _l("Number"), sort="number", link=True, css="w-1"),
        Day("posted_on", _l("Posted on"), sort="posted_on"),
        Column("memo", _l("What for"), css="wide"),
        Column("company.name", _l("Company"), sort="company__name"),
        Column("author", _l("Written by")),
        Money("total", _l("Amount"), currency="company.currency.code", sort="total"),
        State(lambda row: TONES[row.state], _l("State"), word="get_state_display"),
    ]
    search_fields = ["number", "memo", "lines__text", "lines__account__code"]
    filters = [Choice("state", _l("State"), choices=Is.choices)]
    order_by = "-number"
    live = ["ledger"]
    empty = Empty(
        _l("Nothing was written by hand"), _l("Write what no document brings: rent, accruals, corrections."), "pencil"
    )

    def get_rows(self) -> QuerySet[ManualEntry]:
        return listed(self.request.user)

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(state=Is.SUBMITTED).count()
        return [View("all", _("All")), View("waiting", _("Waits for a yes"), f"state={Is.SUBMITTED}", waiting)]

    def get_url(self, row: ManualEntry) -> str:
        return reverse("erp:manual_entry", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("From a file"), reverse("erp:manual_entry_file"), "file-import", WRITE),
            Action(_("Write an entry"), reverse("erp:manual_entry_create"), "plus", WRITE, is_main=True),
        ]


class ManualEntryPage(DetailPage):
    """One entry with its lines and what became of it."""

    permission, live = SEE, ["ledger"]
    template_name = "erp/ledger/entry.html"

    def get_rows(self) -> QuerySet[ManualEntry]:
        return listed(self.request.user)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> str:
        return str(row.memo)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Manual entries"), reverse("erp:manual_entries")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return TONES[row.state], row.get_state_display()

    def get_cards(self, row: Any) -> Sequence[Card]:
        when = [
            Day("posted_on", _("Posted on")),
            YesNo("is_accrual", _("Undone in the next period")),
            Day("repeats_until", _("Repeats until"), empty=_("It does not repeat")),
        ]
        who: list[Field] = [
            Column("author", _("Written by")),
            When("written_at", _("Written")),
            Column("decided_by", _("Decided by"), empty=_("Nobody yet")),
            Column("refused_because", _("Why not"), empty=_("It was not refused")),
            Html(_entry_link, _("In the journal")),
        ]
        return [Card(_("When"), when), Card(_("Who"), who)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Lines"), template="erp/books/_manual_lines.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        related = "account", "plant", "partner", "sales_order", "tax_code"
        lines = list(row.lines.select_related(*related).order_by("line_no"))
        debit = sum((line.amount for line in lines if line.amount > 0), ZERO)
        credit = -sum((line.amount for line in lines if line.amount < 0), ZERO)
        figures = {"lines": lines, "debit": debit, "credit": credit, "difference": debit - credit}
        return super().get_context_data(row) | figures | {"currency": row.company.currency}

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.written_at, _("Written"), "pencil", who=row.author)]
        if row.decided_at and row.state == Is.POSTED:
            found.insert(0, Happening(row.decided_at, _("Posted"), "check", who=row.decided_by, tone="good"))
        elif row.decided_at:
            why = row.refused_because
            found.insert(0, Happening(row.decided_at, _("Refused"), "x", who=row.decided_by, detail=why, tone="bad"))
        return found

    def get_actions(self, row: Any) -> list[Action]:
        def deed(label: Any, name: str, icon: str, permission: str, **more: Any) -> Action:
            return Action(label, reverse(f"erp:manual_entry_{name}", args=[row.pk]), icon, permission, **more)

        copy = Action(_("Copy"), f"{reverse('erp:manual_entry_create')}?like={row.pk}", "copy", WRITE)
        change = deed(_("Change"), "change", "pencil", WRITE)
        drop = deed(_("Throw away"), "drop", "trash", WRITE, post=True, confirm=_("Throw it away?"))
        submit = deed(_("Submit"), "submit", "send", WRITE, post=True, is_main=True)
        refuse = deed(_("Refuse"), "refuse", "x", APPROVE)
        approve = deed(_("Post"), "approve", "check", APPROVE, post=True, is_main=True)
        undo = deed(_("Undo"), "undo", "arrow-back-up", APPROVE)
        is_own = row.author_id == self.request.user.pk
        return {
            Is.DRAFT: [copy, drop, change, submit],
            Is.REFUSED: [copy, drop, change],
            Is.SUBMITTED: [copy] if is_own else [copy, refuse, approve],
            Is.POSTED: [copy] if row.is_accrual else [copy, undo],
        }[row.state]


def _entry_link(row: ManualEntry) -> Any:
    if row.entry is None:
        return _("Not posted")
    said = str(row.entry.seal) if hasattr(row.entry, "seal") else _("Entry %(number)s") % {"number": row.entry_id}
    return format_html('<a class="link" href="{}">{}</a>', reverse("erp:journal_entry", args=[row.entry_id]), said)
