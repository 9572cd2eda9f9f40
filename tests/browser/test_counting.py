"""A count in a real browser: a scanner types and presses Enter, and nobody touches a mouse."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from erp.models import CountLine
from erp.stock import counting
from masterdata.models import Plant
from tests.browser.conftest import faults
from tests.browser.test_dock import scan
from tests.crew import Crew
from tests.erp.shop import Shop


@pytest.fixture
def shop(workers: Crew) -> Shop:
    """A shop, committed."""
    return Shop()


@pytest.fixture
def plant(shop: Shop) -> Plant:
    """Its plant, where those who log in have their role."""
    return shop.plant


def test_places_are_counted_with_the_scanner_and_the_keyboard_alone(enter: Callable[[str], Page], shop: Shop) -> None:
    """10 lamps and 5 screws by the book; 6 and 5 are found: scan, type, Enter, next."""
    lamp, screw = shop.buy("LAMP"), shop.buy("SCREW")
    shop.stock(lamp, "10"), shop.stock(screw, "5")
    sheet = counting.make_count_sheet(plant=shop.plant, location=shop.shelf, now=timezone.now())
    page = enter("warehouse")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(reverse("erp:enter_count", args=[sheet.pk]))
    scan(page, "4006381333931")
    expect(page.locator("#scan_error")).to_contain_text("is no place, material or lot here")
    scan(page, "STOCK")
    scan(page, "LAMP")
    expect(page.locator(".at-hand")).to_contain_text("LAMP")
    assert faults(page) == []
    scan(page, "6")
    scan(page, "SCREW")
    scan(page, "5")
    expect(page.get_by_role("heading", name="Everything is counted")).to_be_visible()
    assert faults(page) == []
    found = CountLine.objects.order_by("material__code").values_list("material__code", "counted_qty", "book_qty")
    assert list(found) == [("LAMP", Decimal(6), Decimal(10)), ("SCREW", Decimal(5), Decimal(5))]
