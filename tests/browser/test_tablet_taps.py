"""What a tap does on the tablet: how many it takes, what it must not do, and what a shift lead's PIN lets it do."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from masterdata.models import Employee, Skill, SkillRequirement, WorkCentre
from masterdata.services import set_pin
from mes.models import Downtime, OperationRun, SkillOverride
from tests.browser.conftest import faults
from tests.browser.tablets import all_sent, follow, kinds, on, tap
from tests.crew import until
from tests.mes.hall import Hall


def test_from_badge_to_a_running_job_and_to_a_report_in_few_taps(tablet: Page, shop: Hall) -> None:
    """Nobody works here. Without a badge: the name is asked for, the person, START, so 3. With the badge another job
    than the next: its row, START, why, so 3; of it all 40 are good: REPORT, ALL 40 GOOD, so 2."""
    tablet.locator(".crew .is-more").click()
    tablet.get_by_role("button", name="Li Wei leaves this tablet").click()
    tablet.evaluate("globalThis.taps = 0; addEventListener('pointerdown', () => { taps += 1; }, true)")
    tap(tablet, "Who works here?")
    tablet.locator(".people-tiles").get_by_role("button", name="Li Wei").click()
    tap(tablet, "START")
    expect(tablet.locator(".count")).to_contain_text("40 pc to go now")
    assert tablet.evaluate("taps") == 3
    all_sent(tablet)
    follow(tablet, "PAUSE")
    tap(tablet, "Break")
    all_sent(tablet)
    tablet.goto("/tablet/SAW-1/")
    tablet.wait_for_selector("#tablet[data-state=on]", state="attached")
    tablet.locator(".crew .is-more").click()
    tablet.get_by_role("button", name="Li Wei leaves this tablet").click()
    tablet.evaluate("globalThis.taps = 0; addEventListener('pointerdown', () => { taps += 1; }, true)")
    tablet.keyboard.type("B-1001")
    tablet.keyboard.press("Enter")
    expect(tablet.locator(".crew .person.is-active")).to_contain_text("Li Wei")
    tablet.locator(".job-row").first.click()
    tap(tablet, "START")
    if tablet.get_by_text("Why this one first?").is_visible():
        tap(tablet, "The machine is set up for this one")
    expect(tablet.get_by_role("link", name="REPORT", exact=True)).to_be_visible()
    assert tablet.evaluate("taps") <= 3
    tablet.evaluate("globalThis.taps = 0")
    follow(tablet, "REPORT")
    tap(tablet, "ALL 40 GOOD")
    expect(tablet.locator("#saved")).to_contain_text("Saved: 40 good, 0 scrap. The job is finished.")
    assert tablet.evaluate("taps") == 2
    all_sent(tablet)
    assert kinds() == ["start", "pause", "start", "report"]


def test_one_tap_on_what_is_broken_tells_everybody_and_undo_takes_it_back(tablet: Page, shop: Hall) -> None:
    follow(tablet, "Machine is down")
    tap(tablet, "2 hours")
    tap(tablet, "Mechanical fault")
    expect(tablet.locator(".stopped")).to_contain_text("Mechanical fault")
    all_sent(tablet)
    downtime = Downtime.objects.get()
    assert (downtime.reason, downtime.until_at) == (shop.reasons["D-MECH"], None)
    tap(tablet, "Undo")
    expect(tablet.locator(".stopped")).to_have_count(0)
    all_sent(tablet)
    downtime.refresh_from_db()
    assert downtime.until_at == downtime.since_at


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
