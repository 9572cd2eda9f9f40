// The board opens where there is something to see.
import assert from "node:assert/strict";
import { test } from "node:test";
import { opening, work } from "../../aps/static/aps/board/opening.js";
import { read } from "../../aps/static/aps/board/plan.js";
import { PRESETS, Scale } from "../../aps/static/aps/board/scale.js";
import { sample } from "./sample.mjs";

// 1000 pixels at 30 an hour are 2000 minutes; their first half must hold an hour of work.
const scale = new Scale(0, PRESETS.shift, 240, 1240);
const at = (now, moved = 0) => {
  const data = sample();
  data.now = now;
  data.operations.start = data.operations.start.map((time) => time + moved);
  data.operations.end = data.operations.end.map((time) => time + moved);
  data.operations.state = ["planned", "planned", "planned"];
  for (const machine of data.machines) machine.windows = machine.windows.map(([a, b]) => [a + moved, b + moved]);
  return read(data);
};

test("work is counted where machines work, within the span", () => {
  const plan = at(0);
  assert.equal(work(plan, 0, 600), 60 + 120);
  assert.equal(work(plan, 500, 600), 100);
  assert.equal(work(plan, 900, 1700), 0);
});

test("with work soon the board opens at now", () => {
  assert.deepEqual(opening(at(300), scale), { time: 300, share: 0.15, from: null });
});

test("on an empty weekend it opens where the next work begins", () => {
  assert.deepEqual(opening(at(300, 3000), scale), { time: 3360, share: 0.08, from: 3360 });
});

test("after the last work, and without any, it stays at now", () => {
  assert.equal(opening(at(9000), scale).from, null);
  const data = sample();
  for (const key of Object.keys(data.operations)) data.operations[key] = [];
  assert.equal(opening(read(data), scale).from, null);
});
