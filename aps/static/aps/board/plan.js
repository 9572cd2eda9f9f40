// The published plan as the canvas needs it: rows in order of time, orders with their chains, lateness. Pure.
import { lateness } from "./wire.js";

export const RISK = { none: 0, tight: 1, late: 2 };
const TIGHT_MIN = 120;

export function read(data) {
  const columns = data.operations;
  const count = columns.id.length;
  const at = new Map(columns.id.map((id, index) => [id, index]));
  const plan = {
    ...columns,
    data,
    count,
    at,
    rows: data.machines.map(() => []),
    orders: data.orders.map((order) => ({ ...order, ops: [], risk: RISK.none })),
    machines: data.machines,
    preds: columns.before.map((ids) => ids.map((id) => at.get(id)).filter((index) => index !== undefined)),
    pieces: new Array(count),
    now: data.now,
    first: data.from,
    last: data.until,
  };
  for (let op = 0; op < count; op++) {
    plan.rows[columns.machine[op]].push(op);
    plan.orders[columns.order[op]].ops.push(op);
  }
  for (const row of plan.rows) row.sort((a, b) => columns.start[a] - columns.start[b]);
  return weighed(plan);
}

// Lateness anew, after a draft has moved operations; changes the plan.
export function judge(plan) {
  plan.late = lateness(plan, plan.data.grace);
  return weighed(plan);
}

function weighed(plan) {
  plan.slack = slack(plan);
  plan.risk = plan.slack.map((minutes, op) => riskOf(minutes, plan.late[op]));
  for (const order of plan.orders) order.risk = order.ops.reduce((worst, op) => Math.max(worst, plan.risk[op]), RISK.none);
  return plan;
}

const riskOf = (minutes, late) => {
  if (late > 0) return RISK.late;
  return minutes !== null && minutes < TIGHT_MIN ? RISK.tight : RISK.none;
};

// Minutes between the end of an order's line and when it is due; null without a date.
function slack(plan) {
  const ends = new Map();
  const key = (op) => `${plan.order[op]}/${plan.line[op]}`;
  for (let op = 0; op < plan.count; op++) {
    if (plan.end[op] > (ends.get(key(op)) ?? -Infinity)) ends.set(key(op), plan.end[op]);
  }
  return Array.from({ length: plan.count }, (_, op) => (plan.due[op] === null ? null : plan.due[op] - ends.get(key(op))));
}

// The parts of an operation in which its machine works: closed time and holes cut out. [[from, to], ...]
export function pieces(plan, op) {
  if (plan.pieces[op]) return plan.pieces[op];
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

export function cut(windows, from, to) {
  const found = [];
  for (let index = firstEnding(windows, from); index < windows.length && windows[index][0] < to; index++) {
    found.push([Math.max(from, windows[index][0]), Math.min(to, windows[index][1])]);
  }
  return found;
}

function without(from, to, start, end) {
  if (end <= from || start >= to) return [[from, to]];
  return [[from, start], [end, to]].filter(([a, b]) => b > a);
}

// The first window that ends after `time`.
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

// Share of a machine's open time in [from, to) that is planned; null when it is closed.
export function load(plan, machine, from, to) {
  const open = sum(cut(plan.machines[machine].windows, from, to));
  if (!open) return null;
  let busy = 0;
  for (const op of plan.rows[machine]) {
    if (plan.end[op] <= from) continue;
    if (plan.start[op] >= to) break;
    busy += sum(pieces(plan, op).map(([a, b]) => [Math.max(a, from), Math.min(b, to)]));
  }
  return Math.min(1, busy / open);
}

const sum = (spans) => spans.reduce((total, [a, b]) => total + Math.max(0, b - a), 0);

// What belongs together: the operations of the order, or of the work order when it is for stock.
export function chainOf(plan, op) {
  const order = plan.orders[plan.order[op]];
  return order.id === null ? order.ops.filter((other) => plan.work_order[other] === plan.work_order[op]) : order.ops;
}

// Orders whose number, or machines whose code, hold the text; the first of each that fits best.
export function find(plan, text) {
  const wish = text.trim().toUpperCase();
  if (!wish) return null;
  const machine = plan.machines.findIndex((one) => one.code.toUpperCase().includes(wish));
  const order = plan.orders.findIndex((one) => one.number.toUpperCase().endsWith(wish) || one.number.toUpperCase().includes(wish));
  const op = plan.work_order.findIndex((number) => number.toUpperCase().includes(wish));
  if (order >= 0) return { op: plan.orders[order].ops.reduce((a, b) => (plan.start[b] < plan.start[a] ? b : a)) };
  if (op >= 0) return { op };
  return machine >= 0 ? { machine } : null;
}
