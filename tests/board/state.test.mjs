// The draft: undo and redo over several plants, saving, what another tab or planner did meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { State, born, bornBy } from "../../aps/static/aps/board/state.js";

const move = (id) => ({ do: "move", ops: [{ id, machine: 1, at: 60 }], pin: false });
const answer = (version, edits = [], more = {}) => ({ version, base_no: 4, edits, others: [], can_edit: true, ...more });

test("undo and redo walk back and forth over the plants in the order of the edits", () => {
  const state = new State([1, 2]);
  state.add(1, move(11));
  state.add(2, move(21));
  state.add(1, move(12));
  assert.deepEqual([state.undo(), state.undo()], [1, 2]);
  assert.deepEqual(state.draft(1).edits, [move(11)]);
  assert.deepEqual(state.draft(2).edits, []);
  assert.equal(state.redo(), 2);
  assert.deepEqual(state.draft(2).edits, [move(21)]);
  state.add(1, move(13));
  assert.equal(state.canRedo, false);
  assert.equal(state.redo(), null);
  assert.deepEqual([state.undo(), state.undo(), state.undo(), state.undo()], [1, 2, 1, null]);
});

test("a saved draft is found again and can be undone", () => {
  const state = new State([1]);
  state.take(1, answer(3, [move(11), move(12)]));
  assert.equal(state.count, 2);
  assert.equal(state.draft(1).isDirty, false);
  state.undo();
  assert.deepEqual(state.draft(1).edits, [move(11)]);
  assert.equal(state.draft(1).isDirty, true);
});

test("edits made while a save was under way stay and are still to be saved", () => {
  const state = new State([1]);
  state.add(1, move(11));
  const sent = [...state.draft(1).edits];
  state.add(1, move(12));
  state.draft(1).kept(answer(1, sent), sent);
  assert.deepEqual(state.draft(1).edits, [move(11), move(12)]);
  assert.equal(state.draft(1).isDirty, true);
  assert.equal(state.draft(1).version, 1);
});

test("what another tab saved comes first, what was added here stays behind it", () => {
  const state = new State([1]);
  state.take(1, answer(3, [move(11)]));
  state.add(1, move(12));
  state.take(1, answer(4, [move(11), move(99)]));
  assert.deepEqual(state.draft(1).edits, [move(11), move(99), move(12)]);
  assert.deepEqual([state.undo(), state.undo(), state.undo(), state.undo()], [1, 1, 1, null]);
});

test("what was taken back here is not brought back by another tab", () => {
  const state = new State([1]);
  state.take(1, answer(3, [move(11), move(12)]));
  state.undo();
  state.take(1, answer(4, [move(11), move(12), move(13)]));
  assert.deepEqual(state.draft(1).edits, [move(11)]);
});

test("a save whose answer was lost is not made twice", () => {
  const state = new State([1]);
  state.take(1, answer(3, [move(11)]));
  state.add(1, move(12));
  state.add(1, move(13));
  state.take(1, answer(4, [move(11), move(12)]));
  assert.deepEqual(state.draft(1).edits, [move(11), move(12), move(13)]);
  assert.equal(state.draft(1).isDirty, true);
});

test("of a draft published elsewhere only what is new here is left", () => {
  const state = new State([1]);
  state.take(1, answer(3, [move(11), move(12)]));
  state.undo();
  state.add(1, move(13));
  state.take(1, answer(4, []));
  assert.deepEqual(state.draft(1).edits, [move(13)]);
});

test("operations that a split makes carry the split's place, also after it has moved", () => {
  assert.equal(born(0, 20), -1020);
  assert.deepEqual(bornBy(-1020), { index: 0, step: 20 });
  assert.deepEqual(bornBy(-3010), { index: 2, step: 10 });
  assert.equal(bornBy(17), null);
  const split = { do: "split", op: 11, quantity: "5", machine: 1, at: 0 };
  const state = new State([1]);
  state.take(1, answer(3, []));
  state.add(1, split);
  state.add(1, move(born(0, 20)));
  state.take(1, answer(4, [move(99)]));
  assert.deepEqual(state.draft(1).edits, [move(99), split, move(born(1, 20))]);
  state.drop(1, [0]);
  assert.deepEqual(state.draft(1).edits, [split, move(born(0, 20))]);
});

test("after publishing nothing of that plant can be undone or redone", () => {
  const state = new State([1, 2]);
  state.add(1, move(11));
  state.add(2, move(21));
  state.add(1, move(12));
  state.undo();
  state.clear(1);
  assert.deepEqual([state.undo(), state.undo()], [2, null]);
  assert.equal(state.redo(), 2);
  assert.equal(state.redo(), null);
});
