// A draft over the plan, and several plants on one board; figures by hand from the sample.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ghostsOf } from "../../aps/static/aps/board/ghosts.js";
import { held } from "../../aps/static/aps/board/lift.js";
import { Loads } from "../../aps/static/aps/board/load.js";
import { NOWHERE, lies, overlay } from "../../aps/static/aps/board/overlay.js";
import { pieces, read } from "../../aps/static/aps/board/plan.js";
import { hasZones, joined } from "../../aps/static/aps/board/plants.js";
import { local } from "../../aps/static/aps/board/splits.js";
import { legendOf, styler } from "../../aps/static/aps/board/style.js";
import { sample } from "./sample.mjs";

const given = () => {
  const data = sample();
  Object.assign(data.operations, { line_id: [70, null, 70], pinned: [false, false, true], frozen: [], splittable: [], done: [] });
  return { ...data, grace: 1 };
};
const moved = (id, machine, start, setup, length) => ({ id, machine, start, setup, length });

test("without a draft the plan is the plan", () => {
  const plan = read(given());
  assert.equal(overlay(plan, [{ moved: NOWHERE, edits: [] }]), plan);
});

test("what the draft moves stands elsewhere, its order is late then, and the published plan is as it was", () => {
  const plan = read(given());
  const shown = overlay(plan, [{ moved: moved([103], [1], [1900], [30], [160]), edits: [] }]);
  assert.deepEqual([shown.machine[2], shown.start[2], shown.run[2], shown.end[2]], [0, 1900, 1930, 2060]);
  assert.deepEqual([shown.rows, shown.late[2], shown.risk[0], shown.orders[0].risk], [[[0, 1, 2], []], 60, 2, 2]);
  assert.deepEqual([plan.rows, plan.start[2], plan.orders[0].risk], [[[0, 1], [2]], 840, 1]);
});

test("what the draft leaves alone is the published plan's own", () => {
  const plan = read(given());
  const before = pieces(plan, 0);
  const shown = overlay(plan, [{ moved: moved([103], [2], [900], [0], [160]), edits: [] }]);
  assert.equal(shown.rows[0], plan.rows[0]);
  assert.deepEqual([shown.rows[1], shown.pieces[0] === before, shown.pieces[2]], [[2], true, undefined]);
  assert.equal(shown.title, plan.title);
});

test("pins of the draft hold, what it unpins is free", () => {
  const plan = read(given());
  const shown = overlay(plan, [{ moved: NOWHERE, edits: [{ do: "pin", ops: [102] }, { do: "unpin", ops: [103] }, { do: "move", ops: [{ id: 101, machine: 1, at: 0 }], pin: true }] }]);
  assert.deepEqual(shown.pinned, [true, true, false]);
  assert.deepEqual(plan.pinned, [false, false, true]);
});

test("the part of a split stands behind all others and belongs to the order", () => {
  const plan = read(given());
  const edits = [{ do: "split", op: 103, quantity: "2", machine: 1, at: 600 }];
  const shown = overlay(plan, [{ moved: moved([-1020], [1], [600], [0], [100]), edits }]);
  assert.deepEqual([shown.count, shown.quantity[3], shown.name[3], shown.orders[0].ops, shown.rows[0]], [4, "2", "Pack", [0, 2, 3], [0, 3, 1]]);
  assert.equal(shown.quantity[2], "3");
  assert.equal(plan.count, 3);
});

// Two of the five pieces go, then one of these two.
test("a part that is split again leaves what it was split off as it is", () => {
  const plan = read(given());
  const edits = [{ do: "split", op: 103, quantity: "2", machine: 1, at: 600 }, { do: "split", op: -1020, quantity: "1", machine: 2, at: 700 }];
  const shown = overlay(plan, [{ moved: moved([-1020, -2020], [1, 2], [600, 700], [0, 0], [50, 50]), edits }]);
  assert.deepEqual([shown.count, shown.quantity, shown.orders[0].ops], [5, ["3", "2", "3", "1", "1"], [0, 2, 3, 4]]);
  assert.deepEqual(shown.rows, [[0, 3, 1], [4, 2]]);
});

test("two plants' drafts each have a part of their own, and edits name it as their draft does", () => {
  const other = given();
  Object.assign(other, { machines: other.machines.map((one) => ({ ...one, id: one.id + 10 })), orders: [{ id: 8, number: "SO-8" }, { id: null, number: "" }] });
  other.operations.id = [201, 202, 203];
  other.operations.before = [[], [], []];
  const plan = joined([given(), other], read);
  const split = (op) => ({ do: "split", op, quantity: "2", machine: 1, at: 600 });
  const pin = { do: "pin", ops: [-1020] };
  const shown = overlay(plan, [{ moved: moved([-1020], [1], [600], [0], [100]), edits: [split(103)] }, { moved: moved([-1020], [11], [500], [0], [100]), edits: [split(203), pin] }]);
  assert.deepEqual([shown.count, shown.start.slice(6), shown.machine.slice(6), shown.pinned.slice(6)], [8, [600, 500], [0, 2], [false, true]]);
  assert.deepEqual(local({ do: "pin", ops: [shown.id[6], shown.id[7], 103] }).ops, [-1020, -1020, 103]);
  assert.deepEqual(local({ do: "split", op: shown.id[7] }), { do: "split", op: -1020 });
});

