"""A tablet loses nothing and sends nothing twice, whatever happens to network, tab, clock and app."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from masterdata.models import Employee
from masterdata.services import set_pin
from mes.models import Device, ExecutionEvent, OperationRun
from tests.browser.tablets import (
    all_sent,
    fill_queue,
    follow,
    kinds,
    log_in,
    off,
    on,
    open_tablet,
    report,
    seconds,
    tap,
    waiting,
)
from tests.crew import Crew, until
from tests.mes.hall import Hall

AHEAD_7_MIN = """
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { if (given.length) super(...given); else super(Real.now() + 420000); }
      static now() { return Real.now() + 420000; }
    };
"""
# What an app of the first version has left behind: its database, two notes in the queue.
OLD_APP = """async ([machine, operator]) => {
    const opening = indexedDB.open("throughline-tablet", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("meta");
      opening.result.createObjectStore("queue", { keyPath: "seq" });
      opening.result.createObjectStore("snapshots", { keyPath: "code" });
    };
    const db = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
    const deal = db.transaction(["meta", "queue"], "readwrite");
    deal.objectStore("meta").put(2, "seq");
    for (const seq of [1, 2]) {
      deal.objectStore("queue").put({ seq, id: `0197ffee-0000-7000-8000-00000000000${seq}`, kind: "note",
        at: new Date().toISOString(), machine, operator, payload: { text: `old ${seq}` } });
    }
    await new Promise((resolve) => { deal.oncomplete = resolve; });
    db.close();
}"""


# The server has done it, the tablet never hears of it.
LOSE_ANSWERS = """() => {
    tablet.sync.realPost = tablet.sync.post;
    tablet.sync.post = async (body) => { await tablet.sync.realPost(body); throw new Error("cut"); };
}"""


def test_a_whole_shift_without_a_network_arrives_once(tablet: Page, shop: Hall, workers: Crew) -> None:
    """The server is gone for good at the start. 40 pieces: 12 good and 1 scrap, a pause, 27 good, which finishes the
    first job; 5 good of the second. The page is loaded anew in between. Then the server is back: 39 good, 1 scrap and
    5 good stand there, each event once, in the order of the taps.
    """
    workers.kill("web")
    off(tablet)
    tap(tablet, "START")
    expect(tablet.locator("#badge")).to_contain_text("1 waiting")
    report(tablet, 12, scrap_reason="Edge chipped")
    expect(tablet.locator("#saved")).to_contain_text("Saved: 12 good, 1 scrap.")
    expect(tablet.locator(".count")).to_contain_text("of 40 good")
    follow(tablet, "PAUSE")
    tap(tablet, "Break")
    expect(tablet.locator("#queue-strip")).to_contain_text("No connection since", timeout=20000)
    tablet.reload()
    expect(tablet.locator("#badge")).to_contain_text("3 waiting", timeout=20000)
    expect(tablet.locator(".count")).to_contain_text("27 pc to go now")
    tap(tablet, "GO ON")
    report(tablet, 27)
    expect(tablet.locator("#saved")).to_contain_text("The job is finished.")
    tap(tablet, "START")
    report(tablet, 5)
    assert waiting(tablet) == 7
    assert not ExecutionEvent.objects.exists()

    workers.start("web")
    on(tablet)
    all_sent(tablet)
    expect(tablet.locator("#badge")).to_contain_text("All sent", timeout=15000)
    assert kinds() == ["start", "report", "pause", "resume", "report", "start", "report"]
    runs = list(OperationRun.objects.order_by("started_at").values_list("state", "good_qty", "scrap_qty"))
    assert runs == [("finished", 39, 1), ("running", 5, 0)]
    assert set(ExecutionEvent.objects.values_list("operator", flat=True)) == {shop.operator.pk}
    scrap = ExecutionEvent.objects.get(scrap_qty=1)
    assert scrap.payload["scrap"] == [{"reason": shop.reasons["S-CHIP"].pk, "quantity": "1"}]
    expect(tablet.locator(".count")).to_contain_text("35 pc to go now")


def test_an_answer_that_is_lost_doubles_nothing(tablet: Page) -> None:
    """The server commits the start and the first report, its answers never arrive: both are sent again, done once."""
    tablet.evaluate(LOSE_ANSWERS)
    tap(tablet, "START")
    until(lambda: kinds() == ["start"], timeout=30, what="the start was committed")
    report(tablet, 3)
    until(lambda: OperationRun.objects.filter(good_qty=3).exists(), timeout=40, what="the server has done both")
    assert waiting(tablet) == 2
    tablet.evaluate("() => { tablet.sync.post = tablet.sync.realPost; }")
    all_sent(tablet)
    assert kinds() == ["start", "report"]
    assert OperationRun.objects.get().good_qty == 3


def test_a_tab_that_is_killed_sends_after_it_is_opened_again(
    chromium: Browser, site: str, shop: Hall, workers: Crew, tmp_path: Path
) -> None:
    """START and a report without a network, the browser is closed at once; opened again it sends both by itself."""
    kind = chromium.browser_type
    given = {
        "executable_path": os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome"),
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
        "viewport": {"width": 1280, "height": 800},
        "base_url": site,
    }
    first = kind.launch_persistent_context(tmp_path, **given)  # type: ignore[arg-type]
    page = open_tablet(log_in(first))
    off(page)
    tap(page, "START")
    report(page, 4)
    assert waiting(page) == 2
    first.close()
    assert not ExecutionEvent.objects.exists()
    second = kind.launch_persistent_context(tmp_path, **given)  # type: ignore[arg-type]
    page = second.new_page()
    page.goto("/tablet/SAW-1/")
    until(lambda: kinds() == ["start", "report"], timeout=30, what="both have arrived")
    assert OperationRun.objects.get().good_qty == 4
    second.close()


def test_of_two_tabs_one_sends(context: BrowserContext, tablet: Page) -> None:
    """Forty notes wait; both tabs see the network at the same moment. Each note is sent in one POST only."""
    other = open_tablet(context.new_page())
    sent: list[str] = []

    def count(request: Request) -> None:
        if "/sync/" in request.url:
            sent.extend(one["id"] for one in request.post_data_json["events"])  # type: ignore[index]

    for page in (tablet, other):
        page.on("request", count)
    off(tablet)
    fill_queue(tablet, 40)
    on(tablet)
    for page in (tablet, other):
        page.evaluate("void tablet.sync.drain()")
    all_sent(tablet)
    assert len(sent) == len(set(sent)) == 40
    assert ExecutionEvent.objects.filter(kind="note").count() == 40
    expect(other.locator("#badge")).to_contain_text("All sent")


def test_a_clock_seven_minutes_ahead_is_put_right(context: BrowserContext, shop: Hall) -> None:
    """The tablet says 7 minutes too late; the log keeps what it said and the corrected time, which is the server's."""
    context.add_init_script(AHEAD_7_MIN)
    page = open_tablet(log_in(context))
    tap(page, "START")
    all_sent(page)
    now = timezone.now()
    event = ExecutionEvent.objects.get(kind="start")
    assert dt.timedelta(minutes=6, seconds=50) < event.happened_at - event.corrected_at < dt.timedelta(minutes=7.2)
    assert abs((now - event.corrected_at).total_seconds()) < 30
    assert -421_000 < Device.objects.get().clock_offset_ms < -415_000
    assert abs((OperationRun.objects.get().started_at - now).total_seconds()) < 30


