"""What planning offers for a line that is being typed: asked while one types, answered live."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from crm.forms import LineForm, keys_in
from crm.selectors.catalogue import named
from crm.views.editor import catalogue_of
from masterdata import numbers, shown
from masterdata.access import may, requires
from masterdata.errors import Refusal
from suite.asks import computing, offer
from suite.asks.answers import OfferChoice, OfferReply, Pending
from suite.sealed import seal_best


@dataclass(frozen=True)
class LineOffer:
    """What the page shows under a line; `sooner` is the option that moves others, when it is earlier."""

    reply: OfferReply
    best: OfferChoice | None
    sooner: OfferChoice | None
    net: Decimal
    sealed: str
    rush_url: str

    @property
    def cost(self) -> Decimal | None:
        return self.best.cost if self.best else None

    @property
    def margin_percent(self) -> Decimal | None:
        return computing.margin_percent(self.net, self.best.cost) if self.best else None


@requires("aps.ask_offer")
def quote_offer(request: HttpRequest) -> HttpResponse:
    """Ask for the line on the page; 202 while planning thinks: the part then fetches the answer itself."""
    line = _line(request)
    if line is None or line.is_blank or not line.is_valid():
        return _part(request, line, {"hint": True})
    given = line.cleaned_data
    try:
        found = offer.ask_offer(
            material_id=given["material"].pk,
            quantity=given["quantity"],
            plant_id=given["plant"].pk,
            wanted_on=given["wanted_on"],
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _part(request, line, {"refused": refusal.sentence})
    return _told(request, line, found)


@requires("aps.ask_offer")
def quote_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The answer to a question that took longer."""
    line = _line(request)
    if line is None or not line.is_valid():
        return _part(request, line, {"hint": True})
    try:
        return _told(request, line, offer.answer_of(token))
    except Refusal as refusal:
        return _part(request, line, {"refused": refusal.sentence})


def _line(request: HttpRequest) -> LineForm | None:
    keys = keys_in(request.GET)
    return LineForm(request.GET, key=keys[0], catalogue=catalogue_of(request)) if keys else None


def _told(request: HttpRequest, line: LineForm, found: OfferReply | Pending) -> HttpResponse:
    if isinstance(found, Pending):
        answer = render(request, "suite/desk/_waits.html", {"token": found.token, "key": line.key}, status=202)
        answer["HX-Retarget"] = f"#waits-{line.key}"
        answer["HX-Reswap"] = "innerHTML"
        return answer
    return _part(request, line, {"offer": _offer(request, line, found), "given": line.cleaned_data})


def _part(request: HttpRequest, line: LineForm | None, context: dict[str, Any]) -> HttpResponse:
    more = {"line": line, "sees_cost": may(request.user, "erp.view_cost")}
    return render(request, "suite/desk/_offer.html", context | more)


def _offer(request: HttpRequest, line: LineForm, reply: OfferReply) -> LineOffer:
    given, best = line.cleaned_data, reply.best
    price = given["material"].list_price if given["unit_price"] is None else given["unit_price"]
    earlier = [
        one
        for one in reply.options
        if best is not None and one.is_possible and (shown.days_late(one.deliver_at, best.deliver_at) or 0) > 0
    ]
    return LineOffer(
        reply=reply,
        best=best,
        sooner=earlier[0] if earlier else None,
        net=numbers.money(price * given["quantity"]),
        sealed=seal_best(reply, with_cost=may(request.user, "erp.view_cost")),
        rush_url=_rush_url(request, line),
    )


def _rush_url(request: HttpRequest, line: LineForm) -> str:
    if not may(request.user, "crm.ask_rush"):
        return ""
    given = line.cleaned_data
    question = {
        "material": named(given["material"]),
        "plant": given["plant"].pk,
        "quantity": shown.plain(given["quantity"]),
        "wanted_on": given["wanted_on"].isoformat(),
    }
    return f"{reverse('suite:rush_ask')}?{urlencode(question)}"
