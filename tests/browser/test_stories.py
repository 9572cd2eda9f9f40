"""The three stories by hand, in real browsers before real processes: nobody presses reload."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from aps.models import PlannedOperation
from crm.models import Promise
from erp.models import SalesOrder, WorkOrderOperation
from masterdata.models import Plant
from suite import audit
from tests.browser.tablets import IS_ON
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet

Enter = Callable[[str], Page]
SOON_MS = 30_000
MARK = "document.documentElement.dataset.mark = 'never reloaded'"
IS_FREE = """button => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest.fixture
def shop(workers: Crew) -> workshop.Workshop:
    """Two assembly machines, the second one slower; everything that is bought lies in stock."""
    shop = workshop.build(machines={"ASM": 2})
    slow = shop.machines["ASM-02"]
    slow.speed_percent = 80
    slow.save()
    shop.quantity("LEG", 100)
    shop.quantity("BOARD", 20)
    return shop


@pytest.fixture
def plant(shop: workshop.Workshop) -> Plant:
    """Where the people of these stories work."""
    return shop.plant


def day(days: int) -> dt.date:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date()


def soon(found: Locator) -> Locator:
    """Seen within half a minute: other processes must do their part first."""
    expect(found.first).to_be_visible(timeout=SOON_MS)
    return found.first


def open_page(page: Page, address: str) -> Page:
    """Go there, and be joined to what happens live."""
    page.goto(address)
    page.wait_for_selector("#live[data-state=live]")
    page.evaluate(MARK)
    return page


def is_not_reloaded(page: Page) -> bool:
    return page.evaluate("document.documentElement.dataset.mark") == "never reloaded"


def press(page: Page, label: str | re.Pattern[str]) -> None:
    """A button or a link that looks like one."""
    page.get_by_role("button", name=label).or_(page.get_by_role("link", name=label)).first.click()


def quote_two_tables(sales: Page) -> SalesOrder:
    """Written and accepted; the offered day stands under the line before anything is saved."""
    sales.goto("/quotations/new/")
    sales.locator("[name=customer]").fill("NORD")
    sales.locator("[name$=-material]").first.fill("TABLE")
    sales.locator("[name$=-quantity]").first.fill("2")
    sales.locator("[name$=-wanted_on]").first.fill(day(10).isoformat())
    soon(sales.locator(".offer .date"))
    expect(sales.locator(".offer").first).to_contain_text("600.00")
    press(sales, "Save")
    expect(sales.locator("table.q-shown td.offered")).to_contain_text(str(dt.datetime.now(dt.UTC).day))
    press(sales, "Accept")
    sales.wait_for_url("**/orders/*/")
    return SalesOrder.objects.get()


def make(operator: Page, operation: WorkOrderOperation, machine: str, reports: Sequence[str]) -> None:
    """Start at the tablet, report in parts: the last one finishes the job."""
    operator.goto(f"/tablet/{machine}/jobs/{operation.pk}/")
    operator.wait_for_selector(IS_ON, state="attached", timeout=SOON_MS)
    press(operator, "START")
    for number in reports:
        report = operator.get_by_role("link", name="REPORT")
        report.wait_for()
        until(lambda button=report: button.evaluate(IS_FREE), timeout=2, what="no message lies over the button")
        report.click()
        operator.locator("#good").fill(number)
        operator.get_by_role("button", name="SAVE", exact=True).click()  # the badge says "saved" while something waits
        soon(operator.get_by_text(f"Saved: {number}"))
    rows = WorkOrderOperation.objects.filter(pk=operation.pk, finished_at__isnull=False)
    until(rows.exists, what="the report has arrived")


def stations(page: Page) -> Locator:
    return page.locator("ol.rail .rail-share b")


