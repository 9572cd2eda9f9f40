// Draws the load of a work centre, and of a plant's people, as bars under the axis of time.
import { buckets } from "./load.js";
import { snap } from "./scale.js";
import { MEDIUM } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {import("./types.js").Place} Place */
/** @typedef {{ from: number, to: number, run: number, setup: number, need: number | null }} Bucket shares of what is there */

const FULL = 0.965;
const LEAST_SHARE = 0.02;
const FIGURE_PX = 28;
const FIGURE_Y = 8;
/** Half of a figure's height, and air. */
const CLEAR_PX = 7;

/** The middle of a figure over the foot of its bar: on the line of what is needed where that would strike it through. Pure. @param {number} base @param {number} line NaN: there is none */
export const figureAt = (base, line) => (Math.abs(line - (base - FIGURE_Y)) < CLEAR_PX ? line - FIGURE_Y : base - FIGURE_Y);

/** @param {BoardView} view @param {Place[]} rows */
export function drawHistograms(view, rows) {
  for (const place of rows) {
    if (place.kind === "centre") draw(view, place, centreBuckets(view, place));
    else if (place.kind === "people") draw(view, place, peopleBuckets(view, place));
  }
}

/** @param {BoardView} view @param {Place} place @returns {Bucket[]} */
function centreBuckets(view, place) {
  const { loads, level, scale, shown: plan, days } = view;
  if (!place.machines.length) return [];
  const sums = loads.group(place.key, place.machines);
  const need = level.isWeek && place.centre ? loads.need(place.centre.id) : null;
  const of = plan.machines[place.machines[0]];
  /** @type {Bucket[]} */
  const found = [];
  for (const [from, to] of buckets(level.bucket, days, of, scale.from, scale.until)) {
    const open = loads.within(sums.open, from, to);
    if (open < 1) continue;
    const share = (/** @type {Float64Array} */ of) => loads.within(of, from, to) / open;
    found.push({ from, to, run: share(sums.run), setup: share(sums.setup), need: need ? share(need) : null });
  }
  return found;
}

/** @param {BoardView} view @param {Place} place @returns {Bucket[]} */
function peopleBuckets(view, place) {
  const { level, scale, days, layout } = view;
  const group = layout.people.get(layout.plants[place.plant]?.id ?? 0)?.groups[place.group ?? 0];
  const size = level.bucket === 480 ? 120 : level.bucket;
  /** @type {Bucket[]} */
  const found = [];
  if (!group) return found;
  for (const [from, to] of buckets(size, days, undefined, scale.from, scale.until)) {
    const need = within(group.need, group, from, to);
    const there = within(group.there, group, from, to);
    if (there || need) found.push({ from, to, run: there ? Math.min(1, need / there) : 0, setup: 0, need: there ? need / there : 2 });
  }
  return found;
}

/** Sum of the steps that begin in [from, to). @param {number[]} column @param {import("./types.js").Group} group @param {number} from @param {number} to */
export function within(column, group, from, to) {
  let total = 0;
  const last = Math.min(column.length, Math.ceil((to - group.from) / group.step));
  for (let at = Math.max(0, Math.ceil((from - group.from) / group.step)); at < last; at++) total += column[at];
  return total;
}

