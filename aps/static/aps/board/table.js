// The table twin: what is in view, row by row, for screen readers and for those who prefer words.
import { RISK } from "./plan.js";

const MOST = 400;

export function fill(body, view, choose) {
  const { plan, zone, say } = view;
  body.replaceChildren();
  for (const op of view.inView().slice(0, MOST)) {
    const row = document.createElement("tr");
    const order = plan.orders[plan.order[op]];
    const state = [say.inTime, say.atRisk, say.isLate][plan.risk[op]];
    const cells = [
      plan.machines[plan.machine[op]].code,
      order.number || say.stock,
      plan.title[op],
      plan.name[op],
      plan.quantity[op],
      zone.when(plan.start[op]),
      zone.when(plan.end[op]),
      plan.state[op] === "running" ? `${say.running}, ${state}` : state,
    ];
    for (const [index, text] of cells.entries()) {
      const cell = document.createElement(index ? "td" : "th");
      if (!index) cell.scope = "row";
      if (index < 2) cell.className = "tl-code";
      if (index === 1) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "link";
        button.textContent = text;
        button.addEventListener("click", () => choose(op));
        cell.append(button);
      } else cell.textContent = text;
      if (index === 4) cell.className = "num";
      if (index === 7 && plan.risk[op] === RISK.late) cell.className = "c-late w5";
      row.append(cell);
    }
    body.append(row);
  }
}
