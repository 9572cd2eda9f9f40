// The published plan as the canvas needs it: rows in order of time, orders with their chains, lateness. Pure.
/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Span} Span */

export const RISK = { none: 0, tight: 1, late: 2 };
const TIGHT_MIN = 120;

/** @param {any} data what `decode` of wire.js makes @returns {Plan} */
export function read(data) {
  const columns = data.operations;
  const count = columns.id.length;
  /** @type {Map<number, number>} */
  const at = new Map(columns.id.map((/** @type {number} */ id, /** @type {number} */ index) => [id, index]));
  /** @type {any} */
  const plan = {
    ...columns,
    data,
    count,
    at,
    rows: data.machines.map(() => /** @type {number[]} */ ([])),
    orders: data.orders.map((/** @type {any} */ order) => ({ ...order, ops: [], risk: RISK.none })),
    machines: data.machines,
    strand: strands(columns),
    preds: columns.before.map((/** @type {number[]} */ ids) => ids.map((id) => at.get(id)).filter((index) => index !== undefined)),
    pieces: new Array(count),
    now: data.now,
    first: data.from,
    last: data.until,
  };
  for (let op = 0; op < count; op++) {
    plan.rows[columns.machine[op]].push(op);
    plan.orders[columns.order[op]].ops.push(op);
  }
  for (const row of plan.rows) row.sort((/** @type {number} */ a, /** @type {number} */ b) => columns.start[a] - columns.start[b]);
  return ranked(weighed(plan));
}

/** A number for each order line, per operation. @param {any} columns @returns {number[]} */
function strands({ order, line }) {
  /** @type {Map<number, Map<number | null, number>>} */
  const found = new Map();
  let count = 0;
  return order.map((/** @type {number} */ at, /** @type {number} */ op) => {
    let lines = found.get(at);
    if (!lines) found.set(at, (lines = new Map()));
    const known = lines.get(line[op]);
    if (known !== undefined) return known;
    lines.set(line[op], count);
    return count++;
  });
}

/** Lateness anew, after a draft has moved operations; changes the plan. @param {any} plan @returns {Plan} */
export function judge(plan) {
  const { grace } = plan.data;
  weighed(plan);
  plan.late = plan.slack.map((/** @type {number | null} */ spare) => (spare !== null && -spare >= grace ? -spare : 0));
  return ranked(plan);
}

/** Minutes between the end of an order's line and when it is due; null without a date. @param {any} plan @returns {any} */
function weighed(plan) {
  const { strand, end, due, spare } = plan;
  /** @type {number[]} */
  const ends = [];
  for (let op = 0; op < plan.count; op++) if (!(ends[strand[op]] >= end[op])) ends[strand[op]] = end[op];
  plan.slack = strand.map((/** @type {number} */ at, /** @type {number} */ op) => (due[op] === null ? null : spare?.[op] ?? due[op] - ends[at]));
  return plan;
}

/** @param {any} plan @returns {Plan} */
function ranked(plan) {
  plan.risk = plan.slack.map((/** @type {number | null} */ minutes, /** @type {number} */ op) => riskOf(minutes, plan.late[op]));
  for (const order of plan.orders) {
    order.risk = RISK.none;
    for (const op of order.ops) if (plan.risk[op] > order.risk) order.risk = plan.risk[op];
  }
  return plan;
}

const riskOf = (/** @type {number | null} */ minutes, /** @type {number} */ late) => {
  if (late > 0) return RISK.late;
  return minutes !== null && minutes < TIGHT_MIN ? RISK.tight : RISK.none;
};

/** The parts of an operation in which its machine works: closed time and holes cut out. @param {Plan} plan @param {number} op @returns {Span[]} */
export function pieces(plan, op) {
  const known = plan.pieces[op];
  if (known) return known;
  const { windows, blocks } = plan.machines[plan.machine[op]];
  let found = cut(windows, plan.start[op], plan.end[op]);
  for (const hole of blocks) found = found.flatMap(([from, to]) => without(from, to, hole.start, hole.end));
  // Begun outside the shift: it ran from its start on.
  if (plan.state[op] === "running" && (!found.length || found[0][0] > plan.start[op])) {
    const until = Math.min(Math.max(plan.now, plan.start[op] + 1), found.length ? found[0][0] : plan.end[op]);
    found = [[plan.start[op], until], ...found];
  }
  if (!found.length) found = [[plan.start[op], plan.end[op]]];
  plan.pieces[op] = found;
  return found;
}

/** @param {Span[]} windows @param {number} from @param {number} to */
export function cut(windows, from, to) {
  /** @type {Span[]} */
  const found = [];
  for (let index = firstEnding(windows, from); index < windows.length && windows[index][0] < to; index++) {
    found.push([Math.max(from, windows[index][0]), Math.min(to, windows[index][1])]);
  }
  return found;
}

/** @param {number} from @param {number} to @param {number} start @param {number} end @returns {Span[]} */
function without(from, to, start, end) {
  if (end <= from || start >= to) return [[from, to]];
  return /** @type {Span[]} */ ([[from, start], [end, to]]).filter(([a, b]) => b > a);
}

/** The first window that ends after `time`. @param {ArrayLike<[number, number, ...any[]]>} windows @param {number} time */
export function firstEnding(windows, time) {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle][1] > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What belongs together: the operations of the order, or of the work order when it is for stock. @param {Plan} plan @param {number} op */
export function chainOf(plan, op) {
  const order = plan.orders[plan.order[op]];
  return order.id === null ? order.ops.filter((other) => plan.work_order[other] === plan.work_order[op]) : order.ops;
}
