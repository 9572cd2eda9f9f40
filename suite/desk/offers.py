"""A quotation that is being typed, answered live: the whole form is asked at once, by scripts or by a button."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.forms import QuotationForm
from crm.views import editor
from masterdata.access import may, requires
from masterdata.errors import Refusal
from suite.asks import offer
from suite.asks.answers import Pending
from suite.asks.quote_answers import QuoteReply
from suite.desk.live_quote import LiveQuote, Typed

PARTS = "suite/desk/_live_quote.html"


@requires("aps.ask_offer")
@require_POST
def quote_live(request: HttpRequest) -> HttpResponse:
    """Ask for all lines on the page; 202 while planning thinks: the page then fetches the answer itself."""
    typed, now = _typed(request), timezone.now()
    question = typed.question(now)
    if question is None:
        return _parts(request, typed, None)
    try:
        return _told(request, typed, offer.ask_quote(question))
    except Refusal as refusal:
        return _parts(request, typed, None, refused=refusal.sentence)


@requires("aps.ask_offer")
@require_POST
def quote_live_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The answer to a question that took longer, for the lines that still ask the same."""
    typed = _typed(request)
    try:
        return _told(request, typed, offer.answer_of_quote(token))
    except Refusal as refusal:
        return _parts(request, typed, None, refused=refusal.sentence)


class _Checked(editor.Editor):
    """The editor's page with the answers in it, for a browser without scripts: nothing is saved."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Wait for the answer and show the form with it."""
        form, now = self.get_form(request.POST), timezone.now()
        typed, refused, reply = Typed(request, form), "", None
        question = typed.question(now) if may(request.user, "aps.ask_offer") else None
        if question is not None:
            try:
                reply = offer.quote_and_wait(question)
            except Refusal as refusal:
                refused = refusal.sentence
        told = typed.told(reply, now)
        for line in told.lines:
            line.form.live = render_to_string(
                "suite/desk/_live_line.html", _context(request, told) | {"line": line}, request
            )
        context = self.get_context_data(form) | {
            "live_sums": render_to_string("suite/desk/_live_sums.html", _context(request, told, refused), request)
        }
        return render(request, self.template_name, context)


class CheckNew(_Checked, editor.Create):
    """A new quotation's dates."""


class CheckEdit(_Checked, editor.Edit):
    """A draft's dates."""


def _typed(request: HttpRequest) -> Typed:
    return Typed(request, QuotationForm(request.POST, catalogue=editor.catalogue_of(request), blank=[]))


def _told(request: HttpRequest, typed: Typed, found: QuoteReply | Pending) -> HttpResponse:
    if isinstance(found, Pending):
        answer = HttpResponse(status=202)
        answer["Location"] = reverse("suite:quote_live_answer", args=[found.token])
        return answer
    return _parts(request, typed, found)


def _parts(request: HttpRequest, typed: Typed, reply: QuoteReply | None, refused: str = "") -> HttpResponse:
    try:
        told = typed.told(reply, timezone.now())
    except Refusal as refusal:  # no rate leads to the quotation's currency
        told, refused = typed.told(None, timezone.now()), refusal.sentence
    return render(request, PARTS, _context(request, told, refused))


def _context(request: HttpRequest, told: LiveQuote, refused: str = "") -> dict[str, Any]:
    return {"quote": told, "refused": refused, "sees_cost": may(request.user, "erp.view_cost")}
