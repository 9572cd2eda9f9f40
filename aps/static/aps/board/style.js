// Which style an operation is drawn in, by the colour mode; and what a legend has to say about it. Pure.
import { RISK } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Mode} Mode */

export const HUES = 12;
/** Families that no two of look alike; the next ones begin again with the first colour. */
export const FAMILIES = 16;

/** The colour of an order, the same every day. @param {string} name */
export function hueOf(name) {
  let sum = 7;
  for (let at = 0; at < name.length; at++) sum = (sum * 31 + name.charCodeAt(at)) >>> 0;
  return sum % HUES;
}

/** @type {WeakMap<string[], Map<string, string>>} */
const known = new WeakMap();

/** A style of its own for each family that the plan has, in the order of their names, wherever its work is moved. @param {Plan} plan */
export function familiesOf({ family }) {
  let found = known.get(family);
  if (!found) {
    const names = [...new Set(family)].filter(Boolean).sort();
    known.set(family, (found = new Map(names.map((name, at) => [name, `family${at % FAMILIES}`]))));
  }
  return found;
}

/**
 * What the styles depend on besides the plan.
 * @typedef {object} Looks
 * @property {Mode} mode
 * @property {Set<number> | null} chosen
 * @property {Uint8Array | null} dimmed
 * @property {Map<number, unknown> | null} ghosts only what moved is shown in full
 * @property {Set<number> | null} pins
 * @property {import("./types.js").Drag | null} drag
 */

const DIM = ["dim", "dimRisk", "dimLate"];

/** @param {Plan} plan @param {Looks} looks @returns {(op: number) => string} */
export function styler(plan, looks) {
  const { mode, chosen, dimmed, ghosts, drag, pins } = looks;
  const families = mode === "family" ? familiesOf(plan) : new Map();
  const plain = (/** @type {number} */ op) => {
    const risk = plan.risk[op];
    if (travels(plan, op)) return plan.leaves?.[op] ? "leaves" : "comes";
    if (mode === "family") return families.get(plan.family[op]) ?? "family";
    if (mode === "order") return plan.orders[plan.order[op]]?.id ? `order${hueOf(plan.orders[plan.order[op]].number)}` : "calm";
    if (mode === "state") return stateOf(plan, op, pins);
    return risk === RISK.late ? "late" : risk === RISK.tight ? "risk" : "calm";
  };
  if (drag) {
    const held = new Set(drag.ops);
    return (op) => (held.has(op) ? "slot" : drag.late?.has(op) ? "late" : plain(op));
  }
  return (op) => {
    if (chosen) {
      if (chosen.has(op) && travels(plan, op)) return plain(op);
      if (chosen.has(op)) return plan.risk[op] === RISK.late ? "late" : "chosen";
      return DIM[plan.risk[op]];
    }
    if (dimmed?.[op] || (ghosts && !ghosts.has(op) && !travels(plan, op))) return DIM[plan.risk[op]];
    return plain(op);
  };
}

/** Another plant makes it once the draft is published: it leaves, or it comes. @param {Plan} plan @param {number} op */
const travels = (plan, op) => Boolean(plan.leaves?.[op] || plan.comes?.[op]);

/** @param {Plan} plan @param {number} op @param {Set<number> | null} [pins] */
export function stateOf(plan, op, pins) {
  if (plan.state[op] === "running") return "running";
  if (isHeld(plan, op, pins)) return "held";
  return plan.risk[op] === RISK.late ? "late" : plan.risk[op] === RISK.tight ? "risk" : "calm";
}

/** Pinned by a planner, or frozen because it begins so soon. @param {Plan} plan @param {number} op @param {Set<number> | null} [pins] */
export function isHeld(plan, op, pins) {
  return isPinned(plan, op, pins) || Boolean(plan.frozen?.[op]);
}

/** @param {Plan} plan @param {number} op @param {Set<number> | null} [pins] */
export function isPinned(plan, op, pins) {
  return Boolean(pins?.has(op) || plan.pinned?.[op]);
}

/**
 * The legend of the plan in a mode: styles with the key of their word, or with a name of the plan's own.
 * @param {Plan} plan @param {Mode} mode
 * @returns {{ style: string, key?: string, name?: string }[]}
 */
export function legendOf(plan, mode) {
  const signs = plan.leaves ? [{ style: "leaves", key: "leaves" }, { style: "comes", key: "comes" }] : [];
  return [...colours(plan, mode), ...signs];
}

/** @param {Plan} plan @param {Mode} mode @returns {{ style: string, key?: string, name?: string }[]} */
function colours(plan, mode) {
  if (mode === "state") {
    return [
      { style: "calm", key: "planned" }, { style: "running", key: "running" }, { style: "held", key: "held" },
      { style: "risk", key: "atRisk" }, { style: "late", key: "isLate" },
    ];
  }
  if (mode === "family") {
    return [...familiesOf(plan)].map(([name, style]) => ({ style, name }));
  }
  if (mode === "order") return [{ style: "order0", key: "perOrder" }, { style: "footRisk", key: "atRisk" }, { style: "footLate", key: "isLate" }];
  return [{ style: "calm", key: "inTime" }, { style: "risk", key: "atRisk" }, { style: "late", key: "isLate" }];
}
