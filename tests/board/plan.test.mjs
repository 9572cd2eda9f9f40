// What the canvas knows of a plan.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hits } from "../../aps/static/aps/board/find.js";
import { RISK, chainOf, cut, pieces, read } from "../../aps/static/aps/board/plan.js";
import { firstAfter, machinesOf, operationAt } from "../../aps/static/aps/board/hit.js";
import { Layout, TOP } from "../../aps/static/aps/board/layout.js";
import { Scale } from "../../aps/static/aps/board/scale.js";
import { sample } from "./sample.mjs";

test("an operation is drawn only where its machine works", () => {
  const plan = read(sample());
  assert.deepEqual(pieces(plan, 0), [[360, 420], [480, 600]]);
  assert.deepEqual(pieces(plan, 1), [[780, 840], [1800, 1860]]);
});

test("work begun before the shift is drawn from its start", () => {
  const data = sample();
  data.operations.start[0] = 300;
  data.now = 350;
  assert.deepEqual(pieces(read(data), 0)[0], [300, 350]);
});

test("an order is at risk below two hours of slack and late when the plan says so", () => {
  // Due at 2000, the line ends at 1920: 80 minutes.
  const plan = read(sample());
  assert.deepEqual(plan.slack, [80, null, 80]);
  assert.deepEqual(plan.risk, [RISK.tight, RISK.none, RISK.tight]);
  const data = sample();
  data.operations.late = [30, 0, 30];
  assert.equal(read(data).orders[0].risk, RISK.late);
});

test("a chain is the order's operations, or the work order's when it is for stock", () => {
  const plan = read(sample());
  assert.deepEqual(chainOf(plan, 2), [0, 2]);
  assert.deepEqual(chainOf(plan, 1), [1]);
  assert.deepEqual(plan.preds[2], [0]);
  assert.deepEqual([...machinesOf(plan, 0)], [0, 1]);
});

test("windows are cut to the span that one asks for", () => {
  const plan = read(sample());
  assert.deepEqual(cut(plan.machines[0].windows, 800, 1900), [[800, 840], [1800, 1900]]);
  assert.deepEqual(cut(plan.machines[0].windows, 900, 1500), []);
});

test("finding goes to the first operation of an order, a customer or a material, a work order or a machine", () => {
  const plan = read(sample());
  plan.orders[0].customer = "Nordhaus";
  assert.deepEqual(hits(plan, "0007"), [{ op: 0 }]);
  assert.deepEqual(hits(plan, "nordh"), [{ op: 0 }]);
  assert.deepEqual(hits(plan, "wo-2"), [{ op: 1 }]);
  assert.deepEqual(hits(plan, "pack"), [{ machine: 1 }]);
  plan.material = ["T", "TOP-OAK", "T"];
  plan.title = ["Table", "Table top, oak", "Table"];
  assert.deepEqual([hits(plan, "top-"), hits(plan, "top, oak"), hits(plan, "table")], [[{ op: 1 }], [{ op: 1 }], [{ op: 0 }, { op: 1 }]]);
  assert.deepEqual(hits(plan, "nothing"), []);
  assert.deepEqual(hits(plan, " "), []);
});

test("a number that ends like that stands before one that holds it", () => {
  const plan = read(sample());
  plan.orders = [{ id: 7, number: "SO-2026-10450", ops: [0, 2] }, { id: 8, number: "SO-2026-00045", ops: [1] }];
  assert.deepEqual([hits(plan, "045"), hits(plan, "104")], [[{ op: 1 }], [{ op: 0 }]]);
});

test("several hits of one kind come in order of time; an order without work is none", () => {
  const plan = read(sample());
  plan.orders = [{ id: 7, number: "SO-7", customer: "Brun", ops: [1] }, { id: 8, number: "SO-8", customer: "Brun", ops: [2, 0] }, { id: 9, number: "SO-9", customer: "Brun", ops: [] }];
  assert.deepEqual(hits(plan, "brun"), [{ op: 0 }, { op: 1 }]);
  assert.deepEqual(hits(plan, "-1"), [{ op: 0 }], "machines only when no work order holds it");
  assert.deepEqual(hits(plan, "saw-1"), [{ machine: 0 }]);
});

test("the pointer finds the nearest operation of its row", () => {
  const plan = read(sample());
  const layout = new Layout(plan.machines, plan.data.work_centres);
  const scale = new Scale(300, 60, 240, 1240);
  const saw = layout.placeOf[0].y + 5;
  assert.equal(operationAt(plan, layout, scale, scale.x(500), saw), 0);
  assert.equal(operationAt(plan, layout, scale, scale.x(603), saw), 0);
  assert.equal(operationAt(plan, layout, scale, scale.x(700), saw), null);
  assert.equal(operationAt(plan, layout, scale, 100, saw), null);
  assert.equal(operationAt(plan, layout, scale, scale.x(900), layout.placeOf[1].y + 5), 2);
  assert.equal(firstAfter(plan.rows[0], plan.end, 600), 1);
  assert.ok(TOP > 0);
});
