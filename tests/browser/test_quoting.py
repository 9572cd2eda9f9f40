"""A quotation in a browser, from its first key to the plan and back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from aps.models import PlannedOperation
from crm.models import Quotation
from erp.models import SalesOrder
from masterdata.models import Plant
from tests.crew import Crew
from tests.flows import workshop

PATIENCE = 20_000
DAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ [A-Z]")


@pytest.fixture
def shop(workers: Crew) -> workshop.Workshop:
    """Legs and boards are there; TABLE 300 EUR, STOOL 100 EUR, tax 19 %."""
    shop = workshop.build()
    shop.quantity("LEG", 100)
    shop.quantity("BOARD", 100)
    return shop


@pytest.fixture
def plant(shop: workshop.Workshop) -> Plant:
    return shop.plant


def test_typed_seen_scheduled_and_taken_back(enter: Callable[[str], Page]) -> None:
    """Two tables and three stools are 2 x 300 + 3 x 100 = 900 net and 171 tax; five stools make it 1,100 and 209."""
    page = enter("sales")
    page.goto("/quotations/new/")
    page.locator("[name=customer]").fill("NORD")
    first = type_line(page, 0, "TABLE", "2")
    expect(first).to_contain_text("Net EUR 600.00", timeout=PATIENCE)
    page.get_by_role("button", name="Add line").click()
    second = type_line(page, 1, "STOOL", "3")
    expect(second).to_contain_text("Net EUR 300.00", timeout=PATIENCE)
    for line in (first, second):
        expect(line.locator(".date")).to_have_text(DAY)
    sums = page.locator("#live-sums")
    expect(sums).to_contain_text(re.compile(r"All there.*Net\s+EUR 900.00\s+Tax\s+171.00\s+Total\s+1,071.00", re.S))
    expect(sums.locator("b").first).to_have_text(DAY)

    only_the_last_stands(page, sums)

    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("1,309.00").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Accept and schedule").click()
    expect(page.get_by_text("It stands in the plan, and nobody else moved.")).to_be_visible(timeout=PATIENCE)
    order = SalesOrder.objects.get()
    planned = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order)
    assert planned.exists()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"Taken back: {order.number} is off the plan and cancelled")).to_be_visible(
        timeout=PATIENCE
    )
    quotation = Quotation.objects.get()
    assert (quotation.state, quotation.order_id) == ("draft", None)


def type_line(page: Page, place: int, product: str, pieces: str) -> Locator:
    """Type one line as a person would; the place of its answer."""
    line = page.locator(".q-line").nth(place)
    line.locator("[name$=-material]").fill(product)
    line.locator("[name$=-quantity]").fill(pieces)
    line.locator("[name$=-wanted_on]").fill("2030-11-29")
    return line.locator(".offer")


def only_the_last_stands(page: Page, sums: Locator) -> None:
    """Four pieces are asked, and before that is answered five: the answer to four comes last and is never seen."""
    held = list[Route]()

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    pieces = page.locator(".q-line").nth(1).locator("[name$=-quantity]")
    page.route(re.compile(r"/ask/quote/$"), hold_the_first)
    with page.expect_request(re.compile(r"/ask/quote/$")):
        pieces.fill("4")
    pieces.fill("5")
    expect(sums).to_contain_text("EUR 1,100.00", timeout=PATIENCE)
    with contextlib.suppress(Error):  # the page may have given up on it
        held[0].continue_()
    page.unroute(re.compile(r"/ask/quote/$"))
    expect(page.locator(".is-asking")).to_have_count(0, timeout=PATIENCE)
    expect(sums).to_contain_text("EUR 1,100.00")
