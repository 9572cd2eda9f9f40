"""Rush orders over REST: asked by themselves, for a quotation or for an order; taken, approved, given back."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm import services as crm
from crm.models import Quotation, RushApproval, RushOption, RushPolicy, RushRequest
from erp.models import SalesOrder
from erp.sales.rest import OrderRow, SalesOrders
from masterdata.access import may
from masterdata.api import problems
from masterdata.api.deeds import asks, creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Visible
from masterdata.models import Company, Material, Partner, Plant
from suite.deeds import accept_rush, ask_rush, undo_rush
from suite.rest.rush_rows import RushApprovalRow, RushOptionRow, RushPolicyRow, RushRow

COST = ("material_cost", "labour_cost", "machine_cost", "overhead_cost", "cost", "margin")
OPTION_COST = ("cost", "extra_cost", "margin_percent")


class QuestionBody(Body):
    """Can we deliver this, when, at what cost?"""

    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    wanted_on = Day()


class RushBody(QuestionBody):
    """Without a price the list price is taken."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True, is_active=True))
    unit_price = Amount(required=False, allow_null=True)


class RushQuotationBody(Body):
    """All of the quotation, by then."""

    quotation = Visible(queryset=Quotation.objects.all())
    wanted_on = Day()


class RushOrderBody(Body):
    """All of the order that has not left, earlier: by then."""

    order = Visible(queryset=SalesOrder.objects.all())
    wanted_on = Day()


class RushWhyBody(Body):
    why = serializers.CharField(max_length=240, required=False, allow_blank=True, default="")


class RushAnswerBody(Body):
    answer = serializers.CharField(max_length=240)


class RushPolicyBody(Body):
    company = Visible(queryset=Company.objects.all())
    holds_min = serializers.IntegerField(min_value=1, max_value=1440)
    expires_days = serializers.IntegerField(min_value=1, max_value=365)
    asks_when_hurt = serializers.BooleanField()
    cost_above = Amount(min_value=0, allow_null=True)
    delivery_cost = Amount(min_value=0, required=False, default=0)


