"""Pages of the journal: its lines, and one entry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.ledger.models import Account, JournalEntry, JournalLine, Period
from masterdata import drawn, shown
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    Days,
    DetailPage,
    Empty,
    Html,
    ListPage,
    Money,
    Tab,
    When,
)

SEE = "erp.view_ledger"


def dimension(row: Any) -> SafeString:
    """Whose money it is: the order, the work order, the material or the partner."""
    for name, field in (("erp:work_order", "work_order"), ("erp:order", "sales_order")):
        document = getattr(row, field)
        if document is not None:
            url = reverse(name, args=[document.pk])
            return format_html('<a class="link tl-code" href="{}">{}</a>', url, document.number)
    for field in ("partner", "material"):
        if getattr(row, field) is not None:
            return format_html("{}", getattr(row, field))
    return drawn.dash(_("Nobody's alone"))


class Lines(ListPage):
    """The journal lines of the companies, the newest first; `account` in the address limits them."""

    permission = SEE
    title, question = _l("Journal"), _l("What was posted, when, because of what?")
    columns = [
        Day("entry.posted_on", _l("Posted on"), sort="entry__posted_on"),
        Code("entry_id", _l("Entry"), sort="entry_id", link=True, css="w-1"),
        Column("entry.get_kind_display", _l("What"), sort="entry__kind"),
        Column("account", _l("Account"), sort="account__code", css="wide"),
        Html(dimension, _l("Of")),
        Money(lambda row: row.amount if row.amount > 0 else None, _l("Debit"), empty=_l("A credit")),
        Money(lambda row: -row.amount if row.amount < 0 else None, _l("Credit"), empty=_l("A debit")),
    ]
    search_fields = ["sales_order__number", "work_order__number", "material__code", "partner__name", "entry__memo"]
    order_by = "-entry_id"
    empty = Empty(_l("Nothing posted yet"), _l("Receipts, reports, shipments and invoices post by themselves."), "book")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("account", _("Account"), choices=cache(self._accounts)),
            Choice("kind", _("What"), field="entry__kind", choices=JournalEntry.Kind.choices),
            Days("posted", _("Posted on"), field="entry__posted_on"),
        ]

    def _accounts(self) -> list[tuple[int, str]]:
        return [(one.pk, str(one)) for one in visible_to(self.request.user, Account.objects.order_by("code"), SEE)]

    def get_rows(self) -> QuerySet[JournalLine]:
        rows = JournalLine.objects.select_related(
            "entry", "account", "sales_order", "work_order", "material", "partner"
        )
        companies = visible_to(self.request.user, Company.objects.all(), SEE).order_by().values("pk")
        return rows.filter(account__company__in=companies)

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        debit = rows.filter(amount__gt=0).order_by().aggregate(sum=Sum("amount"))["sum"] or ZERO
        credit = rows.filter(amount__lt=0).order_by().aggregate(sum=Sum("amount"))["sum"] or ZERO
        return {str(self.columns[5].key): shown.number(debit, 2), str(self.columns[6].key): shown.number(-credit, 2)}

    def get_actions(self) -> list[Action]:
        return [Action(_("Trial balance"), reverse("erp:ledger"), "book", SEE)]

    def get_url(self, row: JournalLine) -> str:
        return reverse("erp:journal_entry", args=[row.entry_id])


# What a source is called, and the fields that name it where the source holds a key instead of a number.
SOURCES: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "payment": (_l("Payment"), "", ()),
    "invoice": (_l("Invoice"), "", ()),
    "opening": (_l("Opening stock of"), "", ()),
    "manual": (_l("Manual entry"), "", ()),
    "landed_cost": (_l("Landed cost"), "", ()),
    "supplier_payment": (_l("Supplier payment"), "", ()),
    "supplier_invoice": (_l("Supplier invoice"), "SupplierInvoice", ("reference", "supplier__name")),
    "bank_line": (_l("Line of the bank"), "BankLine", ("booked_on", "partner_name", "text")),
    "customer_return": (_l("Return"), "CustomerReturn", ("number",)),
    "work_order": (_l("Work order"), "WorkOrder", ("number",)),
    "receipt": (_l("Receipt"), "Receipt", ("number",)),
    "shipment": (_l("Shipment"), "Shipment", ("number",)),
    "operation": (_l("Operation"), "WorkOrderOperation", ("name", "work_order__number")),
    "owed_issue": (
        _l("Material booked later for"),
        "OwedIssue",
        ("work_order_material__work_order__number", "work_order_material__material__name"),
    ),
}


def _source(source: str) -> str:
    """ "receipt:27" in words, "Receipt RC-2026-00027"; what is not known stays as it is written."""
    kind, _colon, named = source.partition(":")
    if kind not in SOURCES or not named:
        return source
    word, model, fields = SOURCES[kind]
    if model:
        row = apps.get_model("erp", model).objects.filter(pk=int(named)).values_list(*fields).first()
        named = ", ".join(map(str, row)) if row else named
    return f"{word} {named}"


def _days(period: Period) -> str:
    return _("%(first)s to %(last)s") % {"first": shown.day(period.starts_on), "last": shown.day(period.ends_on)}


def _sealed(row: JournalEntry) -> str:
    """The beginning of its hash, and its place."""
    return f"{bytes(row.seal.digest).hex()[:16]} · {row.seal.position}" if hasattr(row, "seal") else ""


def _linked(row: JournalEntry) -> SafeString:
    """The entry that it reverses, or that reverses it."""
    other = row.reverses or getattr(row, "reversed_by", None)
    if other is None:
        return drawn.dash(_("It stands by itself"))
    return format_html('<a class="link" href="{}">{}</a>', reverse("erp:journal_entry", args=[other.pk]), other.pk)


class EntryPage(DetailPage):
    """One balanced posting."""

    permission = SEE
    template_name = "erp/ledger/entry.html"

    def get_rows(self) -> QuerySet[JournalEntry]:
        companies = visible_to(self.request.user, Company.objects.all(), SEE).order_by().values("pk")
        rows = JournalEntry.objects.filter(company__in=companies)
        return rows.select_related("company__currency", "period", "seal", "reverses", "reversed_by")

    def get_title(self, row: Any) -> Any:
        return str(row.seal) if hasattr(row, "seal") else _("Entry %(number)s") % {"number": row.pk}

    def get_subtitle(self, row: Any) -> Any:
        return row.get_kind_display() + (f" · {row.memo}" if row.memo else "")

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Journal"), reverse("erp:journal")

    def get_cards(self, row: Any) -> Sequence[Card]:
        when = [
            Day("posted_on", _("Posted on")),
            When("posted_at", _("Written")),
            Column(lambda row: _days(row.period), _("Period")),
            Column(_sealed, _("Seal"), empty=_("It waits for its number and its place in the chain")),
        ]
        what = [
            Column("get_kind_display", _("What")),
            Column(lambda row: _source(row.source), _("Source")),
            Column("memo", _("Memo"), empty=_("None")),
            Html(_linked, _("Undoes, or undone by")),
        ]
        return [Card(_("When"), when), Card(_("Because of"), what)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Lines"), template="erp/ledger/_entry_lines.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        related = "account", "sales_order", "work_order", "material", "partner", "plant"
        lines: list[Any] = list(row.lines.select_related(*related).order_by("id"))
        for line in lines:
            line.of = dimension(line)
        debit = sum((line.amount for line in lines if line.amount > 0), ZERO)
        return super().get_context_data(row) | {"lines": lines, "debit": debit, "currency": row.company.currency}