def test_five_hundred_are_drained_once_each(tablet: Page) -> None:
    off(tablet)
    fill_queue(tablet, 500)
    assert waiting(tablet) == 500
    on(tablet)
    tablet.evaluate("void tablet.sync.drain()")
    took = seconds(lambda: all_sent(tablet, timeout=60))
    assert ExecutionEvent.objects.filter(kind="note").count() == 500
    texts = ExecutionEvent.objects.order_by("device_seq").values_list("payload__text", flat=True)
    assert list(texts) == [f"note {place}" for place in range(500)]
    assert took < 60


def test_a_new_version_while_a_queue_waits_loses_nothing(
    tablet: Page, workers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two taps wait while the server's programs are updated; “Update ready” stands on the list, not over a sheet.
    Taken, the page is the new version's, and what waited arrives.
    """
    before = tablet.evaluate("document.getElementById('tablet').dataset.version")
    tablet.evaluate("() => { tablet.sync.post = async () => { throw new Error('cut'); }; }")
    tap(tablet, "START")
    report(tablet, 2)
    assert waiting(tablet) == 2
    workers.kill("web")
    monkeypatch.setenv("TABLET_VERSION", "next")
    workers.start("web")
    tablet.evaluate("navigator.serviceWorker.getRegistration('/tablet/').then(one => one.update())")
    until(lambda: tablet.evaluate("Boolean(tablet.update)"), timeout=40, what="the new version is ready")
    expect(tablet.get_by_role("button", name="Update ready")).to_have_count(0)
    tablet.get_by_role("link", name="Back to the list").click()
    with tablet.expect_navigation():
        tablet.get_by_role("button", name="Update ready").click()
    tablet.wait_for_selector("#tablet[data-state=on]", state="attached", timeout=20000)
    assert tablet.evaluate("document.getElementById('tablet').dataset.version") != before
    all_sent(tablet)
    assert kinds() == ["start", "report"]


def test_what_an_older_app_left_in_its_database_is_sent(context: BrowserContext, shop: Hall) -> None:
    page = log_in(context)
    page.goto("/healthz")
    page.evaluate(OLD_APP, [shop.machine("SAW-1"), shop.operator.pk])
    open_tablet(page)
    all_sent(page)
    assert sorted(ExecutionEvent.objects.values_list("payload__text", flat=True)) == ["old 1", "old 2"]
    off(page)
    fill_queue(page, 1)
    assert page.evaluate("tablet.store.waiting().then(all => all[0].seq)") == 3


def test_log_out_and_leaving_are_refused_while_something_waits(tablet: Page) -> None:
    off(tablet)
    tap(tablet, "START")
    tablet.locator(".crew .is-more").click()
    tap(tablet, "LOG OUT")
    expect(tablet.get_by_role("alert")).to_contain_text("Reports wait here")
    tablet.get_by_role("button", name="Li Wei leaves this tablet").click()
    expect(tablet.get_by_role("alert")).to_contain_text("Reports wait here")
    on(tablet)
    all_sent(tablet)
    tap(tablet, "LOG OUT")
    tablet.wait_for_url("**/login/**")


def test_undo_reverses_the_report_online_and_offline(tablet: Page, shop: Hall) -> None:
    """3 good, taken back with the network; 5 good, taken back without it and sent later: nothing is left."""
    tap(tablet, "START")
    report(tablet, 3)
    expect(tablet.locator("#saved")).to_contain_text("Saved: 3 good")
    all_sent(tablet)
    tap(tablet, "Undo")
    until(lambda: OperationRun.objects.get().good_qty == 0, timeout=20, what="taken back")
    expect(tablet.locator(".count")).to_contain_text("40 pc to go now")
    off(tablet)
    report(tablet, 5)
    tap(tablet, "Undo")
    expect(tablet.locator(".count")).to_contain_text("40 pc to go now")
    on(tablet)
    all_sent(tablet)
    assert kinds() == ["start", "report", "correction", "report", "correction"]
    assert OperationRun.objects.get().good_qty == 0


def test_too_many_is_refused_in_place_online_and_kept_for_the_shift_lead_offline(tablet: Page) -> None:
    """41 of 40: with the network the sheet comes back with the 41 and the sentence, nothing is kept; without it the
    event waits and the server puts it into quarantine, which the tablet says.
    """
    tap(tablet, "START")
    all_sent(tablet)
    report(tablet, 41)
    expect(tablet.get_by_role("alert")).to_contain_text("Only 40 pc", timeout=15000)
    expect(tablet.locator("#good")).to_have_value("41")
    assert kinds() == ["start"]
    off(tablet)
    tap(tablet, "SAVE")
    expect(tablet.locator("#saved")).to_contain_text("It counts when the shift lead says so")
    expect(tablet.locator("#saved")).not_to_contain_text("finished")
    expect(tablet.locator(".count")).to_contain_text("40 pc to go now")
    on(tablet)
    all_sent(tablet)
    tablet.locator("#badge button").click()
    expect(tablet.locator(".message-list")).to_contain_text("The shift lead decides about it")
    assert OperationRun.objects.get().good_qty == 0


def test_another_job_first_asks_why_and_tells_planning(tablet: Page, shop: Hall) -> None:
    jobs = tablet.evaluate("tablet.snapshot.jobs.map(one => one.id)")
    tablet.locator(".job-row").first.click()
    tap(tablet, "START")
    expect(tablet.locator("#page")).to_contain_text("Why this one first?")
    tap(tablet, "The machine is set up for this one")
    all_sent(tablet)
    event = ExecutionEvent.objects.get()
    assert (event.operation_id, event.payload) == (jobs[1], {"instead_of": jobs[0], "why": "setup"})


def test_a_pin_opens_a_name_online_and_offline(tablet: Page, shop: Hall) -> None:
    jing = Employee.objects.create(code="E2", name="Chen Jing", badge="B-1002", plant=shop.shop.plant)
    set_pin(employee_id=jing.pk, pin="4711")
    tablet.reload()
    tablet.wait_for_selector("#tablet[data-state=on]", state="attached")
    for is_off in (False, True):
        tablet.context.set_offline(is_off)
        tablet.locator(".crew .is-more").click()
        tablet.locator(".people-tiles").get_by_role("button", name="Chen Jing").click()
        for wrong, digits in ((True, "4712"), (False, "4711")):
            for digit in digits:
                tap(tablet, digit)
            tap(tablet, "OK")
            if wrong:
                expect(tablet.get_by_role("alert")).to_contain_text("This is not the PIN")
        expect(tablet.locator(".crew .person.is-active")).to_contain_text("Chen Jing")
        tablet.locator(".crew .is-more").click()
        tablet.get_by_role("button", name="Chen Jing leaves this tablet").click()
