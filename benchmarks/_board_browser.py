"""A Chromium for the board's benchmarks: pages without a server, each frame measured, CPU of the page's thread."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

from benchmarks._clock import percentile
from suite.stack import places

HOST = "http://board.test/"
SIZE = {"width": 1440, "height": 900}
LONG_MS = 34.0
FOLDERS = {
    "board": places.ROOT / "aps" / "static" / "aps" / "board",
    "inter": Path(settings.NODE_MODULES) / "@fontsource-variable" / "inter",
    "vis": places.var_dir() / "bench-npm" / "node_modules" / "vis-timeline",
}

# A step is made and drawn in each frame; `step(at)` answers with the milliseconds of its drawing, or nothing.
FRAMES = """globalThis.frames = async (step, count) => {
  const drawn = [], gaps = [];
  let last = null;
  for (let at = 0; at < count; at++) {
    await new Promise((resolve) => requestAnimationFrame((time) => {
      if (last !== null) gaps.push(time - last);
      last = time;
      const took = step(at);
      if (took !== undefined) drawn.push(took);
      resolve();
    }));
  }
  return { drawn, gaps };
};"""


@dataclass(frozen=True)
class Shown:
    """What some hundred frames took: drawing in ms, the time between them, CPU ms of the page's thread for each."""

    drawn: list[float]
    gaps: list[float]
    cpu: float
    costs: list[float]
    """CPU ms of the thread for each frame's drawing: what other processes do meanwhile is not in it."""

    @property
    def long(self) -> float:
        """Percent of the frames that came more than LONG_MS after the one before."""
        return 100 * sum(gap > LONG_MS for gap in self.gaps) / len(self.gaps)

    @property
    def p95(self) -> float:
        """Milliseconds of drawing."""
        return percentile(self.drawn, 95) if self.drawn else 0.0

    @property
    def median(self) -> float:
        """Milliseconds of drawing."""
        return percentile(self.drawn, 50) if self.drawn else 0.0

    @property
    def per_second(self) -> float:
        """Frames."""
        return 1000 * len(self.gaps) / sum(self.gaps)


class Bench:
    """A page with a plan in it."""

    def __init__(self, made: Browser, page: Page, html: str, data: dict[str, Any]) -> None:
        self.browser = made
        self.page, self.html, self.data = page, html, json.dumps(data, separators=(",", ":"))
        self.tools: CDPSession = page.context.new_cdp_session(page)
        self.tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.route("**/*", self._serve)
        page.goto(HOST)
        page.wait_for_function("() => Boolean(globalThis.go)", timeout=120_000)
        page.evaluate(FRAMES)

    def load(self) -> dict[str, float]:
        """Milliseconds from asking for the data to the first picture, and CPU of it."""
        before = self.metric("TaskDuration")
        took = float(self.page.evaluate("go('/data.json')"))
        return {"ms": took, "cpu": 1000 * (self.metric("TaskDuration") - before)}

    def frames(self, step: str, count: int) -> Shown:
        """Run `step`, a function of the frame's number, in so many frames."""
        before = self.metric("TaskDuration")
        found = self.page.evaluate(f"frames({step}, {count})")
        cpu = 1000 * (self.metric("TaskDuration") - before) / count
        return Shown(found["drawn"], found["gaps"], cpu, [])

    def traced(self, step: str, count: int) -> list[float]:
        """CPU milliseconds of each frame's callback, from the browser's own trace."""
        self.browser.start_tracing(page=self.page, categories=["devtools.timeline"])
        self.page.evaluate(f"frames({step}, {count})")
        events = json.loads(self.browser.stop_tracing())["traceEvents"]
        return [one["tdur"] / 1000 for one in events if one["name"] == "FireAnimationFrame" and "tdur" in one]

    def heap(self) -> float:
        """Megabytes that JavaScript holds after a collection."""
        self.tools.send("HeapProfiler.collectGarbage")
        return self.metric("JSHeapUsedSize") / 1e6

    def metric(self, name: str) -> float:
        """A figure of the page's own."""
        return next(
            float(one["value"]) for one in self.tools.send("Performance.getMetrics")["metrics"] if one["name"] == name
        )

    def _serve(self, route: Route) -> None:
        name = route.request.url.removeprefix(HOST)
        folder, _, rest = name.partition("/")
        if not name:
            route.fulfill(body=self.html, content_type="text/html")
        elif name == "data.json":
            route.fulfill(body=self.data, content_type="application/json")
        elif folder in FOLDERS and (FOLDERS[folder] / rest).is_file():
            route.fulfill(path=FOLDERS[folder] / rest)
        else:
            route.fulfill(status=404, body="")


def chromium() -> str | None:
    """The browser on this machine."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium without a GPU; the database is used beside playwright's loop, never inside it."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield made
        made.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def bench(made: Browser, html: str, data: dict[str, Any]) -> Iterator[Bench]:
    """A page of its own with the data."""
    page = made.new_page(viewport=SIZE, device_scale_factor=1)  # type: ignore[arg-type]
    page.set_default_timeout(300_000)
    yield Bench(made, page, html, data)
    page.close()
