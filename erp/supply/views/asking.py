"""Planned orders bought together, and requests for quotation: asked, answered, compared, awarded."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.buying_forms import AnswerForm, AskForm, TogetherForm
from erp.supply.models import PlannedOrder, QuotationInvitation, QuotationRequest
from erp.supply.selectors import compare, listed
from erp.supply.selectors.proposals import proposals
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import InvalidInput
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Code,
    Column,
    Day,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    FormPage,
    Happening,
    ListPage,
    Number,
    State,
    Tab,
    When,
)

WRITE, SEE_COST = "erp.write_purchase", "erp.view_cost"


class OrderTogether(FormPage):
    """Planned orders as they would be bought today; one click orders those that are ticked."""

    permission, form_class, template_name = WRITE, TogetherForm, "erp/supply/choose.html"
    title, submit_label = _l("Order what is planned"), _l("Order these")

    def get_back(self) -> tuple[Any, str]:
        return _("Not ordered"), reverse("erp:planned_orders")

    def rows(self) -> QuerySet[PlannedOrder]:
        rows = visible_to(self.request.user, listed.needs_without_order(), WRITE).filter(kind=PlannedOrder.Kind.BUY)
        return in_chosen_plant(self.request, rows).order_by("due_at", "pk")

    def get_form(self, data: Any = None) -> Any:
        form: Any = super().get_form(data)
        form.fields["planned_orders"].queryset = self.rows()
        return form

    def get_context_data(self, form: Any) -> dict[str, Any]:
        chosen = self.request.POST.getlist("planned_orders") or self.request.GET.getlist("planned_orders")
        return super().get_context_data(form) | {
            "proposals": proposals(list(self.rows()[:200]), chosen=chosen, now=timezone.now()),
            "sees_cost": may(self.request.user, SEE_COST),
        }

    def perform(self, form: Any) -> str:
        ids = [row.pk for row in form.cleaned_data["planned_orders"]]
        done = services.order_planned_together(planned_order_ids=ids, now=timezone.now())
        if not done.orders:
            raise InvalidInput(done.left[0].reason)
        numbers = ", ".join(order.number for order in done.orders)
        messages.success(self.request, _("Ordered: %(numbers)s.") % {"numbers": numbers})
        for one in done.left:
            messages.warning(self.request, one.reason)
        return reverse("erp:purchase_orders") + "?open=1"


class Ask(OrderTogether):
    """Ask several suppliers for what is planned."""

    form_class = AskForm
    title, submit_label = _l("Ask suppliers"), _l("Ask them")
    done_message = _l("Asked. Enter what they answer.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        request = services.request_quotations(
            planned_order_ids=[row.pk for row in given["planned_orders"]],
            supplier_ids=[row.pk for row in given["suppliers"]],
            answer_by=given["answer_by"],
            now=timezone.now(),
        )
        return reverse("erp:quotation_request", args=[request.pk])


class QuotationRequests(ListPage):
    """What suppliers were asked for."""

    permission = WRITE
    title, question = _l("Requests for quotation"), _l("Who was asked for what, and who answered?")
    columns = [
        Code("number", _l("Request"), sort="number", link=True, css="w-1"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        When("asked_at", _l("Asked"), sort="asked_at"),
        Day("answer_by", _l("Answers until"), sort="answer_by"),
        Number("line_count", _l("Lines")),
        Number("asked", _l("Suppliers")),
        Number("answered", _l("Answered")),
        State(
            lambda row: "done" if row.closed_at else "running",
            _l("State"),
            word=lambda row: _("Closed") if row.closed_at else _("Open"),
        ),
    ]
    search_fields = ["number", "invitations__supplier__name", "lines__material__code"]
    filters = [Flag("open", _l("Open"), condition=Q(closed_at=None))]
    order_by = "-number"
    live = ["purchase"]
    empty = Empty(
        _l("Nobody was asked yet"), _l("Choose planned orders and ask several suppliers for them."), "message-question"
    )

    def get_rows(self) -> QuerySet[QuotationRequest]:
        rows = QuotationRequest.objects.select_related("plant").annotate(
            line_count=Count("lines", distinct=True),
            asked=Count("invitations", distinct=True),
            answered=Count("invitations", filter=Q(invitations__answers__isnull=False), distinct=True),
        )
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, WRITE))

    def get_url(self, row: QuotationRequest) -> str:
        return reverse("erp:quotation_request", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Ask suppliers"), reverse("erp:quotation_ask"), "message-question", WRITE, is_main=True)]


class QuotationRequestPage(DetailPage):
    """Answers side by side; the order goes to the one that is chosen."""

    permission, live = WRITE, ["purchase"]
    template_name = "erp/supply/purchase_order.html"

    def get_rows(self) -> QuerySet[QuotationRequest]:
        return visible_to(self.request.user, QuotationRequest.objects.select_related("plant__company__currency"), WRITE)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return _("%(plant)s, answers until %(day)s") % {"plant": row.plant.name, "day": shown.day(row.answer_by)}

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Requests for quotation"), reverse("erp:quotation_requests")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return ("done", _("Closed")) if row.closed_at else ("running", _("Open"))

    @cached_property
    def invitations(self) -> list[QuotationInvitation]:
        rows = self.get_object().invitations.select_related("supplier").prefetch_related("answers")
        return list(rows.order_by("supplier__name"))

    def get_tabs(self, row: Any) -> list[Tab]:
        return [Tab("answers", _("Answers"), template="erp/supply/_answers.html", count=len(self.invitations))]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {
            "compared": compare(row, timezone.now()),
            "invitations": self.invitations,
            "currency": row.plant.company.currency,
        }

    def get_timeline(self, row: Any) -> list[Happening]:
        """The latest first."""
        suppliers = ", ".join(one.supplier.name for one in self.invitations)
        found = [Happening(row.asked_at, _("Asked"), "message-question", detail=suppliers)]
        for one in self.invitations:
            if one.declined_at:
                text = _("%(supplier)s declined") % {"supplier": one.supplier.name}
                found.append(Happening(one.declined_at, text, "x", tone="bad"))
            elif answers := list(one.answers.all()):
                text = _("%(supplier)s answered") % {"supplier": one.supplier.name}
                found.append(Happening(max(answer.answered_at for answer in answers), text, "message", tone="good"))
        if row.closed_at:
            found.append(Happening(row.closed_at, _("Closed"), "check"))
        return sorted(found, key=lambda one: one.at, reverse=True)

    def get_actions(self, row: Any) -> list[Action]:
        if row.closed_at:
            return []
        drop = reverse("erp:quotation_drop", args=[row.pk])
        return [Action(_("Close without an order"), drop, "x", WRITE, post=True)]


class Answer(EditPage):
    """What a supplier answered."""

    permission, form_class, version_field = WRITE, AnswerForm, ""
    template_name, done_message = "erp/supply/rows_form.html", _l("Noted.")

    def get_rows(self) -> QuerySet[QuotationInvitation]:
        rows = QuotationInvitation.objects.select_related("request", "supplier")
        return visible_to(self.request.user, rows, WRITE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("%(supplier)s answers %(number)s") % {"supplier": row.supplier.name, "number": row.request.number}

    def get_back(self) -> tuple[Any, str]:
        request = self.get_object().request
        return request.number, reverse("erp:quotation_request", args=[request.pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.get_object()
        known = {one.line_id: one for one in row.answers.all()}
        lines = []
        for line in row.request.lines.select_related("material__unit").order_by("line_no"):
            answer = known.get(line.pk)
            values: dict[str, Any] = {
                "what": f"{shown.quantity(line.quantity, line.material.unit.code)} {line.material}",
                "line": line.pk,
            }
            if answer is not None:
                values |= {
                    "unit_price": shown.plain(answer.unit_price),
                    "lead_time_days": answer.lead_time_days,
                    "min_quantity": shown.plain(answer.min_quantity),
                    "valid_until": answer.valid_until,
                }
            lines.append(values)
        return {"lines": lines}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        answers = [
            services.AnswerInput(
                line_id=one["line"] or 0,
                unit_price=one["unit_price"],
                lead_time_days=one["lead_time_days"],
                min_quantity=one["min_quantity"] or ZERO,
                valid_until=one["valid_until"],
            )
            for _no, one in form.filled()
        ]
        services.answer_quotation(
            request_id=row.request_id, supplier_id=row.supplier_id, answers=answers, now=timezone.now()
        )
        return self.get_back()[1]


class Award(DeedView):
    """The order goes to the suppliers chosen per line (`award_<line>`)."""

    permission, done_message = WRITE, _l("Ordered. What nobody got stays planned.")

    def get_rows(self) -> QuerySet[QuotationRequest]:
        return visible_to(self.request.user, QuotationRequest.objects.all(), WRITE)

    def perform(self, row: Any) -> str:
        sent = self.request.POST
        chosen = {
            name.removeprefix("award_"): value for name, value in sent.dict().items() if name.startswith("award_")
        }
        awards = {int(line): int(str(to)) for line, to in chosen.items() if f"{line}{to}".isdecimal()}
        services.award_quotation(
            request_id=row.pk, awards=awards, keep_prices=bool(sent.get("keep_prices")), now=timezone.now()
        )
        return reverse("erp:purchase_orders") + "?open=1"


class Drop(DeedView):
    """Nobody gets the order."""

    permission, done_message = WRITE, _l("Closed. What was asked for stays planned.")

    def get_rows(self) -> QuerySet[QuotationRequest]:
        return visible_to(self.request.user, QuotationRequest.objects.all(), WRITE)

    def perform(self, row: Any) -> str:
        services.drop_quotation(request_id=row.pk, now=timezone.now())
        return reverse("erp:quotation_requests")
