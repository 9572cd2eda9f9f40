// Lays a draft over the published plan: operations elsewhere, and behind them those that a split makes. Pure: the published
// plan stays as it is, and what it has keeps its position.
import { depart } from "./away.js";
import { columnsOf } from "./columns.js";
import { judge } from "./plan.js";
import { apart, births, own, shown } from "./splits.js";

/** @typedef {{id: number[], machine: number[], start: number[], setup: number[], length: number[]}} Moved columns of ids and minutes */
/** @typedef {{machine: number, start: number, run: number, end: number}} Lie a position of a machine, minutes */

/** @type {Moved} */
export const NOWHERE = { id: [], machine: [], start: [], setup: [], length: [] };

// Where the columns put the operations that the plan has, by position.
/** @param {any} plan @param {Moved} moved @returns {Map<number, Lie>} */
export function lies(plan, moved) {
  const machineAt = new Map(plan.machines.map((/** @type {any} */ one, /** @type {number} */ index) => [one.id, index]));
  const found = new Map();
  moved.id.forEach((id, i) => {
    const op = plan.at.get(id);
    const machine = machineAt.get(moved.machine[i]);
    if (op === undefined || machine === undefined) return;
    const start = moved.start[i];
    found.set(op, { machine, start, run: start + moved.setup[i], end: start + moved.length[i] });
  });
  return found;
}

// What a draft leaves alone is the published plan's own: columns, rows of machines, pieces of bars. It is made again with
// each answer of the engine, in the frame in which work is put down.
/** @param {any} plan the published one @param {{moved: Moved, edits: any[], away?: import("./away.js").Away[]}[]} drafts each plant's */
export function overlay(plan, drafts) {
  if (!drafts.some(({ moved, edits }) => moved.id.length || edits.length)) return plan;
  const gone = drafts.flatMap(({ away }) => away ?? []);
  const isMore = gone.length > 0 || drafts.some(({ moved }) => moved.id.some((id) => id < 0));
  const found = { ...plan, at: isMore ? new Map(plan.at) : plan.at, orders: plan.orders.map((/** @type {any} */ one) => ({ ...one, ops: isMore ? [...one.ops] : one.ops })) };
  for (const name of isMore ? columnsOf(plan) : MOVING) if (plan[name]) found[name] = plan[name].slice();
  found.pieces = plan.pieces.slice();
  const placed = new Set();
  const touched = new Set();
  drafts.forEach(({ moved, edits }, plant) => {
    const there = apart(moved, plant);
    births(found, there.id, edits, plant);
    for (const [op, lie] of lies(found, there)) {
      placed.add(op);
      touched.add(found.machine[op]).add(lie.machine);
      found.machine[op] = lie.machine;
      found.start[op] = lie.start;
      found.run[op] = lie.run;
      found.end[op] = lie.end;
      found.pieces[op] = undefined;
    }
    for (const edit of edits) pinning(found, edit, plant);
  });
  depart(found, gone);
  for (let op = plan.count; op < found.count; op++) touched.add(found.machine[op]);
  // A row in which something leaves counts as another one: its load is.
  if (gone.length) for (let op = 0; op < plan.count; op++) if (found.leaves[op]) touched.add(found.machine[op]);
  found.rows = rowsOf(found, plan, touched, placed);
  return judge(found);
}

const MOVING = ["machine", "start", "run", "end", "pinned"];

// The rows of machines that work leaves or reaches anew, in order of time; the others as they are.
/** @param {any} found @param {any} before @param {Set<number>} touched machines @param {Set<number>} placed operations @returns {number[][]} */
function rowsOf(found, before, touched, placed) {
  const rows = before.rows.slice();
  for (const at of touched) rows[at] = (before.rows[at] ?? []).filter((/** @type {number} */ op) => !placed.has(op));
  for (const op of placed) rows[found.machine[op]].push(op);
  for (let op = before.count; op < found.count; op++) if (!placed.has(op)) rows[found.machine[op]].push(op);
  for (const at of touched) rows[at].sort((/** @type {number} */ a, /** @type {number} */ b) => found.start[a] - found.start[b] || a - b);
  return rows;
}

// What the draft pins stays where it is, what it unpins is free again.
/** @param {any} plan @param {any} edit @param {number} plant */
function pinning(plan, edit, plant) {
  if (!plan.pinned || !(edit.do === "pin" || edit.do === "unpin" || (edit.do === "move" && edit.pin))) return;
  for (const one of edit.ops) {
    const op = plan.at.get(shown(typeof one === "number" ? one : one.id, plant));
    if (op !== undefined) plan.pinned[op] = edit.do !== "unpin";
  }
}

// The draft's places with those of a trial, until the engine has said it whole.
/** @param {Moved} before @param {Map<number, Lie>} moved @param {any} plan */
export function joinedMoves(before, moved, plan) {
  if (!moved.size) return before;
  const ids = new Set([...moved.keys()].map((op) => own(plan.id[op])));
  const kept = before.id.flatMap((id, index) => (ids.has(id) ? [] : [index]));
  const more = [...moved];
  /** @param {"machine" | "start" | "setup" | "length"} name @param {(lie: any) => number} value */
  const column = (name, value) => [...kept.map((index) => before[name][index]), ...more.map(([, lie]) => value(lie))];
  return {
    id: [...kept.map((index) => before.id[index]), ...more.map(([op]) => own(plan.id[op]))],
    machine: column("machine", (lie) => plan.machines[lie.machine].id),
    start: column("start", (lie) => lie.start),
    setup: column("setup", (lie) => lie.run - lie.start),
    length: column("length", (lie) => lie.end - lie.start),
  };
}
