"""The customer's page of a quotation: read, choose options, sign, accept. No log-in, a link with a token opens it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from crm import services
from crm.letters import offered_day, quotation_pdf, sha256_of, signed_pdf, wording_of
from crm.models import PortalLink, Quotation, QuotationLine
from crm.selectors import taxes_of
from crm.services.pricing import set_taxes
from erp import selectors as erp_now
from masterdata.access import PUBLIC, Guarded
from masterdata.documents.wording import Wording, wording
from masterdata.errors import InvalidInput, Refusal
from masterdata.line import STATION_KEYS, Station
from masterdata.numbers import ZERO
from masterdata.pages.pdf import pdf_response

READS, ANSWERS = 60, 10
"""So many looks and so many answers a minute are taken from one address."""
WRONG = {"name": "name_missing", "path": "path_wrong", "options": "options_wrong"}
"""Where an answer may be wrong, and the words that say so in the customer's language."""


@method_decorator(never_cache, name="dispatch")
class Offer(Guarded, View):
    """One revision of a quotation, in the customer's language; what can't be shown any more says so honestly."""

    permission = PUBLIC

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        if is_busy(request, "read", READS, now):
            return self.said(None, "busy", 429)
        try:
            link = services.link_of(token, now)
        except services.LinkStale as stale:
            return self.said(None, "stale", 410, number=stale.values["number"])
        except services.LinkUnknown:
            return self.said(None, "gone", 404)
        if link.opened_at is None:
            services.note_opened(link_id=link.pk, now=now)
        show = request.GET.get("show", "")
        if show == "pdf":
            return pdf_response(quotation_pdf(link.quotation, now=now))
        if show == "signed" and (signed := signed_pdf(link.quotation, now)):
            return pdf_response(signed)
        if show == "total":
            return render(request, "crm/_offer_total.html", self.figures(link.quotation, chosen_in(request.GET)))
        return self.page(link, now)

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        if is_busy(request, "answer", ANSWERS, now):
            return self.said(None, "busy", 429)
        link = None
        try:
            link = services.link_of(token, now)
            services.sign_quotation(
                token=token,
                signature=services.Signature(
                    name=request.POST.get("name", ""),
                    path=request.POST.get("path", "").strip(),
                    document_sha256=sha256_of(quotation_pdf(link.quotation, now=now)),
                    address=address_of(request),
                    user_agent=request.headers.get("User-Agent", ""),
                ),
                options=chosen_in(request.POST),
                now=now,
            )
        except services.LinkUnknown:
            return self.said(link, "gone", 404)
        except services.LinkStale as stale:
            return self.said(link, "stale", 410, number=stale.values["number"])
        except services.QuotationNotOpen:
            return redirect("crm:offer", token)
        except services.QuotationExpired:
            return self.said(link, "expired", 410)
        except InvalidInput as wrong:
            known = link is not None and wrong.field in WRONG
            return self.page(link, now, wrong.field, 422) if link and known else self.said(link, "held", 409)
        except Refusal:
            return self.said(link, "held", 409)
        signed_pdf(services.link_of(token, now).quotation, now)
        return redirect("crm:offer", token)

    def page(self, link: PortalLink, now: dt.datetime, wrong: str = "", status: int = 200) -> HttpResponse:
        quotation = link.quotation
        if quotation.state == Quotation.State.LOST:
            return self.said(link, "answered", 410)
        lines = _lines(quotation)
        zone = ZoneInfo(min(lines, key=lambda line: line.line_no).plant.time_zone)
        if quotation.state == Quotation.State.SENT and quotation.valid_until < now.astimezone(zone).date():
            return self.said(link, "expired", 410)
        say = wording_of(quotation)
        is_open = quotation.state == Quotation.State.SENT and quotation.signature is None
        if not is_open:
            lines.sort(key=lambda line: (not line.is_taken, line.line_no))  # what was chosen belongs to the sum
        context = self.figures(quotation, chosen_in(self.request.POST), lines) | {
            "say": _words(quotation, say),
            "quotation": quotation,
            "spoken": say.language,
            "rows": [_shown(line, quotation, say, is_open) for line in lines],
            "is_open": is_open,
            "has_options": any(line.is_option for line in lines),
            "stations": _stations(quotation, say),
            "wrong": wrong,
            "wrong_said": say.word("portal", WRONG[wrong]) if wrong else "",
            "typed": self.request.POST,
            "page_title": say.word("portal", "heading", number=quotation.paper_no),
        }
        if quotation.order is not None:
            due = erp_now.deposit_missing(quotation.order, "order")
            context["to_pay"] = due and say.word(
                "portal", "to_pay", amount=say.money(due, quotation.currency), order=quotation.order.number
            )
        return render(self.request, "crm/offer.html", context, status=status)

    def figures(
        self, quotation: Quotation, chosen: Collection[int], lines: list[QuotationLine] | None = None
    ) -> dict[str, Any]:
        """Net, tax per code and total with the options that are ticked, exactly as the order would have them."""
        lines = lines if lines is not None else _lines(quotation)
        if quotation.state == Quotation.State.SENT:
            for line in lines:
                line.is_chosen = line.is_option and line.pk in chosen
            set_taxes(quotation, lines)
        say, currency = wording_of(quotation), quotation.currency
        net = sum((line.net_amount for line in lines if line.is_taken), ZERO)
        taxes = taxes_of(lines)
        figures = [(say.total("net"), say.money(net, currency))]
        figures += [
            (
                say.total("tax", rate=say.number(one.percent), base=say.money(one.base, currency))
                if one.percent
                else say.total("tax_free", name=one.name),
                say.money(one.tax, currency),
            )
            for one in taxes
        ]
        gross = net + sum((one.tax for one in taxes), ZERO)
        return {"figures": figures, "total": (say.total("total"), say.money(gross, currency))}

    def said(self, link: PortalLink | None, what: str, status: int, number: str = "") -> HttpResponse:
        """A page that says why there is nothing to accept, and what to do."""
        quotation = link.quotation if link else None
        say = wording_of(quotation) if quotation else Wording(_asked_language(self.request))
        values = {"number": number or (quotation.number if quotation else "")}
        if quotation:
            values["day"] = say.day(quotation.valid_until)
        context = {
            "heading": say.word("portal", what),
            "sentence": say.word("portal", f"{what}_what", **values),
            "contact": _contact(quotation, say) if quotation else "",
            "spoken": say.language,
            "page_title": say.word("portal", what),
        }
        return render(self.request, "crm/offer_said.html", context, status=status)


