// What is drawn where: words in the hand, links of a chosen order. The context notes what it is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { collect } from "../../aps/static/aps/board/bars.js";
import { drawChain, numbered } from "../../aps/static/aps/board/chain.js";
import { drawDrag } from "../../aps/static/aps/board/float.js";
import { figureAt } from "../../aps/static/aps/board/histogram.js";
import { palette } from "../../aps/static/aps/board/palette.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { sample } from "./sample.mjs";

// Letters are 7 px wide. Each note: what was called, with what, and the fill at that moment.
function looking(perHour) {
  const notes = [];
  const context = new Proxy({}, {
    get: (kept, name) => (name in kept ? kept[name] : (...given) => { notes.push({ name, given, fill: kept.fillStyle }); }),
  });
  const view = new Sight(sample(), { stock: "Stock" });
  const words = { width: (text) => 7 * text.length, fit: (text, room) => (7 * text.length <= room ? text : "") };
  Object.assign(view, { context, words, colours: palette(false), width: 1200, height: 700, bottom: 634 });
  view.scale.width = 1200;
  view.zoom(perHour);
  view.show(0, 0);
  return { view, notes };
}

const drag = (view, more) => ({ ops: [0], machine: 0, at: 600, minutes: 120, x: 0, y: 200, isLegal: true, legal: new Set([0]), moved: new Map(), late: new Set(), ...more });

test("the number of what hangs at the hand stands on it, or on paper beside it when that is too short", () => {
  const written = (perHour, more) => {
    const { view, notes } = looking(perHour);
    view.drag = drag(view, more);
    drawDrag(view);
    const { given, fill } = notes.find(({ name, given: [text] }) => name === "fillText" && text === "0007");
    return { from: given[1] - view.scale.x(600), fill };
  };
  const colours = palette(false);
  // Two hours of 30 px are 60 px, four letters 28. In the week they are 10 px, drawn as 28.
  assert.deepEqual(written(30), { from: 8, fill: colours.onBrand });
  assert.deepEqual(written(5), { from: 37, fill: colours.brand });
  assert.deepEqual(written(5, { isLegal: false }), { from: 37, fill: colours.third });
});

test("figures stand clear of the line of what is needed", () => {
  // Over a foot at 100 a figure stands at 92; a line less than 7 px from there lifts it to 8 px over the line.
  assert.deepEqual([NaN, 60, 85, 86, 92, 98, 99].map((line) => figureAt(100, line)), [92, 92, 92, 78, 84, 90, 92]);
});

test("what a planner has pinned shows it on a short bar too", () => {
  const { view } = looking(30);
  const glyphs = (perHour) => {
    view.zoom(perHour);
    view.show(700, 0);
    return collect(view, view.layout.rows.filter((place) => place.kind === "machine")).glyphs.map(({ kind, x }) => [kind, Math.round(x - view.scale.x(780))]);
  };
  view.plan.pinned = [false, true, false];
  // An hour from 780 on: 30 px, the sign ends 4 px before the end of the bar of 29; at 12 px an hour there is no room.
  assert.deepEqual(glyphs(30), [["pin", 17]]);
  assert.deepEqual(glyphs(12), []);
});

test("a zoom leaves now in its place when it is in view", () => {
  const { view } = looking(30);
  view.show(view.plan.now, 0.5);
  view.zoom(96);
  assert.equal(view.scale.x(view.plan.now), 240 + 480);
  view.show(view.plan.now + 6000, 0);
  const held = view.scale.time(240 + 240);
  view.zoom(30);
  assert.ok(Math.abs(view.scale.time(240 + 240) - held) < 1e-9);
});

test("links pass behind the bars of the chosen order, so that they strike through none of its words", () => {
  const { view, notes } = looking(30);
  view.choose(0);
  assert.deepEqual([...view.chosen].sort(), [0, 2]);
  drawChain(view);
  const at = (wanted) => notes.findIndex(({ name }) => name === wanted);
  assert.ok(at("clip") > at("save") && at("clip") < at("stroke"));
  assert.deepEqual(notes[at("clip")].given, ["evenodd"]);
  const cut = notes.slice(0, at("clip")).filter(({ name }) => name === "rect").map(({ given }) => given);
  const boxes = [0, 2].map((op) => view.box(view.plan.machine[op], view.plan.start[op], view.plan.end[op])).map(({ x, y, w, h }) => [x, y, w, h]);
  assert.deepEqual(cut, [[0, 0, 1200, 700], ...boxes]);
  assert.ok(notes.findLastIndex(({ name }) => name === "stroke") < at("restore"));
});

test("numbers of a chain that would cover each other on a machine share one place", () => {
  assert.deepEqual(numbered([[300, 4], [100, 1], [110, 2], [125, 3]]), [{ x: 100, text: "1–3" }, { x: 300, text: "4" }]);
  assert.deepEqual(numbered([[100, 1], [105, 4], [110, 6], [115, 5]]), [{ x: 100, text: "1, 4–6" }]);
  assert.deepEqual(numbered([1, 3, 5, 7].map((one) => [100, one])), [{ x: 100, text: "1 … 7" }]);
  assert.deepEqual(numbered([[100, 1], [118, 2]]), [{ x: 100, text: "1" }, { x: 118, text: "2" }]);
});
