"""Requisitions: ask that something is bought, agree to it or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.buying_forms import RefuseForm, RequisitionForm
from erp.supply.models import Peg, Requisition
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.forms import limit_choices
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    Money,
    Number,
    State,
    Tab,
    View,
    When,
    sent_version,
)

SEE, ASK, APPROVE = "erp.view_requisition", "erp.request_purchase", "erp.approve_requisition"


def stage(row: Any) -> tuple[str, str]:
    """The state's value and its word, from what was decided and ordered."""
    if row.refused_at:
        return "cancelled", _("Refused")
    if not row.approved_at:
        return "risk", _("Waits for a yes")
    if row.open_lines:
        return "planned", _("To be ordered")
    return "done", _("Ordered")


def listed(user: Any) -> QuerySet[Requisition]:
    """What the user may see, with who asked and how much is not ordered."""
    rows = Requisition.objects.select_related("plant__company__currency", "requested_by", "decided_by").annotate(
        line_count=Count("lines", distinct=True),
        open_lines=Count("lines", filter=Q(lines__pegs__planned_order__isnull=False), distinct=True),
    )
    return visible_to(user, rows, SEE)


class Requisitions(ListPage):
    """What somebody in the house wants bought."""

    permission = SEE
    title, question = _l("Requisitions"), _l("Who wants what, and has somebody agreed?")
    columns = [
        Code("number", _l("Requisition"), sort="number", link=True, css="w-1"),
        Column("reason", _l("For"), css="wide"),
        Column("requested_by", _l("Asked by")),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        When("requested_at", _l("Asked"), sort="requested_at"),
        Number("line_count", _l("Lines")),
        Money("value", _l("Value"), currency="plant.company.currency.code", sort="value"),
        State(lambda row: stage(row)[0], _l("State"), word=lambda row: stage(row)[1]),
    ]
    search_fields = ["number", "reason", "lines__material__code"]
    filters = [Flag("waiting", _l("Waits for a yes"), condition=Q(decided_by=None))]
    order_by = "-number"
    live = ["purchase"]
    empty = Empty(_l("Nobody wants anything"), _l("Ask for what no order needs: tools, spare parts."), "clipboard-plus")

    def get_rows(self) -> QuerySet[Requisition]:
        return in_chosen_plant(self.request, listed(self.request.user))

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(decided_by=None).count()
        return [View("all", _("All")), View("waiting", _("Waits for a yes"), "waiting=1", waiting)]

    def get_url(self, row: Requisition) -> str:
        return reverse("erp:requisition", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Approval limits"), reverse("erp:approval_limits"), "user-check", "erp.set_buying_limit"),
            Action(_("Ask for something"), reverse("erp:requisition_create"), "plus", ASK, is_main=True),
        ]


class RequisitionPage(DetailPage):
    """One requisition: its lines and what became of them."""

    permission, live = SEE, ["purchase"]
    template_name = "erp/supply/purchase_order.html"

    def get_rows(self) -> QuerySet[Requisition]:
        return listed(self.request.user)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> str:
        return str(row.reason)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Requisitions"), reverse("erp:requisitions")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return stage(row)

    def get_cards(self, row: Any) -> Sequence[Card]:
        asked = [
            Column("requested_by", _("Asked by")),
            When("requested_at", _("Asked")),
            Column("plant.name", _("For")),
        ]
        decided = [
            Column("decided_by", _("Decided by"), empty=_("Nobody yet")),
            Money("value", _("Value"), currency="plant.company.currency.code"),
            Column("refused_because", _("Why not"), empty=_("It was not refused")),
        ]
        return [Card(_("Who wants it"), asked), Card(_("Decision"), decided)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Lines"), template="erp/supply/_wishes.html", count=row.line_count)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        pegs = Prefetch("pegs", Peg.objects.select_related("purchase_order_line__order").order_by("id"))
        lines = row.lines.select_related("material__unit", "planned_order").prefetch_related(pegs).order_by("line_no")
        return super().get_context_data(row) | {"lines": lines, "currency": row.plant.company.currency}

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.requested_at, _("Asked"), "clipboard-plus", who=row.requested_by)]
        if row.approved_at:
            found.insert(0, Happening(row.approved_at, _("Agreed to"), "check", who=row.decided_by, tone="good"))
        if row.refused_at:
            why, who = row.refused_because, row.decided_by
            found.insert(0, Happening(row.refused_at, _("Refused"), "x", who=who, detail=why, tone="bad"))
        return found

    def get_actions(self, row: Any) -> list[Action]:
        if row.approved_at and row.open_lines and may(self.request.user, "erp.write_purchase"):
            return [
                Action(_("Order what is planned"), reverse("erp:planned_orders_order"), "shopping-cart", is_main=True)
            ]
        if row.decided_by_id:
            return []
        approve, refuse = (
            reverse("erp:requisition_approve", args=[row.pk]),
            reverse("erp:requisition_refuse", args=[row.pk]),
        )
        return [
            Action(_("Refuse"), refuse, "x", APPROVE),
            Action(_("Agree"), approve, "check", APPROVE, post=True, is_main=True),
        ]


class AskForSomething(CreatePage):
    """A new requisition."""

    permission, form_class, template_name = ASK, RequisitionForm, "erp/supply/rows_form.html"
    title, submit_label = _l("Ask for something"), _l("Ask for it")
    done_message = _l("Asked. You see here what becomes of it.")

    def get_back(self) -> tuple[Any, str]:
        return _("Requisitions"), reverse("erp:requisitions")

    def get_initial(self) -> dict[str, Any]:
        return {"plant": getattr(self.request, "plant", None)}

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, ASK)

    def perform(self, form: Any) -> str:
        lines = [
            services.RequisitionLineInput(one["material"].pk, one["quantity"], one["needed_on"], one["unit_price"])
            for _no, one in form.filled()
        ]
        row = services.request_purchase(
            plant=form.cleaned_data["plant"],
            by=self.request.user,  # type: ignore[arg-type]
            reason=form.cleaned_data["reason"],
            lines=lines,
            now=timezone.now(),
        )
        return reverse("erp:requisition", args=[row.pk])


class Approve(DeedView):
    """Agree to it."""

    permission, done_message = APPROVE, _l("Agreed. The buyer finds it among what is planned.")

    def get_rows(self) -> QuerySet[Requisition]:
        return visible_to(self.request.user, Requisition.objects.all(), APPROVE)

    def perform(self, row: Any) -> str:
        services.approve_requisition(requisition_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("erp:requisition", args=[row.pk])


class Refuse(EditPage):
    """Say no, and why."""

    permission, form_class = APPROVE, RefuseForm
    title, submit_label, done_message = _l("Refuse it"), _l("Refuse"), _l("Refused, with your reason.")

    def get_rows(self) -> QuerySet[Requisition]:
        return visible_to(self.request.user, Requisition.objects.all(), APPROVE)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:requisition", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.refuse_requisition(
            requisition_id=self.get_object().pk,
            by=self.request.user,  # type: ignore[arg-type]
            because=form.cleaned_data["because"],
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]
