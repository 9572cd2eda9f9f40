"""A whole quotation is asked over REST before it is written: prices, dates, material and cost of all its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from crm.selectors.limits import Need, TypedLine, need_while_typed
from crm.selectors.quoted import LineMoney, LineToPrice, QuoteMoney, quote_money
from masterdata.access import may
from masterdata.api.endpoints import Endpoint
from masterdata.api.serializers import Amount, Body, Day, Visible
from masterdata.models import Currency, Material, Partner, Plant
from suite.asks import computing, offer
from suite.asks.answers import Pending, plain
from suite.asks.quote_answers import LineAsked, LineReply, QuoteQuestion, QuoteReply
from suite.desk import material_words
from suite.rest.asks import PendingShown
from suite.sealed import seal_line_reply

MOST_LINES = 100


class QuoteLineAskedBody(Body):
    """Without a price that of the price lists is taken. An option is not in the totals and comes behind the others."""

    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    wanted_on = Day()
    unit_price = Amount(required=False, allow_null=True)
    discount_percent = Amount(required=False)
    is_option = serializers.BooleanField(required=False)


class QuoteQuestionBody(Body):
    """What would be quoted. Without a customer the price lists for everybody count."""

    customer = Visible(
        queryset=Partner.objects.filter(is_customer=True, is_active=True), required=False, allow_null=True
    )
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    discount_percent = Amount(required=False)
    lines = QuoteLineAskedBody(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class MaterialComesShown(Body):
    kind = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    ready_at = serializers.DateTimeField()
    number = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)


class MaterialShortShown(Body):
    """`quantity` of it is not there; all of it is at `ready_at`. `comes` says who brings it, `words` the same."""

    material = serializers.IntegerField()
    code = serializers.CharField()
    unit = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    ready_at = serializers.DateTimeField()
    comes = MaterialComesShown(many=True)
    words = serializers.CharField()


class QuoteLineShown(Body):
    """`refused` says why the line has no date. `offer` is handed back with the line when the quotation is written."""

    line_no = serializers.IntegerField()
    refused = serializers.CharField(allow_blank=True)
    deliver_at = serializers.DateTimeField(allow_null=True)
    sooner_at = serializers.DateTimeField(allow_null=True)
    sure_percent = serializers.IntegerField(allow_null=True)
    p90_at = serializers.DateTimeField(allow_null=True)
    sure_why = serializers.CharField(allow_blank=True)
    cause = serializers.CharField(allow_blank=True)
    plan_no = serializers.IntegerField(allow_null=True)
    short = MaterialShortShown(many=True)
    unit_price = serializers.DecimalField(max_digits=20, decimal_places=6)
    price_source = serializers.CharField(allow_blank=True)
    net_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    needs_approval = serializers.BooleanField()
    cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    margin = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    margin_percent = serializers.DecimalField(max_digits=9, decimal_places=2, required=False, allow_null=True)
    offer = serializers.CharField(allow_blank=True)


class QuoteShown(Body):
    """All lines and the whole: together, one behind the other. Cost and margin only for those who may see them.

    `needs_approval`: its discount or margin is beyond what sales may give, as saving it would find; so is a line's that
    brings it there. `approval_why` says what is, for those who may see cost.
    """

    lines = QuoteLineShown(many=True)
    deliver_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    net_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    discount_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    tax_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    gross_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    needs_approval = serializers.BooleanField()
    approval_why = serializers.CharField(required=False, allow_blank=True)
    cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    margin = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    margin_percent = serializers.DecimalField(max_digits=9, decimal_places=2, required=False, allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    computed_ms = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class QuoteEndpoint(Endpoint):
    """What both ways to an answer share: the same body, the same answer."""

    keyless = frozenset({"post"})

    def told(self, given: Mapping[str, Any], found: QuoteReply | Pending) -> Response:
        """The answer, without what the caller may not see; or where to fetch it with the same body."""
        if isinstance(found, Pending):
            url = reverse("api:quotes:quote-answer", args=[found.token])
            return Response({"token": found.token, "url": url}, status=202, headers={"Location": url})
        return Response(self._answer(given, found))

    def _answer(self, given: Mapping[str, Any], reply: QuoteReply) -> dict[str, Any]:
        plant = given["lines"][0]["plant"]
        money = quote_money(
            customer_id=given["customer"].pk if given.get("customer") else None,
            currency=given.get("currency") or plant.company.currency,
            plant_id=plant.pk,
            on=reply.question.now.astimezone(ZoneInfo(plant.time_zone)).date(),
            lines=[_to_price(line) for line in given["lines"]],
            discount_percent=given.get("discount_percent") or Decimal(0),
        )
        sees_cost = may(self.request.user, "erp.view_cost")
        need = _need(given["lines"], reply, money)
        rows = zip(reply.question.lines, reply.lines, money.lines, strict=True)
        told = {
            "lines": [_line(no, *row, money, need, sees_cost=sees_cost) for no, row in enumerate(rows, start=1)],
            "deliver_at": reply.deliver_at,
            "currency": money.currency.code,
            "net_amount": money.net,
            "discount_amount": money.discount,
            "tax_amount": money.tax,
            "gross_amount": money.gross,
            "needs_approval": need.is_needed,
            "source": reply.source,
            "computed_ms": reply.computed_ms,
            "note": reply.note,
        }
        if sees_cost:
            told |= _margin(money.net, money.of_company(reply.cost))
            told["approval_why"] = need.said if need.is_needed else ""
        answer: dict[str, Any] = plain(told)
        return answer


class QuoteQuestions(QuoteEndpoint):
    """What a quotation would say; nothing is written."""

    permissions = {"post": "aps.ask_offer"}

    @extend_schema(request=QuoteQuestionBody, responses={200: QuoteShown, 202: PendingShown})
    def post(self, request: Request) -> Response:
        """Ask. 202 when it takes longer: send the same body to `url` within a minute."""
        given = self.taken(QuoteQuestionBody)
        question = QuoteQuestion(lines=_asked(given["lines"]), now=timezone.now())
        return self.told(given, offer.ask_quote(question))


class QuoteAnswers(QuoteEndpoint):
    """The answer to a pending question."""

    permissions = {"post": "aps.ask_offer"}

    @extend_schema(
        operation_id="asks_quote_answer", request=QuoteQuestionBody, responses={200: QuoteShown, 202: PendingShown}
    )
    def post(self, request: Request, token: str) -> Response:
        """Fetch it, priced by the body; 202 while it is being computed, 404 after a minute or for other lines."""
        given = self.taken(QuoteQuestionBody)
        found = offer.answer_of_quote(token)
        if isinstance(found, QuoteReply) and found.question.lines != _asked(given["lines"]):
            raise offer.AskExpired(offer.GONE)
        return self.told(given, found)


def _asked(lines: Sequence[Mapping[str, Any]]) -> tuple[LineAsked, ...]:
    return tuple(
        LineAsked(
            key=str(no),
            plant_id=line["plant"].pk,
            material_id=line["material"].pk,
            quantity=line["quantity"],
            wanted_on=line["wanted_on"],
            is_option=line.get("is_option", False),
        )
        for no, line in enumerate(lines, start=1)
    )


def _to_price(line: Mapping[str, Any]) -> LineToPrice:
    return LineToPrice(
        material_id=line["material"].pk,
        quantity=line["quantity"],
        unit_price=line.get("unit_price"),
        discount_percent=line.get("discount_percent") or Decimal(0),
        is_option=line.get("is_option", False),
    )


def _need(lines: Sequence[Mapping[str, Any]], reply: QuoteReply, money: QuoteMoney) -> Need:
    """Judged as saving these lines would judge them."""
    plant = lines[0]["plant"]
    typed = [
        TypedLine(
            material=line["material"],
            quantity=line["quantity"],
            money=one,
            cost=answer.cost,
            is_option=line.get("is_option", False),
        )
        for line, answer, one in zip(lines, reply.lines, money.lines, strict=True)
    ]
    on = reply.question.now.astimezone(ZoneInfo(plant.time_zone)).date()
    return need_while_typed(company=plant.company, currency=money.currency, on=on, rate=None, lines=typed)


def _line(
    no: int, asked: LineAsked, reply: LineReply, money: LineMoney, whole: QuoteMoney, need: Need, *, sees_cost: bool
) -> dict[str, Any]:
    told = {
        "line_no": no,
        "refused": reply.refused,
        "deliver_at": reply.deliver_at,
        "sooner_at": reply.sooner_at,
        "sure_percent": reply.sure,
        "p90_at": reply.p90_at,
        "sure_why": reply.sure_why,
        "cause": reply.cause,
        "plan_no": reply.plan_no,
        "short": [
            {
                "material": one.material_id,
                "code": one.code,
                "unit": one.unit,
                "quantity": one.quantity,
                "ready_at": one.ready_at,
                "comes": [asdict(part) for part in one.comes],
                "words": material_words.sentence(one),
            }
            for one in reply.short
        ],
        "unit_price": money.unit_price,
        "price_source": money.source,
        "net_amount": money.net,
        "needs_approval": no in need.lines,
        "offer": seal_line_reply(asked, reply),
    }
    return told | (_margin(money.net, whole.of_company(reply.cost)) if sees_cost else {})


def _margin(net: Decimal, cost: Decimal | None) -> dict[str, Any]:
    if cost is None:
        return {"cost": None, "margin": None, "margin_percent": None}
    return {"cost": cost, "margin": net - cost, "margin_percent": computing.margin_percent(net, cost)}


urlpatterns = [
    path("asks/quote/", QuoteQuestions.as_view(), name="quote"),
    path("asks/quote/<slug:token>/", QuoteAnswers.as_view(), name="quote-answer"),
]
