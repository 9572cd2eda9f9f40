// Scenarios beside the plan: which of them stand there, that all boards show the same, what their heads say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Group, sameChoice, sameTop } from "../../aps/static/aps/board/aligned.js";
import { allowed } from "../../aps/static/aps/board/besides.js";
import { figures } from "../../aps/static/aps/board/pair.js";
import { read } from "../../aps/static/aps/board/plan.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { sample } from "./sample.mjs";

const say = { late2: "%(count)s late", lateNone: "none late", besideSetup: "setup %(time)s", besideMoved: "%(count)s moved" };

// A board that counts how often it is drawn; `change` makes another plan of the sample.
const boardOf = (change = (/** @type {any} */ data) => data, bottom = 400) => {
  const view = new Sight(read(change(sample())), say);
  Object.assign(view, { drawn: 0, width: 1000, bottom, redraw: () => { view.drawn += 1; } });
  return view;
};
// One machine more, in front of the others.
const withThird = (/** @type {any} */ data) => ({
  ...data,
  machines: [{ ...data.machines[0], id: -5, code: "SAW-2" }, ...data.machines],
  operations: { ...data.operations, machine: data.operations.machine.map((/** @type {number} */ at) => at + 1) },
});

test("two at most stand beside the plan, the latest ones, and only those that there are", () => {
  const there = [{ id: 4 }, { id: 7 }, { id: 9 }];
  assert.deepEqual(allowed([4, 7, 9], there), [7, 9]);
  assert.deepEqual(allowed([9, 9, 12, 4], there), [9, 4]);
  assert.deepEqual(allowed([], there), []);
});

test("the same row stands at the top, however many rows are before it", () => {
  const [one, other] = [boardOf(), boardOf(withThird)];
  one.top = 56 + 4; // four pixels into the second work centre; the other has a machine of 24 more before it
  assert.equal(sameTop(one, other), 56 + 24 + 4);
  other.top = 34; // two pixels into the machine that only it has: the next one begins 22 below
  assert.equal(sameTop(other, one), 32 - 22);
  other.top = 0;
  assert.equal(sameTop(other, one), 0);
  other.layout.rows = other.layout.rows.slice(1, 2); // nothing but that machine
  assert.equal(sameTop(other, one), null);
});

test("what is chosen is chosen beside it, and what only stands there stays chosen", () => {
  const [one, other] = [boardOf(), boardOf((data) => ({ ...data, operations: { ...data.operations, id: [-9, 102, 103] } }))];
  one.choose(1);
  assert.equal(sameChoice(one, other), 1);
  one.choose(0);
  assert.equal(sameChoice(one, other), null);
  one.choose(null);
  other.choose(1);
  assert.equal(sameChoice(one, other), null);
  other.choose(0);
  assert.equal(sameChoice(one, other), undefined);
});

test("boards of a group are drawn together and turned to the same, until one leaves", () => {
  const [one, two, three] = [boardOf(undefined, 94), boardOf(withThird, 94), boardOf(undefined, 94)];
  const group = new Group(one);
  group.add(two);
  group.add(three);
  assert.equal(two.scale, one.scale);
  one.colour = "family";
  one.choose(2);
  one.fold(10);
  assert.deepEqual([two.colour, two.chosenOp, two.layout.rows.length], ["family", 2, 3]);
  one.fold(10);
  const before = [one.drawn, two.drawn, three.drawn];
  two.top = 80; // the second work centre, as it was scrolled there
  two.redraw();
  assert.deepEqual([one.top, three.top], [56, 56]);
  assert.deepEqual([one.drawn, two.drawn, three.drawn], before.map((count) => count + 1));
  group.remove(three);
  one.redraw();
  assert.equal(three.drawn, before[2] + 1);
  assert.equal(two.drawn, before[1] + 2);
});

test("one may look at all that any board of the group shows", () => {
  const [one, other] = [boardOf(), boardOf((data) => ({ ...data, until: 9000 }))];
  new Group(one).add(other);
  one.redraw();
  assert.deepEqual(one.span, [0, 9000]);
});

test("the head of a scenario says how it stands to the plan", () => {
  const base = read(sample()); // nothing late, 30 minutes of setup
  const late = { ...sample().operations, late: [0, 0, 240], due: [1680, null, 1680] };
  assert.equal(figures(read({ ...sample(), setup_min: null }), base, 0, say), "none late, 0 moved");
  assert.equal(figures(read({ ...sample(), operations: late, setup_min: 50 }), base, 2, say), "1 late (+1), setup 50 min (+20 min), 2 moved");
  assert.equal(figures(read({ ...sample(), setup_min: 30 }), base, 1, say), "none late, setup 30 min, 1 moved");
});
