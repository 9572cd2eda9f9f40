"""A material from all sides in a real browser: chart, list and tree, asked again, and nothing for axe to find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from masterdata.models import Plant
from tests.browser.conftest import faults
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


def test_the_outlook_and_the_components_of_a_material(enter: Callable[[str], Page], shop: Shop) -> None:
    """Five tables of a top each; one top is there. For 12 tables 12 tops are needed."""
    page = enter("buyer")
    table, top = shop.make("TABLE"), shop.buy("TOP")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    shop.stock(top, "1")
    shop.order((table, "5", "100"))
    page.goto(reverse("masterdata:material", args=[top.pk]))
    expect(page.locator("#outlook .forecast svg path.fc-line")).to_be_attached()
    expect(page.get_by_role("heading", name="What comes and goes")).to_be_visible()
    expect(page.locator("#outlook tbody tr")).to_have_count(3)
    assert faults(page) == []
    page.goto(f"{reverse('masterdata:material', args=[table.pk])}?tab=components")
    expect(page.locator("#components")).to_contain_text("TOP")
    page.fill("#components input[name=quantity]", "12")
    page.keyboard.press("Enter")
    expect(page.locator("#components td.num").first).to_contain_text("12")
    assert faults(page) == []
