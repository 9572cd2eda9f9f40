"""The camera reads the suite's own labels, with a network and without one, and says why when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from erp.models import WorkOrder
from erp.production.traveller import operation_code
from masterdata.documents import codes
from masterdata.models import Employee
from tests.browser import filmed
from tests.browser.conftest import faults
from tests.browser.tablets import IS_ON, log_in, off, open_tablet, stocked_hall, tap
from tests.crew import Crew, until
from tests.mes.hall import Hall

SCAN = "#scan"
READS_IT_ITSELF = "'BarcodeDetector' in globalThis"


@pytest.fixture
def shop(workers: Crew) -> Hall:
    return stocked_hall()


def _tablet(context: BrowserContext) -> Page:
    return open_tablet(log_in(context))


def test_a_badge_before_the_camera_says_who_works(chromium: Browser, site: str, shop: Hall, tmp_path: Path) -> None:
    """Chen Jing's badge as a QR code: the sheet closes by itself, she is active, the camera is off."""
    Employee.objects.create(code="E2", name="Chen Jing", badge="B-1002", plant=shop.shop.plant)
    seen = filmed.film(chromium, codes.qr("B-1002"), (300, 300), tmp_path / "badge.y4m")
    with filmed.camera(chromium, seen, site) as context:
        page = _tablet(context)
        assert not page.evaluate(READS_IT_ITSELF), "this browser reads codes itself: the app's own reader is not tried"
        page.locator(SCAN).click()
        expect(page.locator(".crew .person.is-active")).to_contain_text("Chen Jing", timeout=30000)
        expect(page.locator("#camera")).to_have_count(0)
        expect(page.get_by_role("button", name="START", exact=True).first).to_be_visible()


def test_a_job_sheet_opens_its_job_without_a_network(
    chromium: Browser, site: str, shop: Hall, workers: Crew, tmp_path: Path
) -> None:
    """The second job's operation as Code 128; the server is gone before the reader was ever asked for."""
    order = WorkOrder.objects.latest("pk")
    seen = filmed.film(chromium, codes.code128(operation_code(order, 10)), (560, 160), tmp_path / "job.y4m")
    with filmed.camera(chromium, seen, site) as context:
        page = _tablet(context)
        job = page.evaluate("tablet.snapshot.jobs[1].id")
        workers.kill("web")
        off(page)
        page.locator(SCAN).click()
        page.wait_for_url(f"**/tablet/SAW-1/jobs/{job}/", timeout=30000)
        expect(page.locator(".job-head")).to_contain_text(order.number)


def test_a_lot_before_the_camera_is_that_of_the_report(
    chromium: Browser, site: str, shop: Hall, tmp_path: Path
) -> None:
    seen = filmed.film(chromium, codes.qr("L-2611-087"), (300, 300), tmp_path / "lot.y4m")
    with filmed.camera(chromium, seen, site) as context:
        page = _tablet(context)
        tap(page, "START")
        page.get_by_role("link", name="REPORT", exact=True).first.click()
        page.locator("#good").fill("3")
        tap(page, "Scan a lot")  # which the plant does not know: it is said, and taken when it is scanned again
        expect(page.locator(".sheet")).to_contain_text("L-2611-087", timeout=30000)
        tap(page, "Scan a lot")
        expect(page.locator(".uses")).to_contain_text("L-2611-087", timeout=30000)
        expect(page.locator("#good")).to_have_value("3")


def test_without_a_camera_or_the_right_it_says_what_to_do(
    chromium: Browser, site: str, shop: Hall, tmp_path: Path
) -> None:
    """No camera in this browser; then one that is not allowed. A typed code takes the same way."""
    plain = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=site, permissions=["camera"])
    page = _tablet(plain)
    page.locator(SCAN).click()
    expect(page.get_by_role("alert")).to_contain_text("No camera was found on this tablet")
    assert faults(page) == []
    page.locator("#typed-code").fill(WorkOrder.objects.earliest("pk").number)
    tap(page, "OK")
    expect(page.locator(".job-head")).to_be_visible()
    plain.close()
    seen = filmed.film(chromium, codes.qr("B-1001"), (300, 300), tmp_path / "none.y4m")
    with filmed.camera(chromium, seen, site) as context:
        context.clear_permissions()
        page = _tablet(context)
        page.locator(SCAN).click()
        expect(page.get_by_role("alert")).to_contain_text("The camera is not allowed here", timeout=15000)
        tap(page, "Close")
        expect(page.locator("#camera")).to_have_count(0)


def test_axe_finds_nothing_while_the_camera_looks(chromium: Browser, site: str, shop: Hall, tmp_path: Path) -> None:
    white = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>'
    seen = filmed.film(chromium, white, (300, 300), tmp_path / "white.y4m")
    with filmed.camera(chromium, seen, site) as context:
        page = _tablet(context)
        page.locator(SCAN).click()
        until(lambda: page.evaluate("document.getElementById('camera')?.videoWidth > 0"), what="it looks")
        assert faults(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#camera")).to_have_count(0)
        page.wait_for_selector(IS_ON, state="attached")
