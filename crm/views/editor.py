"""The quotation editor: lines come and go by htmx; what planning offers stands under each while it is typed."""

from __future__ import annotations

import uuid
from functools import cached_property
from itertools import zip_longest
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.forms import LineForm, QuotationForm
from crm.models import Quotation
from crm.selectors import visible_opportunities, visible_quotations
from crm.selectors.catalogue import Catalogue, named
from masterdata import shown
from masterdata.access import may, requires
from masterdata.errors import Refusal, StaleVersion
from masterdata.pages import FormPage, OneRow, once, sent_version
from masterdata.pages.edits import in_words

SHOWN = ("material", "plant", "quantity", "unit_price", "discount_percent", "is_option", "wanted_on", "note")


def catalogue_of(request: HttpRequest) -> Catalogue:
    """What this person may sell, from where."""
    return Catalogue(request.user, getattr(request, "plants", ()), getattr(request, "plant", None))


class Editor(FormPage):
    """A form whose lines are forms."""

    permission, form_class = "crm.write_quotation", QuotationForm
    template_name = "crm/quotation_form.html"
    submit_label = _("Save")

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.request)

    @property
    def quotation(self) -> Quotation | None:
        return None

    def get_form(self, data: Any = None) -> QuotationForm:
        return QuotationForm(
            data,
            initial=self.get_initial(),
            catalogue=self.catalogue,
            quotation=self.quotation,
            blank=[new_key()],
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without scripts, adding and taking a line away are buttons of the form."""
        if "more" in request.POST or "drop" in request.POST:
            form = self.get_form(request.POST)
            form.lines = [line for line in form.lines if line.key != request.POST.get("drop")]
            if "more" in request.POST:
                form.lines.append(LineForm(key=new_key(), catalogue=self.catalogue))
            return render(request, self.template_name, self.get_context_data(form))
        return super().post(request, *args, **kwargs)

    def refuse(self, form: Any, refusal: Refusal) -> None:
        """At the field of its line (`lines.0.quantity`) when it names one."""
        line, name = named_line(form, refusal.field)
        if line is None:
            super().refuse(form, refusal)
        else:
            line.add_error(name, refusal.sentence)

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "products": [named(row) for row in self.catalogue.products.values()],
            "customers": [named(row) for row in self.catalogue.customers.values()],
            "sees_cost": may(self.request.user, "erp.view_cost"),
            "with_plant": len(self.catalogue.plants) > 1,
            "quotation": self.quotation,
            "asks": may(self.request.user, "aps.ask_offer"),
        }


class Create(Editor):
    """A new quotation."""

    title = _("New quotation")

    def get_back(self) -> tuple[str, str]:
        return _t("Quotations"), reverse("crm:quotations")

    def get_initial(self) -> dict[str, Any]:
        wish = self.request.GET.get("customer", "")
        row = next((one for one in self.catalogue.customers.values() if str(one.pk) == wish), None)
        return {"customer": named(row)} if row is not None else {}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        quotation = services.write_quotation(
            customer_id=given["customer"].pk,
            lines=[line.line() for line in form.filled],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            valid_until=given["valid_until"],
            customer_reference=given["customer_reference"],
            currency_id=given["currency"].pk if given["currency"] else None,
            rate=given["rate"],
            terms=form.terms(),
            opportunity_id=self.opportunity_id(),
        )
        return reverse("crm:quotation", args=[quotation.pk])

    def opportunity_id(self) -> int | None:
        """The opportunity whose page led here, as the address says."""
        asked = self.request.GET.get("opportunity", "")
        wish = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        rows = visible_opportunities(self.request.user).filter(pk=wish)
        return rows.values_list("pk", flat=True).first() if wish else None


class Edit(Editor, OneRow):
    """A draft once more."""

    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user).select_related("company")

    @property
    def quotation(self) -> Quotation:
        row: Quotation = self.get_object()
        return row

    def get_title(self) -> str:
        return _t("Edit quotation")

    def get_back(self) -> tuple[str, str]:
        return self.quotation.number, reverse("crm:quotation", args=[self.quotation.pk])

    def get_initial(self) -> dict[str, Any]:
        row = self.quotation
        return {
            "customer": named(row.customer),
            "customer_reference": row.customer_reference,
            "valid_until": row.valid_until,
            "currency": row.currency_id,
            "rate": shown.plain(row.rate) if row.currency_id != row.company.currency_id else "",
            "discount_percent": shown.plain(row.discount_percent) if row.discount_percent else "",
            "payment_term": row.payment_term_id,
            "incoterm": row.incoterm,
            "incoterm_place": row.incoterm_place,
            "language": row.language,
            "note": row.note,
        }

    def get_context_data(self, form: Any) -> dict[str, Any]:
        version = self.request.POST.get("version") or self.quotation.version
        return super().get_context_data(form) | {"version": version}

    def stale(self, form: Any, refusal: StaleVersion) -> HttpResponse:
        """What stands now beside what was typed; sending again carries the new version."""
        if hasattr(self, "_object"):
            del self._object
        context = self.get_context_data(form) | {
            "version": self.quotation.version,
            "idempotency_key": once.new_key(),
            "sentence": refusal.sentence,
            "differences": differences(form, self.get_form()),
        }
        return render(self.request, self.template_name, context, status=409)

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        services.rewrite_quotation(
            quotation_id=self.quotation.pk,
            lines=[line.line() for line in form.filled],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            valid_until=given["valid_until"],
            customer_reference=given["customer_reference"],
            rate=given["rate"],
            terms=form.terms(),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:quotation", args=[self.quotation.pk])


@requires("crm.write_quotation")
def line(request: HttpRequest) -> HttpResponse:
    """An empty line for the form on the page, or nothing for a line that goes."""
    if "drop" in request.GET:
        return HttpResponse("")
    catalogue = catalogue_of(request)
    context = {"line": LineForm(key=new_key(), catalogue=catalogue), "with_plant": len(catalogue.plants) > 1}
    return render(request, "crm/_line_form.html", context)


def differences(mine: QuotationForm, theirs: QuotationForm) -> list[tuple[str, str, str]]:
    """Each field that differs: its label, what was typed, what stands now; lines are compared by their place."""
    pairs = [(str(field.label), in_words(field), in_words(other)) for field, other in zip(mine, theirs, strict=True)]
    names = [name for name in SHOWN if name != "plant" or len(mine.catalogue.plants) > 1]
    for number, both in enumerate(zip_longest(mine.filled, theirs.lines), start=1):
        for name in names:
            label = next(str(form[name].label) for form in both if form is not None)
            said = [shown.DASH if form is None else in_words(form[name]) for form in both]
            pairs.append((_t("Line %(number)d: %(field)s") % {"number": number, "field": label}, said[0], said[1]))
    return [pair for pair in pairs if pair[1] != pair[2]]


def named_line(form: QuotationForm, field: str) -> tuple[LineForm | None, str]:
    """The line form and its field that a refusal means by `lines.0.quantity`, counted among the filled lines."""
    place, _dot, name = field.removeprefix("lines.").partition(".")
    lines = form.filled
    if not field.startswith("lines.") or not place.isdecimal() or int(place) >= len(lines):
        return None, ""
    line = lines[int(place)]
    return (line, name) if name in line.fields else (None, "")


def new_key() -> str:
    """A key that no other line of the page has."""
    return uuid.uuid4().hex[:8]
