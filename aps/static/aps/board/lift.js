// Work in the hand: what may be lifted, where it may be put down, the edit that says so. Pure.
import { cut, firstEnding, pieces } from "./plan.js";

/** @typedef {{ops: number[], machine: number|null, at: number, isPin: boolean, legal: Set<number>}} Lift */

export const STEP_MIN = 5;

/** @param {number} minute */
export const snapped = (minute) => Math.round(minute / STEP_MIN) * STEP_MIN;

// Why an operation stays where it is; empty: it is free.
/** @param {any} plan @param {number} op @returns {"" | "running" | "frozen" | "pinned" | "leaves" | "comes"} */
export function held(plan, op) {
  if (plan.leaves?.[op]) return "leaves";
  if (plan.comes?.[op]) return "comes";
  if (plan.state[op] === "running" || plan.done?.[op] > 0) return "running";
  if (plan.frozen?.[op]) return "frozen";
  return plan.pinned?.[op] ? "pinned" : "";
}

/** @param {any} plan @param {number} op */
export const isSplittable = (plan, op) => Boolean(plan.splittable?.[op]) && !held(plan, op);

// What hangs at the hand: the operation under it, and the free ones of the selection when it is one of them.
/** @param {any} plan @param {number} op @param {Set<number>} selected */
export function together(plan, op, selected) {
  if (!selected.has(op)) return [op];
  const plant = plan.machines[plan.machine[op]].plant ?? 0;
  const rest = [...selected].filter((other) => other !== op && !held(plan, other) && (plan.machines[plan.machine[other]].plant ?? 0) === plant);
  return [op, ...rest.sort((a, b) => plan.start[a] - plan.start[b])];
}

// The machines of the operation's work centre: where it may go until the engine has said it better.
/** @param {any} plan @param {number} op @returns {Set<number>} */
export function lanes(plan, op) {
  const centre = plan.machines[plan.machine[op]].work_centre;
  return new Set(plan.machines.flatMap((/** @type {any} */ one, /** @type {number} */ index) => (one.work_centre === centre ? [index] : [])));
}

// The machine above or below among those it may go to, in the order of the rows.
/** @param {Lift} lift @param {number} step */
export function nextLane(lift, step) {
  const order = [...lift.legal].sort((a, b) => a - b);
  const at = order.indexOf(lift.machine ?? -1);
  return order[Math.max(0, Math.min(order.length - 1, at + step))] ?? lift.machine;
}

// The edit: the others keep their distance to the first; those on its machine go with it.
/** @param {any} plan @param {Lift} lift */
export function edit(plan, lift) {
  const [lead] = lift.ops;
  const target = lift.machine ?? plan.machine[lead];
  const shift = lift.at - plan.start[lead];
  return {
    do: "move",
    ops: lift.ops.map((op) => ({
      id: plan.id[op],
      machine: plan.machines[plan.machine[op] === plan.machine[lead] ? target : plan.machine[op]].id,
      at: op === lead ? lift.at : snapped(plan.start[op] + shift),
    })),
    pin: lift.isPin,
  };
}

// The end of so many working minutes begun at `start` on a machine: where the ghost ends until the engine has answered.
/** @param {any} plan @param {number} machine @param {number} start @param {number} work */
export function endOf(plan, machine, start, work) {
  const { windows } = plan.machines[machine];
  let left = work;
  for (let index = firstEnding(windows, start); index < windows.length; index++) {
    const from = Math.max(start, windows[index][0]);
    if (windows[index][1] - from >= left) return from + left;
    left -= windows[index][1] - from;
  }
  return start + work;
}

// The parts of time in which what hangs at the hand would be worked on; where it may not go, and outside the shifts, as long as it works.
/** @param {any} plan @param {import("./types.js").Drag} drag @returns {[number, number][]} */
export function heldPieces(plan, { ops, machine, at, minutes, isLegal }) {
  const found = machine === null || isLegal === false ? [] : cut(plan.machines[machine].windows, at, at + minutes);
  return found.length ? found : [[at, at + workOf(plan, ops[0])]];
}

// Working minutes of an operation where it stands.
/** @param {any} plan @param {number} op */
export const workOf = (plan, op) => pieces(plan, op).reduce((/** @type {number} */ sum, /** @type {number[]} */ [from, to]) => sum + to - from, 0);

// Where a move puts its operations, as long as the engine has not said it better: on the machine from that minute on.
/** @param {any} plan @param {any} edit @returns {Map<number, {machine: number, start: number, run: number, end: number}>} */
export function landed(plan, edit) {
  const found = new Map();
  for (const { id, machine, at } of edit.do === "move" ? edit.ops : []) {
    const op = plan.at.get(id);
    const lane = plan.machines.findIndex((/** @type {any} */ one) => one.id === machine);
    if (op === undefined || lane < 0) continue;
    const end = endOf(plan, lane, at, workOf(plan, op));
    found.set(op, { machine: lane, start: at, run: Math.min(end, at + plan.run[op] - plan.start[op]), end });
  }
  return found;
}
