// Rows, scale and the plant's clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout, isNarrow, leftOf } from "../../aps/static/aps/board/layout.js";
import { read } from "../../aps/static/aps/board/plan.js";
import { PRESETS, Scale, snap } from "../../aps/static/aps/board/scale.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { Zone, duration } from "../../aps/static/aps/board/zone.js";
import { sample } from "./sample.mjs";

test("rows stand under their work centre and are found by height", () => {
  const { machines, work_centres: centres } = sample();
  const layout = new Layout(machines, centres);
  assert.deepEqual(layout.rows.map((row) => [row.kind, row.y]), [["centre", 0], ["machine", 32], ["centre", 56], ["machine", 88]]);
  assert.equal(layout.at(31).kind, "centre");
  assert.equal(layout.at(32).machine, 0);
  assert.equal(layout.at(200), undefined);
  assert.equal(layout.at(-1), undefined);
});

test("a folded work centre keeps its head, and only the chosen machines keep their height", () => {
  const { machines, work_centres: centres } = sample();
  const layout = new Layout(machines, centres);
  layout.folded.add(10);
  layout.lay();
  assert.equal(layout.rows.length, 3);
  assert.equal(layout.placeOf[0].kind, "centre");
  layout.folded.clear();
  layout.only = new Set([1]);
  layout.lay();
  assert.deepEqual(layout.rows.filter((row) => row.kind === "machine").map((row) => row.h), [8, 24]);
});

test("with several plants each has a row, and folding it leaves nothing else of it", () => {
  const { machines, work_centres: centres } = sample();
  const plants = [{ id: 1, name: "North" }, { id: 2, name: "South" }];
  const layout = new Layout(machines.map((one, at) => ({ ...one, plant: at })), centres.map((one, at) => ({ ...one, plant: at })), plants);
  assert.deepEqual(layout.rows.map((row) => row.kind), ["plant", "centre", "machine", "plant", "centre", "machine"]);
  assert.deepEqual(layout.rows.map((row) => row.machines), [[0], [0], [0], [1], [1], [1]]);
  layout.folded.add("plant-1");
  layout.lay();
  assert.deepEqual(layout.rows.map((row) => row.kind), ["plant", "plant", "centre", "machine"]);
  assert.equal(layout.placeOf[0].kind, "plant");
  assert.equal(layout.height, 24 + 24 + 32 + 24);
});

test("people stand above the work centres of their plant, everybody first, a row per group when unfolded", () => {
  const { machines, work_centres: centres, plant } = sample();
  const layout = new Layout(machines, centres, [plant]);
  layout.people.set(plant.id, { groups: [{ name: "Everybody" }, { name: "Saw" }, { name: "Paint" }] });
  layout.lay();
  assert.deepEqual(layout.rows.slice(0, 4).map((row) => [row.kind, row.group]), [["people", 0], ["people", 1], ["people", 2], ["centre", undefined]]);
  layout.folded.add("people-1");
  layout.lay();
  assert.deepEqual(layout.rows.slice(0, 2).map((row) => row.kind), ["people", "centre"]);
});

test("people who are still to come have their room already", () => {
  const { machines, work_centres: centres, plant } = sample();
  const layout = new Layout(machines, centres, [plant]);
  layout.folded.add("people-1");
  layout.people.set(plant.id, { groups: [] });
  const before = layout.lay().placeOf.map((row) => row.y);
  layout.people.set(plant.id, { groups: [{ name: "Everybody" }, { name: "Saw" }] });
  assert.deepEqual(layout.lay().placeOf.map((row) => row.y), before);
  assert.deepEqual(layout.rows[0].kind, "people");
});

test("only the rows in view are given, also at the ends", () => {
  const { machines, work_centres: centres } = sample();
  const layout = new Layout(machines, centres);
  assert.deepEqual(layout.visible(32, 57).map((row) => row.y), [32, 56]);
  assert.deepEqual(layout.visible(0, 5).map((row) => row.y), [0]);
  assert.deepEqual(layout.visible(100, 500).map((row) => row.y), [88]);
});

test("in the week rows are low and work centres high enough for figures", () => {
  const { machines, work_centres: centres } = sample();
  const layout = new Layout(machines, centres);
  layout.isWeek = true;
  layout.lay();
  assert.deepEqual(layout.rows.map((row) => row.h), [50, 13, 50, 13]);
});

test("on a phone the left column leaves room for time", () => {
  assert.deepEqual([334, 559, 560, 1200].map((width) => [isNarrow(width), leftOf(width)]), [[true, 150], [true, 150], [false, 240], [false, 240]]);
});

test("zooming holds the time under the pointer and stays within limits", () => {
  const scale = new Scale(1000, PRESETS.shift, 240, 1240);
  const held = scale.time(700);
  scale.zoom(96, 700);
  assert.ok(Math.abs(scale.time(700) - held) < 1e-9);
  scale.zoom(10000, 700);
  assert.equal(scale.perHour, 220);
  scale.zoom(0.1, 700);
  assert.equal(scale.perHour, 2.2);
});

test("one cannot pan away from the plan", () => {
  const scale = new Scale(-99999, 60, 240, 1240);
  scale.keepWithin(0, 10000);
  assert.equal(scale.from, -600);
  scale.from = 99999;
  scale.keepWithin(0, 10000);
  assert.equal(scale.from, 10000 + 600 - 1000);
  assert.equal(snap(10.3, 2), 10.5);
});

test("midnights are the plant's own, also when the clocks change", () => {
  // Warsaw is an hour ahead in winter; on 29 March 2026 the clocks go forward, so that day has 23 hours.
  const zone = new Zone("2026-03-28T00:00:00+00:00", "Europe/Warsaw");
  const days = zone.midnights(0, 3000);
  assert.deepEqual(days.slice(0, 3), [-60, 1380, 1380 + 23 * 60]);
  assert.equal(zone.clock(0), "01:00");
  assert.equal(zone.clock(1380 + 23 * 60), "00:00");
  assert.equal(zone.day(1500), "Sun 29 Mar");
});

test("weeks are counted as ISO 8601 does", () => {
  // 1 January 2027 is a Friday: it belongs to week 53 of 2026; the Monday after it begins week 1.
  const zone = new Zone("2027-01-01T00:00:00+00:00", "UTC");
  assert.deepEqual(zone.week(600), { no: 53, isMonday: false, isWeekend: false });
  assert.deepEqual(zone.week(3 * 1440), { no: 1, isMonday: true, isWeekend: false });
  assert.equal(zone.week(2 * 1440).isWeekend, true);
});

test("durations read as people say them", () => {
  assert.deepEqual([45, 60, 95, 2880].map(duration), ["45 min", "1 h", "1 h 35 min", "2 days"]);
});

test("only the machines of the chosen order keep their height, whatever plan comes", () => {
  const view = new Sight(read(sample()), {});
  view.choose(1);
  view.focus(true);
  view.take(read(sample()));
  assert.deepEqual(view.layout.rows.filter((row) => row.kind === "machine").map((row) => row.h), [24, 8]);
  view.choose(null);
  view.take(read(sample()));
  assert.equal(view.layout.only, null);
});
