// Places that another plan gives to the same operations, of those that stand elsewhere in this one. Pure.

/** What begins so little earlier or later counts as where it was: a draft is laid to the minute of now. */
const APART_MIN = 15;

/** By operation of `plan`, where `other` has it; machines by their position in `plan`. @param {any} plan @param {any} other @returns {Map<number, { machine: number, start: number, end: number }>} */
export function ghostsOf(plan, other) {
  /** @type {Map<number, number>} */
  const machineAt = new Map(plan.machines.map((/** @type {any} */ one, /** @type {number} */ at) => [one.id, at]));
  const found = new Map();
  for (let op = 0; op < plan.count; op++) {
    const was = other.at.get(plan.id[op]);
    if (was === undefined) continue;
    const machine = machineAt.get(other.machines[other.machine[was]].id);
    const isHere = machine === plan.machine[op] && Math.abs(other.start[was] - plan.start[op]) <= APART_MIN;
    if (machine !== undefined && !isHere) found.set(op, { machine, start: other.start[was], end: other.end[was] });
  }
  return found;
}