def test_order_to_cash(enter: Enter, shop: workshop.Workshop) -> None:
    """Two tables at 300.00. Seller, planner, operator, warehouse and accountant each at a browser of their own; the
    seller's page of the order follows by itself until all nine stations are at 100 %. 600.00 and 19 % are 714.00.
    """
    sales = enter("sales")
    order = quote_two_tables(sales)
    open_page(sales, f"/orders/{order.pk}/")
    until(lambda: quiet(shop), what="the order is planned and told")

    board = open_page(enter("planner"), f"/plan/?plant={shop.plant.pk}&order={order.pk}")
    soon(board.locator("#board-panel").get_by_text(order.number))
    assert board.evaluate("board.plan.count") == 4

    operator = enter("operator")
    operator.goto("/tablet/SAW-01/")
    operator.wait_for_selector(IS_ON, state="attached", timeout=SOON_MS)
    press(operator, "Who works here?")
    press(operator, "Li Wei")
    rows = WorkOrderOperation.objects.select_related("work_order__material")
    steps = {(row.work_order.material.code, row.sequence): row for row in rows}
    for step, machine, reports in (
        (("TOP", 10), "SAW-01", ["1", "1"]),
        (("TOP", 20), "EDGE-01", ["2"]),
        (("TABLE", 10), PlannedOperation.objects.get(operation=steps["TABLE", 10]).machine.code, ["2"]),
        (("TABLE", 20), "PACK-01", ["2"]),
    ):
        make(operator, steps[step], machine, reports)
    expect(stations(sales).nth(4)).to_have_text("100 %", timeout=SOON_MS)

    warehouse = enter("warehouse")
    warehouse.goto(f"/orders/{order.pk}/")
    press(warehouse, "Pack what is ready")
    press(warehouse, re.compile("^Ship "))
    soon(warehouse.get_by_text("Shipped."))

    accountant = enter("accountant")
    accountant.goto(f"/orders/{order.pk}/")
    press(accountant, "Post invoice")
    press(accountant, "Record payment")
    expect(accountant.locator("[name=amount]")).to_have_value("714.00")
    press(accountant, "Record payment")
    soon(accountant.get_by_text("Payment recorded."))

    expect(stations(sales)).to_have_text(["100 %"] * 9, timeout=SOON_MS)
    assert is_not_reloaded(sales)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_machine_breakdown(enter: Enter, shop: workshop.Workshop) -> None:
    """Four stools wanted yesterday are planned on ASM-01 and promised for when they end there. Its operator says that
    it is down: the tablet at ASM-02 shows the job with its new times, the seller the new promise and its reason.
    """
    order = confirmed(shop, "STOOL", 4, day(-1))
    until(lambda: quiet(shop), what="the order is planned and promised")
    planned = PlannedOperation.objects.get()
    assert planned.machine.code == "ASM-01"

    other = open_page(enter("shift_lead"), "/tablet/ASM-02/")
    expect(other.locator(".tab-work")).to_contain_text("Nothing to do here")
    sales = open_page(enter("sales"), f"/orders/{order.pk}/?tab=promises")
    expect(sales.locator("ol.promises li")).to_have_count(1)

    operator = enter("operator")
    operator.goto("/tablet/ASM-01/")
    operator.wait_for_selector(IS_ON, state="attached", timeout=SOON_MS)
    press(operator, "Machine is down")
    press(operator, "MACHINE IS DOWN")
    expect(operator.locator(".stopped")).to_contain_text("Nobody has answered yet", timeout=SOON_MS)

    expect(other.locator("#strip")).to_contain_text("ASM-01", timeout=SOON_MS)
    soon(other.locator(".next").get_by_text(order.number))
    until(lambda: quiet(shop), what="everybody knows")
    moved = PlannedOperation.objects.get()
    assert moved.machine.code == "ASM-02"
    expect(other.locator(".next-side")).to_contain_text(f"{moved.starts_at:%H:%M}", timeout=SOON_MS)
    expect(other.locator(".next-side")).to_contain_text(f"{moved.ends_at:%H:%M}")
    assert is_not_reloaded(other)

    expect(sales.locator("ol.promises li")).to_have_count(2, timeout=SOON_MS)
    expect(sales.locator("ol.promises li").filter(has_text="in force")).to_contain_text("ASM-01")
    assert is_not_reloaded(sales)


def test_rush_order(enter: Enter, shop: workshop.Workshop) -> None:
    """Both assembly machines are busy with what was wanted yesterday. A rush for two stools: C goes first, whoever was
    there is later, and the seller who looks at the displaced order sees why.
    """
    orders = [confirmed(shop, "STOOL", number, day(-1)) for number in (6, 5)]
    until(lambda: quiet(shop), what="the machines are busy")
    sales = enter("sales_lead")
    sales.goto("/rush/ask/")
    sales.locator("[name=customer]").fill("HARB")
    sales.locator("[name=quantity]").fill("2")
    sales.locator("[name=material]").fill("STOOL")
    sales.locator("[name=wanted_on]").fill(day(0).isoformat())
    soon(sales.locator("#rush-preview .option"))
    press(sales, "Ask")
    sales.wait_for_url(re.compile(r"/rush/\d+/$"))
    card = sales.get_by_role("region", name="Option C")
    victim = next(order for order in orders if order.number in card.inner_text())

    watching = open_page(sales.context.new_page(), f"/orders/{victim.pk}/?tab=promises")
    expect(watching.locator("ol.promises li")).to_have_count(1)
    press(sales, "Take option C")
    soon(sales.get_by_text("Taken as order"))
    rush = SalesOrder.objects.get(is_rush=True)
    soon(sales.get_by_text(f"Taken: order {rush.number} is promised and planned."))

    expect(watching.locator("ol.promises li")).to_have_count(2, timeout=SOON_MS)
    expect(watching.locator("ol.promises li").filter(has_text="in force")).to_contain_text("Rush order")
    assert is_not_reloaded(watching)
    promise = Promise.objects.get(order_line__order=victim, version_no=2)
    assert promise.reason == "rush"
    assert rush.lines.get().quantity == Decimal(2)
    until(lambda: quiet(shop), what="everybody knows")
