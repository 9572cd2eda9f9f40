// What a histogram has under the pointer, in words: heads needed and there, work and time open. Pure.
import { within } from "./histogram.js";
import { buckets } from "./load.js";
import { filled } from "./say.js";

/** @typedef {import("./types.js").Place} Place */
/** @typedef {Record<string, string>} Told parts of the card, see card.js */

/** In a figure or two. @param {number} value */
export const tenths = (value) => String(Math.round(value * 10) / 10);

/** What the card says at a point of the canvas; null where no histogram is, or nothing in it. @param {any} view @param {number} x @param {number} y @returns {Told | null} */
export function hoursAt(view, x, y) {
  const place = view.placeAt(y);
  const time = x < view.scale.left ? null : view.scale.time(x);
  if (place?.kind === "people") return people(view, place, time);
  return place?.kind === "centre" ? work(view, place, time) : null;
}

/** @param {any} view @param {number} from @param {number} to */
function span({ zone }, from, to) {
  return `${zone.when(from)} – ${zone.day(from) === zone.day(to) ? zone.clock(to) : zone.when(to)}`;
}

/** Heads of the hour under the pointer; beside the rows, of an hour of what is in view, on average. @param {any} view @param {Place} place @param {number | null} time @returns {Told | null} */
function people(view, place, time) {
  const { layout, scale, say } = view;
  const group = layout.people.get(layout.plants[place.plant]?.id ?? 0)?.groups[place.group ?? 0];
  if (!group) return null;
  const from = time === null ? scale.from : group.from + Math.floor((time - group.from) / group.step) * group.step;
  const to = time === null ? scale.until : from + group.step;
  const { need, there } = average(group, from, to);
  if (!need && !there) return null;
  const few = Number(tenths(need)) - Number(tenths(there));
  return {
    head: place.group === 0 ? (view.isDraft ? say.peoplePublished : say.people) : group.name,
    title: time === null ? say.hourInView : span(view, from, to),
    work: filled(say.headsNeeded, { count: tenths(need) }), times: filled(say.headsThere, { count: tenths(there) }),
    state: few > 0 ? filled(say.headsFew, { count: tenths(few) }) : say.headsEnough, tone: few > 0 ? "risk" : "done",
  };
}

/** Heads needed and there, of the hours of [from, to) in which there is either. @param {import("./types.js").Group} group @param {number} from @param {number} to */
export function average(group, from, to) {
  let hours = 0;
  const last = Math.min(group.need.length, Math.ceil((to - group.from) / group.step));
  for (let at = Math.max(0, Math.ceil((from - group.from) / group.step)); at < last; at++) if (group.need[at] || group.there[at]) hours++;
  hours ||= 1;
  return { need: within(group.need, group, from, to) / hours, there: within(group.there, group, from, to) / hours };
}

/** @param {any} view @param {Place} place @param {number | null} time @returns {Told | null} */
function work(view, place, time) {
  const { loads, level, scale, say, days, shown: plan } = view;
  if (!place.machines.length) return null;
  const [from, to] = time === null ? [scale.from, scale.until] : buckets(level.bucket, days, plan.machines[place.machines[0]], time, time + 1)[0] ?? [0, 0];
  const sums = loads.group(place.key, place.machines);
  const open = loads.within(sums.open, from, to);
  if (open < 1) return null;
  const setup = loads.within(sums.setup, from, to);
  const all = loads.within(sums.run, from, to) + setup;
  const need = level.isWeek && place.centre ? loads.need(place.centre.id) : null;
  const hours = (/** @type {number} */ minutes) => `${tenths(minutes / 60)} h`;
  return {
    head: place.centre?.name ?? "", title: time === null ? say.inViewNow : span(view, from, to),
    work: filled(say.loadOf, { work: hours(all), open: hours(open) }), times: setup >= 1 ? filled(say.loadSetup, { time: hours(setup) }) : "",
    due: need ? filled(say.loadNeeded, { time: hours(loads.within(need, from, to)) }) : "",
    state: `${Math.round((100 * all) / open)} %`, tone: all / open > 0.965 ? "risk" : "done",
  };
}
