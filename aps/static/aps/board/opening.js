// Where the board opens: at now when there is work soon, else where the next work begins. Pure.
import { pieces } from "./plan.js";

const ENOUGH_MIN = 60;
const LEFT_SHARE = 0.08;

/** Minutes of work in [from, until) of all machines; stops counting at `enough`. @param {import("./types.js").Plan} plan @param {number} from @param {number} until */
export function work(plan, from, until, enough = Infinity) {
  let found = 0;
  for (let op = 0; op < plan.count && found < enough; op++) {
    if (plan.end[op] <= from || plan.start[op] >= until) continue;
    for (const [a, b] of pieces(plan, op)) found += Math.max(0, Math.min(b, until) - Math.max(a, from));
  }
  return found;
}

/** { time, share, from } to show: `from` is null when that is now, else when the next work begins. @param {import("./types.js").Plan} plan @param {import("./scale.js").Scale} scale */
export function opening(plan, scale) {
  const now = { time: plan.now, share: 0.15, from: null };
  const soon = plan.now + ((scale.width - scale.left) / scale.perMinute) * 0.5;
  if (work(plan, plan.now, soon, ENOUGH_MIN) >= ENOUGH_MIN) return now;
  let from = Infinity;
  for (let op = 0; op < plan.count; op++) {
    const begin = pieces(plan, op)[0][0];
    if (begin > plan.now && begin < from && plan.state[op] !== "running") from = begin;
  }
  return from < Infinity && from > soon ? { time: from, share: LEFT_SHARE, from } : now;
}
