"""What a tap does on the tablet: how many it takes, what it must not do, and what a shift lead's PIN lets it do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from masterdata.models import Employee, Skill, SkillRequirement, WorkCentre
from masterdata.services import set_pin
from mes.models import OperationRun, SkillOverride
from tests.browser.conftest import faults
from tests.browser.tablets import all_sent, follow, kinds, log_in, on, open_tablet, stocked_hall, tap
from tests.crew import Crew, until
from tests.mes.hall import Hall


@pytest.fixture
def shop(workers: Crew) -> Hall:
    return stocked_hall()


@pytest.fixture
def context(chromium: Browser, site: str, shop: Hall) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=site)
    yield made
    made.close()


@pytest.fixture
def tablet(context: BrowserContext) -> Page:
    return open_tablet(log_in(context))


def test_a_tap_beside_the_buttons_of_a_report_saves_nothing_and_close_closes(tablet: Page) -> None:
    tap(tablet, "START")
    follow(tablet, "REPORT")
    tablet.locator("#good").fill("3")
    tablet.locator(".sheet-head h2").click()
    expect(tablet.locator("#good")).to_have_value("3")
    follow(tablet, "Close")
    expect(tablet.locator(".count")).to_contain_text("40 pc to go now")
    all_sent(tablet)
    assert kinds() == ["start"]


def test_a_shift_lead_allows_by_pin_what_a_skill_forbids(tablet: Page, shop: Hall) -> None:
    """Li Wei lacks the licence: the start is refused in place, the lead is asked for a reason and the PIN. A wrong one
    is refused, without a network it says so, and the right one starts the job."""
    skill = Skill.objects.create(code="SAW-A", name="Panel saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=skill)
    lead = Employee.objects.create(
        code="E8", name="Zhao Min", badge="B-1008", plant=shop.shop.plant, user=shop.person("shift_lead")
    )
    set_pin(employee_id=lead.pk, pin="4711")
    tablet.reload()
    tablet.wait_for_selector("#tablet[data-state=on]", state="attached")
    until(lambda: tablet.evaluate("tablet.snapshot.leads.length") == 1, what="the lead is known")
    tap(tablet, "START")
    expect(tablet.get_by_role("alert")).to_contain_text("lacks Panel saw licence", timeout=15000)
    assert faults(tablet) == []
    tap(tablet, "ZM Zhao Min")
    expect(tablet.locator("#page")).to_contain_text("Choose why first")
    tap(tablet, "Urgent, and nobody else is here")
    tap(tablet, "ZM Zhao Min")
    for digits, words in (("4712", "This is not the PIN"), ("4711", "only the server can check")):
        tablet.context.set_offline(digits == "4711")
        for digit in digits:
            tap(tablet, digit)
        tap(tablet, "OK")
        expect(tablet.get_by_role("alert")).to_contain_text(words)
    assert not SkillOverride.objects.exists()
    on(tablet)
    until(lambda: tablet.evaluate("navigator.onLine && !tablet.sync.trouble"), timeout=30, what="the server is back")
    for digit in "4711":
        tap(tablet, digit)
    tap(tablet, "OK")
    expect(tablet.get_by_role("link", name="REPORT", exact=True)).to_be_visible(timeout=15000)
    all_sent(tablet)
    assert SkillOverride.objects.get().reason == "Urgent, and nobody else is here"
    assert kinds() == ["start"]
    assert OperationRun.objects.get().operator == shop.operator
