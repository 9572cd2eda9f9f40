// Dialogs that ask before they change the draft: move one operation or a selection, split a quantity. The keyboard's and
// the table's way to what the mouse does by dragging.
import { minute, typed } from "./clock.js";
import { edit, held, lanes } from "./lift.js";
import { filled } from "./say.js";

const FAR_MIN = 366 * 24 * 60;

/** Enter in a field is the deed's button, the form's only one that submits. @param {HTMLDialogElement} dialog @returns {Promise<string>} the button's value */
export function asked(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "cancel";
    const cancel = dialog.querySelector("[data-cancel]");
    if (cancel instanceof HTMLElement) cancel.onclick = () => dialog.close("cancel");
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

/** @param {HTMLDialogElement} dialog @param {string} name @returns {any} */
const field = (dialog, name) => /** @type {HTMLFormElement} */ (dialog.querySelector("form")).elements.namedItem(name);
/** @param {HTMLDialogElement} dialog @param {string} name */
const part = (dialog, name) => /** @type {HTMLElement} */ (dialog.querySelector(`[data-part="${name}"]`));
/** @param {any} select @param {[string, string][]} choices @param {string} value */
function offer(select, choices, value) {
  select.replaceChildren(...choices.map(([key, words]) => new Option(words, key)));
  select.value = value;
}

/** @param {any} plan @param {number} op @returns {[string, string][]} */
const machinesFor = (plan, op) => [...lanes(plan, op)].map((machine) => [String(machine), `${plan.machines[machine].code} ${plan.machines[machine].name}`]);
/** @param {any} view @param {number} op */
const named = ({ plan, say }, op) => `${plan.orders[plan.order[op]].number || say.stock}, ${plan.name[op]}`;

// Asks where to; the first of `ops` is named, the others keep their distance to it.
/** @param {HTMLDialogElement} dialog @param {any} view @param {import("./desk.js").Desk} desk @param {number[]} ops @param {{id: number, name: string}[]} plants */
export async function askMove(dialog, view, desk, ops, plants) {
  const { plan, zone, say } = view;
  const free = ops.filter((op) => !held(plan, op)).sort((a, b) => plan.start[a] - plan.start[b]);
  if (!free.length) return;
  const [op] = free;
  const plant = desk.plantOf(op);
  const elsewhere = plants.filter((one) => one.id !== plant);
  part(dialog, "what").textContent = free.length > 1 ? filled(say.selected, { count: free.length }) : named(view, op);
  offer(field(dialog, "machine"), machinesFor(plan, op), String(plan.machine[op]));
  const at = field(dialog, "at");
  Object.assign(at, { min: typed(zone, plan.first), max: typed(zone, plan.last + FAR_MIN), value: typed(zone, plan.start[op]) });
  field(dialog, "pin").checked = false;
  part(dialog, "plants").hidden = !elsewhere.length || plan.line_id?.[op] == null;
  offer(field(dialog, "plant"), [["", say.stays], ...elsewhere.map((one) => /** @type {[string, string]} */ ([String(one.id), one.name]))], "");
  if ((await asked(dialog)) !== "move") return;
  const other = Number(field(dialog, "plant").value);
  if (other) desk.add(plant, { do: "plant", line: plan.line_id[op], plant: other });
  else {
    const lift = { ops: free, machine: Number(field(dialog, "machine").value), at: minute(zone, at.value), isPin: field(dialog, "pin").checked, legal: new Set() };
    desk.add(plant, edit(plan, lift));
  }
}

/** @param {HTMLDialogElement} dialog @param {any} view @param {import("./desk.js").Desk} desk @param {number} op */
export async function askSplit(dialog, view, desk, op) {
  const { plan, say } = view;
  const count = Number(plan.quantity[op]);
  const quantity = field(dialog, "quantity");
  part(dialog, "what").textContent = filled(say.splitHint, { number: plan.orders[plan.order[op]].number || say.stock, what: plan.name[op], count: plan.quantity[op] });
  quantity.max = String(Math.max(1, count - 1));
  quantity.value = String(Math.max(1, Math.floor(count / 2)));
  const others = machinesFor(plan, op);
  const other = others.find(([key]) => key !== String(plan.machine[op]));
  offer(field(dialog, "machine"), others, other ? other[0] : String(plan.machine[op]));
  if ((await asked(dialog)) !== "split") return;
  const machine = plan.machines[Number(field(dialog, "machine").value)].id;
  desk.add(desk.plantOf(op), { do: "split", op: plan.id[op], quantity: quantity.value, machine, at: plan.start[op] });
}
