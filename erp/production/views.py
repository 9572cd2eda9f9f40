"""Pages of work orders: the dense list, one work order with operations, materials and cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.cost import selectors as cost_now
from erp.cost.models import Element
from erp.production import words
from erp.production.models import WorkOrder
from erp.production.selectors import listed
from erp.production.selectors.floor import waiting_for_rework
from erp.production.timeline import happened
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.markup import address
from masterdata.models import WorkCentre
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Days,
    DetailPage,
    Empty,
    Flag,
    Happening,
    Html,
    ListPage,
    Number,
    Operations,
    State,
    Tab,
    View,
    When,
)

SEE, RELEASE, ISSUE = "erp.view_work_order", "erp.release_work_order", "erp.issue_material"
_l = gettext_lazy


class WorkOrders(ListPage):
    """What is being made."""

    permission = SEE
    template_name = "erp/list.html"
    title, question = _l("Work orders"), _l("What is being made, for whom, and will it be in time?")
    columns = [
        Code("number", _l("Work order"), sort="number", link=True, css="w-1"),
        Column("material.name", _l("Product"), sort="material__name", css="upto-180"),
        Html(words.for_whom, _l("For"), sort="sales_order_line__order__number", css="upto-180"),
        Html(words.good_of, _l("Good of"), css="num w-1"),
        Operations("progress.bars", _l("Operations"), css="w-1"),
        Html(words.now_at, _l("Now at"), css="upto-144"),
        State(lambda row: listed.stage(row)[0], _l("State"), word=lambda row: listed.stage(row)[1], css="w-1"),
        Number(lambda row: row.progress.left_min / 60, _l("Hours left"), places=1, css="w-1"),
        Html(words.spare, _l("Due, spare"), sort="sales_order_line__promised_at", css="num w-1"),
    ]
    search_fields = ["number", "material__code", "material__name", "sales_order_line__order__number"]
    order_by = "sales_order_line__promised_at"
    live = ["operation", "dates"]
    empty = Empty(
        _l("No work orders"), _l("Confirm an order for something that is made; its work follows."), "list-check"
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("centre", _("Next through"), field="next_centre", choices=cache(self._centres)),
            Choice("state", _("State"), choices=WorkOrder.State.choices),
            Flag("running", _("Running"), field="is_running"),
            Flag("goods", _("Waiting for material"), field="waits_goods"),
            Flag("late", _("Late"), condition=listed.IS_LATE),
            Flag("unplanned", _("Not scheduled"), condition=Q(planned_end_at=None)),
            Flag("closed", _("With finished ones"), condition=Q()),
            Days("due", _("Due"), field="sales_order_line__promised_at", is_moment=True),
        ]

    def _centres(self) -> list[tuple[int, str]]:
        centres = visible_to(self.request.user, WorkCentre.objects.order_by("code"), SEE)
        return [(centre.pk, str(centre)) for centre in centres]

    def visible(self, rows: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, SEE))

    def get_rows(self) -> QuerySet[WorkOrder]:
        """Open ones, unless a state, the finished ones or a number is asked for."""
        asked, rows = self.request.GET, self.visible(listed.brief_work_orders())
        return rows if asked.get("closed") or asked.get("state") else rows.filter(listed.IS_OPEN)

    def prepare(self, rows: list[Any]) -> list[Any]:
        listed.complete(rows)
        sees_orders = may(self.request.user, "erp.view_order")
        for row in rows:
            row.sees_order = sees_orders
        return rows

    def get_views(self) -> Sequence[View]:
        counts = self.visible(WorkOrder.objects.filter(listed.IS_OPEN).order_by()).aggregate(
            open=Count("pk"),
            running=Count("pk", filter=listed.IS_RUNNING),
            goods=Count("pk", filter=listed.WAITS_GOODS),
            late=Count("pk", filter=listed.IS_LATE),
            unplanned=Count("pk", filter=Q(planned_end_at=None)),
        )
        return [
            View("open", _("All open"), "", counts["open"]),
            View("running", _("Running"), "running=1", counts["running"]),
            View("goods", _("Waiting for material"), "goods=1", counts["goods"]),
            View("unplanned", _("Not scheduled"), "unplanned=1", counts["unplanned"]),
            View("late", _("Late"), "late=1", counts["late"], "late" if counts["late"] else ""),
            View("closed", _("Finished"), "state=closed"),
        ]

    def get_url(self, row: WorkOrder) -> str:
        return address("erp:work_order", row.pk)


class WorkOrderPage(DetailPage):
    """One work order: its operations on a rail, then operation by operation, what it uses, what it costs."""

    permission = SEE
    template_name = "erp/production/work_order.html"
    live = ["operation", "dates"]

    def get_rows(self) -> QuerySet[WorkOrder]:
        return visible_to(self.request.user, listed.listed_work_orders(), SEE)

    @cached_property
    def operations(self) -> list[Any]:
        row = self.get_object()
        found: list[Any] = list(
            row.operations.select_related("work_centre", "machine", "planned_machine").order_by("sequence")
        )
        names = {one.pk: str(one) for one in found}
        for one in found:
            one.mends_name = names.get(one.mends_id, "")
            one.bar = listed.bar_of(one, row.quantity)
            one.at_machine = one.machine or one.planned_machine
            one.planned_min = one.setup_min + one.run_min_per_unit * one.pieces_of(row)
            one.stage = ("finished", _("Finished")) if one.finished_at else self._stage(one)
        return found

    def _stage(self, one: Any) -> tuple[str, str]:
        return ("running", _("Running")) if one.started_at else ("waiting", _("To come"))

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> SafeString:
        material = reverse("masterdata:material", args=[row.material_id])
        what = format_html(
            '{} × <a href="{}">{}</a>',
            shown.quantity(row.quantity, row.material.unit.code),
            material,
            row.material.name,
        )
        row.sees_order = may(self.request.user, "erp.view_order")
        return format_html("{} · {}", what, words.for_whom(row)) if row.sales_order_line else what

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Work orders"), reverse("erp:work_orders")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return listed.stage(row)

    def get_cards(self, row: Any) -> Sequence[Card]:
        frozen = _("Made without one")
        made_by = [
            Column("plant.name", _("Plant")),
            Column("bom.version_no", _("BOM version"), empty=frozen),
            Column("routing.version_no", _("Routing version"), empty=frozen),
            Column("path", _("Place in the product"), empty=_("For stock")),
        ]
        dates = [
            When("planned_start_at", _("Planned start"), empty=_("Not scheduled yet")),
            When("planned_end_at", _("Planned end"), empty=_("Not scheduled yet")),
            When("released_at", _("Released"), empty=_("Not released yet")),
            When("closed_at", _("Closed"), empty=_("Still open")),
        ]
        return [Card(_("Made by"), made_by), Card(_("Dates"), dates)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        tabs = [
            Tab("operations", _("Operations"), template="erp/production/_operations.html", count=len(self.operations)),
            Tab("materials", _("Materials"), template="erp/production/_materials.html"),
        ]
        if may(self.request.user, "erp.view_cost"):
            tabs.append(Tab("cost", _("Cost"), template="erp/production/_cost.html"))
        return tabs

    def get_context_data(self, row: Any) -> dict[str, Any]:
        context = super().get_context_data(row)
        key = context["tab"].key
        if key == "materials":
            context["needs"] = listed.needs_of(row.pk)
            context["beside"] = listed.byproducts_of_work(row)
        elif key == "cost":
            context["money"] = listed.money_of(row.pk)
            context["currency"] = row.plant.company.currency
            job = context["job"] = cost_now.job_cost(row.pk)
            context["elements"] = [
                (one.label, job.planned.get(one, ZERO), job.live.get(one, ZERO))
                for one in Element
                if one in job.planned or one in job.live
            ]
            context["variances"] = cost_now.variances_of(row.pk)
        at = next((one for one in self.operations if not one.finished_at), None)
        return context | {
            "operations": self.operations,
            "has_rework": any(one.rework_qty or one.mends_id for one in self.operations),
            "at": at,
            "line": row.sales_order_line,
            "spare": words.spare(row),
            "sees_purchase": may(self.request.user, "erp.view_purchase"),
        }

    def get_actions(self, row: Any) -> list[Action]:
        def at(name: str) -> str:
            return reverse(f"erp:{name}", args=[row.pk])

        paper = Action(_("Traveller"), at("work_order_traveller"), "file-type-pdf")
        short = Action(_("Close short"), at("work_order_close_short"), "circle-minus", RELEASE)
        split = Action(_("Split"), at("work_order_split"), "arrows-split", RELEASE)
        if row.state == WorkOrder.State.FIRM:
            return [
                paper,
                split,
                short,
                Action(_("Release"), at("work_order_release"), "player-play", RELEASE, is_main=True),
            ]
        if row.state != WorkOrder.State.RELEASED:
            return [paper]
        deeds = [
            paper,
            split,
            short,
            Action(_("Issue material"), at("work_order_issue"), "package-export", ISSUE, is_main=True),
        ]
        if waiting_for_rework(self.operations):
            deeds.insert(1, Action(_("Plan rework"), at("work_order_rework"), "rotate", RELEASE))
        if not any(one.started_at or one.worked_min for one in self.operations):
            take_back = at("work_order_unrelease")
            deeds.insert(0, Action(_("Take the release back"), take_back, "arrow-back-up", RELEASE, post=True))
        return deeds

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        return happened(row, self.operations)
