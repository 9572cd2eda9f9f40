// The entries of a report sheet: three pads, keys, scrap by reason. Pure: each function returns a new entry.
import { clean, typed } from "../count.js";

export const PADS = ["good", "scrap", "rework"];
export const empty = () => ({ good: "", scrap: "", rework: "", reasons: {}, chosen: "good", finish: false, lots: [], photo: null, sentence: "" });

const sum = (reasons) => clean(Object.values(reasons).reduce((all, one) => all + one, 0));
export const withoutReason = (entry) => clean(clean(entry.scrap) - sum(entry.reasons));

// Fewer pieces than the reasons say: the last ones go. More of one reason alone: it is that reason.
function settled(entry) {
  const reasons = { ...entry.reasons };
  let over = clean(sum(reasons) - clean(entry.scrap));
  for (const key of Object.keys(reasons).reverse()) {
    const off = Math.min(over, reasons[key]);
    reasons[key] = clean(reasons[key] - off);
    over = clean(over - off);
    if (!reasons[key]) delete reasons[key];
  }
  const keys = Object.keys(reasons);
  if (keys.length === 1) reasons[keys[0]] = clean(entry.scrap);
  return { ...entry, reasons };
}

export const set = (entry, pad, value) => settled({ ...entry, [pad]: String(value), sentence: "" });
export const add = (entry, pad, step) => set({ ...entry, chosen: pad }, pad, clean(clean(entry[pad]) + step) || "");
export const less = (entry, pad) => set({ ...entry, chosen: pad }, pad, Math.max(0, clean(entry[pad]) - 1) || "");
export const press = (entry, key) => set(entry, entry.chosen, typed(entry[entry.chosen], key));
export const choose = (entry, pad) => ({ ...entry, chosen: pad });

// A tap on a reason is one piece of it; pieces typed before without a reason are taken by it first.
export function tapReason(entry, id) {
  const open = withoutReason(entry);
  const reasons = { ...entry.reasons, [id]: clean((entry.reasons[id] ?? 0) + (open || 1)) };
  return { ...entry, reasons, scrap: String(open ? clean(entry.scrap) : clean(clean(entry.scrap) + 1)), chosen: "scrap", sentence: "" };
}

// A long press takes one away.
export function lessReason(entry, id) {
  if (!entry.reasons[id]) return entry;
  const reasons = { ...entry.reasons, [id]: clean(entry.reasons[id] - 1) };
  if (!reasons[id]) delete reasons[id];
  return { ...entry, reasons, scrap: String(Math.max(0, clean(clean(entry.scrap) - 1)) || ""), sentence: "" };
}

// What the event says of the entry; `reason` is the one of most pieces. Of a scanned lot as much is used as the pieces take.
export function told(entry, job) {
  const scrap = Object.entries(entry.reasons).map(([reason, quantity]) => ({ reason: Number(reason), quantity: String(quantity) }));
  const main = [...scrap].sort((one, other) => Number(other.quantity) - Number(one.quantity))[0];
  const payload = {};
  if (scrap.length) payload.scrap = scrap;
  const pieces = clean(entry.good) + clean(entry.scrap) + clean(entry.rework);
  if (entry.lots.length) payload.consumed = entry.lots.map(({ lot, material }) => ({ material, lot, quantity: used(job, material, pieces) }));
  if (entry.photo) payload.photo = entry.photo.id;
  const fields = { good: String(clean(entry.good)), scrap: String(clean(entry.scrap)), rework: String(clean(entry.rework)) };
  if (main) fields.reason = main.reason;
  if (Object.keys(payload).length) fields.payload = payload;
  return fields;
}

function used(job, material, pieces) {
  const part = job.parts.find((one) => one.material === material);
  return String(clean((Number(part.quantity) * pieces) / Number(job.quantity)));
}
