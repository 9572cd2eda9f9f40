"""The lines behind a figure of the tax report, each with the document that it comes from."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.books import selectors
from erp.books.views.cards import day_of
from erp.ledger.models import JournalLine
from erp.payables.models import SupplierInvoice
from erp.receivables.models import Invoice
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Company, TaxCode
from masterdata.numbers import ZERO
from masterdata.pages import Action, Code, Column, Day, Empty, ListPage, Money

SEE = "erp.view_ledger"


class Document(Column):
    """Number and address of a document: a link on the page, the number in a file."""

    def show(self, value: Any, row: Any) -> Any:
        text, url = value
        return format_html('<a class="link tl-code" href="{}">{}</a>', url, text) if url else text

    def plain(self, row: Any) -> Any:
        return self.value(row)[0]


class TaxLines(ListPage):
    """Journal lines of a tax code, of sales or of purchases, from a day to a day; the address says which."""

    permission = SEE
    title, question = _l("Tax lines"), _l("Which documents does the tax come from?")
    columns = [
        Day("entry.posted_on", _l("Posted on"), sort="entry__posted_on"),
        Code("entry_id", _l("Entry"), sort="entry_id", link=True, css="w-1"),
        Document("document", _l("Document")),
        Column("partner", _l("Partner"), sort="partner__name", css="wide", empty=_l("The document has none")),
        Column("account", _l("Account"), sort="account__code", css="wide"),
        Money("base", _l("Base"), sort="base"),
        Money("tax", _l("Tax"), sort="tax"),
    ]
    search_fields = ["partner__name", "entry__memo", "entry__source"]
    order_by = "entry__posted_on"
    empty = Empty(_l("No tax in these days"), _l("Choose other days in the tax report."), "receipt-tax")

    @cached_property
    def company(self) -> Company:
        return get_object_or_404(visible_to(self.request.user, Company.objects.all(), SEE), pk=self.kwargs["pk"])

    @cached_property
    def code(self) -> TaxCode:
        return get_object_or_404(TaxCode, pk=self.kwargs["code"])

    @cached_property
    def piece(self) -> selectors.TaxSlice:
        if self.kwargs["side"] not in ("sales", "purchases"):
            raise Http404
        asked, year = self.request.GET, timezone.localdate().year
        since = day_of(asked.get("since", ""), dt.date(year, 1, 1))
        until = day_of(asked.get("until", ""), dt.date(year, 12, 31))
        return selectors.TaxSlice(self.code.pk, self.kwargs["side"] == "sales", since, until)

    def get_rows(self) -> QuerySet[JournalLine]:
        plant = self.request.GET.get("plant", "")
        rows = selectors.tax_lines(self.company, self.piece, int(plant) if plant.isdecimal() else None)
        return rows.select_related("entry", "account", "partner")

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Each with its document: number and address."""
        found = _documents(self.company, {row.entry.source for row in rows})
        for row in rows:
            row.document = found.get(row.entry.source, (row.entry.source, ""))
        return rows

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        sums = rows.order_by().aggregate(base_sum=Sum("base"), tax_sum=Sum("tax"))
        return {name: shown.number(sums[f"{name}_sum"] or ZERO, 2) for name in ("base", "tax")}

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        side = _("Sales") if self.piece.is_sale else _("Purchases")
        said = {"side": side, "from": shown.day(self.piece.since), "to": shown.day(self.piece.until)}
        return super().get_context_data(rows) | {
            "page_title": f"{self.code.code} {self.code.name}",
            "question": _("%(side)s, %(from)s to %(to)s") % said,
        }

    def get_actions(self) -> list[Action]:
        return [Action(_("Taxes"), f"{reverse('erp:taxes')}?company={self.company.pk}", "receipt-tax", SEE)]

    def get_url(self, row: JournalLine) -> str:
        return reverse("erp:journal_entry", args=[row.entry_id])


def _documents(company: Company, sources: set[str]) -> dict[str, tuple[str, str]]:
    """Number and address of the invoices that sources name: ours by number, suppliers' by key."""
    named: dict[str, list[str]] = {"invoice": [], "supplier_invoice": []}
    for source in sources:
        kind, _colon, name = source.partition(":")
        named.get(kind, []).append(name)
    ours = Invoice.objects.filter(company=company, number__in=named["invoice"]).values_list("number", "pk")
    theirs = SupplierInvoice.objects.filter(company=company, pk__in=named["supplier_invoice"])
    found = {f"invoice:{number}": (number, reverse("erp:invoice", args=[pk])) for number, pk in ours}
    return found | {
        f"supplier_invoice:{pk}": (reference, reverse("erp:supplier_invoice", args=[pk]))
        for pk, reference in theirs.values_list("pk", "reference")
    }
