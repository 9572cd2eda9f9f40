// The board's message as data: whole, with a delta merged in, with operations elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chainOf, read } from "../../aps/static/aps/board/plan.js";
import { decode, lateness, merge, placed } from "../../aps/static/aps/board/wire.js";
import { message, part } from "./message.mjs";

const OPERATIONS = ["id", "machine", "start", "setup", "length", "work_order", "step", "sequence", "family", "flags", "ready", "befores", "before"];
const none = () => ({
  customers: [], materials: [], steps: [], families: [], orders: { id: [], number: [], customer: [], is_rush: [] },
  lines: { id: [], order: [], line_no: [], due: [], promised: [] }, work_orders: { id: [], number: [], line: [], material: [], quantity: [] },
  operations: { ...Object.fromEntries(OPERATIONS.map((name) => [name, []])), done: {}, mends: {} }, gone: [],
});
const delta = (parts, head = {}) => ({ ...message(), kind: "delta", version: "a.2", since: "a.1", parts, ...head });

test("columns stand by machine and start, with what positions pointed to", () => {
  const { operations: is, machines, orders } = decode(message());
  assert.deepEqual(is.id, [101, 110, 102]);
  assert.deepEqual([is.machine, is.start, is.run, is.end], [[0, 0, 1], [360, 780, 840], [390, 780, 840], [600, 840, 1920]]);
  assert.deepEqual([is.name, is.step, is.family], [["Saw", "Saw", "Pack"], [10, 10, 20], ["oak", "", ""]]);
  assert.deepEqual([is.work_order, is.line, is.line_id], [["WO-1", "WO-2", "WO-1"], [10, null, 10], [70, null, 70]]);
  assert.deepEqual([is.material, is.title], [["T", "T", "T"], ["Table", "Table", "Table"]]);
  // The rework step mends one piece of its work order's two.
  assert.deepEqual(is.quantity, ["5", "1", "5"]);
  assert.deepEqual([is.due, is.promised], [[1900, null, 1900], [1960, null, 1960]]);
  assert.deepEqual([is.state, is.done], [["running", "planned", "planned"], [40, 0, 0]]);
  assert.deepEqual([is.pinned, is.splittable], [[false, false, true], [true, false, false]]);
  // Material is there 40 minutes ahead of 840, and 20 after 780.
  assert.deepEqual(is.ready, [null, 800, 800]);
  assert.deepEqual(is.before, [[], [], [101, 999]]);
  assert.deepEqual(orders, [{ id: 7, number: "SO-7", customer: "Nordhus", is_rush: true }, { id: null, number: "", customer: "", is_rush: false }]);
  assert.equal(machines[0].windows, machines[1].windows);
  assert.deepEqual(machines[1].shifts, [[360, 840, "Day"], [1800, 2280, "Day"]]);
});

test("planned work before the frozen window's end is frozen, and what ends beyond the grace is late", () => {
  const { operations: is } = decode(message());
  // Frozen until 800: 101 runs already, 110 begins at 780, 102 at 840.
  assert.deepEqual(is.frozen, [false, true, false]);
  // Due at 1900, the line ends at 1920: 20 minutes, more than 15.
  assert.deepEqual(is.late, [20, 0, 20]);
  assert.deepEqual(lateness(is, 21), [0, 0, 0]);
});

test("the data make a plan", () => {
  const plan = read(decode(message()));
  assert.deepEqual(plan.rows, [[0, 1], [2]]);
  assert.deepEqual(chainOf(plan, 0), [0, 2]);
  assert.deepEqual(plan.preds[2], [0]);
  assert.equal(plan.data.version, "a.1");
});

