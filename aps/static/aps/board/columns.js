// What a plan has a value of for each operation, and one operation more. Pure.

const TABLES = new Set(["machines", "rows", "orders", "work_orders", "plants"]);

/** @param {any} plan @returns {string[]} */
export const columnsOf = (plan) => Object.keys(plan).filter((name) => name !== "pieces" && Array.isArray(plan[name]) && plan[name].length === plan.count && !TABLES.has(name));

// Behind all others, like its twin but for what it has of its own; its position.
/** @param {any} plan changed @param {number} twin @param {number} id @param {Record<string, any>} own */
export function grow(plan, twin, id, own) {
  const op = plan.count;
  for (const name of columnsOf(plan)) plan[name].push(name in own ? own[name] : plan[name][twin]);
  plan.id[op] = id;
  plan.count += 1;
  plan.at.set(id, op);
  plan.orders[plan.order[op]].ops.push(op);
  return op;
}
