// Collects what one frame shows of the operations: rectangles by style, what crosses closed time joined, words to draw.
import { firstAfter } from "./hit.js";
import { pieces } from "./plan.js";
import { snap } from "./scale.js";
import { isHeld, isPinned, styler } from "./style.js";

/** @typedef {import("./types.js").Found} Found */
/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {{ op: number, style: string, y: number, height: number, isDim: boolean }} Bar */

const STICK_PX = 2.5;
const GLYPH_PX = 60;
/** What a planner has pinned shows it though there is no room for a number too. */
const PIN_PX = 14;
const OVER_PX = 8;

/** @param {Map<string, number[]>} map @param {string} style @param {number} x @param {number} y @param {number} wide @param {number} tall */
function into(map, style, x, y, wide, tall) {
  let list = map.get(style);
  if (!list) map.set(style, (list = []));
  list.push(x, y, wide, tall);
}

/** Nothing outside the view is visited. @param {BoardView} view @param {import("./types.js").Place[]} machines @returns {Found} */
export function collect(view, machines) {
  const { shown: plan, scale, ratio } = view;
  /** @type {Found} */
  const found = {
    bars: new Map(), sticks: new Map(), joins: new Map(), setups: new Map(), progress: new Map(), feet: [[], []],
    labels: [], glyphs: [], diamonds: [], count: 0,
  };
  const styleOf = styler(plan, view.looks());
  const from = scale.from;
  const until = scale.until;
  for (const place of machines) {
    const pad = place.h < 10 ? 1 : place.h < 16 ? 1.5 : 3;
    const y = snap(view.y(place) + pad, ratio);
    const height = snap(view.y(place) + place.h - pad, ratio) - y;
    const row = plan.rows[place.machine];
    let drawn = -Infinity;
    let before = "";
    for (let index = firstAfter(row, plan.end, from); index < row.length && plan.start[row[index]] <= until; index++) {
      const op = row[index];
      const style = styleOf(op);
      const left = scale.x(plan.start[op]);
      const right = scale.x(plan.end[op]);
      found.count++;
      if (right - left < STICK_PX) {
        const x = snap(left, ratio);
        if (x <= drawn && style === before) continue;
        drawn = Math.max(snap(right, ratio), x + 1.5 / ratio);
        before = style;
        into(found.sticks, style, x, y, drawn - x, height);
      } else bar(view, { op, style, y, height, isDim: style.startsWith("dim") }, found);
    }
  }
  return found;
}

/** @param {BoardView} view @param {Bar} one @param {Found} found */
function bar(view, one, found) {
  const { shown: plan, scale, ratio, width, level } = view;
  const { op, style, y, height } = one;
  const isSmall = height < 10;
  const gap = scale.perHour > 3.4 ? 1 : 1 / ratio;
  const runs = plan.leaves?.[op] ? plan.end[op] : plan.run[op];
  const foot = !isSmall && !one.isDim && (view.colour === "order" || view.colour === "family") ? plan.risk[op] : 0;
  const least = scale.left - OVER_PX;
  let roomFrom = 0;
  let roomTo = 0;
  let last = NaN;
  for (const [from, to] of pieces(plan, op)) {
    const x1 = snap(Math.max(least, scale.x(from)), ratio);
    const x2 = snap(Math.min(width + OVER_PX, scale.x(to)), ratio) - gap;
    if (x1 - last > 1 && x1 > scale.left && last < width) into(found.joins, style, last - gap, y + height / 2, x1 - last + gap, 0);
    last = x2 + gap;
    if (x2 <= least || x1 >= width + OVER_PX || x2 <= x1) continue;
    into(found.bars, style, x1, y, x2 - x1, height);
    if (foot) found.feet[foot - 1].push(x1, y + height - 3, x2 - x1, 3);
    let start = Math.max(x1, scale.left);
    if (runs > from && level.hasWords && !isSmall && !one.isDim) {
      const ends = snap(Math.min(scale.x(runs), x2), ratio);
      if (ends - x1 >= 2) {
        into(found.setups, style, x1, y, ends - x1, height);
        start = Math.max(start, ends);
      }
    }
    if (Math.min(x2, width) - start > roomTo - roomFrom) [roomFrom, roomTo] = [start, Math.min(x2, width)];
  }
  if (!isSmall && !one.isDim && plan.state[op] === "running") progress(view, one, found);
  if (!isSmall && level.hasWords) words(view, one, roomFrom, roomTo, found);
}

/** What is done of it, in the time that its machine works; without a report, what has passed. @param {BoardView} view @param {Bar} one @param {Found} found */
function progress(view, one, found) {
  const { shown: plan, scale, ratio } = view;
  const parts = pieces(plan, one.op);
  let left = Infinity;
  if (plan.done) left = (parts.reduce((total, [a, b]) => total + b - a, 0) * plan.done[one.op]) / 100;
  for (const [from, to] of parts) {
    const end = left === Infinity ? Math.min(to, plan.now) : Math.min(to, from + left);
    left -= to - from;
    const x1 = snap(Math.max(scale.left - OVER_PX, scale.x(from)), ratio);
    const x2 = snap(Math.min(view.width, scale.x(end)), ratio);
    if (end > from && x2 > x1) into(found.progress, one.style, x1, one.y, x2 - x1, one.height);
    if (left <= 0) return;
  }
}

/** @param {BoardView} view @param {Bar} one @param {number} from @param {number} to @param {Found} found */
function words(view, one, from, to, found) {
  const { shown: plan, level } = view;
  const middle = one.y + one.height / 2 + 0.5;
  let right = 0;
  if (to - from > PIN_PX) {
    const isLong = to - from > GLYPH_PX;
    const kind = isPinned(plan, one.op, view.pins) ? "pin" : !isLong ? "" : isHeld(plan, one.op) ? "held" : plan.state[one.op] === "running" ? "play" : "";
    if (kind) {
      found.glyphs.push({ kind, style: one.style, x: isLong ? to - 13 : Math.max(from + 3, to - 12), y: middle });
      right = isLong ? 14 : 10;
    }
  }
  const numbered = view.numbers?.has(one.op) && from < view.scale.x(plan.start[one.op]) + 9 ? 7 : 0;
  const room = to - from - 10 - right - numbered;
  if (room > 14) found.labels.push({ op: one.op, style: one.style, x: from + 5 + numbered, y: middle, width: room, isDim: one.isDim });
  if (level.material && !one.isDim && plan.ready[one.op] !== null) found.diamonds.push({ op: one.op, y: one.y + one.height - 1 });
}
