"""The pipeline: the board with its columns, and its twin, the list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import Opportunity, Stage
from crm.selectors import pipeline
from crm.selectors.owners import owners_in
from masterdata import shown
from masterdata.access import Guarded, may, person
from masterdata.errors import Refusal
from masterdata.models import Company
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Day,
    Days,
    Empty,
    Exactly,
    Flag,
    ListPage,
    Money,
    State,
    View,
    When,
)
from masterdata.pages.actions import offered
from masterdata.pages.edits import go_to
from masterdata.pages.once import once
from masterdata.rights import visible_to

WRITE = "crm.write_opportunity"


def opportunity_views(page: str) -> list[tuple[Any, str, bool]]:
    """Board and list, which is on."""
    return [
        (_t("Board"), reverse("crm:pipeline"), page == "board"),
        (_t("List"), reverse("crm:opportunities", query={"state": "open"}), page == "list"),
    ]


class Board(Guarded):
    """What is next with whom? A column a stage; a card is dragged, or moved by its menu, to another."""

    permission = "crm.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.draw(request)

    def draw(self, request: HttpRequest, refusal: str = "") -> HttpResponse:
        is_part = request.headers.get("HX-Target") == "board"
        template = "crm/_board.html" if is_part else "crm/board.html"
        answer = render(request, template, self.get_context_data(request) | {"refusal": refusal})
        answer["Vary"] = "HX-Request, HX-Target"
        return answer

    def get_rows(self, request: HttpRequest) -> QuerySet[Opportunity]:
        asked, rows = request.GET, pipeline.visible_opportunities(request.user)
        if (owner := asked.get("owner", "")).isdecimal() and len(owner) < 10:
            rows = rows.filter(owner=int(owner))
        if text := asked.get("q", "").strip():
            rows = rows.filter(Q(title__icontains=text) | Q(customer__name__icontains=text) | Q(number__icontains=text))
        plant = getattr(request, "plant", None)
        return rows.filter(Q(plant=plant) | Q(plant=None)) if plant and asked.get("plant") else rows

    def get_context_data(self, request: HttpRequest) -> dict[str, Any]:
        now, stages = timezone.now(), pipeline.stages()
        rows = self.get_rows(request)
        columns = pipeline.board(pipeline.on_board(rows, now), stages)
        for column in columns:
            for card in column.cards:
                card.next_tone = pipeline.next_is(card, now)  # type: ignore[attr-defined]
                card.days = (now - card.stage_since_at).days  # type: ignore[attr-defined]
        companies = visible_to(request.user, Company.objects.all())
        people = list(owners_in(companies, WRITE))
        return {
            "page_title": _t("Pipeline"),
            "question": _t("What is next with whom, and what is it worth?"),
            "columns": columns,
            "stages": stages,
            "forecast": pipeline.forecast(rows, timezone.localdate()),
            "overdue_url": _overdue_url(request),
            "totals": pipeline.totals(rows.filter(state="open")),
            "pages": opportunity_views("board"),
            "people": people,
            "asked": request.GET,
            "query": request.GET.urlencode(),
            "may_move": may(request.user, WRITE),
            "actions": offered(pipeline_actions(), request.user),
        }


def _overdue_url(request: HttpRequest) -> str:
    """The list of open opportunities whose day has passed, of the same owner."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    asked = {"state": "open", "expected_on_to": yesterday.isoformat(), "owner": request.GET.get("owner", "")}
    return reverse("crm:opportunities", query={key: value for key, value in asked.items() if value})


def pipeline_actions() -> list[Action]:
    return [
        Action(_t("Stages"), reverse("crm:stages"), "settings", "crm.edit_pipeline"),
        Action(_t("New opportunity"), reverse("crm:opportunity_create"), "plus", WRITE, is_main=True),
    ]


