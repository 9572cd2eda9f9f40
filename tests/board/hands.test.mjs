// What may be lifted, where it may go, which edit comes of it; selecting, filtering, the bubble's place, the link.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, query } from "../../aps/static/aps/board/address.js";
import { NOTHING, dimmed, fitting } from "../../aps/static/aps/board/filter.js";
import { Layout } from "../../aps/static/aps/board/layout.js";
import { edit, endOf, held, heldPieces, lanes, nextLane, snapped, together } from "../../aps/static/aps/board/lift.js";
import { beside, toggled, within } from "../../aps/static/aps/board/pick.js";
import { Scale } from "../../aps/static/aps/board/scale.js";

// Two saws in one work centre, one press; three operations in the first row, one in the last.
const plan = () => ({
  count: 4, id: [11, 12, 13, 14], machine: [0, 0, 0, 2], start: [0, 60, 120, 180], end: [60, 120, 180, 240],
  state: ["running", "planned", "planned", "planned"], done: [40, 0, 0, 0], frozen: [false, true, false, false], pinned: [false, false, false, true], order: [0, 0, 1, 1],
  family: ["oak", "ash", "oak", ""], risk: [0, 2, 1, 0], orders: [{ customer: "Brun" }, { customer: "Verde" }],
  machines: [
    { id: 1, work_centre: 5, windows: [[0, 100], [200, 400]], blocks: [], plant: 0 },
    { id: 2, work_centre: 5, windows: [[0, 1000]], blocks: [], plant: 0 },
    { id: 3, work_centre: 6, windows: [[0, 1000]], blocks: [], plant: 0 },
  ],
  rows: [[0, 1, 2], [], [3]],
});
const lift = (more) => ({ ops: [2], machine: 1, at: 45, isPin: false, legal: new Set([0, 1]), ...more });

test("begun, frozen and pinned work stays", () => {
  const is = plan();
  assert.deepEqual([0, 1, 2, 3].map((op) => held(is, op)), ["running", "frozen", "", "pinned"]);
});

test("a move says machine and time of each; the others keep their distance", () => {
  const is = plan();
  Object.assign(is, { frozen: [], pinned: [] });
  assert.deepEqual(edit(is, lift()), { do: "move", ops: [{ id: 13, machine: 2, at: 45 }], pin: false });
  assert.deepEqual(edit(is, lift({ ops: [2, 1, 3], isPin: true })), {
    do: "move", ops: [{ id: 13, machine: 2, at: 45 }, { id: 12, machine: 2, at: -15 }, { id: 14, machine: 3, at: 105 }], pin: true,
  });
});

test("the hand takes the free ones of a selection, and only when it grips one of them", () => {
  const is = plan();
  assert.deepEqual(together(is, 2, new Set([0, 1, 2, 3])), [2]);
  Object.assign(is, { frozen: [], pinned: [] });
  assert.deepEqual(together(is, 2, new Set([3, 1, 2])), [2, 1, 3]);
  assert.deepEqual(together(is, 2, new Set([1])), [2]);
});

test("lanes are the work centre's, one goes up and down among them and stops at the ends", () => {
  assert.deepEqual([...lanes(plan(), 2)], [0, 1]);
  assert.equal(nextLane(lift(), 1), 1);
  assert.equal(nextLane(lift(), -1), 0);
  assert.equal(snapped(47), 45);
  assert.equal(snapped(48), 50);
});

test("a ghost that crosses closed time ends as much later", () => {
  assert.equal(endOf(plan(), 0, 60, 60), 220);
  assert.equal(endOf(plan(), 1, 60, 60), 120);
});

