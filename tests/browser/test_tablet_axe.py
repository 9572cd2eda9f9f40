"""Axe finds nothing on any screen that the tablet draws: pages, sheets, what waits, what is down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from erp.models import WorkOrder
from masterdata.models import Employee
from masterdata.services import set_pin
from tests.browser.conftest import faults
from tests.browser.tablets import IS_ON, all_sent, follow, log_in, off, open_tablet, stocked_hall, tap
from tests.crew import Crew
from tests.mes import laboratory
from tests.mes.hall import Hall, step

SHEETS = ("more", "note", "fault", "tool", "notes", "messages", "people", "camera", "help", "unsaved")
# What asks for more than its name, as a tap opens it.
ASKING = {
    "pin": "{ name: 'pin', person: %(jing)s, who: 'Chen Jing', pin: '47', isWrong: true, isPlain: true }",
    "why": "{ name: 'why', job: %(second)s, first: tablet.snapshot.jobs[0] }",
    "allow": "{ name: 'allow', job: %(second)s, person: 0, sentence: 'Li Wei lacks a licence.', why: 'urgent' }",
}


@pytest.fixture
def shop(workers: Crew) -> Hall:
    """The first piece of the first job is to be measured; Chen Jing has a PIN."""
    shop = stocked_hall()
    laboratory.plan(shop)
    jing = Employee.objects.create(
        code="E2", name="Chen Jing", badge="B-1002", plant=shop.shop.plant, user=shop.person("shift_lead")
    )
    set_pin(employee_id=jing.pk, pin="4711")
    return shop


@pytest.fixture
def tablet(chromium: Browser, site: str, shop: Hall, request: pytest.FixtureRequest) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context(viewport={"width": 1180, "height": 820}, base_url=site)
    context.add_cookies([{"name": "theme", "value": request.param, "url": site}])
    yield open_tablet(log_in(context))
    context.close()


class Looks:
    """What axe finds wrong, by the name of the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: dict[str, list[str]] = {}

    def at(self, name: str) -> None:
        if found := faults(self.page):
            self.wrong[name] = found

    def opened(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_selector(IS_ON, state="attached")


@pytest.mark.parametrize("tablet", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_on_the_pages_of_a_job(tablet: Page, shop: Hall) -> None:
    looks = Looks(tablet)
    first = f"/tablet/SAW-1/jobs/{step(WorkOrder.objects.earliest('pk'), 10).pk}/"
    for url in ("/tablet/SAW-1/", "/tablet/SAW-1/stop/", first, f"{first}report/", f"{first}pause/"):
        looks.opened(url)
        looks.at(url)
    looks.opened(first)
    tap(tablet, "START")
    all_sent(tablet)
    looks.at("running")
    tablet.get_by_role("button", name="Panel").click()
    tap(tablet, "SAVE")
    looks.at("check")
    tap(tablet, "Close")
    follow(tablet, "REPORT")
    for digit in "12":
        tap(tablet, digit)
    tablet.locator(".reason-tile").first.click()
    looks.at("report filled")
    off(tablet)
    tap(tablet, "SAVE")
    tablet.locator("#queue-strip .tab-band").wait_for(timeout=30000)
    looks.at("offline")
    assert looks.wrong == {}


@pytest.mark.parametrize("tablet", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_on_the_sheets_and_on_a_machine_that_is_down(tablet: Page, shop: Hall) -> None:
    looks = Looks(tablet)
    first, second = (step(order, 10).pk for order in WorkOrder.objects.order_by("pk"))
    looks.opened(f"/tablet/SAW-1/jobs/{first}/")
    for name in SHEETS:
        tablet.evaluate(f"tablet.perform('open', {{ sheet: '{name}' }})")
        looks.at(name)
    ids = {"jing": Employee.objects.get(code="E2").pk, "second": second}
    for name, sheet in ASKING.items():
        tablet.evaluate(f"tablet.sheet = {sheet % ids}; tablet.redraw()")
        tablet.locator(".living.sheet .sheet-head").wait_for()
        looks.at(name)
    tablet.evaluate("tablet.perform('list', {})")
    follow(tablet, "Machine is down")
    tap(tablet, "Mechanical fault")
    all_sent(tablet)
    looks.at("down")
    tablet.evaluate("tablet.perform('list', {})")
    looks.at("list of a machine that is down")
    assert looks.wrong == {}
