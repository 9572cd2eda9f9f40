// What is under the pointer. Pure: rows are sorted by time and their operations do not overlap.

const REACH_PX = 4;

/** @typedef {import("./types.js").Plan} Plan */

/** The place in `row` of the first operation that ends after `time`. @param {number[]} row @param {ArrayLike<number>} ends @param {number} time */
export function firstAfter(row, ends, time) {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[row[middle]] > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The operation nearest to (x, y) within a few pixels, else null. `y` counts from the top of all rows.
 * @param {Plan} plan @param {import("./layout.js").Layout} layout @param {import("./scale.js").Scale} scale @param {number} x @param {number} y
 * @returns {number | null}
 */
export function operationAt(plan, layout, scale, x, y) {
  const place = layout.at(y);
  if (x < scale.left || !place || place.kind !== "machine") return null;
  const row = plan.rows[place.machine];
  const time = scale.time(x);
  const reach = REACH_PX / scale.perMinute;
  /** @type {number | null} */
  let best = null;
  let least = Infinity;
  for (let index = firstAfter(row, plan.end, time - reach); index < row.length && plan.start[row[index]] <= time + reach; index++) {
    const op = row[index];
    const far = Math.max(plan.start[op] - time, time - plan.end[op], 0);
    if (far < least) {
      least = far;
      best = op;
    }
  }
  return best;
}

/** Machines whose work an order has, for looking at this order only. @param {Plan} plan @param {number} order */
export function machinesOf(plan, order) {
  return new Set(plan.orders[order].ops.map((op) => plan.machine[op]));
}
