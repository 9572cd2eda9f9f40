"""A real Chromium, a log-in, and what axe finds on a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from masterdata.models import Calendar, Company, Currency, Membership, Plant, User
from tests.browser.tablets import log_in, open_tablet, stocked_hall
from tests.crew import Crew
from tests.mes.hall import Hall

RULES = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']"
PASSWORD = "a-long-password"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Playwright keeps an event loop in this thread; the database is used beside it, never inside it."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def plant(workers: Crew) -> Plant:
    """One plant, committed, so that other processes see it."""
    currency, _made = Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    company = Company.objects.create(code="TL", name="Throughline furniture", currency=currency)
    calendar = Calendar.objects.create(code="OFFICE", name="Office")
    return Plant.objects.create(
        company=company, code="DG", name="Dongguan", calendar=calendar, time_zone="Asia/Shanghai"
    )


@pytest.fixture
def shop(workers: Crew) -> Hall:
    """Two jobs at a saw, for the tests of tablets."""
    return stocked_hall()


@pytest.fixture
def context(chromium: Browser, site: str, shop: Hall) -> Iterator[BrowserContext]:
    """A browser of its own, of a tablet's size."""
    made = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=site)
    yield made
    made.close()


@pytest.fixture
def tablet(context: BrowserContext) -> Page:
    """The saw's tablet, with its operator logged in."""
    return open_tablet(log_in(context))


@pytest.fixture
def enter(chromium: Browser, site: str, plant: Plant) -> Iterator[Callable[[str], Page]]:
    """`enter("planner")` logs in as somebody with that role and returns the start page."""
    contexts = []

    def log_in(role: str) -> Page:
        user = User.objects.create_user(role, password=PASSWORD, first_name="Sara", last_name="Lang")
        Membership.objects.create(user=user, role=role, company=plant.company)
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site)
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.fill("#id_username", role)
        page.fill("#id_password", PASSWORD)
        page.click("button.btn-main")
        page.wait_for_selector("#live[data-state=live]")
        return page

    yield log_in
    for context in contexts:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe finds wrong on the page."""
    axe = Path(settings.NODE_MODULES, "axe-core", "axe.min.js").read_text()
    found: list[str] = page.evaluate(
        f"{axe};axe.run({{runOnly: {RULES}}}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
    )
    return found
