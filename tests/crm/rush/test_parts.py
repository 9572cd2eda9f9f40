"""A part of a quotation or order with several lines comes first: which lines, how much of each, and what that costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps.models import PlannedOperation
from crm import services as crm
from crm.models import CallOff, Promise, Quotation, RushOption, RushRequest
from crm.selectors.fit import best_fit
from erp.models import WorkOrder
from suite import audit
from suite.deeds import ask_rush, undo_rush
from tests.crm.agreed import active
from tests.crm.rush.asking import card, take, today, with_levers
from tests.flows.workshop import Workshop

D = Decimal
HOUR = dt.timedelta(hours=1)
NEAR = dt.timedelta(minutes=65)


@pytest.fixture
def stocked(shop: Workshop) -> Workshop:
    """Boards and legs for all of it; a delivery more costs 85.00."""
    shop.quantity("BOARD", 500)
    shop.quantity("LEG", 1000)
    crm.set_rush_policy(
        company_id=shop.company.pk,
        holds_min=30,
        expires_days=7,
        asks_when_hurt=True,
        cost_above=None,
        delivery_cost=D(85),
    )
    return shop


def quoted(shop: Workshop, *lines: tuple[str, int, int | None]) -> Quotation:
    given = [
        crm.QuotationLineInput(
            plant_id=shop.plant.pk,
            material_id=shop.materials[code].pk,
            quantity=D(quantity),
            unit_price=None if price is None else D(price),
            wanted_on=today() + dt.timedelta(days=30),
        )
        for code, quantity, price in lines
    ]
    now = timezone.now()
    return crm.write_quotation(
        customer_id=shop.customer.pk, lines=given, valid_until=today() + dt.timedelta(days=20), now=now
    )


def asked(quotation: Quotation, days: int = 1) -> RushRequest:
    wanted = today() + dt.timedelta(days=days)
    now = timezone.now()
    return with_levers(ask_rush.ask_rush_for_quotation(quotation_id=quotation.pk, wanted_on=wanted, now=now))


def parts(option: RushOption) -> list[tuple[str, Decimal, Decimal]]:
    return list(option.parts.values_list("material__code", "quantity", "first_qty"))


@pytest.fixture
def tables(stocked: Workshop) -> RushRequest:
    """200 tables are 66 h of assembly and one stool is an hour; tomorrow's midnight is 24 to 48 h away."""
    return asked(quoted(stocked, ("TABLE", 200, 290), ("STOOL", 1, 110)))


def test_whole_lines_and_pieces_of_the_others_are_there_on_the_day(tables: RushRequest) -> None:
    """The stool is there whole, and n tables: a setup of 5 min, then 10 of sawing, 5 of edging, 20 of assembly and 5 of
    packing each: 40 n + 5. The saw goes on with the others: they end at 5 + 10 x 200 + 30 x (200 - n), which is 8000 -
    70 n behind the first; the hour of the stool may lie between."""
    found = card(tables, "Q")
    (table, all_tables, first), stool = parts(found)
    assert (table, all_tables, stool) == ("TABLE", D(200), ("STOOL", D(1), D(1)))
    assert D(20) < first < D(80)
    assert found.deliver_at is not None
    assert found.rest_at is not None
    assert found.deliver_at.date() <= tables.wanted_on
    assert found.rest_at - found.deliver_at == pytest.approx(int(8000 - 70 * first) * HOUR / 60, abs=NEAR)
    assert (found.label, found.is_possible, found.ask_first) == ("1 of 2 lines first, and a part", True, "")
    assert found.victims.count() == found.moved_count == 0


def test_it_costs_a_lot_and_a_delivery_more(tables: RushRequest) -> None:
    """200 x 290.00 + 110.00 = 58,110.00. A table costs 67.00 and a setup of 5 min at 90.00 an hour, 7.50, for each lot;
    a stool 42.00: 13,449.50. One lot and one delivery more are 7.50 + 85.00 = 92.50; 13,542.00 leave 76.70 %."""
    found = card(tables, "Q")
    assert tables.base_cost == D("13449.50")
    drivers = [(row.text, row.amount) for row in found.drivers.all()]
    assert drivers == [("Made in two lots", D("7.50")), ("One delivery more", D("85.00"))]
    assert (found.extra_cost, found.cost, found.margin_percent) == (D("92.50"), D("13542.00"), D("76.70"))