test("a band selects what it touches, a click adds and takes out", () => {
  const is = plan();
  const layout = new Layout(is.machines, [{ id: 5, name: "Saw", plant: 0 }, { id: 6, name: "Press", plant: 0 }]);
  const scale = new Scale(0, 60, 240, 1240);
  const row = (machine) => layout.placeOf[machine].y + 4;
  assert.deepEqual(within(is, layout, scale, { x1: 240 + 130, x2: 240 + 70, y1: row(0), y2: row(0) + 2 }), [1, 2]);
  assert.deepEqual(within(is, layout, scale, { x1: 240, x2: 1000, y1: row(0), y2: row(2) }), [0, 1, 2, 3]);
  assert.deepEqual([...toggled(new Set([1, 2]), 2)], [1]);
  assert.deepEqual([...toggled(new Set([1]), 2)], [1, 2]);
});

test("a filter dims what does not fit", () => {
  const is = plan();
  assert.equal(dimmed(is, NOTHING), null);
  assert.deepEqual([...dimmed(is, { ...NOTHING, customer: "Brun" })], [0, 0, 1, 1]);
  assert.deepEqual([...dimmed(is, { ...NOTHING, family: "oak", risk: "tight" })], [1, 1, 0, 1]);
  assert.deepEqual([...dimmed(is, { ...NOTHING, state: "running" })], [0, 1, 1, 1]);
  assert.deepEqual([...dimmed(is, { ...NOTHING, centre: "6" })], [1, 1, 1, 0]);
  assert.deepEqual([NOTHING, { ...NOTHING, centre: "6" }, { ...NOTHING, centre: "7" }].map((one) => fitting(dimmed(is, one))), [null, 1, 0]);
});

const room = { left: 240, top: 60, width: 1000, height: 600 };
const size = { width: 280, height: 100 };

test("the bubble stands below or above the lanes, beside the hand when there is no room for that", () => {
  assert.deepEqual(beside({ x: 300, y: 340 }, size, room, [300, 350]), { x: 324, y: 360 });
  assert.deepEqual(beside({ x: 300, y: 560 }, size, room, [500, 590]), { x: 324, y: 390 });
  assert.deepEqual(beside({ x: 990, y: 300 }, size, room, [70, 590]), { x: 712, y: 334 });
});

test("the bubble never covers what hangs at a hand that has left its lanes", () => {
  // Just below the lanes: 18 px under the hand. Far below: over the lanes is farther than under the hand. Above them: over the hand.
  assert.deepEqual(beside({ x: 300, y: 370 }, size, room, [300, 350]), { x: 324, y: 388 });
  assert.deepEqual(beside({ x: 300, y: 460 }, size, room, [300, 350]), { x: 324, y: 478 });
  assert.deepEqual(beside({ x: 300, y: 280 }, size, room, [300, 350]), { x: 324, y: 162 });
});

test("what is held rests through closed time; where it may not go it is as long as its work", () => {
  // Work of 60 minutes on the first saw, open to 100 and from 200 on: begun at 70 it ends at 230, begun at 150 at 260.
  const is = { ...plan(), pieces: [], blocks: [] };
  const at = (at, minutes, more) => heldPieces(is, { ops: [0], machine: 0, at, minutes, ...more });
  assert.deepEqual(at(70, 160), [[70, 100], [200, 230]]);
  assert.deepEqual(at(150, 110), [[200, 260]]);
  assert.deepEqual(at(70, 160, { isLegal: false }), [[70, 130]]);
  assert.deepEqual(at(70, 160, { machine: null }), [[70, 130]]);
});

test("a link brings back the view it was made of", () => {
  const epoch = 60000 * 1000;
  const is = {
    time: 125, perHour: 12.5, top: 40, folded: ["5"], op: 13, selected: [11, 12], colour: "family", isCompared: true, isTable: false, order: null, besides: [7, 4], isOnly: true,
    filter: { ...NOTHING, customer: "Brun & Söhne" },
  };
  const text = query(is, "?plant=3&order=9&t=1", epoch);
  assert.match(text, /^plant=3&t=1125&/);
  assert.deepEqual(look(`?${text}`, epoch), is);
  assert.equal(look("?color=nonsense&z=abc", epoch).colour, "late");
  assert.equal(look("?color=nonsense&z=abc", epoch).perHour, null);
});
