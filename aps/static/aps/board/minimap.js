// Draws the whole plan small: load in grey, what is late in red, the part that one looks at framed. Kept as an image.
import { MINI } from "./layout.js";
import { RISK } from "./plan.js";
import { snap } from "./scale.js";
import { MEDIUM, PLAIN } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */

const MOST_ROWS = 12;
const ROW_PX = 3;
const SIDE_PX = 8;
const STEP_MIN = 120;

/** Time under x of the mini-map. @param {import("./sight.js").Sight} view @param {number} x */
export function miniTime(view, x) {
  const { plan, scale, width } = view;
  return plan.first + ((x - scale.left - SIDE_PX) / (width - scale.left - 2 * SIDE_PX)) * (plan.last - plan.first);
}

/** @param {BoardView} view @param {number} time */
function miniX(view, time) {
  const { plan, scale, width } = view;
  const share = (time - plan.first) / Math.max(1, plan.last - plan.first);
  return scale.left + SIDE_PX + Math.max(0, Math.min(1, share)) * (width - scale.left - 2 * SIDE_PX);
}

/** @param {BoardView} view */
export function drawMini(view) {
  const { context, colours, plan, scale, ratio, width, bottom, zone, say } = view;
  const hair = 1 / ratio;
  keepImage(view, `${width}/${ratio}/${view.isDark}`);
  if (view.mini) context.drawImage(view.mini.image, 0, bottom, width, MINI);
  context.font = MEDIUM;
  context.fillStyle = colours.second;
  context.fillText(say.wholePlan, 12, bottom + 16);
  context.font = PLAIN;
  context.fillStyle = colours.third;
  context.fillText(`${zone.day(plan.first + 720)} – ${zone.day(plan.last - 720)}`, 12, bottom + 34);
  const x1 = snap(miniX(view, scale.from), ratio);
  const x2 = Math.max(x1 + 6, snap(miniX(view, scale.until), ratio));
  context.fillStyle = colours.shade;
  context.fillRect(scale.left, bottom + 2, x1 - scale.left, 44);
  context.fillRect(x2, bottom + 2, width - x2, 44);
  context.strokeStyle = context.fillStyle = colours.brand;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x1 + 0.5, bottom + 3.5, x2 - x1 - 1, 41, 4);
  context.stroke();
  context.fillRect(x1 - 1, bottom + 16, 3, 16);
  context.fillRect(x2 - 2, bottom + 16, 3, 16);
  context.fillStyle = colours.now;
  context.fillRect(snap(miniX(view, plan.now), ratio), bottom + 2, 1.5, 44);
  context.fillStyle = colours.strong;
  context.fillRect(0, bottom, width, hair);
  context.fillRect(scale.left - hair, bottom, hair, MINI);
}

/**
 * When work was put down, the lanes come first: the map follows in the next frame.
 * @param {BoardView} view @param {string} key
 */
function keepImage(view, key) {
  const { mini, plan } = view;
  if (mini?.key === key && mini.plan === plan) return;
  if (mini?.key === key && !mini.isDue) {
    mini.isDue = true;
    view.redraw();
  } else view.mini = { plan, key, image: image(view), isDue: false };
}

/** @param {BoardView} view */
function image(view) {
  const { colours, ratio, width, scale } = view;
  const made = new OffscreenCanvas(Math.max(1, Math.round(width * ratio)), Math.round(MINI * ratio));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (made.getContext("2d", { alpha: false }));
  context.scale(ratio, ratio);
  context.fillStyle = colours.canvas;
  context.fillRect(0, 0, width, MINI);
  drawDays(view, context);
  const groups = together(view);
  for (const [at, machines] of groups.entries()) drawLoad(view, context, machines, 6 + at * ROW_PX, at);
  for (const [at, machines] of groups.entries()) drawLate(view, context, machines, 6 + at * ROW_PX);
  context.fillStyle = colours.canvas;
  context.fillRect(0, 0, scale.left, MINI);
  return made;
}

/** @param {BoardView} view @param {OffscreenCanvasRenderingContext2D} context */
function drawDays(view, context) {
  const { plan, colours, zone, ratio } = view;
  context.font = PLAIN;
  context.textBaseline = "middle";
  const days = zone.midnights(plan.first, plan.last);
  let free = -Infinity;
  for (let at = 0; at + 1 < days.length; at++) {
    const [x, next] = [miniX(view, days[at]), miniX(view, days[at + 1])];
    if (next <= x) continue;
    if (zone.week(days[at] + 60).isWeekend) {
      context.fillStyle = colours.plant;
      context.fillRect(x, 2, next - x, 42);
    }
    context.fillStyle = colours.strong;
    context.fillRect(snap(x, ratio), 2, 1 / ratio, 48);
    if (x < free) continue;
    const whole = zone.day(days[at] + 60);
    const text = next - x > 52 ? whole.slice(0, 6) : whole.replace(/\D/g, "");
    context.fillStyle = colours.third;
    context.fillText(text, x + 4, 55);
    free = x + 8 + context.measureText(text).width;
  }
}

/** Work centres in as many rows as there is height for. @param {BoardView} view */
function together(view) {
  const { layout } = view;
  const each = Math.max(1, Math.ceil(layout.centres.length / MOST_ROWS));
  /** @type {number[][]} */
  const found = [];
  for (let at = 0; at < layout.centres.length; at += each) {
    found.push(layout.centres.slice(at, at + each).flatMap((centre) => layout.machinesOf(centre)));
  }
  return found;
}

/** @param {BoardView} view @param {OffscreenCanvasRenderingContext2D} context @param {number[]} machines @param {number} y @param {number} at */
function drawLoad(view, context, machines, y, at) {
  const { loads, plan, colours } = view;
  const sums = loads.group(`mini-${at}`, machines);
  context.fillStyle = colours.mini;
  for (let time = plan.first; time < plan.last; time += STEP_MIN) {
    const share = loads.share(sums, time, time + STEP_MIN);
    if (share === null || share < 0.02) continue;
    context.globalAlpha = 0.25 + 0.75 * Math.min(1, share);
    const x = miniX(view, time);
    context.fillRect(x, y, miniX(view, time + STEP_MIN) - x + 0.2, ROW_PX - 0.6);
  }
  context.globalAlpha = 1;
}

/** @param {BoardView} view @param {OffscreenCanvasRenderingContext2D} context @param {number[]} machines @param {number} y */
function drawLate(view, context, machines, y) {
  const { plan, colours } = view;
  context.fillStyle = colours.late;
  for (const machine of machines) {
    for (const op of plan.rows[machine]) {
      if (plan.risk[op] !== RISK.late) continue;
      const x = miniX(view, plan.start[op]);
      context.fillRect(x, y, Math.max(1.5, miniX(view, plan.end[op]) - x), ROW_PX - 0.6);
    }
  }
}
