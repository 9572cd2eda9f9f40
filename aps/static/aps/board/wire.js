// The server's compact columns and back: a full message becomes the board's data, a delta is merged into it. Pure.
//
// On the wire operations stand by id, and what few of them have is kept apart. Here they stand by machine, start and
// id, one plain column per name; see `aps/selectors/board_wire.py` for the message.

const PINNED = 1;
const SPLITTABLE = 4;
const RUNNING = 8;
const STOCK = { id: null, number: "", customer: "", is_rush: false };

/**
 * @typedef {object} Data What `read` of plan.js takes: the message's head, `machines` with their `windows` and `shifts`, `orders`,
 *   `work_orders`, and `operations` as columns: id, machine, start, run, end, order, work, line, line_id, work_order,
 *   step, name, material, title, quantity, family, state, late, due, promised, ready, done, pinned, frozen,
 *   splittable, before. `order` and `work` are positions in `orders` and `work_orders`.
 */

// Differences to the element before, summed up again.
const summed = (/** @type {number[]} */ column) => {
  let sum = 0;
  return column.map((step) => (sum += step));
};

// Texts whose first letters are those of the one before: how many, in base 36, stands in front.
const fronted = (/** @type {string[]} */ column) => {
  let text = "";
  return column.map((rest) => (text = text.slice(0, parseInt(rest[0], 36)) + rest.slice(1)));
};

/** The data of a full message. @param {any} message */
export function decode(message) {
  return taken(message, { orders: new Map(), works: new Map(), rows: new Map() }, null);
}

/**
 * The data with what a delta brings: changed operations replace those with their ids, `gone` ones leave. Machines and
 * calendars that it does not name are as they were.
 * @param {any} data @param {any} message
 */
export function merge(data, message) {
  return taken(message, tables(data), data);
}

/** @typedef {{ orders: Map<any, any>, works: Map<number, any>, rows: Map<number, any> }} Tables by id */

/** @param {any} message @param {Tables} known @param {any} before */
function taken({ parts, calendars, shifts, shift_names: names, ...head }, known, before) {
  const work_centres = head.work_centres ?? before?.work_centres;
  const machines = head.machines ? placedIn(head.machines, calendars, named(shifts, names)) : before?.machines;
  for (const part of parts) take(part, machines, known);
  return laid({ ...head, work_centres, machines }, known);
}

// Machines with what their calendars say; those of one calendar share it.
/** @param {any[]} machines @param {any[]} calendars @param {any[]} shifts */
const placedIn = (machines, calendars, shifts) =>
  machines.map(({ calendar, ...machine }) => ({ ...machine, windows: calendars[calendar], shifts: shifts[calendar] }));

// Shifts that overlap part no day: then there are none.
/** @param {number[][][]} shifts @param {string[]} names */
const named = (shifts, names) =>
  shifts.map((one) => (one.some(([start], at) => at && start < one[at - 1][1]) ? [] : one.map(([start, end, name]) => [start, end, names[name]])));

/** One part's tables and operations, with ids in place of positions. @param {any} part @param {any[]} machines @param {Tables} known */
function take({ customers, materials, steps, families, lines, work_orders: made, orders, operations: ops, gone }, machines, known) {
  for (const [at, id] of orders.id.entries()) {
    known.orders.set(id, { id, number: orders.number[at], customer: customers[orders.customer[at]], is_rush: Boolean(orders.is_rush[at]) });
  }
  const lineIds = summed(lines.id);
  const workIds = summed(made.id);
  const numbers = fronted(made.number);
  for (const [at, id] of workIds.entries()) {
    const line = made.line[at];
    const isFor = (/** @type {() => any} */ value) => (line < 0 ? null : value());
    const [material, title] = materials[made.material[at]];
    known.works.set(id, {
      id, number: numbers[at], material, title, quantity: made.quantity[at], order: isFor(() => orders.id[lines.order[line]]),
      line: isFor(() => lineIds[line]), line_no: isFor(() => lines.line_no[line]),
      due: isFor(() => lines.due[line]), promised: isFor(() => lines.promised[line]),
    });
  }
  for (const id of gone) known.rows.delete(id);
  const starts = summed(ops.start);
  const works = summed(ops.work_order);
  let next = 0;
  for (const [at, id] of summed(ops.id).entries()) {
    const start = starts[at];
    const ready = ops.ready[at];
    const flags = ops.flags[at];
    known.rows.set(id, {
      id, machine: machines[ops.machine[at]].id, start, run: start + ops.setup[at], end: start + ops.length[at],
      work: workIds[works[at]], step: ops.sequence[at], name: steps[ops.step[at]], family: families[ops.family[at]],
      state: flags & RUNNING ? "running" : "planned", ready: ready ? start - (ready > 0 ? ready - 1 : ready) : null,
      done: ops.done[id] ?? 0, mends: ops.mends[id] ?? null, pinned: Boolean(flags & PINNED), splittable: Boolean(flags & SPLITTABLE),
      before: ops.before.slice(next, (next += ops.befores[at])).map((/** @type {number} */ back) => id - back),
    });
  }
}

