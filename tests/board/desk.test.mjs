// The desk: plan, draft and the engine's word about it, without a page and without a network.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Desk } from "../../aps/static/aps/board/desk.js";
import { Shelf } from "../../aps/static/aps/board/shelf.js";
import { message } from "./message.mjs";

const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
const columns = (id = [], machine = [], start = [], setup = [], length = []) => ({ id, machine, start, setup, length });
const effect = { late: [], better: [], setup_min: 0, cost: null, late_cost: null, currency: "EUR", moved: 0, machines: 0, soon: 0 };

// A server that keeps a draft and says that each moved operation stands where it was put for an hour.
function server() {
  const draft = { version: 0, base_no: 4, edits: [], others: [], can_edit: true };
  const is = { draft, plan: message(), refused: [], asked: [], away: [] };
  const answers = {
    "/data": () => is.plan,
    "/draft": (sent) => (sent ? Object.assign(draft, { version: draft.version + 1, edits: sent.edits }) : draft),
    "/effect": ({ edits, trial }) => {
      is.asked.push(trial ? "trial" : edits.length);
      if (edits.some((edit) => edit.do === "plant")) return { plan_no: is.plan.plan.no, moved: columns(), away: is.away, trial: null, effect, figures: {}, legal: { machines: [] }, refused: [] };
      const put = (list) => list.flatMap((edit) => edit.ops.map((op) => [op.id, op.machine, op.at, 0, 60]));
      const laid = (list) => columns(...[0, 1, 2, 3, 4].map((at) => put(list).map((row) => row[at])));
      return { plan_no: is.plan.plan.no, moved: laid(edits), trial: trial && laid([trial]), effect, figures: {}, legal: { machines: [] }, refused: is.refused.splice(0) };
    },
  };
  is.fetch = async (url, { body } = {}) => ({ ok: true, status: 200, redirected: false, json: async () => structuredClone(answers[url.split("?")[0]](body && JSON.parse(body))) });
  return is;
}

// A browser's store.
function store() {
  const kept = new Map();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
}

async function desk(is, on = {}, shelf = undefined) {
  const nothing = () => {};
  const made = new Desk([{ id: 1, code: "P1", name: "Plant", data: "/data", draft: "/draft", effect: "/effect" }], { fetch: (...asked) => is.fetch(...asked), token: () => "", sleep: () => new Promise(nothing) }, {
    plan: nothing, tried: nothing, draft: nothing, refused: nothing, failed: (error) => { throw error; }, ...on,
  }, shelf);
  made.start();
  await turn();
  return made;
}
const start = (made, id) => made.plan.start[made.plan.at.get(id)];
const move = (at) => ({ do: "move", ops: [{ id: 110, machine: 1, at }], pin: false });

test("an edit stands on the board at once, is saved, and undo needs no answer", async () => {
  const is = server();
  const made = await desk(is);
  assert.equal(start(made, 110), 780);
  made.add(1, move(900));
  await turn();
  assert.equal(start(made, 110), 900);
  assert.deepEqual(is.draft.edits, [move(900)]);
  made.undo();
  assert.equal(start(made, 110), 780);
  made.redo();
  assert.equal(start(made, 110), 900);
  await turn();
  assert.deepEqual(is.draft.edits, [move(900)]);
});

test("what a trial said is shown until the engine has judged the whole", async () => {
  const made = await desk(server());
  const op = made.plan.at.get(110);
  made.try(1, move(900));
  await turn();
  made.add(1, move(900), new Map([[op, { machine: 0, start: 905, run: 905, end: 965 }]]));
  assert.equal(start(made, 110), 905);
  await turn();
  assert.equal(start(made, 110), 900);
});

test("put down before the engine has answered for that place, a bar stands where it was put until it has", async () => {
  const made = await desk(server());
  const op = made.plan.at.get(110);
  const lies = () => [made.plan.machine[op], made.plan.start[op], made.plan.end[op]];
  assert.deepEqual(lies(), [0, 780, 840]);
  made.try(1, move(600));
  await turn();
  // The answer is for 10:00 on the saw: the other bars stay as the hand shows them, the dropped one does not go back.
  const other = made.plan.at.get(102);
  const shown = new Map([[op, { machine: 0, start: 600, run: 600, end: 660 }], [other, { machine: 1, start: 1800, run: 1800, end: 1900 }]]);
  made.add(1, { do: "move", ops: [{ id: 110, machine: 2, at: 720 }], pin: false }, shown);
  assert.deepEqual(lies(), [1, 720, 780]);
  assert.equal(made.plan.start[other], 1800);
  await turn();
  assert.deepEqual(lies(), [1, 720, 780]);
});

test("put down before any answer, by the hand or by the form, it stands there too; closed time is not worked in", async () => {
  const made = await desk(server());
  const op = made.plan.at.get(110);
  // An hour from 13:30 on: half of it until 14:00, half from 06:00 of the next day on.
  made.add(1, { do: "move", ops: [{ id: 110, machine: 2, at: 810 }], pin: false }, new Map());
  assert.deepEqual([made.plan.machine[op], made.plan.start[op], made.plan.end[op]], [1, 810, 1830]);
  made.add(1, move(600));
  assert.deepEqual([made.plan.machine[op], made.plan.start[op], made.plan.end[op]], [0, 600, 660]);
});

