"""Nothing stands outside the window: the main pages at the smallest office width and on tablets, both ways round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from erp.models import SalesOrder, WorkOrderOperation
from masterdata.models import Plant
from mes import services as mes
from tests.browser.tablets import IS_ON
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet

Enter = Callable[[str], Page]
SIZES = [(1280, 800), (1180, 820), (1024, 768), (820, 1180)]
OFFICE = (
    "/", "/control-tower/", "/quotations/", "/customers/", "/promises/", "/notices/", "/orders/", "/plan/",
    "/plan/plans/", "/plan/runs/", "/plan/late/", "/purchase-orders/", "/planned-orders/", "/work-orders/", "/floor/",
    "/floor/alarms/", "/stock/", "/stock/moves/", "/shipments/", "/order-profit/", "/invoices/", "/ledger/",
    "/ledger/journal/", "/master-data/materials/", "/master-data/machines/", "/master-data/boms/",
)  # fmt: skip
# What people must reach or read: buttons, figures, and the cells of a job. Sideways it may only leave a container
# that scrolls by itself, below the window only one that scrolls at all.
OUTSIDE = """() => {
    const found = [], main = document.querySelector("main"), page = document.documentElement;
    if (page.scrollWidth > innerWidth) found.push(`the document is ${page.scrollWidth} wide`);
    if (main.scrollWidth > main.clientWidth + 1) found.push(`the page is ${main.scrollWidth} in ${main.clientWidth}`);
    const scrolls = (one, axis) => {
        for (let box = one.parentElement; box && box !== document.body; box = box.parentElement)
            if (["auto", "scroll"].includes(getComputedStyle(box)[axis]) && !(box === main && axis === "overflowX"))
                return true;
        return false;
    };
    const kept = ".btn, .acts a, .strip span, .board-tools button, .board-figures dd, .board-legend span, .figure, "
        + ".answer, .tabs a, .next-side dt, .job-row > span, .job-figure b, .tile, .key, .rail-name";
    for (const one of document.querySelectorAll(kept)) {
        if (!one.checkVisibility() || one.closest("details:not([open]) > :not(summary)")) continue;
        const { left, right, bottom, width } = one.getBoundingClientRect();
        const name = `${one.className} "${one.innerText.trim().slice(0, 30)}"`;
        if (!width) continue;
        if ((left < -1 || right > innerWidth + 1) && !scrolls(one, "overflowX")) found.push(`${name} at ${right}`);
        if (bottom > innerHeight + 1 && !scrolls(one, "overflowY")) found.push(`${name} down at ${bottom}`);
        if (one.matches(".rail-name, .figure") && one.scrollWidth > one.clientWidth + 1) found.push(`${name} is cut`);
    }
    return found;
}"""
UNDER_THE_FOOT = """() => {
    const foot = document.querySelector(".sheet .tab-foot").getBoundingClientRect().top;
    return [...document.querySelectorAll(".key")].filter(key => key.getBoundingClientRect().bottom > foot).length;
}"""


@pytest.fixture
def shop(workers: Crew) -> workshop.Workshop:
    shop = workshop.build(machines={"ASM": 2})
    shop.quantity("LEG", 100)
    shop.quantity("BOARD", 20)
    return shop


@pytest.fixture
def plant(shop: workshop.Workshop) -> Plant:
    return shop.plant


@pytest.fixture
def order(shop: workshop.Workshop) -> SalesOrder:
    """Two tables, planned, and an alarm above every page of the floor."""
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=10)).date()
    order = confirmed(shop, "TABLE", 2, day)
    until(lambda: quiet(shop), what="the order is planned and told")
    now = dt.datetime.now(dt.UTC)
    mes.report_machine_down(machine_id=shop.machines["ASM-02"].pk, since_at=now, now=now)
    until(lambda: quiet(shop), what="the plan is made again")
    return order


def outside(page: Page, *addresses: str) -> dict[str, list[str]]:
    """What stands outside, by size and address."""
    wrong = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, address
            page.wait_for_load_state("networkidle")
            if found := page.evaluate(OUTSIDE):
                wrong[f"{width}x{height} {address}"] = found
    return wrong


def test_nothing_of_the_office_stands_outside_the_window(enter: Enter, order: SalesOrder) -> None:
    page = enter("auditor")
    lines = [f"/orders/{order.pk}/", f"/orders/{order.pk}/?tab=money", f"/customers/{order.customer_id}/"]
    assert outside(page, *OFFICE, *lines) == {}


def test_on_a_phone_the_stations_of_an_order_are_read_one_below_the_other(enter: Enter, order: SalesOrder) -> None:
    page = enter("auditor")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/orders/{order.pk}/")
    tops = page.locator(".rail-name").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))
    assert len(tops) == 9
    assert [one for one in page.evaluate(OUTSIDE) if "rail-name" in one or "document" in one] == []


def test_nothing_of_a_tablet_stands_outside_the_window(enter: Enter, order: SalesOrder) -> None:
    page = enter("operator")
    job = f"/tablet/SAW-01/jobs/{WorkOrderOperation.objects.get(work_order__material__code='TOP', sequence=10).pk}/"
    page.goto("/tablet/SAW-01/")
    page.wait_for_selector(IS_ON, state="attached")
    page.get_by_role("button", name="Who works here?").click()
    page.get_by_role("button", name="Li Wei").first.click()
    pages = "/tablet/?choose=1", "/tablet/SAW-01/", "/tablet/SAW-01/stop/", job, f"{job}pause/", f"{job}report/"
    assert outside(page, *pages) == {}
    expect(page.locator("#strip")).to_contain_text("ASM-02")


def test_the_keys_of_a_report_stand_above_its_foot_also_under_alarm_and_error(enter: Enter, order: SalesOrder) -> None:
    page = enter("operator")
    job = f"/tablet/SAW-01/jobs/{WorkOrderOperation.objects.get(work_order__material__code='TOP', sequence=10).pk}/"
    page.goto("/tablet/SAW-01/")
    page.wait_for_selector(IS_ON, state="attached")
    page.get_by_role("button", name="Who works here?").click()
    page.get_by_role("button", name="Li Wei").first.click()
    covered = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{job}report/")
        page.wait_for_selector(IS_ON, state="attached")
        page.locator("#good").fill("99")
        page.get_by_role("button", name="SAVE").click()
        expect(page.locator("[role=alert].said")).to_be_visible()
        expect(page.locator("#strip")).to_contain_text("ASM-02")
        covered[width, height] = page.evaluate(UNDER_THE_FOOT)
        big = page.locator(".btn-big").evaluate_all("all => all.every(one => one.offsetHeight >= 72)")
        keys = page.locator(".key").evaluate_all("all => all.every(one => one.offsetHeight >= 72)")
        assert big
        assert keys
    assert not any(covered.values()), covered
