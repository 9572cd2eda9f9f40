// Data, draft and effects over a line that is slow, breaks and answers stale.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Effects, Feed, Keeper } from "../../aps/static/aps/board/transport.js";
import { State } from "../../aps/static/aps/board/state.js";

const ok = (body) => ({ ok: true, status: 200, redirected: false, json: async () => body });
const no = (status, body = {}) => ({ ok: false, status, redirected: false, clone: () => ({ json: async () => body }) });
const turn = () => new Promise((resolve) => setImmediate(resolve));

// Each answer is given by hand: `calls[i].give(...)` or `calls[i].lose()`.
function line() {
  const calls = [];
  const slept = [];
  const fetch = (url, options) => new Promise((resolve, reject) => {
    calls.push({ url, options, body: options.body && JSON.parse(options.body), give: resolve, lose: () => reject(new TypeError("no network")) });
  });
  return { calls, slept, fetch, token: () => "t", sleep: (ms) => new Promise((resolve) => slept.push({ ms, over: resolve })) };
}

test("the plan is fetched whole, then only what changed since", async () => {
  const wire = line();
  const taken = [];
  const feed = new Feed(wire, "/board.json", { take: (data) => taken.push(data.version), failed: () => assert.fail(), dropped: () => assert.fail() });
  feed.refresh();
  wire.calls[0].give(ok({ version: "a" }));
  await turn();
  feed.refresh();
  feed.refresh();
  feed.refresh();
  assert.equal(wire.calls[1].url, "/board.json?since=a");
  wire.calls[1].give(ok({ version: "b" }));
  await turn();
  assert.equal(wire.calls.length, 3, "asked while an answer was on its way: once more");
  wire.calls[2].give(ok({ version: "b" }));
  await turn();
  assert.deepEqual(taken, ["a", "b", "b"]);
  assert.equal(wire.calls.length, 3);
});

test("without a connection it waits longer each time, and catches up from what it has when it is back", async () => {
  const wire = line();
  const failed = [];
  const feed = new Feed(wire, "/board.json", { take: () => {}, failed: (error) => failed.push(error) });
  feed.refresh();
  wire.calls[0].give(ok({ version: "a" }));
  await turn();
  feed.refresh();
  wire.calls[1].lose();
  await turn();
  wire.slept[0].over();
  await turn();
  wire.calls[2].lose();
  await turn();
  assert.deepEqual(wire.slept.map((one) => one.ms), [1000, 2000]);
  feed.hurry();
  await turn();
  assert.equal(wire.calls[3].url, "/board.json?since=a");
  wire.calls[3].give(ok({ version: "c" }));
  await turn();
  assert.equal(feed.version, "c");
  assert.equal(failed.length, 2);
  assert.equal(wire.calls.length, 4);
});

test("a refusal is told once and not tried again by itself", async () => {
  const wire = line();
  const failed = [];
  const feed = new Feed(wire, "/board.json", { take: () => assert.fail(), failed: (error) => failed.push(error.status) });
  feed.refresh();
  wire.calls[0].give(no(403));
  await turn();
  assert.deepEqual([failed, wire.slept.length, feed.isAsking], [[403], 0, false]);
});

test("of many trials the newest is answered last; those between are never asked", async () => {
  const wire = line();
  const seen = [];
  const effects = new Effects(wire, "/effect/", (answer, asked) => seen.push([answer.n, asked.trial]), () => assert.fail());
  for (const trial of [1, 2, 3]) effects.want({ edits: [], trial });
  assert.deepEqual(wire.calls.map((call) => call.body.trial), [1]);
  wire.calls[0].give(ok({ n: "old" }));
  await turn();
  assert.deepEqual(wire.calls.map((call) => call.body.trial), [1, 3]);
  effects.want({ edits: [], trial: 3 });
  wire.calls[1].give(ok({ n: "new" }));
  await turn();
  assert.deepEqual(seen, [["old", 1], ["new", 3]]);
  assert.equal(wire.calls[1].options.headers["X-CSRFToken"], "t");
  effects.want({ edits: [], trial: 4 });
  effects.forget();
  wire.calls[2].give(ok({ n: "too late" }));
  await turn();
  assert.equal(seen.length, 2);
});

// A keeper that has loaded an empty draft of this version.
/** @param {number} version @param {(text: string) => void} dropped */
async function loaded(version, dropped = () => assert.fail()) {
  const wire = line();
  const state = new State([1]);
  const keeper = new Keeper(wire, "/draft.json", state, 1, { changed: () => {}, failed: () => assert.fail(), dropped });
  keeper.load();
  wire.calls[0].give(ok({ version, base_no: 4, edits: [], others: [], can_edit: true }));
  await turn();
  return { wire, state, keeper };
}

test("what is edited while a save is under way is saved after it", async () => {
  const { wire, state, keeper } = await loaded(0);
  state.add(1, { do: "pin", ops: [1] });
  keeper.save();
  state.add(1, { do: "pin", ops: [2] });
  keeper.save();
  assert.equal(wire.calls.length, 2);
  wire.calls[1].give(ok({ version: 1, base_no: 4, edits: [{ do: "pin", ops: [1] }], others: [], can_edit: true }));
  await turn();
  assert.deepEqual(wire.calls[2].body, { version: 1, edits: [{ do: "pin", ops: [1] }, { do: "pin", ops: [2] }] });
});

test("whoever asks to save while it is being saved hears when it is", async () => {
  const { wire, state, keeper } = await loaded(0);
  state.add(1, { do: "pin", ops: [1] });
  keeper.save();
  let dirty = null;
  keeper.save().then(() => { dirty = state.draft(1).isDirty; });
  await turn();
  assert.equal(dirty, null);
  wire.calls[1].give(ok({ version: 1, base_no: 4, edits: [{ do: "pin", ops: [1] }], others: [], can_edit: true }));
  await turn();
  assert.equal(dirty, false);
});

test("a stale save takes what is there and puts its own behind it", async () => {
  const { wire, state, keeper } = await loaded(2);
  state.add(1, { do: "pin", ops: [1] });
  keeper.save();
  wire.calls[1].give(no(409));
  await turn();
  wire.calls[2].give(ok({ version: 5, base_no: 5, edits: [{ do: "pin", ops: [9] }], others: [], can_edit: true }));
  await turn();
  assert.deepEqual(wire.calls[3].body, { version: 5, edits: [{ do: "pin", ops: [9] }, { do: "pin", ops: [1] }] });
});

test("a step that the server cannot make anything of is taken out, and the others are saved", async () => {
  const told = [];
  const { wire, state, keeper } = await loaded(2, (text) => told.push(text));
  state.add(1, { do: "pin", ops: [1] });
  state.add(1, { do: "move", ops: [{ id: 2, machine: 3, at: -5 }] });
  keeper.save();
  wire.calls[1].give({ ok: false, status: 400, clone: () => ({ json: async () => ({ text: "Change 2 cannot be done.", edit: 1 }) }) });
  await turn();
  assert.deepEqual(told, ["Change 2 cannot be done."]);
  assert.deepEqual(wire.calls[2].body, { version: 2, edits: [{ do: "pin", ops: [1] }] });
});
