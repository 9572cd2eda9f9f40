"""Sales orders over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.cost.rest import EstimateRow, OrderCostShown
from erp.cost.selectors import estimates, order_cost
from erp.planning.rest import LinePromiseShown
from erp.planning.selectors import available_to_promise
from erp.sales import selectors, services
from erp.sales.letters import confirmation_pdf
from erp.sales.models import CreditRelease, SalesOrder, SalesOrderLine
from masterdata.api.deeds import creates, deed, part
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.errors import InvalidInput
from masterdata.models import Currency, Material, Partner, PaymentTerm, Plant, TaxCode
from masterdata.rights import demand


class StationShown(Body):
    """A station of the line: how far, since or until when."""

    key = serializers.CharField()
    percent = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField()


class StatusShown(Body):
    """Where an order is; it follows from quantities and is written by nobody."""

    station = serializers.CharField(source="station.key")
    is_cancelled = serializers.BooleanField()
    stations = StationShown(many=True)


class OrderLineRow(Row):
    class Meta:
        model = SalesOrderLine
        fields = (
            "id",
            "line_no",
            "plant",
            "material",
            "quantity",
            "unit_price",
            "net_amount",
            "tax_code",
            "wanted_on",
            "promised_at",
            "expected_at",
            "weight",
            "shipped_qty",
            "invoiced_qty",
            "returned_qty",
            "taken_back_qty",
        )


class OrderRow(Row):
    lines = OrderLineRow(many=True)
    net_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    status = StatusShown()

    class Meta:
        model = SalesOrder
        fields = (
            "id",
            "number",
            "company",
            "customer",
            "currency",
            "rate",
            "payment_term",
            "customer_reference",
            "ordered_on",
            "quoted_at",
            "confirmed_at",
            "cancelled_at",
            "is_rush",
            "made_at",
            "version",
            "net_amount",
            "status",
            "lines",
        )


class OrderLineBody(Body):
    plant = Visible(queryset=Plant.objects.select_related("company__currency"))
    material = Visible(queryset=Material.objects.all())
    quantity = Amount()
    unit_price = Amount()
    wanted_on = Day()
    tax_code = Visible(queryset=TaxCode.objects.all(), required=False, allow_null=True)
    weight = serializers.IntegerField(min_value=1, max_value=100, default=1)

    def meant(self, given: dict[str, Any]) -> services.OrderLineInput:
        """As the service takes it."""
        tax_code = given.get("tax_code")
        return services.OrderLineInput(
            plant_id=given["plant"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            unit_price=given["unit_price"],
            wanted_on=given["wanted_on"],
            tax_code_id=tax_code.pk if tax_code else None,
            weight=given["weight"],
        )


class ConfirmedRow(Row):
    """An order that has just been confirmed; read it for its dates."""

    class Meta:
        model = SalesOrder
        fields = ("id", "number", "confirmed_at", "version")


class ConfirmedRows(serializers.Serializer):
    orders = ConfirmedRow(many=True)


class ConfirmTogetherBody(Body):
    """Drafts of one company; stock is given in this sequence."""

    orders = Visible(queryset=SalesOrder.objects.all(), many=True, allow_empty=False)


class OrderBody(Body):
    """A draft. The company is that of the lines' plants.

    Without a currency it sells in its own; `rate` is its currency for one of the order's, else that of the day. Without
    a payment term the customer's holds.
    """

    customer = Visible(queryset=Partner.objects.filter(is_customer=True, is_active=True))
    customer_reference = serializers.CharField(max_length=60, default="", allow_blank=True)
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    rate = serializers.DecimalField(max_digits=20, decimal_places=10, min_value=0, required=False, allow_null=True)
    payment_term = Visible(queryset=PaymentTerm.objects.all(), required=False, allow_null=True)
    lines = OrderLineBody(many=True, allow_empty=False)


class CancelOrderBody(Body):
    """Without `line` the whole order; `quantity` of a line, else all that is open. `keep_work`: begun work goes on."""

    reason = serializers.CharField(max_length=200)
    line = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    quantity = Amount(required=False, allow_null=True)
    keep_work = serializers.BooleanField(default=False)


class MoveLineBody(Body):
    """The line, the plant that is to make it, and why."""

    line = serializers.IntegerField(min_value=1)
    plant = Visible(queryset=Plant.objects.all())
    reason = serializers.CharField(max_length=120, default="", allow_blank=True)


class ReleaseCreditBody(Body):
    reason = serializers.CharField(max_length=200)


class CreditReleaseRow(Row):
    class Meta:
        model = CreditRelease
        fields = ("id", "order", "reason", "exposure", "limit_amount", "released_by", "released_at")


class SalesOrders(ReadableRows):
    """Customers' orders: drafted, confirmed."""

    queryset = selectors.with_dates(SalesOrder.objects.all()).prefetch_related("lines")
    serializer_class = OrderRow
    view_deed = "erp.view_order"
    filterset_fields: Any = ("number", "customer", "is_rush", "ordered_on", "lines__plant", "lines__material")
    search_fields = ("number", "customer_reference", "customer__name")
    ordering_fields = ("number", "ordered_on")

    def prepare(self, rows: list[Any]) -> list[Any]:
        statuses = selectors.order_status([order.pk for order in rows])
        for order in rows:
            order.status = statuses[order.pk]
        return rows

    def read_again(self, pk: int) -> SalesOrder:
        return selectors.order_as_it_stands(pk)

    @part("erp.view_order", gives=LinePromiseShown(many=True))
    def available(self, request: Request, pk: str) -> Response:
        """Available to promise: of each line, how much there is when, and from where."""
        found = available_to_promise(order_id=self.get_object().pk, now=timezone.now())
        return Response(LinePromiseShown(found, many=True).data)

    @pdf_part("erp.view_order")
    def pdf(self, request: Request, pk: str) -> Response:
        """The order confirmation as PDF, in the customer's language."""
        return pdf_answer(confirmation_pdf(self.get_object(), language_of(request)))

    @creates("erp.write_order", takes=OrderBody, gives=OrderRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft an order."""
        given = self.taken(OrderBody)
        company, term = given["lines"][0]["plant"].company, given.get("payment_term")
        order = services.create_order(
            company=company,
            customer=given["customer"],
            currency=given.get("currency") or company.currency,
            rate=given.get("rate"),
            payment_term_id=term.pk if term else None,
            lines=[OrderLineBody().meant(line) for line in given["lines"]],
            now=timezone.now(),
            reference=given["customer_reference"],
        )
        return self.answer(order, status=201)

    @deed("erp.confirm_order")
    def confirm(self, request: Request, pk: str) -> Response:
        """Take the order: reserve stock, write work orders and purchases for all levels."""
        order = services.confirm_order(
            order_id=self.row_id(), now=timezone.now(), expected_version=self.expected_version()
        )
        return self.answer(order)

    @deed("erp.cancel_order", takes=CancelOrderBody)
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel what has not left of the order, or of a line of it."""
        order_id, given = self.row_id(), self.taken()
        line_id, quantity = given.pop("line", None), given.pop("quantity", None)
        by: Any = request.user
        if line_id is None:
            version = self.expected_version()
            services.cancel_order(order_id=order_id, by=by, now=timezone.now(), expected_version=version, **given)
            return self.answer(order_id)
        if not SalesOrderLine.objects.filter(pk=line_id, order=order_id).exists():
            raise InvalidInput("Choose a line of this order.", field="line")
        services.cancel_line(line_id=line_id, quantity=quantity, by=by, now=timezone.now(), **given)
        return self.answer(order_id)

    @deed("erp.confirm_order", takes=MoveLineBody)
    def move_line(self, request: Request, pk: str) -> Response:
        """Have a line made in another plant, before anything of it has begun or come."""
        order_id, given, version = self.row_id(), self.taken(), self.expected_version()
        demand(self.caller(), "erp.confirm_order", given["plant"].pk)
        if not SalesOrderLine.objects.filter(pk=given["line"], order=order_id).exists():
            raise InvalidInput("Choose a line of this order.", field="line")
        services.move_line(
            line_id=given["line"],
            plant_id=given["plant"].pk,
            reason=given["reason"],
            now=timezone.now(),
            expected_version=version,
        )
        return self.answer(order_id)

    @deed("erp.cancel_order")
    def free_surplus(self, request: Request, pk: str) -> Response:
        """Set free what lies in the order's stock and none of its lines needs any more."""
        order_id = self.row_id()
        services.free_surplus(order_id=order_id, now=timezone.now())
        return self.answer(order_id)

    @deed("erp.release_credit", takes=ReleaseCreditBody, gives=CreditReleaseRow, status=201)
    def release_credit(self, request: Request, pk: str) -> Response:
        """Let an order on credit hold pass, with a reason that stays."""
        user: Any = request.user
        row = services.release_credit(order_id=self.row_id(), by=user, now=timezone.now(), **self.taken())
        return self.shown(CreditReleaseRow, row, status=201)

    @deed("erp.confirm_order", takes=ConfirmTogetherBody, gives=ConfirmedRows, on_one=False)
    def confirm_together(self, request: Request) -> Response:
        """Take several orders at once, or none; stock is given in the sequence named, and purchases are shared."""
        ids = [row.pk for row in self.taken()["orders"]]
        orders = services.confirm_orders(order_ids=ids, now=timezone.now())
        return self.shown(ConfirmedRows, {"orders": orders})

    @part("erp.view_cost", gives=OrderCostShown)
    def cost(self, request: Request, pk: str) -> Response:
        """What the order has cost, will cost, and leaves."""
        return self.shown(OrderCostShown, order_cost(self.row_id()))

    @part("erp.view_cost", gives=EstimateRow(many=True), path="cost-estimates")
    def cost_estimates(self, request: Request, pk: str) -> Response:
        """Every version of the estimate with its cause, newest first."""
        return self.shown(EstimateRow, estimates(self.row_id()), many=True)


VIEWSETS: list[tuple[str, Any]] = [("sales-orders", SalesOrders)]
