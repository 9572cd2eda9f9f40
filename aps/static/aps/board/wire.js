// The server's compact columns and back: a full message becomes the board's data, a delta is merged into it. Pure.
//
// On the wire operations stand by id, and what few of them have is kept apart. Here they stand by machine, start and
// id, one plain column per name; see `aps/selectors/board_wire.py` for the message.

const PINNED = 1;
const SPLITTABLE = 4;
const RUNNING = 8;
const STOCK = { id: null, number: "", customer: "", is_rush: false };

/**
 * @typedef {object} Data What `read` of plan.js takes: the message's head, `machines` with their `windows`, `orders`,
 *   `work_orders`, and `operations` as columns: id, machine, start, run, end, order, work, line, line_id, work_order,
 *   step, name, material, title, quantity, family, state, late, due, promised, ready, done, pinned, frozen,
 *   splittable, before. `order` and `work` are positions in `orders` and `work_orders`.
 */

// Differences to the element before, summed up again.
const summed = (column) => {
  let sum = 0;
  return column.map((step) => (sum += step));
};

// The data of a message; of a delta only what it brings.
export function decode(message) {
  const { calendars, customers, materials, steps, families, lines, work_orders: works, orders, operations: ops, ...head } = message;
  const known = orders.id.map((id, at) => ({ id, number: orders.number[at], customer: customers[orders.customer[at]] ?? "", is_rush: Boolean(orders.is_rush[at]) }));
  const lineIds = summed(lines.id);
  const workIds = summed(works.id);
  const made = workIds.map((id, at) => {
    const line = works.line[at];
    const [material, title] = materials[works.material[at]];
    const none = line < 0;
    return {
      id, number: works.number[at], order: none ? null : orders.id[lines.order[line]], line: none ? null : lineIds[line],
      line_no: none ? null : lines.line_no[line], material, title, quantity: works.quantity[at],
      due: none ? null : lines.due[line], promised: none ? null : lines.promised[line],
    };
  });
  const machines = message.machines.map(({ calendar, ...machine }) => ({ ...machine, windows: calendars[calendar] }));
  const parts = { machines, orders: new Map(known.map((one) => [one.id, one])), works: new Map(made.map((one) => [one.id, one])) };
  return laid({ ...head, machines }, parts, rows(ops, { machines, steps, families, workIds }));
}

// The message's operations one by one, with ids in place of positions.
function rows(ops, { machines, steps, families, workIds }) {
  const ids = summed(ops.id);
  const starts = summed(ops.start);
  const works = summed(ops.work_order);
  let next = 0;
  return ids.map((id, at) => {
    const start = starts[at];
    const ready = ops.ready[at];
    const flags = ops.flags[at];
    const before = ops.before.slice(next, (next += ops.befores[at])).map((back) => id - back);
    return {
      id, machine: machines[ops.machine[at]].id, start, run: start + ops.setup[at], end: start + ops.length[at],
      work: workIds[works[at]], step: ops.sequence[at], name: steps[ops.step[at]], family: families[ops.family[at]],
      state: flags & RUNNING ? "running" : "planned", ready: ready ? start - (ready > 0 ? ready - 1 : ready) : null,
      done: ops.done[id] ?? 0, mends: ops.mends[id] ?? null, pinned: Boolean(flags & PINNED), splittable: Boolean(flags & SPLITTABLE), before,
    };
  });
}

// Data with what a delta brings: changed operations replace those with their ids, `gone` leave, tables follow.
export function merge(data, message) {
  const delta = decode(message);
  const brought = new Set(delta.operations.id);
  for (const id of message.gone) brought.add(id);
  const kept = unlaid(data).filter((row) => !brought.has(row.id));
  const parts = {
    machines: delta.machines,
    orders: new Map([...data.orders, ...delta.orders].map((one) => [one.id, one])),
    works: new Map([...data.work_orders, ...delta.work_orders].map((one) => [one.id, one])),
  };
  return laid(delta, parts, [...kept, ...unlaid(delta)]);
}

// Data in which the operations of `moved` (columns id, machine, start, setup, length) stand there.
export function placed(data, moved) {
  const at = new Map(moved.id.map((id, index) => [id, index]));
  if (!at.size) return data;
  const there = unlaid(data).map((row) => {
    const index = at.get(row.id);
    if (index === undefined) return row;
    const start = moved.start[index];
    return { ...row, machine: moved.machine[index], start, run: start + moved.setup[index], end: start + moved.length[index] };
  });
  const parts = {
    machines: data.machines,
    orders: new Map(data.orders.map((one) => [one.id, one])),
    works: new Map(data.work_orders.map((one) => [one.id, one])),
  };
  return laid(data, parts, there);
}

const OWN = ["id", "start", "run", "end", "step", "name", "family", "state", "ready", "done", "mends", "pinned", "splittable", "before"];

// Columns as rows, with ids in place of positions.
function unlaid({ operations, machines, work_orders: works }) {
  return operations.id.map((_, at) => {
    const row = { machine: machines[operations.machine[at]].id, work: works[operations.work[at]].id };
    for (const name of OWN) row[name] = operations[name][at];
    return row;
  });
}

// Rows as columns by machine, start and id; tables hold what they use, in order of use. A machine that is gone takes
// its work with it.
function laid(head, { machines, orders, works }, unsorted) {
  const machineAt = new Map(machines.map((one, at) => [one.id, at]));
  const sorted = unsorted.filter((row) => machineAt.has(row.machine));
  sorted.sort((a, b) => machineAt.get(a.machine) - machineAt.get(b.machine) || a.start - b.start || a.id - b.id);
  const usedOrders = new Map();
  const usedWorks = new Map();
  const position = (used, id) => {
    if (!used.has(id)) used.set(id, used.size);
    return used.get(id);
  };
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
  columns.frozen = sorted.map((row) => row.state === "planned" && row.start < (head.frozen_until ?? -Infinity));
  columns.late = lateness(columns, head.grace);
  return {
    ...head,
    machines,
    orders: [...usedOrders.keys()].map((id) => (id === null ? STOCK : orders.get(id))),
    work_orders: [...usedWorks.keys()].map((id) => works.get(id)),
    operations: columns,
  };
}

// Minutes that the last operation of each operation's order line ends after its due date; 0 within the grace.
export function lateness({ line_id: lines, end, due }, grace) {
  const ends = new Map();
  for (let at = 0; at < lines.length; at++) {
    if (due[at] !== null && end[at] > (ends.get(lines[at]) ?? -Infinity)) ends.set(lines[at], end[at]);
  }
  return lines.map((line, at) => {
    const minutes = due[at] === null ? 0 : ends.get(line) - due[at];
    return minutes >= grace ? minutes : 0;
  });
}