test("an edit that is no longer possible is named and leaves the draft, the rest stays", async () => {
  const is = server();
  const said = [];
  const made = await desk(is, { refused: (texts) => said.push(...texts) });
  made.add(1, move(900));
  await turn();
  is.refused = [{ edit: 0, code: "begun", text: "Saw has begun." }];
  made.add(1, { do: "pin", ops: [] });
  await turn();
  assert.deepEqual(said, ["Saw has begun."]);
  assert.deepEqual(made.state.draft(1).edits, [{ do: "pin", ops: [] }]);
});

test("while something hangs at the hand the board stands still; what came is shown after it", async () => {
  const is = server();
  let shown = 0;
  const made = await desk(is, { plan: () => { shown += 1; } });
  made.hold(true);
  const before = shown;
  is.plan = { ...message(), version: "a.2", plan: { no: 5, cause: "", setup_min: 0 } };
  made.refresh();
  await turn();
  assert.equal(shown, before);
  made.hold(false);
  assert.equal(made.base.data.plan.no, 5);
});

test("a new plan has the draft judged anew over it; publishing empties the draft", async () => {
  const is = server();
  const made = await desk(is);
  made.add(1, move(900));
  await turn();
  is.asked = [];
  is.plan = { ...message(), version: "a.2", plan: { no: 5, cause: "", setup_min: 0 } };
  made.refresh();
  await turn();
  assert.deepEqual(is.asked, [1]);
  is.draft.edits = [];
  made.published([1, 2]);
  await turn();
  assert.equal(made.state.count, 0);
  assert.equal(start(made, 110), 780);
});

test("what another plant is to make is marked, and undo takes the mark away at once", async () => {
  const is = server();
  const made = await desk(is);
  is.away = [{ edit: 0, plant: 2, line: 70, leaves: [110], spare: 60, machine: [9], start: [0], setup: [0], length: [60], name: [""], title: [""], quantity: ["1"] }];
  made.add(1, { do: "plant", line: 70, plant: 2 });
  await turn();
  assert.equal(made.plan.leaves[made.plan.at.get(110)], true);
  made.undo();
  assert.equal(made.plan.leaves, undefined);
  made.redo();
  assert.equal(made.plan.leaves[made.plan.at.get(110)], true);
});

test("what the server does not have is kept in the browser, taken up again by the same person, and forgotten when it has it", async () => {
  const is = server();
  const { fetch } = is;
  const shelf = store();
  const failed = () => {};
  const made = await desk(is, { failed }, new Shelf(shelf, 7));
  made.add(1, move(900));
  await turn();
  assert.equal(made.isUnsaved, false);
  assert.equal(shelf.kept.size, 0);
  is.fetch = (url, options) => (options?.method === "PUT" ? Promise.reject(new TypeError("no network")) : fetch(url, options));
  made.add(1, move(600));
  await turn();
  assert.equal(made.isUnsaved, true);
  assert.deepEqual([...shelf.kept.keys()], ["throughline-draft-7-1"]);
  is.fetch = fetch;
  let words = 0;
  const other = await desk(is, { resumed: () => { words += 1; } }, new Shelf(shelf, 8));
  assert.deepEqual(other.state.draft(1).edits, [move(900)], "somebody else's");
  const again = await desk(is, { resumed: () => { words += 1; } }, new Shelf(shelf, 7));
  await turn();
  assert.equal(words, 1);
  assert.deepEqual(is.draft.edits, [move(900), move(600)]);
  assert.equal(start(again, 110), 600);
  assert.equal(again.isUnsaved, false);
  assert.equal(shelf.kept.size, 0);
  again.undo();
  assert.deepEqual(again.state.draft(1).edits, [move(900)]);
});

test("what lies in the browser is of no use to who may no longer change the plan, nor when it cannot be read", async () => {
  const is = server();
  is.draft.can_edit = false;
  const shelf = store();
  shelf.setItem("throughline-draft-7-1", JSON.stringify({ version: 0, baseNo: 4, saved: [], edits: [move(600)] }));
  const made = await desk(is, { resumed: () => assert.fail() }, new Shelf(shelf, 7));
  assert.equal(made.state.count, 0);
  assert.equal(shelf.kept.size, 0);
  shelf.setItem("throughline-draft-7-1", "{");
  assert.equal((await desk(is, {}, new Shelf(shelf, 7))).state.count, 0);
  const shut = { getItem: () => { throw new Error("no store"); }, setItem: () => { throw new Error("full"); }, removeItem: () => {} };
  is.draft.can_edit = true;
  const without = await desk(is, {}, new Shelf(shut, 7));
  without.add(1, move(900));
  await turn();
  assert.deepEqual(is.draft.edits, [move(900)]);
});
