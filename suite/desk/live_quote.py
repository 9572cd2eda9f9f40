"""What a quotation that is being typed is told: each line's price, material, date and cost, and those of the whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from crm.forms import LineForm, QuotationForm
from crm.selectors.catalogue import named
from crm.selectors.limits import Need, TypedLine, need_while_typed
from crm.selectors.quoted import LineMoney, LineToPrice, QuoteMoney, quote_money
from masterdata import shown
from masterdata.access import may
from masterdata.numbers import ZERO
from suite.asks import computing
from suite.asks.quote_answers import LineAsked, LineReply, QuoteQuestion, QuoteReply
from suite.desk import material_words
from suite.sealed import seal_line_reply


@dataclass(frozen=True)
class LiveLine:
    """What stands under a line; without a `reply` it still asks for something to be typed."""

    form: LineForm
    reply: LineReply | None = None
    money: LineMoney | None = None
    currency: str = ""
    cost: Decimal | None = None
    sealed: str = ""
    rush_url: str = ""
    needs_approval: bool = False

    @property
    def margin_percent(self) -> Decimal | None:
        if self.money is None or self.cost is None:
            return None
        return computing.margin_percent(self.money.net, self.cost)

    @property
    def is_late(self) -> bool:
        """By the day of the plant that it comes from, whatever plant the person looks from."""
        if self.reply is None or self.reply.deliver_at is None:
            return False
        given = self.form.cleaned_data
        return self.reply.deliver_at.astimezone(ZoneInfo(given["plant"].time_zone)).date() > given["wanted_on"]

    @cached_property
    def faults(self) -> list[str]:
        """What is typed wrong, as saving would say it; what is only not typed yet is no fault."""
        if self.reply is not None or self.form.is_blank or self.form.is_valid():
            return []
        return [
            str(sentence)
            for name, sentences in self.form.errors.items()
            if self.form.data.get(self.form.add_prefix(name), "").strip()
            for sentence in sentences
        ]

    @cached_property
    def material(self) -> str:
        return material_words.chip(self.reply.short) if self.reply else ""

    @cached_property
    def shortages(self) -> list[str]:
        return material_words.sentences(self.reply.short) if self.reply else []


@dataclass(frozen=True)
class LiveQuote:
    """The whole answer. `cost` and `margin` only when every line has them, and who asks may see them."""

    lines: tuple[LiveLine, ...]
    money: QuoteMoney | None = None
    deliver_at: dt.datetime | None = None
    cost: Decimal | None = None
    note: str = ""
    need: Need | None = None
    """What is beyond the limits. What it says is for those who may see cost: others learn only that there is a need."""

    @property
    def is_late(self) -> bool:
        """A line that belongs to it comes after its wanted day; an option does not count."""
        return any(line.is_late for line in self.lines if line.reply and not line.form.cleaned_data.get("is_option"))

    @property
    def plant_id(self) -> int | None:
        """The plant whose line comes last: the day of the whole is of its clock."""
        for line in self.lines:
            if line.reply is not None and line.reply.deliver_at == self.deliver_at:
                return int(line.form.cleaned_data["plant"].pk)
        return None

    @property
    def left_out(self) -> int:
        """How many lines are not in the sums, because something in them is typed wrong."""
        return sum(1 for line in self.lines if line.faults)

    @property
    def sure(self) -> int | None:
        """As sure as its least sure line."""
        known = [line.reply.sure for line in self.lines if line.reply is not None]
        sure = [one for one in known if one is not None]
        return min(sure) if sure and len(sure) == len(known) else None

    @property
    def margin(self) -> Decimal | None:
        return None if self.cost is None or self.money is None else self.money.net - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        if self.cost is None or self.money is None:
            return None
        return computing.margin_percent(self.money.net, self.cost)


@dataclass(frozen=True)
class Typed:
    """The form as it stands, half filled or not: what can be asked of it."""

    request: HttpRequest
    form: QuotationForm

    @cached_property
    def able(self) -> list[LineForm]:
        """The lines that are complete."""
        return [line for line in self.form.lines if not line.is_blank and line.is_valid()]

    def question(self, now: dt.datetime) -> QuoteQuestion | None:
        """Of the lines that are complete; nothing when none is."""
        asked = tuple(
            LineAsked(
                key=line.key,
                plant_id=line.cleaned_data["plant"].pk,
                material_id=line.cleaned_data["material"].pk,
                quantity=line.cleaned_data["quantity"],
                wanted_on=line.cleaned_data["wanted_on"],
                is_option=bool(line.cleaned_data.get("is_option")),
            )
            for line in self.able
        )
        return QuoteQuestion(lines=asked, now=now) if asked else None

    def told(self, reply: QuoteReply | None, now: dt.datetime) -> LiveQuote:
        """The answer beside the form; lines that changed since the question was sent wait for the next answer."""
        if reply is None or not self.able:
            return LiveQuote(tuple(LiveLine(line) for line in self.form.lines))
        money = self._money(now)
        priced = {line.key: one for line, one in zip(self.able, money.lines, strict=True)}
        asks_now = self.question(reply.question.now)
        same = set(asks_now.lines) if asks_now else set()
        answers = {
            line.key: (asked, line)
            for asked, line in zip(reply.question.lines, reply.lines, strict=True)
            if asked in same
        }
        sees_cost = may(self.request.user, "erp.view_cost")
        need = self._need(now, money, {key: one.cost for key, (_asked, one) in answers.items()})
        beyond = {line.key for number, line in enumerate(self.able, start=1) if number in need.lines}
        lines = tuple(self._line(line, answers, priced, money, sees_cost, beyond) for line in self.form.lines)
        return LiveQuote(
            lines=lines,
            money=money,
            deliver_at=reply.deliver_at,
            cost=money.of_company(reply.cost) if sees_cost else None,
            note=reply.note,
            need=need,
        )

    def _need(self, now: dt.datetime, money: QuoteMoney, costs: Mapping[str, Decimal | None]) -> Need:
        """Judged as saving would judge it."""
        plant = self.able[0].cleaned_data["plant"]
        lines = [
            TypedLine(
                material=line.cleaned_data["material"],
                quantity=line.cleaned_data["quantity"],
                money=one,
                cost=costs.get(line.key),
                is_option=bool(line.cleaned_data.get("is_option")),
            )
            for line, one in zip(self.able, money.lines, strict=True)
        ]
        return need_while_typed(
            company=plant.company,
            currency=money.currency,
            on=now.astimezone(ZoneInfo(plant.time_zone)).date(),
            rate=self._terms.get("rate"),
            lines=lines,
        )

    def _money(self, now: dt.datetime) -> QuoteMoney:
        given = self._terms
        plant = self.able[0].cleaned_data["plant"]
        customer = given.get("customer")
        return quote_money(
            customer_id=customer.pk if customer is not None else None,
            currency=given.get("currency") or (customer and customer.currency) or plant.company.currency,
            plant_id=plant.pk,
            on=now.astimezone(ZoneInfo(plant.time_zone)).date(),
            lines=[_to_price(line) for line in self.able],
            discount_percent=given.get("discount_percent") or ZERO,
        )

    @cached_property
    def _terms(self) -> dict[str, Any]:
        """What of the head is filled rightly."""
        self.form.is_valid()
        return self.form.cleaned_data

    def _line(
        self,
        line: LineForm,
        answers: dict[str, tuple[LineAsked, LineReply]],
        priced: dict[str, LineMoney],
        money: QuoteMoney,
        sees_cost: bool,
        beyond: Collection[str],
    ) -> LiveLine:
        if line.key not in answers:
            return LiveLine(line)
        asked, reply = answers[line.key]
        return LiveLine(
            form=line,
            reply=reply,
            money=priced[line.key],
            currency=money.currency.code,
            cost=money.of_company(reply.cost) if sees_cost else None,
            sealed=seal_line_reply(asked, reply),
            rush_url=_rush_url(line) if may(self.request.user, "crm.ask_rush") else "",
            needs_approval=line.key in beyond,
        )


def _to_price(line: LineForm) -> LineToPrice:
    given = line.cleaned_data
    return LineToPrice(
        material_id=given["material"].pk,
        quantity=given["quantity"],
        unit_price=given["unit_price"],
        discount_percent=given.get("discount_percent") or ZERO,
        is_option=bool(given.get("is_option")),
    )


def _rush_url(line: LineForm) -> str:
    given = line.cleaned_data
    question = {
        "material": named(given["material"]),
        "plant": given["plant"].pk,
        "quantity": shown.plain(given["quantity"]),
        "wanted_on": given["wanted_on"].isoformat(),
    }
    return f"{reverse('suite:rush_ask')}?{urlencode(question)}"
