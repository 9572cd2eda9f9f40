// What is looked for: by customer, family, state, lateness and work centre. Pure; what does not fit is dimmed, never hidden.
import { RISK } from "./plan.js";

/** @typedef {{customer: string, family: string, state: string, risk: string, centre: string}} Filter */

/** @type {Filter} */
export const NOTHING = { customer: "", family: "", state: "", risk: "", centre: "" };
export const KEYS = /** @type {(keyof Filter)[]} */ (Object.keys(NOTHING));

/** @param {Filter} filter */
export const isSet = (filter) => KEYS.some((key) => filter[key] !== "");

/** @param {any} plan @param {Filter} filter @returns {(op: number) => boolean} */
export function fits(plan, filter) {
  const { customer, family, state, risk, centre } = filter;
  return (op) => {
    if (customer && plan.orders[plan.order[op]].customer !== customer) return false;
    if (family && plan.family[op] !== family) return false;
    if (state && plan.state[op] !== state) return false;
    if (risk === "late" && plan.risk[op] !== RISK.late) return false;
    if (risk === "tight" && plan.risk[op] !== RISK.tight) return false;
    return !centre || String(plan.machines[plan.machine[op]].work_centre) === centre;
  };
}

// One byte per operation, 1 where it does not fit; null when nothing is asked.
/** @param {any} plan @param {Filter} filter */
export function dimmed(plan, filter) {
  if (!isSet(filter)) return null;
  const isFit = fits(plan, filter);
  const found = new Uint8Array(plan.count);
  for (let op = 0; op < plan.count; op++) if (!isFit(op)) found[op] = 1;
  return found;
}

// How many operations it lets through; null when nothing is asked.
/** @param {Uint8Array | null} dim */
export const fitting = (dim) => (dim ? dim.length - dim.reduce((sum, one) => sum + one, 0) : null);

// What there is to choose from: [value, words] in the order of words.
/** @param {any} plan @returns {{customer: string[], family: string[], centre: [string, string][]}} */
export function choices(plan) {
  const some = (/** @type {Iterable<string>} */ values) => [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b));
  const used = new Set(plan.machines.map((/** @type {any} */ one) => one.work_centre));
  return {
    customer: some(plan.orders.map((/** @type {any} */ order) => order.customer)),
    family: some(plan.family),
    centre: plan.data.work_centres.filter((/** @type {any} */ one) => used.has(one.id)).map((/** @type {any} */ one) => [String(one.id), one.name]),
  };
}
