"""The job page of the tablet in a real Chromium: drawing, setup, what a report says before and after it is saved."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from erp.models import WorkOrder
from mes import services as mes
from mes.models import Device, NonConformance, OperationRun
from mes.services.parts import ShapeInput
from tests.browser.tablets import IS_ON, all_sent, follow, kinds, log_in, off, on, open_tablet, stocked_hall, tap
from tests.crew import Crew, until
from tests.mes.hall import Hall, step

KEPT = "caches.open('tablet-how').then((one) => one.keys()).then((all) => all.length)"
WOOD = "rgb(250, 245, 232)"


@pytest.fixture
def shop(workers: Crew) -> Hall:
    return stocked_hall(pieces="4", jobs=14)


def test_the_last_job_of_the_list_has_its_drawing_without_a_network(context: BrowserContext, shop: Hall) -> None:
    """14 jobs of a shelf of 600 x 400 that nobody wrote an instruction for: what is drawn is kept behind the list, in
    the colours of wood and not black."""
    shape = ShapeInput(length_mm=Decimal(600), width_mm=Decimal(400), thickness_mm=Decimal(18))
    mes.write_shape(material_id=WorkOrder.objects.earliest("pk").material_id, shape=shape)
    page: Page = open_tablet(log_in(context))
    until(lambda: page.evaluate(KEPT) == 1, timeout=30, what="the drawing is kept")
    last = page.evaluate("tablet.snapshot.jobs.at(-1).id")
    assert page.evaluate("tablet.snapshot.jobs.length") == 14
    off(page)
    page.goto(f"/tablet/SAW-1/jobs/{last}/")
    page.wait_for_selector(IS_ON, state="attached")
    expect(page.locator(".how svg")).to_contain_text("600")
    expect(page.locator(".how svg rect.panel")).to_have_css("fill", WOOD)


def test_a_job_with_setup_begins_with_set_up_also_without_a_network(context: BrowserContext) -> None:
    """SET UP online, SETUP DONE offline: the machine is in setup, then it runs; both arrive in this order. Nothing can
    be reported while it is set up."""
    page = open_tablet(log_in(context))
    tap(page, "SET UP")
    expect(page.get_by_role("button", name="SETUP DONE", exact=True)).to_be_visible()
    expect(page.locator(".job-head")).to_contain_text("Setup")
    expect(page.get_by_role("link", name="REPORT", exact=True)).to_have_count(0)
    all_sent(page)
    assert OperationRun.objects.get().state == "setup"
    off(page)
    tap(page, "SETUP DONE")
    expect(page.get_by_role("link", name="REPORT", exact=True)).to_be_visible()
    on(page)
    all_sent(page)
    assert kinds() == ["setup", "start"]
    assert OperationRun.objects.get().state == "running"


def test_where_nothing_can_be_reported_nothing_is_saved(context: BrowserContext, shop: Hall) -> None:
    """Packing has got nothing from the saw: with one piece typed SAVE is off and the sheet says why. Without a network
    more may have come than the tablet knows, so that it is kept for the shift lead."""
    order = shop.shelves("4")
    shop.tell((step(order, 20), "PACK-1", 0, 60), plan_no=2)
    page = log_in(context)
    page.goto("/tablet/PACK-1/")
    page.wait_for_selector(IS_ON, state="attached", timeout=90000)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tap(page, "START")
    follow(page, "REPORT")
    page.locator("#good").fill("1")
    expect(page.locator(".outcome")).to_contain_text("Only 0 can be reported here")
    expect(page.get_by_role("button", name="SAVE", exact=True)).to_be_disabled()
    off(page)
    page.evaluate("tablet.sync.greet()")
    page.locator("#good").fill("2")
    expect(page.locator(".outcome")).to_contain_text("the shift lead decides about it")
    expect(page.get_by_role("button", name="SAVE", exact=True)).to_be_enabled()


def test_a_lot_that_lies_nowhere_is_said_at_once_and_taken_the_second_time(context: BrowserContext) -> None:
    page = open_tablet(log_in(context))
    tap(page, "START")
    follow(page, "REPORT")
    page.evaluate("tablet.scanned('NO-SUCH-LOT')")
    expect(page.get_by_role("alert")).to_contain_text("No lot NO-SUCH-LOT of these parts lies in this plant")
    expect(page.locator(".uses .lot")).to_have_count(0)
    page.evaluate("tablet.scanned('NO-SUCH-LOT')")
    expect(page.locator(".uses .lot")).to_contain_text("NO-SUCH-LOT")
    expect(page.locator("#report").get_by_role("alert")).to_have_count(0)


def test_a_revoked_tablet_says_what_waits_and_is_enrolled_again(context: BrowserContext, shop: Hall) -> None:
    """Li Wei is logged in at a tablet that is revoked: START stays on it; with a code it is sent."""
    lead = shop.person("shift_lead")
    page = open_tablet(log_in(context))
    until(Device.objects.exists, timeout=20, what="the tablet is known")
    device = Device.objects.get()
    mes.revoke_device(device_id=device.pk, now=timezone.now())
    tap(page, "START")
    expect(page.locator("#queue-strip")).to_contain_text("This tablet was revoked", timeout=20000)
    expect(page.locator("#queue-strip")).to_contain_text("1 waiting")
    _row, code = mes.offer_enrolment(name="Saw 1", plant=shop.shop.plant, by=lead, now=timezone.now())
    follow(page, "Enrol it again")
    expect(page.locator("#tablet-waits")).to_contain_text("Waiting on this tablet: 1")
    page.fill("#enrol-code", code)
    tap(page, "Enrol this tablet")
    page.goto("/tablet/SAW-1/")
    page.wait_for_selector(IS_ON, state="attached")
    all_sent(page)
    assert kinds() == ["start"]
    assert Device.objects.get().pk == device.pk


def test_something_wrong_with_pieces_is_told_by_taps_and_nothing_lies_over_a_report(
    context: BrowserContext, shop: Hall
) -> None:
    """ "Started." is gone while the report is open; two pieces with chipped edges need no key."""
    page = open_tablet(log_in(context))
    tap(page, "START")
    expect(page.locator("#saved")).to_contain_text("Started.")
    follow(page, "REPORT")
    expect(page.locator("#saved")).to_be_empty()
    follow(page, "Close")
    page.get_by_role("button", name="More").click()
    tap(page, "Something is wrong with pieces")
    tap(page, "TELL QUALITY")
    expect(page.get_by_role("alert")).to_contain_text("Tap what is wrong")
    tap(page, "Edge chipped")
    tap(page, "One piece more")
    tap(page, "TELL QUALITY")
    all_sent(page)
    row = NonConformance.objects.get()
    assert (row.defect, row.quantity, row.text) == (shop.reasons["S-CHIP"], 2, "")
