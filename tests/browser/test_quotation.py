"""Saving a quotation waits for the dates that are still being asked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from crm.models import QuotationLine
from masterdata.models import Plant
from tests.crew import Crew
from tests.flows import workshop


@pytest.fixture
def shop(workers: Crew) -> workshop.Workshop:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    return shop


@pytest.fixture
def plant(shop: workshop.Workshop) -> Plant:
    return shop.plant


def write_and_save(page: Page) -> None:
    """Saved in the same moment as the last figure is typed: before the question is even sent."""
    page.goto("/quotations/new/")
    page.locator("[name=customer]").fill("NORD")
    page.locator("[name$=-material]").fill("STOOL")
    page.locator("[name$=-wanted_on]").fill("2030-11-29")
    page.locator("[name$=-quantity]").fill("2")
    page.get_by_role("button", name="Save").click()


def test_saving_at_once_still_stores_the_offered_date(enter: Callable[[str], Page]) -> None:
    page = enter("sales")
    write_and_save(page)
    expect(page.get_by_text("A draft that may be sent")).to_be_visible(timeout=15_000)
    assert QuotationLine.objects.get().offered_at is not None


def test_saving_goes_on_without_an_answer_and_the_page_says_so(enter: Callable[[str], Page]) -> None:
    """The question never comes back: after 5 seconds the quotation is saved as it is."""
    page, held = enter("sales"), list[Route]()
    page.route(re.compile("/ask/quote/"), lambda route: held.append(route))
    write_and_save(page)
    expect(page.get_by_text("Asking for the date ...")).to_be_visible()
    said = page.get_by_text("Line 1 has no offered date: the first plan will set its promise.")
    expect(said).to_be_visible(timeout=15_000)
    assert QuotationLine.objects.get().offered_at is None
