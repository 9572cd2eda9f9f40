// Lines that a draft makes in another plant: hatched where they leave, provisional bars where the other plant would make
// them. Pure.
import { grow } from "./columns.js";

/**
 * @typedef {object} Away as the engine says it: bars of the other plant as columns, minutes
 * @property {number} edit @property {number} plant @property {number} line
 * @property {number[]} leaves ids @property {number} spare minutes before its date, negative behind it
 * @property {number[]} machine @property {number[]} start @property {number[]} setup @property {number[]} length
 * @property {string[]} name @property {string[]} title @property {string[]} quantity
 */

// Ids that no draft gives: those of the pieces of a split are smaller numbers.
const FIRST = 1e9;

/** @param {any} plan changed @param {Away[]} lines */
export function depart(plan, lines) {
  if (!lines.length) return;
  plan.leaves = new Array(plan.count).fill(false);
  plan.comes = new Array(plan.count).fill(false);
  plan.spare = new Array(plan.count).fill(null);
  const machineAt = new Map(plan.machines.map((/** @type {any} */ one, /** @type {number} */ index) => [one.id, index]));
  for (const line of lines) {
    const ops = line.leaves.map((id) => plan.at.get(id)).filter((op) => op !== undefined);
    if (!ops.length) continue;
    for (const op of ops) plan.spare[op] = plan.due[op] === null ? null : line.spare;
    arrive(plan, line, ops[0], machineAt);
    for (const op of ops) plan.leaves[op] = true;
  }
}

// The bars in the other plant, when it is on the board: each looks like what leaves, with words of its own.
/** @param {any} plan @param {Away} line @param {number} twin @param {Map<number, number>} machineAt */
function arrive(plan, line, twin, machineAt) {
  line.machine.forEach((id, i) => {
    const machine = machineAt.get(id);
    if (machine === undefined) return;
    const start = line.start[i];
    grow(plan, twin, -(FIRST + line.line * 1000 + i), {
      machine, start, run: start + line.setup[i], end: start + line.length[i], name: line.name[i], title: line.title[i], quantity: line.quantity[i],
      work_order: "", state: "planned", ready: null, done: 0, mends: null, pinned: false, frozen: false, splittable: false,
      preds: [], before: [], leaves: false, comes: true,
    });
  });
}
