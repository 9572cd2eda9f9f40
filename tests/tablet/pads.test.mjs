// A report sheet's entries, and the values of a check.
import assert from "node:assert/strict";
import { test } from "node:test";
import { judged, valuesOf } from "../../mes/static/mes/app/measured.js";
import { add, choose, empty, less, lessReason, press, set, tapReason, told, withoutReason } from "../../mes/static/mes/app/pads.js";
import { pathOf, viewOf } from "../../mes/static/mes/app/routes.js";

const job = { quantity: "10", parts: [{ material: 9, quantity: "20" }] };

test("a reason is one piece of scrap, a long press takes one away", () => {
  let entry = tapReason(tapReason(tapReason(empty(), 1), 2), 1);
  assert.deepEqual([entry.scrap, entry.reasons], ["3", { 1: 2, 2: 1 }]);
  entry = lessReason(entry, 2);
  assert.deepEqual([entry.scrap, entry.reasons], ["2", { 1: 2 }]);
  assert.deepEqual(lessReason(entry, 2), entry);
});

test("typed scrap waits for its reason, the first one takes all of it", () => {
  let entry = set(empty(), "scrap", "3");
  assert.equal(withoutReason(entry), 3);
  entry = tapReason(entry, 4);
  assert.deepEqual([entry.scrap, entry.reasons, withoutReason(entry)], ["3", { 4: 3 }, 0]);
  entry = add(entry, "scrap", 2);
  assert.deepEqual(entry.reasons, { 4: 5 });
  entry = set(tapReason(entry, 6), "scrap", "5");
  assert.deepEqual(entry.reasons, { 4: 5 });
});

test("keys write into the chosen pad", () => {
  let entry = press(press(choose(empty(), "rework"), "1"), "2");
  assert.equal(entry.rework, "12");
  entry = press(entry, "back");
  assert.deepEqual([entry.rework, less(entry, "rework").rework], ["1", ""]);
});

test("the event says good, scrap by reason, rework, and of a scanned lot as much as the pieces take", () => {
  const entry = { ...tapReason(set(empty(), "good", "4"), 1), lots: [{ lot: "B-2611", material: 9 }], photo: { id: "p" } };
  assert.deepEqual(told(entry, job), { good: "4", scrap: "1", rework: "0", reason: 1, payload: { scrap: [{ reason: 1, quantity: "1" }], consumed: [{ material: 9, lot: "B-2611", quantity: "10" }], photo: "p" } });
  assert.deepEqual(told(set(empty(), "good", "2,5"), job), { good: "2.5", scrap: "0", rework: "0" });
});

test("values are compared with their tolerances; whole when nothing lacks", () => {
  const due = { plan: 2, piece: 16, characteristics: [{ line: 1, kind: "measured", lower: "36.8", upper: "37.2", subgroup: 2 }, { line: 2, kind: "attribute", lower: null, upper: null, subgroup: 1 }] };
  assert.equal(judged(due, { "1-1": "37" }).isWhole, false);
  const is = judged(due, { "1-1": "37,1", "1-2": "37.3", "2-1": "good" });
  assert.deepEqual([is.isWhole, is.isBad, is.lines[0].samples[1].isBad], [true, true, true]);
  assert.deepEqual(valuesOf(due, { "1-1": "37,1", "1-2": "37.3", "2-1": "good" }), [
    { characteristic: 1, sample: 1, value: "37.1" },
    { characteristic: 1, sample: 2, value: "37.3" },
    { characteristic: 2, sample: 1, is_good: true },
  ]);
});

test("addresses of one machine are drawn here, others are the browser's", () => {
  const root = "/tablet/SAW-1/";
  for (const path of [root, `${root}stop/`, `${root}jobs/7/`, `${root}jobs/7/report/`, `${root}jobs/7/pause/`]) assert.equal(pathOf(viewOf(path, root), root), path);
  assert.equal(viewOf("/tablet/SAW-2/", root), null);
  assert.equal(viewOf(`${root}jobs/7/start/`, root), null);
});
