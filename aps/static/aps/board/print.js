// The plan on paper: asks which week and which machines, in words; the address of the sheets has their numbers.
import { asked } from "./asked.js";
import { TOP } from "./layout.js";

/** @typedef {{name: string, from: number, minutes: number}} Week its Monday's midnight, and how much of it is in view */

/** The weeks that [from, until) touches. @param {import("./zone.js").Zone} zone @param {number} from @param {number} until @returns {Week[]} */
export function weeksIn(zone, from, until) {
  /** @type {Week[]} */
  const found = [];
  const days = zone.midnights(from, until);
  for (let at = 0; at + 1 < days.length; at++) {
    const minutes = Math.min(days[at + 1], until) - Math.max(days[at], from);
    if (minutes <= 0) continue;
    const name = zone.weekName(days[at] + 720);
    const last = found[found.length - 1];
    if (last?.name === name) last.minutes += minutes;
    else found.push({ name, from: monday(zone, days[at]), minutes });
  }
  return found;
}

/** @param {import("./zone.js").Zone} zone @param {number} midnight */
function monday(zone, midnight) {
  let day = midnight;
  while (!zone.week(day + 720).isMonday) day = zone.midnight(day - 720);
  return day;
}

/** The week that takes most of the view, the earlier one of two alike. @param {Week[]} weeks */
export const mainWeek = (weeks) => weeks.reduce((a, b) => (b.minutes > a.minutes ? b : a));

/**
 * Ids of the machines meant by "seen", "chosen" or "centre-7", in the order of the rows; none: all that have work.
 * @param {import("./sight.js").Sight} view @param {string} which @returns {number[]}
 */
export function machinesMeant(view, which) {
  const { plan, layout } = view;
  const ids = (/** @type {Iterable<number>} */ found) => [...new Set(found)].sort((a, b) => a - b).map((machine) => plan.machines[machine].id);
  if (which === "seen") return ids(layout.visible(view.top, view.top + view.bottom - TOP).flatMap((place) => (place.kind === "machine" || place.isFolded ? place.machines : [])));
  if (which === "chosen") return ids([...(view.selected ?? view.chosen ?? [])].map((op) => plan.machine[op]));
  const centre = layout.centres.find((one) => which === `centre-${one.id}`);
  return centre ? ids(layout.machinesOf(centre)) : [];
}

/** @param {string} url @param {string} week @param {number[]} machines */
export const sheets = (url, week, machines) => `${url}?${new URLSearchParams([["week", week], ...machines.map((id) => ["machine", String(id)])])}`;

/** The address of what is to be printed; null: nothing is. @param {HTMLDialogElement} dialog @param {import("./sight.js").Sight} view @param {string} url */
export async function askPrint(dialog, view, url) {
  const { zone, say, layout, scale } = view;
  const { week, machines } = /** @type {any} */ (dialog.querySelector("form")).elements;
  const weeks = weeksIn(zone, scale.from, scale.until);
  const words = (/** @type {Week} */ one) => `${zone.day(one.from + 720)} – ${zone.day(one.from + 6 * 1440 + 720)}, ${say.week} ${Number(one.name.slice(-2))}`;
  week.replaceChildren(...weeks.map((one) => new Option(words(one), one.name)));
  week.value = mainWeek(weeks).name;
  const [all, seen, chosen] = machines.options;
  for (const one of [seen, chosen]) one.disabled = !machinesMeant(view, one.value).length;
  machines.replaceChildren(all, seen, chosen, ...layout.centres.filter((one) => layout.machinesOf(one).length).map((one) => new Option(one.name, `centre-${one.id}`)));
  machines.value = chosen.disabled ? "" : "chosen";
  return (await asked(dialog)) === "print" ? sheets(url, week.value, machinesMeant(view, machines.value)) : null;
}
