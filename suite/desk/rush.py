"""Rush orders: ask for options, see them while the question is typed, take one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm_now
from crm import services as crm
from crm.forms import RushForm
from crm.models import RushRequest
from crm.selectors.catalogue import named
from crm.views.editor import catalogue_of
from crm.views.options import cards_of, verdict
from crm.views.ruler import ruler
from masterdata.access import may, requires
from masterdata.errors import Refusal
from masterdata.pages import DeedView, FormPage
from suite.asks import offer
from suite.asks.answers import OfferReply, Pending
from suite.deeds import ask_rush

QUESTION = ("material", "plant", "quantity", "wanted_on")


class Ask(FormPage):
    """The question as a sentence; asking keeps the options, so that one can be taken."""

    permission, form_class = "crm.ask_rush", RushForm
    template_name = "crm/rush_ask.html"
    title, submit_label = _("Can we promise this?"), _("Ask")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"catalogue": catalogue_of(self.request)}

    def get_back(self) -> tuple[str, str]:
        return _t("Rush requests"), reverse("crm:rush_requests")

    def get_context_data(self, form: Any) -> dict[str, Any]:
        catalogue = form.catalogue
        return super().get_context_data(form) | {
            "products": [named(row) for row in catalogue.products.values()],
            "customers": [named(row) for row in catalogue.customers.values()],
            "with_plant": len(catalogue.plants) > 1,
            "replaces": self.request.POST.get("replaces") or self.request.GET.get("replaces", ""),
        }

    def perform(self, form: Any) -> str:
        """Note the question with its answer; a question that it replaces is dropped."""
        given = form.cleaned_data
        asked = ask_rush.ask_rush(
            customer_id=given["customer"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            plant_id=given["plant"].pk,
            wanted_on=given["wanted_on"],
            unit_price=given["unit_price"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        if replaced := self._replaced():
            crm.drop_rush(request_id=replaced.pk, now=timezone.now())
        return reverse("crm:rush_request", args=[asked.pk])

    def _replaced(self) -> RushRequest | None:
        sent = self.request.POST.get("replaces", "")
        found = crm_now.open_rush_requests(self.request.user)
        return found.filter(pk=sent).first() if sent.isdecimal() else None


@requires("aps.ask_offer")
def preview(request: HttpRequest) -> HttpResponse:
    """What planning says to the sentence as it stands; nothing is kept."""
    form = RushForm(request.GET, catalogue=catalogue_of(request))
    form.is_valid()
    given = form.cleaned_data
    if any(given.get(name) is None for name in QUESTION):
        return render(request, "suite/desk/_rush_preview.html", {"hint": True})
    try:
        found = offer.ask_offer(
            material_id=given["material"].pk,
            quantity=given["quantity"],
            plant_id=given["plant"].pk,
            wanted_on=given["wanted_on"],
            now=timezone.now(),
        )
    except Refusal as refusal:
        return render(request, "suite/desk/_rush_preview.html", {"refused": refusal.sentence})
    return _shown(request, found, given["wanted_on"])


@requires("aps.ask_offer")
def preview_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The preview that took longer."""
    form = RushForm(request.GET, catalogue=catalogue_of(request))
    form.is_valid()
    wanted_on = form.cleaned_data.get("wanted_on")
    if wanted_on is None:
        return render(request, "suite/desk/_rush_preview.html", {"hint": True})
    try:
        return _shown(request, offer.answer_of(token), wanted_on)
    except Refusal as refusal:
        return render(request, "suite/desk/_rush_preview.html", {"refused": refusal.sentence})


def _shown(request: HttpRequest, found: OfferReply | Pending, wanted_on: Any) -> HttpResponse:
    if isinstance(found, Pending):
        context = {"url": reverse("suite:rush_preview_answer", args=[found.token])}
        answer = render(request, "suite/desk/_rush_waits.html", context, status=202)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#rush-waits", "innerHTML"
        return answer
    sees_cost = may(request.user, "erp.view_cost")
    cards = cards_of(found.options, wanted_on, sees_cost=sees_cost)
    shown: dict[str, Any] = {
        "cards": cards,
        "verdict": verdict(cards, wanted_on),
        "ruler": ruler(cards, wanted_on),
        "sees_cost": sees_cost,
        "currency": found.currency,
        "plan_no": found.plan_no,
        "note": found.note,
    }
    return render(request, "suite/desk/_rush_preview.html", shown)


class AskAgain(DeedView):
    """The same question to the plan as it is now."""

    permission = "crm.ask_rush"

    def get_rows(self) -> QuerySet[RushRequest]:
        return crm_now.visible_rush_requests(self.request.user)

    def perform(self, row: Any) -> str:
        ask_rush.ask_again(request_id=row.pk, now=timezone.now())
        return reverse("crm:rush_request", args=[row.pk])
