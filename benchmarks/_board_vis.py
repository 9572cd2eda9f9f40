"""The same plan in vis-timeline, the library that people take: loading, panning, heap."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from benchmarks._board_browser import FOLDERS, Shown, bench
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
  await new Promise((resolve) => line.once("changed", resolve));
  globalThis.data = data;
  return performance.now() - began;
};
globalThis.zoomTo = (perHour) => { globalThis.span = (1200 / perHour) * 60; globalThis.left = data.now; };
globalThis.moveTo = () => line.setWindow(at(data, left), at(data, left + span), { animation: false });
</script>"""
PAN = "(at) => { left += (9 * Math.cos(at / 25) * span) / 1200; moveTo(); }"


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
        subprocess.run(command, cwd=folder, check=True)
    return True


def version() -> str:
    """Of the library."""
    return str(json.loads((FOLDERS["vis"] / "package.json").read_text())["version"])


def run(
    made: Browser, data: dict[str, Any], frames: int, say: Callable[[str], None]
) -> tuple[dict[str, float], Shown, float]:
    """Load in ms, what panning showed at the same zooms, heap in MB."""
    with bench(made, HTML, data) as page:
        loaded = page.load()
        parts = []
        for per_hour in ZOOMS.values():
            page.page.evaluate("zoomTo", per_hour)
            page.frames(PAN, 5)
            parts.append(page.frames(PAN, frames))
        shown = Shown(
            [], [gap for part in parts for gap in part.gaps], sum(part.cpu for part in parts) / len(parts), []
        )
        size = f"{len(data['operations']['id']):,}"
        say(f"{size} in vis-timeline, panning: {shown.per_second:.0f} a second, {shown.cpu:.0f} ms CPU a frame")
        return loaded, shown, page.heap()