test("a delta replaces what it brings and takes away what is gone", () => {
  const changes = delta([{
    materials: [["C", "Chair"]], steps: ["Glue"], families: ["ash"], customers: ["Lund"],
    orders: { id: [9], number: ["SO-9"], customer: [0], is_rush: [0] },
    lines: { id: [90], order: [0], line_no: [20], due: [5000], promised: [5060] },
    work_orders: { id: [60], number: ["0WO-9"], line: [0], material: [0], quantity: ["1"] },
    operations: {
      id: [102, 98], machine: [0, 0], start: [1800, 100], setup: [0, 5], length: [60, 50], work_order: [0, 0], step: [0, 0],
      sequence: [20, 30], family: [0, 0], flags: [0, 0], ready: [0, 0], befores: [0, 0], before: [], done: {}, mends: {},
    },
    gone: [110],
  }]);
  const whole = decode(message());
  const { operations: is, orders, version, work_orders: works } = merge(whole, changes);
  assert.equal(version, "a.2");
  assert.deepEqual([is.id, is.machine, is.start], [[101, 102, 200], [0, 0, 0], [360, 1800, 1900]]);
  assert.deepEqual(is.name, ["Saw", "Glue", "Glue"]);
  // The order for stock has no operation left; the new one has.
  assert.deepEqual(orders.map((one) => one.number), ["SO-7", "SO-9"]);
  assert.deepEqual(works.map((one) => one.id), [50, 60]);
  assert.deepEqual(whole.operations.id, [101, 110, 102]);
});

test("what all operations share follows: a line that is due earlier makes the others late too", () => {
  const changes = part();
  changes.lines.due = [1800];
  for (const name of OPERATIONS) changes.operations[name] = changes.operations[name].slice(0, name === "before" ? 0 : 1);
  changes.operations.done = {};
  const { operations: is } = merge(decode(message()), delta([changes]));
  assert.deepEqual(is.due, [1800, null, 1800]);
  assert.deepEqual(is.late, [120, 0, 120]);
});

test("who was offline takes several versions at once, the last word counts", () => {
  const again = part();
  again.operations.length = [300, 1080, 60];
  const { operations: is } = merge(decode(message()), delta([{ ...none(), gone: [110, 102] }, again, { ...none(), gone: [110] }]));
  assert.deepEqual([is.id, is.end], [[101, 102], [660, 1920]]);
});

test("machines are always whole: another order of them moves no work, one that is gone takes its own along", () => {
  const turned = merge(decode(message()), delta([none()], { machines: message().machines.reverse() }));
  assert.deepEqual([turned.operations.id, turned.operations.machine], [[102, 101, 110], [0, 1, 1]]);
  const less = merge(turned, delta([], { machines: [message().machines[0]] }));
  assert.deepEqual(less.operations.id, [101, 110]);
});

test("machines and calendars that a delta does not name are as they were", () => {
  const whole = decode(message());
  const { machines: _, calendars: __, shifts: ___, shift_names: ____, work_centres: _____, ...later } = delta([{ ...none(), gone: [110] }]);
  const merged = merge(whole, later);
  assert.equal(merged.machines, whole.machines);
  assert.deepEqual([merged.work_centres, merged.operations.id, merged.version], [whole.work_centres, [101, 102], "a.2"]);
});

test("shifts that overlap part no day", () => {
  const { machines } = decode({ ...message(), shifts: [[[360, 840, 0], [800, 1280, 0]]] });
  assert.deepEqual(machines[0].shifts, []);
});

test("operations stand elsewhere without a word of the server, and lateness follows", () => {
  const data = decode(message());
  const { operations: is } = placed(data, { id: [102, 110, 999], machine: [1, 2, 1], start: [700, 360, 0], setup: [10, 0, 0], length: [110, 60, 1] });
  assert.deepEqual([is.id, is.machine, is.start, is.run, is.end], [[101, 110, 102], [0, 1, 0], [360, 360, 700], [390, 360, 710], [600, 420, 810]]);
  assert.deepEqual([is.late, is.frozen], [[0, 0, 0], [false, true, true]]);
  // Nobody knows that machine: it stays where it is.
  assert.deepEqual(placed(data, { id: [102], machine: [9], start: [0], setup: [0], length: [1] }).operations.end, [600, 840, 1920]);
  assert.equal(placed(data, { id: [], machine: [], start: [], setup: [], length: [] }), data);
  assert.deepEqual(data.operations.end, [600, 840, 1920]);
});