/** @param {BoardView} view @param {Place} place @param {Bucket[]} found */
function draw(view, place, found) {
  const { context, colours, ratio, scale, level, width } = view;
  const hair = 1 / ratio;
  const y = view.y(place);
  const top = snap(y, ratio);
  const above = level.isWeek ? 12 : 7;
  const base = snap(y + place.h - 1, ratio);
  const full = place.h - above - 1;
  context.globalAlpha = 0.6;
  context.fillStyle = colours.centre;
  context.fillRect(scale.left, top, width - scale.left, snap(y + place.h, ratio) - top);
  context.globalAlpha = 1;
  const edges = found.map(({ from, to }) => {
    const x1 = snap(Math.max(scale.left, scale.x(from)), ratio);
    const gap = scale.x(to) - scale.x(from) > 8 ? 1 : 0;
    return [x1, Math.max(x1, snap(Math.min(width, scale.x(to)), ratio) - gap)];
  });
  const bars = (/** @type {string} */ colour, /** @type {(one: Bucket) => [number, number]} */ span) => {
    context.fillStyle = colour;
    for (let at = 0; at < found.length; at++) {
      const [low, high] = span(found[at]);
      const upper = snap(base - full * Math.min(1, high), ratio);
      const lower = snap(base - full * Math.min(1, low), ratio);
      if (lower > upper) context.fillRect(edges[at][0], upper, edges[at][1] - edges[at][0], lower - upper);
    }
  };
  bars(colours.load, ({ run }) => [0, run]);
  bars(colours.loadSetup, ({ run, setup }) => [run, run + setup]);
  for (let at = 0; at < found.length; at++) {
    const isFull = found[at].run + found[at].setup > FULL;
    context.fillStyle = isFull ? colours.third : colours.strong;
    context.fillRect(edges[at][0], snap(base - full, ratio), edges[at][1] - edges[at][0], isFull ? 1.5 : hair);
  }
  const most = full + above - 3;
  if (level.isWeek || place.kind === "people") drawOver(view, found, edges, base, full, most);
  if (level.isWeek) {
    if (place.kind === "centre") drawNeed(view, found, edges, base, full, most);
    drawFigures(view, found, edges, base, place.kind === "centre" ? full : 0);
  }
  context.fillStyle = colours.line;
  context.fillRect(scale.left, snap(y + place.h, ratio) - hair, width - scale.left, hair);
}

/** Hatched above the cap: more is needed than there is. @param {BoardView} view @param {Bucket[]} found @param {number[][]} edges @param {number} base @param {number} full @param {number} most */
function drawOver(view, found, edges, base, full, most) {
  const { context, patterns } = view;
  context.fillStyle = patterns.need;
  for (let at = 0; at < found.length; at++) {
    const need = found[at].need;
    if (need === null || need <= 1.02) continue;
    const y = base - Math.min(most, full * need);
    context.fillRect(edges[at][0], y, edges[at][1] - edges[at][0], base - full - y);
  }
}

/** What the promises need, as a step line; it climbs above the cap. @param {BoardView} view @param {Bucket[]} found @param {number[][]} edges @param {number} base @param {number} full @param {number} most */
function drawNeed(view, found, edges, base, full, most) {
  const { context, colours } = view;
  context.strokeStyle = colours.needLine;
  context.lineWidth = 1.25;
  context.beginPath();
  let last = NaN;
  for (let at = 0; at < found.length; at++) {
    const need = found[at].need;
    if (need === null) continue;
    const y = base - Math.min(most, full * need);
    if (found[at].from === last) context.lineTo(edges[at][0], y);
    else context.moveTo(edges[at][0], y);
    context.lineTo(edges[at][1], y);
    last = found[at].to;
  }
  context.stroke();
}

/** @param {BoardView} view @param {Bucket[]} found @param {number[][]} edges @param {number} base @param {number} full height of the cap where a line stands for what is needed; 0: none does */
function drawFigures(view, found, edges, base, full) {
  const { context, colours } = view;
  context.font = MEDIUM;
  context.textAlign = "center";
  context.lineJoin = "round";
  context.strokeStyle = colours.load;
  context.lineWidth = 4;
  for (const isHalo of [true, false]) {
    context.fillStyle = colours.ink;
    for (let at = 0; at < found.length; at++) {
      const [x1, x2] = edges[at];
      const share = found[at].run + found[at].setup;
      if (x2 - x1 < FIGURE_PX || share < LEAST_SHARE) continue;
      const text = String(Math.round(share * 100));
      const y = figureAt(base, full ? base - full * (found[at].need ?? NaN) : NaN);
      if (!isHalo) context.fillText(text, (x1 + x2) / 2, y);
      else if (share > 0.38) context.strokeText(text, (x1 + x2) / 2, y);
    }
  }
  context.textAlign = "left";
}
