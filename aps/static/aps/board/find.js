// What a text finds on the board. Pure.

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {{op: number, machine?: undefined} | {machine: number, op?: undefined}} Hit */

/**
 * Orders by the end of their number or a part of it, work orders, machines, customers, materials: all hits of the first kind that
 * holds the text, in order of time; of an order or work order the operation that begins first.
 * @param {Plan} plan @param {string} text @returns {Hit[]}
 */
export function hits(plan, text) {
  const wish = text.trim().toUpperCase();
  if (!wish) return [];
  const holds = (/** @type {string | undefined} */ name) => Boolean(name?.toUpperCase().includes(wish));
  const orders = (/** @type {(order: import("./types.js").Order) => boolean} */ fits) => firsts(plan, plan.orders.filter((one) => one.ops.length && fits(one)).map((one) => one.ops));
  const works = (/** @type {(op: number) => boolean} */ fits) => firsts(plan, grouped(plan, fits));
  const kinds = [
    () => orders((one) => one.number.toUpperCase().endsWith(wish)),
    () => orders((one) => holds(one.number)),
    () => works((op) => holds(plan.work_order[op])),
    () => plan.machines.flatMap((one, machine) => (holds(one.code) ? [{ machine }] : [])),
    () => orders((one) => holds(one.customer)),
    () => works((op) => holds(plan.title[op]) || holds(plan.material?.[op])),
  ];
  for (const kind of kinds) {
    const found = kind();
    if (found.length) return found;
  }
  return [];
}

/** The first operation of each, in order of time. @param {Plan} plan @param {number[][]} each @returns {{op: number}[]} */
const firsts = (plan, each) =>
  each.map((ops) => ({ op: ops.reduce((a, b) => (plan.start[b] < plan.start[a] ? b : a)) })).sort((a, b) => plan.start[a.op] - plan.start[b.op] || a.op - b.op);

/** Operations by work order. @param {Plan} plan @param {(op: number) => boolean} fits */
function grouped(plan, fits) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (let op = 0; op < plan.count; op++) {
    if (!fits(op)) continue;
    const ops = found.get(plan.work_order[op]);
    if (ops) ops.push(op);
    else found.set(plan.work_order[op], [op]);
  }
  return [...found.values()];
}
