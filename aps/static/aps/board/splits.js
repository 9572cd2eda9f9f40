// Pieces that a draft splits off, laid over the plan: off work orders, and off pieces that were split off before. Pure.
import { grow } from "./columns.js";
import { bornBy } from "./state.js";

// Each draft calls what it makes by negative numbers of its own; on a board of several plants each has a range of them.
const APART = 1e6;

/** @param {number} id as its draft has it @param {number} plant the draft's place on the board */
export const shown = (id, plant) => (id < 0 ? id - plant * APART : id);
/** @param {number} id as the board has it */
export const own = (id) => (id < 0 ? -(-id % APART) : id);

/** @template {{id: number[]}} T @param {T} moved @param {number} plant @returns {T} */
export const apart = (moved, plant) => (plant ? { ...moved, id: moved.id.map((id) => shown(id, plant)) } : moved);

// The edit with the ids of its own draft.
/** @param {any} edit @returns {any} */
export function local(edit) {
  const found = { ...edit };
  if (typeof edit.op === "number") found.op = own(edit.op);
  if (edit.ops) found.ops = edit.ops.map((/** @type {any} */ one) => (typeof one === "number" ? own(one) : { ...one, id: own(one.id) }));
  return found;
}

/** @param {any} plan changed @param {number[]} ids as the board has them @param {any[]} edits @param {number} plant */
export function births(plan, ids, edits, plant) {
  /** @type {Map<number, number[]>} */
  const born = new Map();
  for (const id of ids) {
    const source = id < 0 ? bornBy(own(id)) : null;
    if (source) born.set(source.index, [...(born.get(source.index) ?? []), id]);
  }
  edits.forEach((edit, index) => {
    const made = born.get(index);
    const parent = plan.at.get(shown(edit.op ?? 0, plant));
    if (made && edit.do === "split" && parent !== undefined) part(plan, parent, made, edit.quantity);
  });
}

// What goes looks like the operation of the same step of what it was split off, which has fewer pieces now.
/** @param {any} plan @param {number} parent @param {number[]} ids @param {string} quantity */
function part(plan, parent, ids, quantity) {
  const piece = (/** @type {number} */ op) => (plan.id[op] < 0 ? bornBy(own(plan.id[op]))?.index : undefined);
  const ops = plan.orders[plan.order[parent]].ops.filter((/** @type {number} */ op) => plan.work_order[op] === plan.work_order[parent] && piece(op) === piece(parent));
  for (const id of ids) {
    if (plan.at.has(id)) continue;
    const step = bornBy(own(id))?.step;
    grow(plan, ops.find((/** @type {number} */ op) => plan.step[op] === step) ?? parent, id, { quantity, pinned: false });
  }
  for (const op of ops) if (plan.mends?.[op] == null) plan.quantity[op] = String(Math.round((Number(plan.quantity[op]) - Number(quantity)) * 1e6) / 1e6);
}
