"""What stands on the cards: substitutes, sureness, margin against no rush, and why something is not there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import ObservedSpread, RushOption, RushRequest
from erp.models import PurchaseOrder, WorkOrderMaterial
from masterdata import services as masterdata
from masterdata.models import BomSubstitute, Material
from tests.crm.desk import settle
from tests.crm.rush.asking import asked, card, take, today, with_levers
from tests.flows.workshop import Workshop

D = Decimal
HOUR = dt.timedelta(hours=1)
NEAR = dt.timedelta(minutes=5)


def with_pine(shop: Workshop) -> Material:
    """PINE at 2.50 may be used for LEG, one for one, when somebody says so; a hundred lie there."""
    leg = shop.materials["LEG"]
    pine = Material.objects.create(
        code="PINE", name="Pine leg", category=leg.category, unit=leg.unit, supply="buy", standard_cost=D("2.50")
    )
    shop.materials["PINE"] = pine
    stool = shop.materials["STOOL"]
    bom = masterdata.write_bom(material_id=stool.pk, lines=[masterdata.BomLineInput(leg.pk, D(3))])
    BomSubstitute.objects.create(line=bom.lines.get(), material=pine)
    masterdata.freeze_bom(bom_id=bom.pk, now=timezone.now())
    shop.quantity("PINE", 100)
    return pine


def test_what_does_not_do_for_all_of_it_is_no_substitute(shop: Workshop) -> None:
    """500 legs lie there, 200 stools need 600; a need is replaced whole, and only 100 of pine lie there."""
    pine = with_pine(shop)
    settle(shop)
    request = with_levers(asked(shop, 200))
    none = card(request, "S")
    assert (none.is_possible, none.cause) == (False, "Nothing that may be used for a late material lies free.")
    assert pine.code == "PINE"


def test_it_is_taken_in_the_same_transaction_with_its_difference_in_cost(db: None) -> None:
    """No legs lie there, a hundred of pine do. 2 stools need 6: with LEG they wait a day, with PINE they are there in
    3 h (2 h of work, 1 h of way). 6 x 2.50 less 6 x 2.00 are 3.00 more: 240.00 less 84.00 and 3.00 leave 63.75 %.
    """
    from tests.flows import workshop

    shop = workshop.build()
    pine = with_pine(shop)
    request = with_levers(asked(shop))
    calm, used = card(request, "A"), card(request, "S")
    assert calm.deliver_at is not None
    assert used.deliver_at is not None
    assert calm.deliver_at - request.asked_at > 24 * HOUR
    assert used.deliver_at - request.asked_at == pytest.approx(3 * HOUR, abs=NEAR)
    assert (used.lever, used.label, used.extra_cost) == ("instead", "PINE instead of LEG", D(3))
    assert [(row.text, row.amount) for row in used.drivers.all()] == [("6 PC PINE instead of LEG", D(3))]
    assert (request.base_cost, used.margin_percent) == (D(84), D("63.75"))

    order = take(used)
    need = WorkOrderMaterial.objects.get(work_order__sales_order_line__order=order)
    assert (need.material, need.quantity, need.instead_of, need.choice) == (pine, D(6), shop.materials["LEG"], "chosen")
    assert not PurchaseOrder.objects.exists()
    assert order.lines.get().promised_at == used.deliver_at
    settle(shop)
    need.refresh_from_db()
    assert need.material == pine, "planning leaves what somebody decided"


def test_margin_is_told_against_no_rush_at_all(sara: Client, busy: Workshop) -> None:
    """84.00 without a rush leave 65.00 % of 240.00; 12.00 of extra cost leave 60.00 %: five points less."""
    request = asked(busy)
    fast = card(request, "C")
    RushOption.objects.filter(pk=fast.pk).update(extra_cost=D(12), cost=D(96), margin_percent=D("60.00"))
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "60.0 %" in page
    assert ">−5.0<" in page or ">-5.0<" in page


def observed(shop: Workshop) -> None:
    """Work took between half and one and a half of its time."""
    now = timezone.now()
    levels = {"p0": "0.5", "p5": "0.6", "p10": "0.7", "p25": "0.9", "p50": "1", "p75": "1.1", "p90": "1.3"}
    ObservedSpread.objects.create(
        kind="work", plant=shop.plant, samples=40, mean_min=60, p95=D("1.4"), p100=D("1.5"),
        seen_from=now, seen_until=now, gathered_at=now, **{name: D(value) for name, value in levels.items()},
    )  # fmt: skip


def test_sureness_is_of_what_was_observed_or_not_said(sara: Client, busy: Workshop) -> None:
    unsure = card(asked(busy, wanted=today() + dt.timedelta(days=3)), "A")
    assert (unsure.sure_percent, unsure.p90_at) == (None, None)
    assert unsure.sure_why == "Only 0 finished operations with time were seen, 20 are needed."
    observed(busy)
    request = asked(busy, wanted=today() + dt.timedelta(days=3))
    sure = card(request, "A")
    assert sure.sure_percent == 99
    assert sure.p50_at == sure.deliver_at
    assert sure.deliver_at is not None
    assert sure.p90_at is not None
    assert sure.p90_at > sure.deliver_at
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "99 %" in page
    assert 'class="band' in page


def test_what_was_not_worked_out_in_time_says_so(busy: Workshop, settings: Any, sara: Client) -> None:
    settings.THROUGHLINE_RUSH_SECONDS = 0.0
    request = with_levers(asked(busy, 30))
    assert request.levers_no == request.answer_no
    left = request.options.exclude(lever="")
    assert set(left.values_list("key", flat=True)) == {"E", "S", "M", "O", "P", "Q"}
    assert {one.cause[:8] for one in left} == {"No time:"}
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert page.count("No time: the answer was to be there") == 6


def test_a_lever_that_brings_nothing_says_why(busy: Workshop, sara: Client) -> None:
    request = with_levers(asked(busy, 30))
    assert card(request, "M").cause == "It waits for no material."
    assert card(request, "P").cause == "No other plant that can make it is earlier."
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "Also looked at" in page


def test_answers_never_wait_longer_than_half_a_minute(busy: Workshop, sara: Client) -> None:
    """Nobody works on the levers any more; the page says so instead of asking for ever."""
    request = asked(busy)
    panel = reverse("crm:rush_request", args=[request.pk])
    assert "asking: faster material" in sara.get(panel).content.decode()
    RushRequest.objects.filter(pk=request.pk).update(answered_at=timezone.now() - dt.timedelta(seconds=31))
    page = sara.get(panel).content.decode()
    assert "asking: faster material" not in page
    assert "No time: not all that might make it earlier was worked out." in page


def test_the_floor_shows_what_is_put_in_and_what_moves(busy: Workshop, sara: Client) -> None:
    request = asked(busy)
    part = sara.get(reverse("suite:rush_floor", args=[card(request, "C").pk])).content.decode()
    assert "What changes on the floor with C" in part
    assert (part.count("bar is-new"), part.count("bar is-moved")) == (1, 1)
    assert "ASM-01" in part


def test_a_card_is_looked_at_by_its_letter(busy: Workshop, sara: Client) -> None:
    request = asked(busy)
    page = sara.get(reverse("crm:rush_request", args=[request.pk]), {"option": "C"}).content.decode()
    assert "Taking C does this" in page
    assert "1 order later" in page
    assert reverse("suite:rush_floor", args=[card(request, "C").pk]) in page
