"""The board's canvas in Chromium: loading, and drawing while one pans, scrolls, zooms and drags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from benchmarks import Figure, figure
from benchmarks._board_browser import Bench, Shown, bench
from benchmarks._clock import percentile

DRAW_MS, LONG_PERCENT = 8.0, 1.0
"""Goals at 20,000 operations: p95 of a frame's drawing, and frames that come too late."""
ZOOMS = {"hour": 96, "shift": 30, "day": 12, "week": 5}

HTML = """<!doctype html><link rel="stylesheet" href="/inter/index.css">
<style>html,body{margin:0;height:100%}canvas{position:absolute;inset:0;width:100%;height:100%}</style>
<canvas id="canvas"></canvas><script type="module">
import { read } from "/board/plan.js";
import { BoardView } from "/board/view.js";
const say = new Proxy({}, { get: (_, name) => String(name) });
for (const weight of [400, 500, 600]) await document.fonts.load(`${weight} 12px "Inter Variable"`);
globalThis.go = async (address) => {
  const began = performance.now();
  const data = await (await fetch(address)).json();
  for (const machine of data.machines) machine.windows = data.calendars[machine.calendar];
  const view = new BoardView(document.getElementById("canvas"), { ...read(data), plants: data.plants }, say);
  view.resize();
  globalThis.view = view;
  return performance.now() - began;
};
globalThis.zoomTo = (perHour) => {
  view.drag = view.numbers = null;
  view.choose(null);
  view.top = 0;
  view.zoom(perHour);
  view.show(view.plan.now + 600, 0.2);
  globalThis.row = view.plan.rows.findIndex((row) => row.length > 20);
};
// The order with the most operations, its links and numbers in view.
globalThis.chooseMost = () => {
  const { plan } = view;
  const orders = plan.orders.filter((one) => one.id !== null);
  const [{ ops }] = orders.sort((one, other) => other.ops.length - one.ops.length);
  const chain = [...ops].sort((one, other) => plan.start[one] - plan.start[other]);
  view.choose(chain[0]);
  view.numbers = new Map(chain.map((op, at) => [op, at + 1]));
  view.show(plan.start[chain[0]], 0.3);
  view.reveal(plan.machine[chain[0]]);
};
</script>"""

DRAWN = "view.draw(); return view.lastMs;"
CHAINED = "panning, an order chosen"
STEPS = {
    "panning": f"(at) => {{ view.scale.pan(9 * Math.cos(at / 25)); view.top += 4 * Math.cos(at / 40); {DRAWN} }}",
    CHAINED: f"""(at) => {{
      if (view.chosenOp === null) chooseMost();
      view.scale.pan(9 * Math.cos(at / 25));
      view.top += 4 * Math.cos(at / 40);
      {DRAWN}
    }}""",
    "scrolling": f"(at) => {{ view.top += at % 120 < 60 ? 24 : -24; {DRAWN} }}",
    "zooming": f"(at) => {{ view.zoom(12 * Math.exp(1.6 * Math.sin(at / 30)), 700); {DRAWN} }}",
    # An answer of the engine every second frame: 50 operations of a machine elsewhere, three orders late.
    "dragging": """(at) => {
      const { plan } = view, held = plan.rows[row][15];
      let { moved } = view.drag ?? {};
      if (at % 2 === 0) {
        const by = 5 * (at % 60);
        moved = new Map();
        for (const op of plan.rows[row].slice(10, 60)) {
          moved.set(op, { machine: row, start: plan.start[op] + by, run: plan.run[op] + by, end: plan.end[op] + by });
        }
      }
      view.drag = { ops: [held], machine: row, at: plan.start[held] + at, minutes: 90, x: 0, y: 200 + at / 2,
        legal: null, moved, late: new Set(plan.rows[row].slice(11, 14)) };
      view.draw();
      return view.lastMs;
    }""",
}


def run(
    made: Browser, data: dict[str, Any], frames: int, say: Callable[[str], None], *, has_goal: bool, is_quick: bool
) -> dict[str, Figure]:
    """The figures of a plan; each motion in `frames` frames at every zoom that it makes sense in."""
    with bench(made, HTML, data) as page:
        size = f"{len(data['operations']['id']):,}"
        loaded = page.load()
        found = {
            f"{size}: load to the first picture": figure(loaded["ms"], "ms"),
            f"{size}: load, CPU": figure(loaded["cpu"], "ms"),
            f"{size}: bytes of the plan, not packed": figure(len(page.data), "bytes"),
        }
        for motion, step in STEPS.items():
            if motion == CHAINED and is_quick:
                continue
            shown = _everywhere(page, step, frames, ZOOMS if motion != "zooming" else {"day": 12})
            cost = percentile(shown.costs, 95)
            say(f"{size}, {motion}: p95 {shown.p95:.1f} ms, {cost:.1f} ms of CPU; {shown.long:.1f} % of frames late")
            found |= _figures(f"{size}: {motion}", shown, has_goal)
        found[f"{size}: heap"] = figure(page.heap(), "MB")
        return found


def _everywhere(page: Bench, step: str, frames: int, zooms: dict[str, int]) -> Shown:
    parts, costs = [], []
    for per_hour in zooms.values():
        page.page.evaluate("zoomTo", per_hour)
        page.frames(step, 20)  # widths of words are measured once
        page.page.evaluate("zoomTo", per_hour)
        parts.append(page.frames(step, frames))
        page.page.evaluate("zoomTo", per_hour)
        costs += page.traced(step, frames // 2)
    drawn = [ms for part in parts for ms in part.drawn]
    gaps = [ms for part in parts for ms in part.gaps]
    return Shown(drawn, gaps, sum(part.cpu for part in parts) / len(parts), costs)


def _figures(name: str, shown: Shown, has_goal: bool) -> dict[str, Figure]:
    return {
        f"{name}, drawing p95": figure(shown.p95, "ms", goal=DRAW_MS if has_goal else None),
        f"{name}, drawing median": figure(shown.median, "ms"),
        f"{name}, drawing p95, CPU": figure(percentile(shown.costs, 95), "ms", goal=DRAW_MS if has_goal else None),
        f"{name}, frames > 34 ms": figure(shown.long, "%", goal=LONG_PERCENT if has_goal else None),
        f"{name}, CPU of the page a frame": figure(shown.cpu, "ms"),
    }