def test_a_part_is_never_the_best_fit(tables: RushRequest) -> None:
    """It meets the day with the stool and some tables, not with what was asked."""
    best = best_fit(list(RushOption.objects.filter(request=tables)), tables.wanted_on)
    assert best is not None
    assert best.key != "Q"


def test_the_card_says_what_comes_first_of_each_line(sara: Client, tables: RushRequest) -> None:
    found = card(tables, "Q")
    first = found.parts.get(line_no=1).first_qty
    page = sara.get(reverse("crm:rush_request", args=[tables.pk])).content.decode()
    assert f'<td class="num w5">{first:.0f}</td><td class="num t2">{200 - first:.0f}</td>' in page
    assert "the rest on" in page
    told = sara.get(f"/api/v1/crm/rush-options/{found.pk}/").json()
    assert [(one["line_no"], D(one["quantity"]), D(one["first_qty"])) for one in told["parts"]] == [
        (1, D(200), first),
        (2, D(1), D(1)),
    ]
    assert told["first_qty"] is None


def test_taken_it_is_an_order_whose_lines_are_what_comes_first_and_the_rest(tables: RushRequest) -> None:
    """One order at the quotation's prices, each part with its own work and promise. Given back, nothing is left."""
    found = card(tables, "Q")
    first = found.parts.get(line_no=1).first_qty
    order = take(found)
    rows = [(line.material.code, line.quantity, line.unit_price) for line in order.lines.order_by("line_no")]
    assert rows == [("TABLE", first, D(290)), ("STOOL", D(1), D(110)), ("TABLE", 200 - first, D(290))]
    promised = [line.promised_at for line in order.lines.order_by("line_no")]
    assert max(promised[:2]) == found.deliver_at
    assert promised[2] == found.rest_at
    assert promised == [line.expected_at for line in order.lines.order_by("line_no")]
    assert set(Promise.objects.values_list("reason", "version_no")) == {("rush", 1)}
    quotation = tables.quotation
    assert quotation is not None
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("accepted", order)

    undo_rush.undo_rush(request_id=tables.pk, now=timezone.now())
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("draft", None)
    assert not PlannedOperation.objects.exists()
    assert [one.invariant.name for one in audit.findings() if not one.holds] == []


def test_what_lies_there_comes_first_and_what_is_made_later(stocked: Workshop) -> None:
    """Two boards lie there; 300 stools are 300 h of work. For today, an hour's way off, the boards alone may do."""
    stocked.materials["BOARD"].is_sellable = True
    stocked.materials["BOARD"].save()
    request = asked(quoted(stocked, ("STOOL", 300, 110), ("BOARD", 2, 20)), days=1)
    found = card(request, "Q")
    assert parts(found)[1] == ("BOARD", D(2), D(2))
    order = take(found)
    boards = order.lines.get(material__code="BOARD")
    assert boards.promised_at is not None
    assert boards.promised_at <= timezone.now() + 2 * HOUR
    assert WorkOrder.objects.filter(sales_order_line__order=order).count() == 2


@pytest.mark.parametrize("beside", [(), (("TABLE", 1, 290),)])
def test_both_parts_of_a_line_take_from_its_contract(
    stocked: Workshop, beside: tuple[tuple[str, int, int], ...]
) -> None:
    """60 stools at the contract's price; as much as comes first and the rest are two call-offs of one line."""
    active(stocked)
    request = asked(quoted(stocked, ("STOOL", 60, None), *beside))
    order = take(card(request, "Q"))
    calls = CallOff.objects.order_by("order_line__line_no")
    assert [one.order_line.order_id for one in calls] == [order.pk, order.pk]
    assert sum(one.order_line.quantity for one in calls) == 60
