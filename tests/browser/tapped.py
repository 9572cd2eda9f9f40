"""The tablet in a real Chromium: how long a tap takes until it is saved on the disk, how long 500 events take to drain.

`figures(site, log_in)` drives a running suite: `site` is its address, `log_in` the name and password of an operator,
`station` a machine's code with a job on its list. The taps are notes, which move nothing: they measure the tablet, and
the drain the way from its database over HTTP into the log.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

TAPS = 200
QUEUE = 500
PATIENCE_S = 120
IS_ON = "#tablet[data-state=on]"

# Each tap goes the whole way of a button: the sheet's action, the transaction, the drawn page, the frame after it.
TAP = """async (number) => {
    const took = [];
    for (let place = 0; place < number; place += 1) {
      tablet.typed.note = `tap ${place}`;
      tablet.sheet = { name: "note" };
      const begun = performance.now();
      await tablet.perform("note", { kind: "note" });
      took.push(performance.now() - begun);
      tablet.said = null;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    const saved = performance.getEntriesByName("tap-saved").map((one) => one.duration);
    return { took, saved: saved.slice(-number) };
}"""
FILL = """async (number) => {
    for (let place = 0; place < number; place += 1) {
      await tablet.store.add({ kind: "note", at: new Date().toISOString(), machine: tablet.snapshot.machine.id,
        operator: tablet.team.active, payload: { text: `queued ${place}` } });
    }
}"""


@dataclass(frozen=True)
class TabletFigures:
    """Milliseconds of a tap until it is saved, and until the page shows it; seconds of the drain."""

    saved_ms_p50: float
    saved_ms_p95: float
    shown_ms_p95: float
    queue: int
    drained_s: float


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _enter(page: Page, log_in: tuple[str, str], station: str) -> None:
    page.goto("/login/")
    page.fill("#id_username", log_in[0])
    page.fill("#id_password", log_in[1])
    page.click("button.btn-main")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"/tablet/{station}/")
    page.wait_for_selector(IS_ON, state="attached", timeout=30000)


def figures(site: str, log_in: tuple[str, str], station: str, *, taps: int = TAPS, queue: int = QUEUE) -> TabletFigures:
    """Measure. Without a network for the taps, then the queue is filled to `queue` and drained with one."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=site)
        page = context.new_page()
        _enter(page, log_in, station)
        context.set_offline(True)
        page.evaluate(TAP, 20)
        times = page.evaluate(TAP, taps)
        waiting = page.evaluate("tablet.store.count()")
        page.evaluate(FILL, max(0, queue - waiting))
        held = page.evaluate("tablet.store.count()")
        context.set_offline(False)
        begun = time.perf_counter()
        page.evaluate("void tablet.sync.drain()")
        while page.evaluate("tablet.store.count()"):
            if time.perf_counter() - begun > PATIENCE_S:
                raise TimeoutError(f"{page.evaluate('tablet.store.count()')} of {held} still wait")
            time.sleep(0.02)
        drained = time.perf_counter() - begun
        browser.close()
    return TabletFigures(
        saved_ms_p50=_p(times["saved"], 50),
        saved_ms_p95=_p(times["saved"], 95),
        shown_ms_p95=_p(times["took"], 95),
        queue=held,
        drained_s=drained,
    )
