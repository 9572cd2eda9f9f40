// Draws what floats: rings, the rubber band, and work in the hand with what it would do to the rest.
import { heldPieces } from "./lift.js";
import { pieces } from "./plan.js";
import { snap } from "./scale.js";
import { BOLD, PLAIN } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */

const GHOST_PX = 22;
const GHOST_LEAST_PX = 28;
const SHIFTED_MIN = 15;

/** @param {BoardView} view @param {number} op @param {string} colour @param {number} wide */
export function drawRing(view, op, colour, wide = 1.5) {
  const { context, shown: plan } = view;
  const box = view.box(plan.machine[op], plan.start[op], plan.end[op]);
  if (!box) return;
  context.strokeStyle = colour;
  context.lineWidth = wide;
  context.beginPath();
  context.roundRect(box.x - wide / 2, box.y - wide / 2, Math.max(4, box.w) + wide, box.h + wide, 4);
  context.stroke();
}

/** @param {BoardView} view */
export function drawRings(view) {
  const { colours, drag, selected, hover, chosenOp } = view;
  if (drag) return;
  for (const op of selected ?? []) drawRing(view, op, colours.brand, 2);
  if (chosenOp !== null) drawRing(view, chosenOp, colours.ink, 2);
  if (hover !== null) drawRing(view, hover, colours.ink);
}

/** @param {BoardView} view */
export function drawBand(view) {
  const { context, colours, band } = view;
  if (!band) return;
  const [x, y] = [Math.min(band.x1, band.x2), Math.min(band.y1, band.y2)];
  const [w, h] = [Math.abs(band.x2 - band.x1), Math.abs(band.y2 - band.y1)];
  context.fillStyle = colours.soft;
  context.fillRect(x, y, w, h);
  context.strokeStyle = colours.brand;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, w, h);
}

/** @param {BoardView} view */
export function drawDrag(view) {
  const { drag } = view;
  if (!drag) return;
  drawOldPlaces(view);
  drawArrows(view);
  drawNewlyLate(view);
  drawHeld(view);
}

/** Dashed, where the work in the hand was. @param {BoardView} view */
function drawOldPlaces(view) {
  const { context, colours, drag, plan } = view;
  context.strokeStyle = colours.brand;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  for (const op of drag?.ops ?? []) {
    const boxes = pieces(plan, op).flatMap(([from, to]) => view.box(plan.machine[op], from, to) ?? []);
    context.beginPath();
    for (const [at, box] of boxes.entries()) {
      const before = boxes[at - 1];
      if (before) {
        context.moveTo(before.x + before.w, box.y + box.h / 2);
        context.lineTo(box.x, box.y + box.h / 2);
      }
      context.roundRect(box.x + 0.75, box.y + 0.75, Math.max(3, box.w - 1.5), box.h - 1.5, 3);
    }
    context.stroke();
  }
  context.setLineDash([]);
}

/** From where the others were to where they would be. @param {BoardView} view */
function drawArrows(view) {
  const { context, colours, drag, plan, scale, ratio } = view;
  if (!drag?.moved) return;
  const held = new Set(drag.ops);
  context.fillStyle = colours.second;
  for (const [op, lie] of drag.moved) {
    const place = view.layout.placeOf[lie.machine];
    if (held.has(op) || lie.machine !== plan.machine[op] || place.kind !== "machine" || Math.abs(lie.start - plan.start[op]) <= SHIFTED_MIN) continue;
    const [from, to] = [scale.x(plan.start[op]), scale.x(lie.start)];
    const top = view.y(place);
    if (Math.max(from, to) < scale.left || Math.min(from, to) > view.width || top > view.bottom || top + place.h < 0) continue;
    const y = snap(top + place.h - 2, ratio);
    const way = to > from ? 1 : -1;
    context.fillRect(Math.min(from, to), y - 1, Math.abs(to - from), 1.5);
    context.fillRect(from - 0.75, y - 3, 1.5, 5);
    context.beginPath();
    context.moveTo(to + way, y - 0.25);
    context.lineTo(to - way * 5, y - 3.5);
    context.lineTo(to - way * 5, y + 3);
    context.fill();
  }
}

/** @param {BoardView} view */
function drawNewlyLate(view) {
  const { context, colours, drag, shown: plan } = view;
  for (const op of drag?.late ?? []) {
    const box = view.box(plan.machine[op], plan.start[op], plan.end[op]);
    if (!box) continue;
    for (const [colour, wide, edge, radius] of /** @type {[string, number, number, number][]} */ ([[colours.paper, 1.5, 0.75, 4], [colours.late, 2, 2.5, 5.5]])) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      context.roundRect(box.x - edge, box.y - edge, Math.max(4, box.w) + 2 * edge, box.h + 2 * edge, radius);
      context.stroke();
    }
  }
}

/** Under the hand at its height, in time where it would begin: the parts in which it is worked on, a thin line from one to the next. @param {BoardView} view */
function drawHeld(view) {
  const { context, colours, drag, scale, plan } = view;
  if (!drag) return;
  const boxes = heldPieces(plan, drag).map(([from, to]) => ({ x: scale.x(from), w: Math.max(3, (to - from) * scale.perMinute) }));
  const top = drag.y - GHOST_PX / 2;
  const [first] = boxes;
  const last = boxes[boxes.length - 1];
  if (boxes.length === 1) first.w = Math.max(GHOST_LEAST_PX, first.w);
  const fill = drag.isLegal === false ? colours.third : colours.brand;
  const left = scale.x(drag.at);
  context.fillStyle = fill;
  context.fillRect(left, drag.y - 1, last.x - left, 2);
  context.save();
  context.shadowColor = colours.shadow;
  context.shadowBlur = 14;
  context.shadowOffsetY = 5;
  context.beginPath();
  for (const { x, w } of boxes) context.roundRect(x, top, w, GHOST_PX, 4);
  context.fill();
  context.restore();
  context.strokeStyle = colours.paper;
  context.lineWidth = 1.5;
  context.stroke();
  drawHeldWords(view, first.x - left > 1 ? [{ x: left, w: 0 }] : boxes, fill);
}

/** The order's number in the first part with room for it; beside the work where that is too short, or begins later than the hand. @param {BoardView} view @param {{ x: number, w: number }[]} boxes @param {string} fill */
function drawHeldWords(view, boxes, fill) {
  const { context, colours, drag, plan, words } = view;
  if (!drag) return;
  const op = drag.ops[0];
  const middle = drag.y + 0.5;
  const number = plan.orders[plan.order[op]].number.slice(-4) || view.say.stock;
  const used = words.width(number, BOLD) + 16;
  const more = drag.ops.length > 1 ? `+ ${drag.ops.length - 1}` : "";
  const { x: left, w } = boxes.find((box) => box.w >= used - 4) ?? boxes[boxes.length - 1];
  const right = left + w;
  const isBeside = used - 4 > w;
  const tag = more ? `${number} ${more}` : number;
  if (isBeside) {
    context.fillStyle = colours.paper;
    context.beginPath();
    context.roundRect(right + 3, drag.y - 9, words.width(tag, BOLD) + 12, 18, 4);
    context.fill();
  }
  context.fillStyle = isBeside ? fill : colours.onBrand;
  context.font = BOLD;
  context.fillText(isBeside ? tag : number, isBeside ? right + 9 : left + 8, middle);
  if (isBeside) return;
  context.font = PLAIN;
  const text = words.fit(more || plan.title[op], w - used - 6, PLAIN);
  if (text) context.fillText(text, left + used, middle);
}
