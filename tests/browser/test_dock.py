"""The dock in a real browser: a scanner types and presses Enter, and nobody touches a mouse."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from erp import services as erp
from erp.models import Receipt
from masterdata.models import Material, Plant
from tests.browser.conftest import faults
from tests.crew import Crew
from tests.erp.shop import Shop


@pytest.fixture
def shop(workers: Crew) -> Shop:
    """A shop, committed, whose books are open this year."""
    shop = Shop()
    if (year := timezone.now().year) != 2026:
        erp.open_books(company=shop.company, year=year)
    return shop


@pytest.fixture
def plant(shop: Shop) -> Plant:
    """Its plant, where those who log in have their role."""
    return shop.plant


def scan(page: Page, text: str) -> None:
    """As the scanner does it: the field has the focus, the code is typed over what is proposed, Enter."""
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_delivery_is_received_by_scanner_and_keyboard_alone(enter: Callable[[str], Page], shop: Shop) -> None:
    """10 boards ordered, kept by lot. Wrong codes are sentences; 6 of lot L-1 and 4 of L-2 are booked with Enter."""
    board = shop.buy("BOARD")
    Material.objects.filter(pk=board.pk).update(tracking=Material.Tracking.LOT)
    shop.price(board, "3")
    now = timezone.now()
    line = erp.PurchaseLineInput(board.pk, Decimal(10), Decimal(3), now)
    order = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=now)
    page = enter("warehouse")
    page.goto(reverse("erp:receiving"))
    scan(page, "4006381333931")
    expect(page.locator("#scan_error")).to_have_text(
        "4006381333931 is no purchase order here: scan the number on the delivery note, or choose it below."
    )
    scan(page, order.number)
    expect(page.get_by_role("heading", level=1)).to_contain_text(order.number)
    assert faults(page) == []
    scan(page, "SCREW")
    expect(page.locator("#scan_error")).to_contain_text("SCREW is no material of")
    for lot, quantity in (("L-1", "6"), ("L-2", "4")):
        scan(page, "BOARD")
        scan(page, lot)
        expect(page.locator("label[for=scan]")).to_contain_text("Quantity")
        scan(page, "many")
        expect(page.locator("#scan_error")).to_contain_text("many is no quantity")
        scan(page, quantity)
    assert faults(page) == []
    for _step in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "note":
            break
    page.keyboard.type("LS-77")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Received.")
    receipt = Receipt.objects.get()
    assert receipt.delivery_note == "LS-77"
    assert list(receipt.lines.order_by("pk").values_list("lot__number", "quantity")) == [
        ("L-1", Decimal(6)),
        ("L-2", Decimal(4)),
    ]
