"""The same plan in vis-timeline, the library that people take: loading, the same motions, heap."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from benchmarks._board_browser import FOLDERS, Bench, Shown, bench
from benchmarks._board_frames import ZOOMS
from suite.stack import places

HTML = """<!doctype html><link rel="stylesheet" href="/vis/styles/vis-timeline-graph2d.min.css">
<style>html,body{margin:0;height:100%}#it{height:100%}.vis-item{font-size:12px}</style>
<div id="it"></div><script src="/vis/standalone/umd/vis-timeline-graph2d.min.js"></script><script>
const at = (data, minute) => new Date(Date.parse(data.epoch) + minute * 60000);
globalThis.go = async (address) => {
  const began = performance.now();
  const data = await (await fetch(address)).json();
  const { operations: ops, machines, orders } = data;
  const items = ops.id.map((id, i) => ({ id, group: ops.machine[i],
    start: at(data, ops.start[i]), end: at(data, ops.end[i]),
    content: orders[ops.order[i]].number.slice(-4), className: ops.late[i] ? "late" : "calm" }));
  const groups = machines.map((machine, id) => ({ id, content: machine.code }));
  const options = { stack: false, height: "100%", start: at(data, data.now), end: at(data, data.now + 2400),
    orientation: "top", verticalScroll: true, zoomKey: "ctrlKey", showCurrentTime: true };
  const sets = [new vis.DataSet(items), new vis.DataSet(groups)];
  globalThis.line = new vis.Timeline(document.getElementById("it"), ...sets, options);
  const rows = machines.map(() => []);
  items.forEach((item) => rows[item.group].push(item));
  const row = rows.find((one) => one.length > 20).sort((a, b) => a.start - b.start).slice(10, 60);
  globalThis.shift = (minutes) => sets[0].update(row.map(({ id, start, end }) => ({ id,
    start: new Date(+start + minutes * 60000), end: new Date(+end + minutes * 60000) })));
  await new Promise((resolve) => line.once("changed", resolve));
  globalThis.data = data;
  return performance.now() - began;
};
globalThis.down = 0;
globalThis.zoomTo = (perHour) => { globalThis.span = (1200 / perHour) * 60; globalThis.left = data.now; moveTo(); };
globalThis.moveTo = () => line.setWindow(at(data, left), at(data, left + span), { animation: false });
</script>"""
MOTIONS = {
    "panning": "(at) => { left += (9 * Math.cos(at / 25) * span) / 1200; moveTo(); }",
    "scrolling": """(at) => { down = Math.max(0, down + (at % 120 < 60 ? 24 : -24)); line._setScrollTop(-down);
      line.redraw(); }""",
    "zooming": "(at) => { span = 72000 / (12 * Math.exp(1.6 * Math.sin(at / 30))); moveTo(); }",
    "dragging": "(at) => { if (at % 2 === 0) shift(5 * (at % 60)); }",
}
"""As the canvas is moved: the same ways in the same steps, and while dragging as many bars elsewhere."""


def fetched() -> bool:
    """Have the library in var/, from the lock file beside this module; it is no package of the suite."""
    folder = places.var_dir() / "bench-npm"
    if not FOLDERS["vis"].is_dir():
        npm = shutil.which("npm")
        if npm is None:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(places.ROOT / "benchmarks" / "npm" / name, folder / name)
        command = [npm, "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)  # what is printed is the figures alone
    return True


def version() -> str:
    """Of the library."""
    return str(json.loads((FOLDERS["vis"] / "package.json").read_text())["version"])


def run(
    made: Browser, data: dict[str, Any], frames: int, say: Callable[[str], None]
) -> tuple[dict[str, float], dict[str, Shown], float]:
    """Load in ms, what each motion showed at the same zooms, heap in MB."""
    with bench(made, HTML, data) as page:
        loaded = page.load()
        size = f"{len(data['operations']['id']):,}"
        found = {}
        for motion, step in MOTIONS.items():
            shown = found[motion] = _moved(page, step, frames, ZOOMS if motion != "zooming" else {"day": 12})
            say(f"{size} in vis-timeline, {motion}: {shown.per_second:.0f} a second, {shown.cpu:.0f} ms CPU a frame")
        return loaded, found, page.heap()


def _moved(page: Bench, step: str, frames: int, zooms: dict[str, int]) -> Shown:
    parts = []
    for per_hour in zooms.values():
        page.page.evaluate("zoomTo", per_hour)
        page.frames(step, 5)
        parts.append(page.frames(step, frames))
    return Shown([], [gap for part in parts for gap in part.gaps], sum(part.cpu for part in parts) / len(parts), [])
