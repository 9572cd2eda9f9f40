"""The planner's page as it is: opened in Chromium from a running suite, panned and worked with a real mouse."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.urls import reverse
from playwright.sync_api import Browser, Page

from benchmarks import Figure, figure
from benchmarks._board_browser import LONG_MS, SIZE, browser
from benchmarks._board_data import planned_plant
from benchmarks._clock import percentile
from benchmarks._scratch import database
from masterdata import accounts
from suite.stack import places
from tests.aps.shop import Shop
from tests.crew import Crew

OPERATIONS, QUICK_OPERATIONS = 20_000, 1_000
DRAGS, MOVES = 12, 40
DRAW_MS, LONG_PERCENT = 8.0, 1.0
PASSWORD = uuid.uuid4().hex

WATCH = """() => {
  const drawn = globalThis.drawn = [], gaps = globalThis.gaps = [];
  let last = null;
  const draw = board.draw.bind(board);
  board.draw = () => { draw(); drawn.push(board.lastMs); };
  const frame = (time) => {
    if (globalThis.watching && last !== null) gaps.push(time - last);
    last = globalThis.watching ? time : null;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.watched = (on) => { globalThis.watching = on; };
}"""
# Where a bar is that may be dragged: planned, free, wide enough to be taken, away from the edges.
FREE = """(skip) => {
  const { plan } = board, box = board.canvas.getBoundingClientRect();
  const free = (op) => plan.state[op] === "planned" && !plan.frozen?.[op] && !plan.pinned?.[op];
  const found = board.inView().filter(free).map((op) => board.box(plan.machine[op], plan.start[op], plan.end[op]));
  const good = found.filter((at) => at && at.w > 12 && at.x > 300 && at.x < board.width - 300 && at.y > 110);
  const at = good[(skip * 7) % good.length];
  return at && [box.left + at.x + 6, box.top + at.y + at.h / 2];
}"""
EFFECTS = """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("/effect/"))
  .map((one) => one.duration)"""
DATA = """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("board.json"))
  .map((one) => [one.encodedBodySize, one.duration])"""


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]:
    """A web server of its own, without workers: the effects are those of the web process, not of the warm worker."""
    operations = QUICK_OPERATIONS if quick else OPERATIONS
    with database("bench_board_page"):
        shop = planned_plant(operations, say)
        name = f"bench-{uuid.uuid4().hex[:6]}"
        roles = [accounts.Role("planner", shop.plant.company)]
        user = accounts.create_user(username=name, roles=roles)
        user.set_password(PASSWORD)
        user.save()
        with _site() as address, browser() as made:
            return _figures(made, address, name, shop, say, is_full=operations == OPERATIONS)


@contextmanager
def _site() -> Iterator[str]:
    """The web server alone, which then answers what a drag would do by itself; its address."""
    crew = Crew(places.var_dir() / "logs" / "board-page")
    try:
        crew.start("web")
        yield crew.address
    finally:
        crew.end()


def _figures(
    made: Browser, site: str, name: str, shop: Shop, say: Callable[[str], None], *, is_full: bool
) -> dict[str, Figure]:
    context = made.new_context(viewport=SIZE, base_url=site)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto("/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("button.btn-main")
    page.wait_for_url(lambda url: "/login" not in url)
    opened = [_open(page, shop) for _ in range(3)]
    say(f"the page: opened in {median(opened):.0f} ms")
    size, fetched = page.evaluate(DATA)[0]
    page.evaluate(WATCH)
    panned = _watched(page, lambda: _pan(page))
    dragged = _watched(page, lambda: _drag(page))
    effects = [float(one) for one in page.evaluate(EFFECTS)]
    say(f"the page: opened in {median(opened):.0f} ms, {len(effects)} effects, p95 {percentile(effects, 95):.0f} ms")
    return {
        "the page: opened until the plan is drawn": figure(median(opened), "ms"),
        "the page: the plan fetched": figure(float(fetched), "ms"),
        "the page: bytes of it on the wire": figure(float(size), "bytes"),
        **_motion("panned with the mouse", *panned, is_full),
        **_motion("dragged with the mouse", *dragged, is_full),
        "the page: effects asked for while dragging": figure(len(effects), ""),
        "the page: effect from the web process, p95": figure(percentile(effects, 95), "ms"),
        "the page: effect from the web process, median": figure(median(effects), "ms"),
    }


def _motion(name: str, drawn: list[float], gaps: list[float], is_full: bool) -> dict[str, Figure]:
    long = 100 * sum(gap > LONG_MS for gap in gaps) / max(1, len(gaps))
    return {
        f"the page {name}, drawing p95": figure(percentile(drawn, 95), "ms", goal=DRAW_MS, full_size=is_full),
        f"the page {name}, drawing median": figure(median(drawn), "ms"),
        f"the page {name}, frames > 34 ms": figure(long, "%", goal=LONG_PERCENT, full_size=is_full),
    }


def _open(page: Page, shop: Shop) -> float:
    page.goto(f"{reverse('aps:board')}?plant={shop.plant.pk}")
    page.wait_for_function("() => globalThis.board?.drawn > 0")
    return float(page.evaluate("performance.now()"))


def _watched(page: Page, deed: Callable[[], Any]) -> tuple[list[float], list[float]]:
    page.evaluate("drawn.length = gaps.length = 0; watched(true)")
    deed()
    page.evaluate("watched(false)")
    return page.evaluate("drawn.slice()"), page.evaluate("gaps.slice()")


def _pan(page: Page) -> None:
    """By the lane of a work centre's load, on which no work lies."""
    y = page.evaluate(
        "board.canvas.getBoundingClientRect().top + board.y(board.layout.rows.find((one) => one.kind === 'centre')) + 8"
    )
    for way in (1, -1) * 3:
        page.mouse.move(800, y)
        page.mouse.down()
        for step in range(MOVES):
            page.mouse.move(800 - way * step * 8, y + step)
        page.mouse.up()


def _drag(page: Page) -> None:
    """Lifted, carried for two hours and put back where it was with Esc."""
    for number in range(DRAGS):
        place = page.evaluate(FREE, number)
        if place is None:
            continue
        x, y = place
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(MOVES):
            page.mouse.move(x + 4 + step * 2, y + (step % 3) * 12)
        page.keyboard.press("Escape")
        page.mouse.up()