def is_busy(request: HttpRequest, what: str, most: int, now: dt.datetime) -> bool:
    """Whether more came from this address in this minute than is taken."""
    return services.count_call(address=address_of(request), what=what, now=now) > most


def address_of(request: HttpRequest) -> str | None:
    """Who calls: behind our proxy the last address that it names, else who is connected."""
    if settings.SECURE_PROXY_SSL_HEADER and (named := request.headers.get("X-Forwarded-For", "")):
        return named.rsplit(",", 1)[-1].strip() or None
    return request.META.get("REMOTE_ADDR") or None


def chosen_in(sent: Any) -> list[int]:
    """The options that are ticked."""
    return [int(one) for one in sent.getlist("option") if one.isdecimal()]


def _lines(quotation: Quotation) -> list[QuotationLine]:
    return list(quotation.lines.select_related("plant", "material__unit", "tax_code").order_by("is_option", "line_no"))


def _shown(line: QuotationLine, quotation: Quotation, say: Wording, is_open: bool) -> dict[str, Any]:
    percents = [one for one in (line.discount_percent, quotation.discount_percent) if one]
    return {
        "line": line,
        "is_apart": line.is_option if is_open else not line.is_taken,
        "quantity": say.quantity(line.quantity, line.material.unit.code),
        "price": say.price(line.unit_price, quotation.currency),
        "less": [say.text("less_percent", percent=say.number(one)) for one in percents],
        "net": say.money(line.net_amount, quotation.currency),
        "day": say.day(day) if (day := offered_day(line)) else say.word("portal", "on_request"),
    }


def _words(quotation: Quotation, say: Wording) -> dict[str, str]:
    values = {
        "number": quotation.paper_no,
        "company": quotation.company.name,
        "day": say.day(quotation.valid_until),
        "name": quotation.accepted_name,
        "order": quotation.order.number if quotation.order else "",
    }
    keys = (
        "heading", "from", "valid", "take", "accept_heading", "name", "draw", "clear", "accept", "means", "pdf",
        "signed_pdf", "thanks", "confirmed", "line", "total_with",
    )  # fmt: skip
    words = {key: say.word("portal", key, **values) for key in keys}
    heads = {f"head_{key}": say.head(key) for key in ("description", "quantity", "delivery", "price", "amount")}
    terms = quotation.payment_term or quotation.customer.payment_term
    return words | heads | {
        "contact": _contact(quotation, say),
        "options": say.text("options_heading"),
        "chosen": say.text("chosen_option"),
        "payment": say.fact("payment"),
        "term": say.term(terms) if terms else "",
        "delivery_terms": say.fact("delivery_terms"),
    }  # fmt: skip


def _contact(quotation: Quotation, say: Wording) -> str:
    by = quotation.made_by
    if by is None:
        return str(quotation.company.email)
    name = " · ".join(one for one in (by.get_full_name() or by.username, by.email) if one)
    return say.word("portal", "contact", name=name)


def _stations(quotation: Quotation, say: Wording) -> list[Station]:
    """The line, in the customer's words."""
    stations = [Station(key, percent=100 if key == "quoted" else 0) for key in STATION_KEYS]
    if quotation.order_id:
        stations = list(erp_now.order_status([quotation.order_id])[quotation.order_id].stations)
    return [dataclasses.replace(one, label=say.word("stations", one.key)) for one in stations]


def _asked_language(request: HttpRequest) -> str:
    """The browser's, as far as documents speak it."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip().lower()
    return wording("zh-hans" if first.startswith("zh") else first.split("-")[0]).language
