// The plan with some operations elsewhere: what the hand tries, or what stood there before. Pure.

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Lie} Lie */

/**
 * A plan that shares everything with `plan` but where the moved operations lie. Rows of the machines they leave and
 * reach are sorted anew.
 * @param {Plan} plan @param {Map<number, Lie>} moved @returns {Plan}
 */
export function tried(plan, moved) {
  if (!moved.size) return plan;
  const [machine, start, run, end] = [plan.machine, plan.start, plan.run, plan.end].map((column) => Array.from(column));
  const rows = plan.rows.slice();
  const pieces = plan.pieces.slice();
  const touched = new Set();
  for (const [op, lie] of moved) {
    touched.add(machine[op]).add(lie.machine);
    machine[op] = lie.machine;
    start[op] = lie.start;
    run[op] = lie.run;
    end[op] = lie.end;
    pieces[op] = undefined;
  }
  for (const at of touched) rows[at] = [];
  const stays = (/** @type {number} */ at, /** @type {number} */ op) => !moved.has(op) && machine[op] === at;
  for (const at of touched) for (const op of plan.rows[at]) if (stays(at, op)) rows[at].push(op);
  for (const op of moved.keys()) rows[machine[op]].push(op);
  for (const at of touched) rows[at].sort((/** @type {number} */ a, /** @type {number} */ b) => start[a] - start[b] || end[a] - end[b]);
  return { ...plan, machine, start, run, end, rows, pieces };
}
