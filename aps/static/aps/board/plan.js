// The published plan as the canvas needs it: rows in order of time, orders with their chains, lateness. Pure.
import { lateness } from "./wire.js";

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
  return weighed(plan);
}

/** Lateness anew, after a draft has moved operations; changes the plan. @param {any} plan @returns {Plan} */
export function judge(plan) {
  const { grace } = plan.data;
  const late = lateness(plan, grace);
  plan.late = late.map((/** @type {number} */ minutes, /** @type {number} */ op) => (plan.spare?.[op] == null ? minutes : -plan.spare[op] >= grace ? -plan.spare[op] : 0));
  return weighed(plan);
}

/** @param {any} plan @returns {Plan} */
function weighed(plan) {
  plan.slack = slack(plan);
  plan.risk = plan.slack.map((/** @type {number | null} */ minutes, /** @type {number} */ op) => riskOf(minutes, plan.late[op]));
  for (const order of plan.orders) order.risk = order.ops.reduce((/** @type {number} */ worst, /** @type {number} */ op) => Math.max(worst, plan.risk[op]), RISK.none);
  return plan;
}

const riskOf = (/** @type {number | null} */ minutes, /** @type {number} */ late) => {
  if (late > 0) return RISK.late;
  return minutes !== null && minutes < TIGHT_MIN ? RISK.tight : RISK.none;
};

/** Minutes between the end of an order's line and when it is due, there when another plant makes it; null without a date. @param {any} plan */
function slack(plan) {
  const ends = new Map();
  const key = (/** @type {number} */ op) => `${plan.order[op]}/${plan.line[op]}`;
  for (let op = 0; op < plan.count; op++) {
    if (plan.end[op] > (ends.get(key(op)) ?? -Infinity)) ends.set(key(op), plan.end[op]);
  }
  return Array.from({ length: plan.count }, (_, op) => (plan.due[op] === null ? null : plan.spare?.[op] ?? plan.due[op] - ends.get(key(op))));
}

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

/** The first window that ends after `time`. @param {Span[]} windows @param {number} time */
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

/** Orders whose number or customer, or machines whose code, hold the text; the first of each that fits best. @param {Plan} plan @param {string} text */
export function find(plan, text) {
  const wish = text.trim().toUpperCase();
  if (!wish) return null;
  const machine = plan.machines.findIndex((one) => one.code.toUpperCase().includes(wish));
  const order = plan.orders.findIndex((one) => one.number.toUpperCase().endsWith(wish) || one.number.toUpperCase().includes(wish));
  const op = plan.work_order.findIndex((number) => number.toUpperCase().includes(wish));
  if (order >= 0) return { op: earliest(plan, plan.orders[order].ops) };
  if (op >= 0) return { op };
  if (machine >= 0) return { machine };
  const customer = plan.orders.findIndex((one) => one.customer?.toUpperCase().includes(wish) && one.ops.length);
  if (customer >= 0) return { op: earliest(plan, plan.orders[customer].ops) };
  return null;
}

/** @param {any} plan @param {number[]} ops */
const earliest = (plan, ops) => ops.reduce((a, b) => (plan.start[b] < plan.start[a] ? b : a));
