// The table twin: what is in view, row by row, for screen readers and for those who prefer words; rows can be moved too.
import { held } from "./lift.js";
import { RISK } from "./plan.js";
import { filled } from "./say.js";

const MOST = 400;

/** What the table shows of what is in view, and what it says when that is not all. Pure. @param {any} view @returns {{ ops: number[], note: string }} */
export function listed(view) {
  const found = view.inView().filter((/** @type {number} */ op) => !view.dimmed?.[op]);
  return { ops: found.slice(0, MOST), note: found.length > MOST ? filled(view.say.tableCut, { shown: MOST, count: found.length }) : "" };
}

/** @param {HTMLElement} box @param {any} view @param {{choose: (op: number) => void, move: (op: number) => void, mayMove: (op: number) => boolean}} on */
export function fill(box, view, on) {
  const { plan, zone, say } = view;
  const { ops, note } = listed(view);
  const cut = /** @type {HTMLElement} */ (box.querySelector("[data-is=cut]"));
  if (cut.textContent !== note) cut.textContent = note;
  /** @type {HTMLElement} */ (box.querySelector("tbody")).replaceChildren(...ops.map((/** @type {number} */ op) => {
    const order = plan.orders[plan.order[op]];
    const state = [say.inTime, say.atRisk, say.isLate][plan.risk[op]];
    const why = held(plan, op);
    const stays = { running: say.running, frozen: say.frozen, pinned: say.pinned, leaves: say.leaves, comes: say.comes, "": "" }[why];
    const row = document.createElement("tr");
    row.dataset.op = String(plan.id[op]);
    row.append(
      cell(plan.machines[plan.machine[op]].code, "th", "tl-code"),
      button(order.number || say.stock, "tl-code", () => on.choose(op)),
      named(plan.title[op]), named(plan.name[op]), cell(plan.quantity[op], "td", "num"), cell(zone.when(plan.start[op])), cell(zone.when(plan.end[op])),
      cell(stays ? `${stays}, ${state}` : state, "td", plan.risk[op] === RISK.late ? "c-late w5" : ""),
      on.mayMove(op) ? button(say.move, "", () => on.move(op), `${say.move} ${order.number || say.stock}, ${plan.name[op]}`) : cell(""),
    );
    return row;
  }));
}

/** @param {any} text @param {string} [name] @param {string} [css] */
function cell(text, name = "td", css = "") {
  const found = document.createElement(name);
  if (name === "th") found.setAttribute("scope", "row");
  if (css) found.className = css;
  found.textContent = text;
  return found;
}

/** A name may be longer than its column. @param {string} text */
const named = (text) => Object.assign(cell(text, "td", "named"), { title: text });

/** @param {string} text @param {string} css @param {() => void} deed @param {string} [label] */
function button(text, css, deed, label = "") {
  const found = cell("", "td", css);
  const inside = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: text });
  if (label) inside.setAttribute("aria-label", label);
  inside.addEventListener("click", deed);
  found.append(inside);
  return found;
}