/**
 * Data in which the operations of `moved` (columns id, machine, start, setup, length) stand there; each keeps its
 * position in the columns, so that this costs little while something is dragged.
 * @param {any} data @param {any} moved
 */
export function placed(data, moved) {
  if (!moved.id.length) return data;
  const { id, machine, start, run, end, ...others } = data.operations;
  const there = { machine: machine.slice(), start: start.slice(), run: run.slice(), end: end.slice() };
  const machineAt = new Map(data.machines.map((/** @type {any} */ one, /** @type {number} */ at) => [one.id, at]));
  /** @type {Map<number, number>} */
  const at = new Map(moved.id.map((/** @type {number} */ key, /** @type {number} */ index) => [key, index]));
  for (let op = 0; op < id.length; op++) {
    const index = at.get(id[op]);
    if (index === undefined) continue;
    const on = machineAt.get(moved.machine[index]);
    if (on === undefined) continue;
    const from = moved.start[index];
    there.machine[op] = on;
    there.start[op] = from;
    there.run[op] = from + moved.setup[index];
    there.end[op] = from + moved.length[index];
  }
  return { ...data, operations: dated({ ...others, id, ...there }, data) };
}

// Columns with what follows from times: lateness, and whether an operation is within the frozen window.
/** @param {any} columns @param {any} head */
function dated(columns, { frozen_until: until, grace }) {
  const frozen = columns.start.map((/** @type {number} */ start, /** @type {number} */ op) => columns.state[op] === "planned" && start < (until ?? -Infinity));
  return { ...columns, frozen, late: lateness(columns, grace) };
}

const OWN = ["id", "start", "run", "end", "step", "name", "family", "state", "ready", "done", "mends", "pinned", "splittable", "before"];

/** The data by id again: orders, work orders, operations as rows with ids in place of positions. @param {any} data @returns {Tables} */
function tables({ operations, machines, orders, work_orders: works }) {
  const rows = operations.id.map((/** @type {number} */ _, /** @type {number} */ at) => {
    /** @type {any} */
    const row = { machine: machines[operations.machine[at]].id, work: works[operations.work[at]].id };
    for (const name of OWN) row[name] = operations[name][at];
    return row;
  });
  const byId = (/** @type {any[]} */ list) => new Map(list.map((one) => [one.id, one]));
  return { orders: byId(orders), works: byId(works), rows: byId(rows) };
}

/**
 * Rows as columns by machine, start and id; tables hold what they use, in order of use. A machine that is gone takes
 * its work with it.
 * @param {any} head @param {Tables} tables
 */
function laid(head, { orders, works, rows }) {
  const { machines } = head;
  /** @type {Map<number, number>} */
  const machineAt = new Map(machines.map((/** @type {any} */ one, /** @type {number} */ at) => [one.id, at]));
  const place = (/** @type {any} */ row) => machineAt.get(row.machine) ?? 0;
  const sorted = [...rows.values()].filter((row) => machineAt.has(row.machine));
  sorted.sort((a, b) => place(a) - place(b) || a.start - b.start || a.id - b.id);
  const usedOrders = new Map();
  const usedWorks = new Map();
  const position = (/** @type {Map<any, number>} */ used, /** @type {any} */ id) => {
    if (!used.has(id)) used.set(id, used.size);
    return used.get(id);
  };
  /** @type {any} */
  const columns = Object.fromEntries(OWN.map((name) => [name, sorted.map((row) => row[name])]));
  const of = sorted.map((row) => works.get(row.work));
  columns.machine = sorted.map((row) => machineAt.get(row.machine));
  columns.work = sorted.map((row) => position(usedWorks, row.work));
  columns.order = of.map((work) => position(usedOrders, work.order));
  columns.line_id = of.map((work) => work.line);
  columns.line = of.map((work) => work.line_no);
  columns.work_order = of.map((work) => work.number);
  for (const name of ["material", "title", "due", "promised"]) columns[name] = of.map((work) => work[name]);
  columns.quantity = sorted.map((row, at) => row.mends ?? of[at].quantity);
  return {
    ...head,
    orders: [...usedOrders.keys()].map((id) => (id === null ? STOCK : orders.get(id))),
    work_orders: [...usedWorks.keys()].map((id) => works.get(id)),
    operations: dated(columns, head),
  };
}

/** @typedef {{ line_id: any[], end: number[], due: (number | null)[] }} Dated */

// Minutes that the last operation of each operation's order line ends after its due date; 0 within the grace.
/** @param {Dated} columns @param {number} grace @returns {number[]} */
export function lateness({ line_id: lines, end, due }, grace) {
  const ends = new Map();
  for (let at = 0; at < lines.length; at++) {
    if (due[at] !== null && end[at] > (ends.get(lines[at]) ?? -Infinity)) ends.set(lines[at], end[at]);
  }
  return lines.map((line, at) => {
    const until = due[at];
    const minutes = until === null ? 0 : ends.get(line) - until;
    return minutes >= grace ? minutes : 0;
  });
}
