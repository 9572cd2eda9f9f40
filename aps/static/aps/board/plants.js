// Several plants on one board, one under the other. Pure.

// The plan of all of them: machines, work centres and operations in the order of the plants; times share one epoch.
/** @param {any[]} datas each plant's data @param {(data: any) => any} read */
export function joined(datas, read) {
  const [first] = datas;
  const plan = read(datas.length === 1 ? { ...first, ...marked(first, 0) } : together(datas));
  plan.plants = datas.map((data) => ({ ...data.plant, frozen_until: data.frozen_until ?? null, plan: data.plan, is_waiting: data.is_waiting, proposal_url: data.proposal_url, unplanned: data.unplanned }));
  return plan;
}

/** Whether their clocks differ: times are those of the first. @param {{ zone: string }[]} plants */
export const hasZones = (plants) => plants.some((one) => one.zone !== plants[0].zone);

/** @param {any} data @param {number} plant */
const marked = (data, plant) => ({
  machines: data.machines.map((/** @type {any} */ one) => ({ ...one, plant })),
  work_centres: data.work_centres.map((/** @type {any} */ one) => ({ ...one, plant })),
});

/** @param {any[]} datas */
function together(datas) {
  const found = { ...datas[0], machines: [], work_centres: [], orders: [], work_orders: [], operations: {} };
  const orderAt = new Map();
  datas.forEach((data, plant) => {
    const { machines, work_centres: centres } = marked(data, plant);
    const shift = { machine: found.machines.length, work: found.work_orders.length };
    const orders = data.orders.map((/** @type {any} */ one) => {
      if (!orderAt.has(one.id)) orderAt.set(one.id, found.orders.push(one) - 1);
      return orderAt.get(one.id);
    });
    for (const [name, column] of Object.entries(data.operations)) {
      const moved = name === "order" ? column.map((/** @type {number} */ at) => orders[at]) : name === "machine" || name === "work" ? column.map((/** @type {number} */ at) => at + shift[/** @type {"machine"|"work"} */ (name)]) : column;
      found.operations[name] = (found.operations[name] || []).concat(moved);
    }
    found.machines.push(...machines);
    found.work_centres.push(...centres);
    found.work_orders.push(...(data.work_orders || []));
    found.from = Math.min(found.from, data.from);
    found.until = Math.max(found.until, data.until);
    found.now = Math.max(found.now, data.now);
  });
  return found;
}
