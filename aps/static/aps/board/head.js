// The head of the page: which plan this is, whether it is good, what the draft changes, who else is at work.
import { money, signed } from "./bubble.js";
import { RISK } from "./plan.js";
import { filled, several } from "./say.js";
import { duration } from "./zone.js";

// How the plan stands to its promises: orders in all, late, at risk. Pure.
/** @param {any} plan */
export function standing(plan) {
  const dated = plan.orders.filter((/** @type {any} */ order) => order.id !== null && order.ops.length);
  const count = (/** @type {number} */ risk) => dated.filter((/** @type {any} */ order) => order.risk === risk).length;
  return { orders: dated.length, late: count(RISK.late), tight: count(RISK.tight) };
}

// What the drafts of all plants come to; null where nothing was said, or where the user may not know. Pure.
/** @param {any[]} desks */
export function change(desks) {
  const told = desks.filter((desk) => desk.change && desk.drafted > 0);
  if (!told.length) return null;
  const costs = told.map((desk) => desk.change.cost);
  const cost = costs.includes(null) ? null : costs.reduce((sum, one) => sum + Number(one), 0);
  return { setup: told.reduce((sum, desk) => sum + desk.change.setup_min, 0), moved: told.reduce((sum, desk) => sum + desk.change.moved, 0), cost, currency: told[0].change.currency };
}

/** @param {HTMLElement} page @param {any} view @param {import("./desk.js").Desk} desk */
export function heading(page, view, desk) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (page.querySelector(`[data-is="${name}"]`));
  const { say, plan, zone } = view;
  const now = standing(plan);
  const was = standing(desk.base);
  const draft = change(desk.plants.map((one) => ({ change: one.change, drafted: desk.state.draft(one.id).edits.length })));
  const delta = (/** @type {string} */ name, /** @type {number} */ by, /** @type {(value: number) => string} */ words) => {
    part(name).textContent = by ? signed(by, words) : "";
    part(name).className = by > 0 ? "c-late" : "c-done";
  };
  part("ontime").textContent = now.orders ? `${(100 * (1 - now.late / now.orders)).toFixed(1)} %` : "–";
  part("late").textContent = String(now.late);
  part("late").classList.toggle("c-late", now.late > 0);
  part("tight").textContent = String(now.tight);
  part("late-unit").textContent = several(say, "orders", now.late);
  part("tight-unit").textContent = several(say, "orders", now.tight);
  delta("late-change", now.late - was.late, String);
  delta("tight-change", now.tight - was.tight, String);
  const setup = plan.plants.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.plan?.setup_min ?? 0), 0);
  part("setup").textContent = plan.plants.some((/** @type {any} */ one) => one.plan) ? duration(setup + (draft?.setup ?? 0)) : "–";
  delta("setup-change", draft?.setup ?? 0, duration);
  part("cost-box").hidden = !draft || draft.cost === null;
  if (draft && draft.cost !== null) part("cost").textContent = money(draft.cost, draft.currency);
  lineage(part, say, plan, zone, desk);
  acts(page, part, say, desk);
  const unplanned = plan.plants.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.unplanned ?? 0), 0);
  const operations = view.fitting === null ? several(say, "operations", plan.count) : filled(say.operationsOf, { shown: view.fitting, count: plan.count });
  part("count").textContent = `${operations}, ${several(say, "machines", plan.machines.length)}${unplanned ? `, ${unplanned} ${say.unplanned}` : ""}`;
}

// Which plan is shown, and whose changes stand over it.
/** @param {(name: string) => HTMLElement} part @param {any} say @param {any} plan @param {any} zone @param {import("./desk.js").Desk} desk */
function lineage(part, say, plan, zone, desk) {
  const published = plan.plants.map((/** @type {any} */ one) => one.plan).filter(Boolean);
  const [first] = published;
  const when = first ? zone.when((Date.parse(first.published_at) - zone.epoch) / 60000) : "";
  const isDraft = desk.state.count > 0;
  const no = published.map((/** @type {any} */ one) => one.no).join(", ");
  part("draft").hidden = !isDraft;
  if (first) /** @type {HTMLElement} */ (part("draft").querySelector("span")).textContent = published.length === 1 ? `${say.draft} ${first.no + 1}` : say.draft;
  part("plan").textContent = !first ? "" : isDraft ? filled(say.fromPlan, { no, when }) : `${say.plan} ${no}, ${say.published} ${when}`;
  const proposal = plan.plants.map((/** @type {any} */ one) => one.proposal_url).find(Boolean);
  const isWaiting = plan.plants.some((/** @type {any} */ one) => one.is_waiting);
  part("proposal").hidden = !proposal;
  if (proposal) /** @type {HTMLAnchorElement} */ (part("proposal").firstElementChild).href = proposal;
  part("cause").textContent = proposal ? "" : isWaiting ? say.planning : first?.cause ?? "";
  for (const name of ["plan", "cause"]) part(name).title = part(name).textContent ?? "";
  part("others").textContent = others(desk).map((one) => several(say, "others", one.changes, { name: one.name })).join(". ");
}

/** @param {import("./desk.js").Desk} desk */
function others(desk) {
  const found = new Map();
  for (const { id } of desk.plants) for (const one of desk.state.draft(id).others) found.set(one.name, (found.get(one.name) ?? 0) + one.changes);
  return [...found].filter(([, changes]) => changes > 0).map(([name, changes]) => ({ name, changes }));
}

/** @param {HTMLElement} page @param {(name: string) => HTMLElement} part @param {any} say @param {import("./desk.js").Desk} desk */
function acts(page, part, say, desk) {
  const { state } = desk;
  const button = (/** @type {string} */ deed) => /** @type {HTMLButtonElement} */ (page.querySelector(`[data-do="${deed}"]`));
  part("acts").hidden = !desk.plants.some((one) => desk.mayEdit(one.id));
  button("undo").disabled = !state.canUndo;
  button("redo").disabled = !state.canRedo;
  button("publish").disabled = !state.count;
  part("publish").textContent = state.count === 0 ? say.publish : several(say, "publish", state.count);
}
