// Paints the collected bars: a path per style, border first and the inside after it; progress, setup, words, signs.
import { several } from "./say.js";
import { snap } from "./scale.js";
import { BOLD, PLAIN } from "./words.js";

/** @typedef {import("./types.js").Found} Found */
/** @typedef {import("./view.js").BoardView} BoardView */

const MOST_ROUND = 2400;
const ROUND_PX = 7;
const RADIUS = 3;
const SOLID = new Set(["late", "chosen"]);

/** @param {BoardView} view @param {Found} found */
export function drawBars(view, found) {
  const { context, colours, ratio, level } = view;
  const hair = 1 / ratio;
  const line = level.isWeek ? hair : 2;
  context.globalAlpha = 0.55;
  for (const [style, list] of found.joins) {
    context.fillStyle = colours.bars[style][1];
    for (let i = 0; i < list.length; i += 4) context.fillRect(list[i], snap(list[i + 1] - line / 2, ratio), list[i + 2], line);
  }
  context.globalAlpha = 1;
  for (const [style, list] of found.sticks) {
    context.fillStyle = colours.bars[style][1];
    context.beginPath();
    for (let i = 0; i < list.length; i += 4) context.rect(list[i], list[i + 1], list[i + 2], list[i + 3]);
    context.fill();
  }
  for (const [style, list] of found.bars) {
    const [fill, border] = colours.bars[style];
    const radius = level.isRound && list.length < MOST_ROUND ? RADIUS : 0;
    context.fillStyle = style === "late" ? fill : border;
    path(context, list, 0, radius);
    if (style === "late") continue;
    context.fillStyle = fill;
    path(context, list, hair, radius);
  }
  for (const [at, list] of found.feet.entries()) {
    context.fillStyle = at ? colours.late : colours.flag;
    for (let i = 0; i < list.length; i += 4) context.fillRect(list[i], list[i + 1], list[i + 2], list[i + 3]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number[]} list @param {number} edge @param {number} radius */
function path(context, list, edge, radius) {
  context.beginPath();
  for (let i = 0; i < list.length; i += 4) {
    const wide = list[i + 2] - 2 * edge;
    if (wide <= 0) continue;
    if (radius && list[i + 2] > ROUND_PX) context.roundRect(list[i] + edge, list[i + 1] + edge, wide, list[i + 3] - 2 * edge, radius - edge / 2);
    else context.rect(list[i] + edge, list[i + 1] + edge, wide, list[i + 3] - 2 * edge);
  }
  context.fill();
}

/** @param {BoardView} view @param {Map<string, number[]>} progress */
export function drawProgress(view, progress) {
  const { context, colours, ratio } = view;
  const hair = 1 / ratio;
  for (const [style, list] of progress) {
    context.fillStyle = SOLID.has(style) ? colours.progressSolid : colours.progress;
    for (let i = 0; i < list.length; i += 4) context.fillRect(list[i] + hair, list[i + 1] + hair, list[i + 2] - hair, list[i + 3] - 2 * hair);
  }
}

/** @param {BoardView} view @param {Map<string, number[]>} setups */
export function drawSetups(view, setups) {
  const { context, colours, ratio, patterns } = view;
  const hair = 1 / ratio;
  for (const [style, list] of setups) {
    const pattern = patterns[style === "late" ? "hatchLate" : style === "chosen" || style === "slot" ? "hatchBrand" : "hatch"];
    const edges = (/** @type {number} */ i) => /** @type {[number, number, number, number]} */ ([list[i] + hair, list[i + 1] + hair, list[i + 2] - hair, list[i + 3] - 2 * hair]);
    context.fillStyle = colours.paper;
    for (let i = 0; i < list.length; i += 4) context.fillRect(...edges(i));
    context.fillStyle = pattern;
    for (let i = 0; i < list.length; i += 4) context.fillRect(...edges(i));
    context.fillStyle = colours.bars[style][1];
    for (let i = 0; i < list.length; i += 4) context.fillRect(list[i] + list[i + 2] - hair, list[i + 1], hair, list[i + 3]);
  }
}

// The order's last four digits, then what is made. All bold text first: changing the font is slow.
/** @param {BoardView} view @param {Found} found */
export function drawWords(view, found) {
  const { context, colours, shown: plan, words } = view;
  context.font = BOLD;
  /** @type {[import("./types.js").Label, number][]} */
  const rest = [];
  let style = "";
  for (const label of found.labels) {
    const number = plan.orders[plan.order[label.op]].number;
    const text = number ? number.slice(-4) : view.say.stock;
    const wide = words.width(text, BOLD);
    if (wide > label.width + 4) continue;
    if (label.style !== style) context.fillStyle = colours.bars[(style = label.style)][2];
    context.fillText(text, label.x - (wide > label.width ? 2 : 0), label.y);
    if (label.width - wide > 30 && !label.isDim) rest.push([label, wide + 6]);
  }
  context.font = PLAIN;
  style = "";
  for (const [label, used] of rest) {
    const room = label.width - used;
    const text = words.fit(wording(view, label.op, room), room, PLAIN);
    if (!text) continue;
    if (label.style !== style) context.fillStyle = colours.bars[(style = label.style)][3];
    context.fillText(text, label.x + used, label.y);
  }
  for (const { kind, style: of, x, y } of found.glyphs) drawGlyph(context, kind, colours.bars[of][2], x, y);
}

/** As much as there is room for. @param {BoardView} view @param {number} op @param {number} room */
function wording(view, op, room) {
  const { shown: plan } = view;
  if (room > 190) return `${plan.title[op]}, ${plan.name[op]} · ${several(view.say, "pieces", plan.quantity[op])}`;
  return room > 84 ? `${plan.title[op]}, ${plan.name[op]}` : plan.title[op];
}

/** @param {CanvasRenderingContext2D} context @param {string} kind "play", "pin" or "held" @param {string} colour @param {number} x @param {number} y */
export function drawGlyph(context, kind, colour, x, y) {
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.beginPath();
  if (kind === "play") {
    context.moveTo(x, y - 4);
    context.lineTo(x + 7, y);
    context.lineTo(x, y + 4);
    context.fill();
  } else if (kind === "pin") {
    for (const [x1, y1, x2, y2] of [[1, -4.5, 7, -4.5], [2, -4.5, 2, -0.5], [6, -4.5, 6, -0.5], [2, -0.5, 0, 1.5], [6, -0.5, 8, 1.5], [0, 1.5, 8, 1.5], [4, 1.5, 4, 5]]) {
      context.moveTo(x + x1, y + y1);
      context.lineTo(x + x2, y + y2);
    }
    context.stroke();
  } else {
    context.rect(x + 0.5, y - 1, 7, 5);
    context.fill();
    context.beginPath();
    context.arc(x + 4, y - 1, 2.3, Math.PI, 0);
    context.stroke();
  }
}