class MoveOnBoard(Board):
    """A card goes to another column; what was drawn before somebody else moved it is refused, and the board says so."""

    permission = WRITE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = visible_to(request.user, Opportunity.objects.all(), WRITE).filter(pk=pk).first()
        stage_id, version = request.POST.get("stage", ""), request.POST.get("version", "")
        if row is None or not stage_id.isdecimal():
            return HttpResponse(status=404)
        if Stage.objects.filter(pk=stage_id, kind="lost").exists() and row.state != "lost":
            url = reverse("crm:opportunity_lose", args=[pk], query={"version": version})
            return _go(request, url)
        refusal = ""
        try:
            once(request, lambda: self._move(request, row, int(stage_id), version))
        except Refusal as refused:
            refusal = refused.sentence
        if request.headers.get("HX-Target") == "board":
            return self.draw(request, refusal)
        if refusal:
            messages.error(request, refusal)
        return _go(request, request.POST.get("next") or reverse("crm:pipeline"))

    @staticmethod
    def _move(request: HttpRequest, row: Opportunity, stage_id: int, version: str) -> str:
        services.move_opportunity(
            opportunity_id=row.pk,
            stage_id=stage_id,
            now=timezone.now(),
            by=person(request),
            expected_version=int(version) if version.isdecimal() else None,
        )
        return reverse("crm:pipeline")


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return go_to(request, url if url.startswith("/") and not url.startswith("//") else reverse("crm:pipeline"))


class Opportunities(ListPage):
    """The same as a list."""

    permission = "crm.view"
    template_name = "crm/opportunities.html"
    title, question = _("Opportunities"), _("What may they buy, for how much, and when?")
    columns = [
        Code("number", _("Opportunity"), sort="number", link=True),
        Column("title", _("What"), sort="title", css="wide"),
        Column("customer.name", _("Customer"), sort="customer__name"),
        State("state", _("State"), word="stage.name", sort="stage__place"),
        Money("value", _("Value"), currency="currency", sort="value"),
        Money("weighted", _("Weighted"), currency="currency", sort="weighted"),
        Day("expected_on", _("Decided by"), sort="expected_on", css="num"),
        When("next_at", _("Next activity"), sort="next_at", empty=_("Nothing planned")),
        Column("owner", _("Owner"), sort="owner__username", empty=_("Nobody yet")),
    ]
    search_fields = ["number", "title", "customer__name", "customer__code"]
    filters = [
        Choice("state", _("State"), choices=Opportunity.State.choices),
        Choice("stage", _("Stage"), choices=lambda: [(one.pk, one.name) for one in pipeline.stages()]),
        Choice(
            "owner", _("Owner"), choices=lambda: [(one.pk, str(one)) for one in owners_in(Company.objects.all(), WRITE)]
        ),
        Exactly("customer", _("Customer")),
        Days("expected_on", _("Decided by")),
        Flag("late", _("Activity overdue"), condition=Q(state="open", next_at__isnull=False)),
        Flag("quiet", _("Nothing planned"), condition=Q(state="open", next_at__isnull=True)),
    ]
    order_by = "expected_on"
    live = ["opportunity", "activity"]
    empty = Empty(_("No opportunities yet"), _("Convert a lead, or open one for a customer."), "target-arrow")

    def get_rows(self) -> QuerySet[Opportunity]:
        return pipeline.visible_opportunities(self.request.user)

    def found(self) -> QuerySet[Any]:
        """The flag `late` asks the clock now, not when the program started."""
        rows = super().found()
        return rows.filter(next_at__lte=timezone.now()) if self.request.GET.get("late") else rows

    def get_views(self) -> list[View]:
        today = timezone.localdate()
        month_end = (today.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        mine = f"state=open&owner={self.request.user.pk}"
        return [
            View("open", _("Open"), "state=open"),
            View("mine", _("Mine"), mine),
            View("month", _("Decided this month"), f"state=open&expected_on_from={today}&expected_on_to={month_end}"),
            View("overdue", _("Decision overdue"), f"state=open&expected_on_to={today - dt.timedelta(days=1)}"),
            View("late", _("Activity overdue"), "state=open&late=1"),
            View("quiet", _("Nothing planned"), "state=open&quiet=1"),
            View("won", _("Won"), "state=won"),
            View("lost", _("Lost"), "state=lost"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        return pipeline_actions()

    def get_url(self, row: Any) -> str:
        return reverse("crm:opportunity", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return "is-late" if pipeline.next_is(row, timezone.now()) == "late" else ""

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """A sum only where it adds up: of one currency."""
        sums = pipeline.totals(rows)
        if len(sums) != 1:
            return {}
        return {"value": shown.number(sums[0].value, 2), "weighted": shown.number(sums[0].weighted, 2)}

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return super().get_context_data(rows) | {"pages": opportunity_views("list")}