test("places of machines and operations that the plan does not have are left out", () => {
  const plan = read(given());
  assert.deepEqual([...lies(plan, moved([101, 999, 102], [2, 1, 77], [5, 5, 5], [1, 0, 0], [9, 9, 9]))], [[0, { machine: 1, start: 5, run: 6, end: 14 }]]);
});

test("two plants stand one under the other on one axis", () => {
  const other = given();
  other.plant = { id: 2, code: "P2", name: "Other", zone: "UTC" };
  other.machines = other.machines.map((one) => ({ ...one, id: one.id + 10 }));
  other.operations.id = [201, 202, 203];
  other.operations.before = [[], [], [201]];
  other.orders = [{ id: 8, number: "SO-8", is_rush: false }, { id: null, number: "", is_rush: false }];
  other.until = 9000;
  const plan = joined([given(), other], read);
  assert.deepEqual(plan.machines.map((one) => one.plant), [0, 0, 1, 1]);
  assert.deepEqual(plan.rows, [[0, 1], [2], [3, 4], [5]]);
  assert.deepEqual(plan.orders.map((one) => [one.id, one.ops]), [[7, [0, 2]], [null, [1, 4]], [8, [3, 5]]]);
  assert.deepEqual([plan.preds[5], plan.last, plan.plants.map((one) => one.code)], [[3], 9000, ["P1", "P2"]]);
});

// Order 7 (due at 2000, grace a minute) leaves P1 for P2: packed there on machine 12 from 1000, 20 minutes of setup and 40 of
// work; 90 minutes on the way more make it 30 minutes late.
const leaving = () => ({ edit: 0, plant: 2, line: 70, leaves: [101, 103], spare: -30, machine: [12], start: [1000], setup: [20], length: [60], name: ["Pack all"], title: ["Table"], quantity: ["5"] });
const edits = [{ do: "plant", line: 70, plant: 2 }];

test("what another plant is to make stays where it is, marked, and is as late as it would be from there", () => {
  const shown = overlay(read(given()), [{ moved: NOWHERE, edits, away: [leaving()] }]);
  assert.deepEqual([shown.count, shown.leaves, shown.rows], [3, [true, false, true], [[0, 1], [2]]]);
  assert.deepEqual([shown.start[2], shown.slack[2], shown.late[2], shown.orders[0].risk], [840, -30, 30, 2]);
  assert.deepEqual([held(shown, 0), held(shown, 2), styler(shown, { mode: "late" })(2)], ["leaves", "leaves", "leaves"]);
  assert.deepEqual([styler(shown, { mode: "late", chosen: new Set([2]) })(2), new Loads(shown).machine(1).run.at(-1)], ["leaves", 0]);
});

test("on a board with both plants it stands in the other one too, and cannot be lifted there", () => {
  const other = given();
  other.plant = { id: 2, code: "P2", name: "Other", zone: "UTC" };
  other.machines = other.machines.map((one) => ({ ...one, id: one.id + 10 }));
  other.operations = Object.fromEntries(Object.keys(other.operations).map((name) => [name, []]));
  const plan = joined([given(), other], read);
  const shown = overlay(plan, [{ moved: NOWHERE, edits, away: [leaving()] }, { moved: NOWHERE, edits: [], away: [] }]);
  assert.deepEqual([shown.count, shown.rows], [4, [[0, 1], [2], [], [3]]]);
  assert.deepEqual([shown.start[3], shown.run[3], shown.end[3], shown.name[3], shown.comes, shown.orders[0].ops], [1000, 1020, 1060, "Pack all", [false, false, false, true], [0, 2, 3]]);
  assert.deepEqual([shown.slack[3], shown.late[3], held(shown, 3), styler(shown, { mode: "family" })(3)], [-30, 30, "comes", "comes"]);
  assert.deepEqual(legendOf(shown, "late").map((one) => one.style), ["calm", "risk", "late", "leaves", "comes"]);
  assert.equal(plan.count, 3);
});

test("plants of several zones are told apart", () => {
  const plants = (...zones) => zones.map((zone) => ({ zone }));
  assert.deepEqual([[], plants("UTC"), plants("UTC", "UTC"), plants("UTC", "Asia/Shanghai")].map(hasZones), [false, false, false, true]);
});

test("what another plan has more than a quarter of an hour or a machine away is marked", () => {
  const plan = read(sample());
  const other = read({ ...sample(), operations: { ...sample().operations, machine: [0, 0, 0], start: [375, 800, 840], end: [615, 1880, 1920] } });
  assert.deepEqual([...ghostsOf(plan, other)], [[1, { machine: 0, start: 800, end: 1880 }], [2, { machine: 0, start: 840, end: 1920 }]]);
});
