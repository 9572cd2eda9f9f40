"""A hall with a tablet in a real Chromium: log in at a machine, cut the network, look into what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from mes.models import ExecutionEvent
from tests.crew import until
from tests.mes.hall import Hall, hall, step

PASSWORD = "a-long-password"
IS_ON = "#tablet[data-state=on]"
SLOW_MS = 90000


def stocked_hall(pieces: str = "40", boards: str = "4000", jobs: int = 2) -> Hall:
    """Jobs told to SAW-1 in the plan's order; Li Wei is the operator who logs in."""
    shop = hall(boards=boards)
    orders = [shop.shelves(pieces) for _ in range(jobs)]
    shop.tell(*((step(order, 10), "SAW-1", 60 * place, 60 * place + 60) for place, order in enumerate(orders)))
    shop.operator.user = shop.person("operator")
    shop.operator.save()
    return shop


def log_in(context: BrowserContext, user: str = "operator") -> Page:
    """A page of somebody who is logged in."""
    page = context.new_page()
    page.goto("/login/")
    page.fill("#id_username", user)
    page.fill("#id_password", PASSWORD)
    page.click("button.btn-main")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def open_tablet(page: Page, path: str = "/tablet/SAW-1/") -> Page:
    """The tablet's page, taken over by its scripts and kept by its service worker."""
    page.goto(path)
    page.wait_for_selector(IS_ON, state="attached", timeout=SLOW_MS)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kept = "caches.open('tablet-pages').then(one => one.match('/tablet/SAW-1/')).then(Boolean)"
    until(lambda: page.evaluate(kept), timeout=20, what="the page is kept")
    return page


def waiting(page: Page) -> int:
    """How many events are in the tablet's queue, read from its database."""
    number: int = page.evaluate("tablet.store.count()")
    return number


def all_sent(page: Page, timeout: float = 30) -> None:
    until(lambda: waiting(page) == 0, timeout=timeout, what="everything is sent")


def kinds() -> list[str]:
    """The kinds of the log, in the order of what happened."""
    rows = ExecutionEvent.objects.order_by("corrected_at", "device_seq", "pk")
    return list(rows.values_list("kind", flat=True))


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def report(page: Page, good: int, *, scrap_reason: str = "") -> None:
    """The report sheet: so many good pieces, one scrapped by a tap on its reason."""
    follow(page, "REPORT")
    page.locator("#good").fill(str(good))
    if scrap_reason:
        page.get_by_role("button", name=scrap_reason).click()
    tap(page, "SAVE")


def off(page: Page) -> None:
    page.context.set_offline(True)


def on(page: Page) -> None:
    page.context.set_offline(False)


def fill_queue(page: Page, number: int) -> None:
    """So many notes in the queue, as fast as the tablet saves them."""
    page.evaluate(
        """async (number) => {
            for (let place = 0; place < number; place += 1) {
              await tablet.store.add({ kind: "note", at: new Date().toISOString(), machine: tablet.snapshot.machine.id,
                operator: tablet.team.active, payload: { text: `note ${place}` } });
            }
        }""",
        number,
    )


def seconds(work: Callable[[], Any]) -> float:
    begun = timezone.now()
    work()
    return (timezone.now() - begun).total_seconds()
