// The essentials of the operation under the pointer, or of a histogram's hour, in a card beside it.
import { RISK } from "./plan.js";
import { filled, several } from "./say.js";
import { duration } from "./zone.js";

// What was promised, and when it has to be ready for that: transport lies between. Pure.
/** @param {number | null | undefined} due @param {number | null | undefined} promised @param {any} say @param {any} zone */
export function promise(due, promised, say, zone) {
  if (due === null || due === undefined) return "";
  if (promised === null || promised === undefined) return filled(say.readyBy, { due: zone.when(due) });
  if (promised === due) return `${say.promised} ${zone.when(promised)}`;
  return filled(say.promisedReady, { promised: zone.when(promised), due: zone.when(due) });
}

/** @param {any} view @param {number} op @returns {Record<string, string>} */
export function essentials(view, op) {
  const { plan, zone, say } = view;
  const order = plan.orders[plan.order[op]];
  const slack = plan.slack[op];
  const late = plan.late[op];
  return {
    head: order.number || say.stock,
    title: `${plan.title[op]}, ${several(say, "pieces", plan.quantity[op])}`,
    work: `${[plan.name[op], plan.work_order[op]].filter(Boolean).join(", ")}, ${plan.machines[plan.machine[op]].code}`,
    times: `${zone.when(plan.start[op])} – ${zone.day(plan.start[op]) === zone.day(plan.end[op]) ? zone.clock(plan.end[op]) : zone.when(plan.end[op])}`,
    setup: plan.run[op] > plan.start[op] ? `${say.setup} ${duration(plan.run[op] - plan.start[op])}` : "",
    due: promise(plan.due[op], plan.promised?.[op], say, zone),
    state: plan.leaves?.[op] ? say.leaves : plan.comes?.[op] ? say.comes : late > 0 ? `${duration(late)} ${say.late}` : slack === null ? say.noDue : `${say.inTime}, ${duration(slack)} ${say.slack}`,
    tone: plan.risk[op] === RISK.late ? "late" : plan.risk[op] === RISK.tight ? "risk" : "done",
  };
}

/** @param {any} card @param {any} view @param {number | null} op */
export function showCard(card, view, op, x = 0, y = 0) { fillCard(card, view, op === null ? null : essentials(view, op), x, y); }

/** @param {any} card @param {any} view @param {Record<string, string> | null} is what its parts say @param {number} x @param {number} y */
export function fillCard(card, view, is, x, y) {
  card.hidden = is === null;
  if (is === null) return;
  for (const part of card.querySelectorAll("[data-part]")) part.textContent = is[part.dataset.part] ?? "";
  const state = card.querySelector("[data-part=state]");
  state.className = `w5 c-${is.tone}`;
  const { width, height } = card.getBoundingClientRect();
  const left = x + 16 + width > view.width ? x - width - 12 : x + 16;
  const top = y + 18 + height > view.height ? y - height - 12 : y + 18;
  card.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(Math.max(4, top))}px)`;
}