class RushRequests(ReadableRows):
    """Can we promise this by then? Answered with options."""

    queryset = RushRequest.objects.prefetch_related(
        "lines", "options__victims__order_line__order", "options__drivers", "options__parts"
    )
    serializer_class = RushRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "customer", "plant", "material", "state", "order", "quotation", "for_order")

    @creates("crm.ask_rush", takes=RushBody, gives=RushRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask: the answer carries the options."""
        given = self.taken(RushBody)
        asked = ask_rush.ask_rush(
            customer_id=given["customer"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            plant_id=given["plant"].pk,
            wanted_on=given["wanted_on"],
            unit_price=given.get("unit_price"),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(asked, status=201)

    @deed("crm.ask_rush", takes=RushQuotationBody, gives=RushRow, on_one=False, status=201)
    def for_quotation(self, request: Request) -> Response:
        """Ask for all lines of a quotation together; taking an option accepts it."""
        given = self.taken(RushQuotationBody)
        asked = ask_rush.ask_rush_for_quotation(
            quotation_id=given["quotation"].pk, wanted_on=given["wanted_on"], now=timezone.now(), by=self.caller()
        )
        return self.answer(asked, status=201)

    @deed("crm.ask_rush", takes=RushOrderBody, gives=RushRow, on_one=False, status=201)
    def for_order(self, request: Request) -> Response:
        """Ask whether an order can come earlier; its own work is moved, no other order is made."""
        given = self.taken(RushOrderBody)
        asked = ask_rush.ask_rush_for_order(
            order_id=given["order"].pk, wanted_on=given["wanted_on"], now=timezone.now(), by=self.caller()
        )
        return self.answer(asked, status=201)

    @asks("crm.ask_rush", gives=RushRow)
    def ask_again(self, request: Request, pk: str) -> Response:
        """Answer the request again; options of older answers become stale."""
        asked = self.get_object()
        ask_rush.ask_again(request_id=asked.pk, now=timezone.now())
        return self.answer(asked)

    @deed("crm.ask_rush", gives=RushRow)
    def drop(self, request: Request, pk: str) -> Response:
        """The customer does not want it any more."""
        asked = self.get_object()
        crm.drop_rush(request_id=asked.pk, now=timezone.now())
        return self.answer(asked)

    @deed("crm.accept_rush", gives=RushRow)
    def undo(self, request: Request, pk: str) -> Response:
        """Give back what was taken within the last ten seconds: order, plan and promises as they were."""
        asked = self.get_object()
        undo_rush.undo_rush(request_id=asked.pk, now=timezone.now(), by=self.caller())
        return self.answer(asked)


class Takes(ReadableRows):
    """What ends in an order that is promised and planned, or in a new answer."""

    def told(self, take: Any) -> Response:
        try:
            order = take()
        except accept_rush.StaleOffer as refusal:
            # Said, not raised: the new answer that was written with the refusal must be committed.
            self._hide_cost(refusal.values)
            return problems.refusal(refusal)
        found = SalesOrders.queryset.get(pk=order.pk) if SalesOrders.queryset is not None else order
        return self.shown(OrderRow, SalesOrders().prepare([found])[0])

    def _hide_cost(self, values: dict[str, Any]) -> None:
        if may(self.request.user, "erp.view_cost"):
            return
        answer = values.get("answer") or {}
        for name in COST:
            answer.pop(name, None)
        for one in answer.get("options", ()):
            for name in OPTION_COST:
                one.pop(name, None)


class RushOptions(Takes):
    """The cards of the answers."""

    queryset = RushOption.objects.prefetch_related("victims__order_line__order", "drivers", "parts")
    serializer_class = RushOptionRow
    view_deed = "crm.view"
    filterset_fields: Any = ("request", "state", "answer_no")

    @deed("crm.accept_rush", gives=OrderRow)
    def accept(self, request: Request, pk: str) -> Response:
        """Take the option: order, plan, displaced promises and their notices commit together.

        409 `stale_offer` when the world has moved on or the answer is too old; `values.answer` is the new answer, and
        the request shows it. 409 `rush_needs_approval` when somebody is hurt and the caller may not decide that.
        """
        option, by = self.get_object(), self.caller()
        return self.told(lambda: accept_rush.accept_rush(option_id=option.pk, now=timezone.now(), by=by))

    @deed("crm.accept_rush", takes=RushWhyBody, gives=RushApprovalRow, status=201)
    def ask_approval(self, request: Request, pk: str) -> Response:
        """Ask those who may whether it may be taken."""
        given, option = self.taken(RushWhyBody), self.get_object()
        asked = crm.ask_rush_approval(option_id=option.pk, why=given["why"], now=timezone.now(), by=self.caller())
        return self.shown(RushApprovalRow, asked, status=201)


class RushApprovals(Takes):
    """What somebody asked to be approved."""

    queryset = RushApproval.objects.all()
    serializer_class = RushApprovalRow
    view_deed = "crm.view"
    filterset_fields: Any = ("request", "option", "state")

    @deed("crm.approve_rush", gives=OrderRow)
    def approve(self, request: Request, pk: str) -> Response:
        """Yes: the option is taken in the same transaction; 409 `stale_offer` as when it is taken."""
        approval, by = self.get_object(), self.caller()
        return self.told(lambda: accept_rush.approve_and_take(approval_id=approval.pk, now=timezone.now(), by=by))

    @deed("crm.approve_rush", takes=RushAnswerBody, gives=RushApprovalRow)
    def reject(self, request: Request, pk: str) -> Response:
        """No, and why; another option may still be taken."""
        given, approval = self.taken(RushAnswerBody), self.get_object()
        crm.reject_rush(approval_id=approval.pk, answer=given["answer"], now=timezone.now(), by=self.caller())
        return self.answer(approval)


class RushPolicies(ReadableRows):
    """A company's rules for rush orders; where there is none, the usual ones hold."""

    queryset = RushPolicy.objects.all()
    serializer_class = RushPolicyRow
    view_deed = "crm.view"
    filterset_fields: Any = ("company",)

    @creates("crm.approve_rush", takes=RushPolicyBody, gives=RushPolicyRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set them for a company, in place of what stood there; If-Match guards against somebody faster."""
        given = self.taken(RushPolicyBody)
        company = given.pop("company")
        row = crm.set_rush_policy(company_id=company.pk, expected_version=self.expected_version(), **given)
        return self.answer(row, status=201)


router = SimpleRouter()
router.register("crm/rush-requests", RushRequests, basename="rush-requests")
router.register("crm/rush-options", RushOptions, basename="rush-options")
router.register("crm/rush-approvals", RushApprovals, basename="rush-approvals")
router.register("crm/rush-policies", RushPolicies, basename="rush-policies")

urlpatterns = router.urls
