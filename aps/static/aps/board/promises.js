// Promises by time: a flag for each order, flags too near each other become one. Pure.
import { RISK } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/**
 * @typedef {{ time: number, order: number, risk: number }} Promise a promise of an order
 * @typedef {{ x: number, risk: number, orders: number[], hot: number[] }} Flag `hot` are those of the flag's risk
 */

const NEAR_PX = 9;

/** The promises that are still open, in order of time; a promise per order and date. @param {Plan} plan @returns {Promise[]} */
export function promisesOf(plan) {
  /** @type {Promise[][]} */
  const found = [];
  for (let op = 0; op < plan.count; op++) {
    const time = plan.due[op];
    const order = plan.order[op];
    if (time === null || time === undefined || order < 0 || plan.orders[order].id === null) continue;
    const own = (found[order] ||= []);
    const one = own.find((promise) => promise.time === time);
    if (one) one.risk = Math.max(one.risk, plan.risk[op]);
    else own.push({ time, order, risk: plan.risk[op] });
  }
  return found.flat().sort((a, b) => a.time - b.time || a.order - b.order);
}

/** How many orders are late and at risk. @param {Promise[]} promises */
export function counted(promises) {
  const worst = new Map();
  for (const { order, risk } of promises) worst.set(order, Math.max(worst.get(order) ?? 0, risk));
  let late = 0;
  let tight = 0;
  for (const risk of worst.values()) {
    if (risk === RISK.late) late++;
    else if (risk === RISK.tight) tight++;
  }
  return { late, tight };
}

/**
 * Flags of the promises between two times; within NEAR_PX they merge and the hottest colour wins.
 * @param {Promise[]} promises @param {import("./scale.js").Scale} scale @param {number} from @param {number} until
 * @returns {Flag[]}
 */
export function flags(promises, scale, from, until) {
  /** @type {Flag[]} */
  const found = [];
  for (const { time, order, risk } of promises) {
    if (time < from) continue;
    if (time > until) break;
    const x = scale.x(time);
    const last = found[found.length - 1];
    if (!last || x - last.x >= NEAR_PX) {
      found.push({ x, risk, orders: [order], hot: [order] });
      continue;
    }
    last.orders.push(order);
    if (risk > last.risk) Object.assign(last, { risk, hot: [order] });
    else if (risk === last.risk) last.hot.push(order);
  }
  return found;
}
