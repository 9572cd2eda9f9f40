// Draws what belongs to a chosen order: links between its operations, numbers of its chain, names, the promise.
import { promise } from "./card.js";
import { RISK } from "./plan.js";
import { TOP } from "./layout.js";
import { snap } from "./scale.js";
import { BOLD, MEDIUM } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */

const NAME_PX = 96;
const BEND = 5;
const NUMBER_PX = 18;

/** @param {BoardView} view */
export function drawChain(view) {
  if (!view.chosen || view.drag) return;
  view.context.save();
  behindBars(view);
  for (const isCause of [false, true]) drawLinks(view, isCause);
  view.context.restore();
  drawNames(view);
  drawNumbers(view);
  drawCause(view);
}

/** @param {BoardView} view @param {number} op */
function middleOf(view, op) {
  const place = view.layout.placeOf[view.shown.machine[op]];
  return snap(view.y(place) + place.h / 2, view.ratio);
}

/** Lines pass behind the chosen bars: they strike through no words. @param {BoardView} view */
function behindBars(view) {
  const { context, shown: plan, chosen } = view;
  context.beginPath();
  context.rect(0, 0, view.width, view.height);
  for (const op of chosen ?? []) {
    const box = view.box(plan.machine[op], plan.start[op], plan.end[op]);
    if (box) context.rect(box.x, box.y, Math.max(0, box.w), box.h);
  }
  context.clip("evenodd");
}

/** Those between numbered operations stand out: they are why it is not earlier. @param {BoardView} view @param {boolean} isCause */
function drawLinks(view, isCause) {
  const { context, colours, shown: plan, scale, chosen, numbers } = view;
  if (!chosen) return;
  const heads = [];
  context.lineJoin = "round";
  context.beginPath();
  for (const op of chosen) {
    for (const before of plan.preds[op]) {
      if (!chosen.has(before) || Boolean(numbers?.has(op) && numbers.has(before)) !== isCause) continue;
      const x2 = scale.x(plan.start[op]);
      link(context, scale.x(plan.end[before]), middleOf(view, before), x2 - 3, middleOf(view, op));
      heads.push(x2 - 1, middleOf(view, op));
    }
  }
  context.strokeStyle = colours.paper;
  context.lineWidth = isCause ? 5 : 4;
  context.stroke();
  context.strokeStyle = context.fillStyle = colours.brand;
  context.globalAlpha = isCause || !numbers?.size ? 1 : 0.55;
  context.lineWidth = isCause ? 2 : 1.5;
  context.stroke();
  context.beginPath();
  for (let i = 0; i < heads.length; i += 2) {
    context.moveTo(heads[i], heads[i + 1]);
    context.lineTo(heads[i] - 6, heads[i + 1] - 3.5);
    context.lineTo(heads[i] - 6, heads[i + 1] + 3.5);
  }
  context.fill();
  context.globalAlpha = 1;
}

/** A line with two bends; around the bars when there is no room between them. @param {CanvasRenderingContext2D} context @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function link(context, x1, y1, x2, y2) {
  context.moveTo(x1, y1);
  if (Math.abs(y1 - y2) < 1) {
    context.lineTo(x2, y2);
    return;
  }
  const down = y2 > y1 ? 1 : -1;
  if (x2 - x1 >= 10) {
    const turn = x2 - x1 > 22 ? x2 - 11 : x1 + Math.max(6, (x2 - x1) / 2);
    const bend = Math.min(BEND, turn - x1, x2 - turn, Math.abs(y2 - y1) / 2);
    context.arcTo(turn, y1, turn, y2, Math.max(0, bend));
    context.arcTo(turn, y2, x2, y2, Math.max(0, bend));
    context.lineTo(x2, y2);
    return;
  }
  const between = y1 + down * 12;
  for (const [ax, ay, bx, by] of [[x1 + 8, y1, x1 + 8, between], [x1 + 8, between, x2 - 12, between], [x2 - 12, between, x2 - 12, y2], [x2 - 12, y2, x2, y2]]) {
    context.arcTo(ax, ay, bx, by, 4);
  }
  context.lineTo(x2, y2);
}

/** Bars too short for words carry the operation's name to the right, where no other chosen bar is. @param {BoardView} view */
function drawNames(view) {
  const { context, colours, shown: plan, scale, words, chosen, level } = view;
  if (!level.hasWords || !chosen) return;
  context.font = MEDIUM;
  /** @type {[number, number, number][]} */
  const taken = [];
  for (const op of chosen) taken.push([plan.machine[op], scale.x(plan.start[op]), scale.x(plan.end[op])]);
  for (const op of chosen) {
    const machine = plan.machine[op];
    const place = view.layout.placeOf[machine];
    const right = scale.x(plan.end[op]);
    if (place.kind !== "machine" || place.h < 16 || right - scale.x(plan.start[op]) > NAME_PX || right < scale.left) continue;
    const text = plan.name[op];
    const wide = words.width(text, MEDIUM) + 10;
    if (taken.some(([on, from, to]) => on === machine && from < right + wide && to > right + 1)) continue;
    taken.push([machine, right + 2, right + 2 + wide]);
    context.fillStyle = colours.paper;
    context.beginPath();
    context.roundRect(right + 3, middleOf(view, op) - 8, wide - 4, 16, 3);
    context.fill();
    context.fillStyle = plan.risk[op] === RISK.late ? colours.late : colours.brand;
    context.fillText(text, right + 6, middleOf(view, op) + 0.5);
  }
}

/**
 * Numbers as they stand on a machine's row, from the left: those too close to the one before share its place. Pure.
 * @param {[number, number][]} places x, number
 * @returns {{ x: number, text: string }[]}
 */
export function numbered(places) {
  /** @type {{ x: number, last: number, numbers: number[] }[]} */
  const found = [];
  for (const [x, number] of places.sort(([one], [other]) => one - other)) {
    const before = found[found.length - 1];
    if (before && x - before.last < NUMBER_PX) {
      before.numbers.push(number);
      before.last = x;
    } else found.push({ x, last: x, numbers: [number] });
  }
  return found.map(({ x, numbers }) => ({ x, text: runs(numbers) }));
}

/** "4", "1–3", "1, 4–6"; of many only the first and the last. @param {number[]} numbers */
function runs(numbers) {
  /** @type {number[][]} */
  const found = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const run = found[found.length - 1];
    if (run?.[run.length - 1] === number - 1) run.push(number);
    else found.push([number]);
  }
  if (found.length > 3) return `${found[0][0]} … ${found[found.length - 1].at(-1)}`;
  return found.map((run) => (run.length === 1 ? String(run[0]) : `${run[0]}–${run.at(-1)}`)).join(", ");
}

/** The same numbers as in the panel, by machine. @param {BoardView} view */
function drawNumbers(view) {
  const { shown: plan, scale, numbers } = view;
  /** @type {Map<number, [number, number][]>} */
  const rows = new Map();
  for (const [op, number] of numbers ?? []) {
    const machine = plan.machine[op];
    const place = view.layout.placeOf[machine];
    if (!place || place.kind !== "machine" || place.h < 16) continue;
    if (!rows.has(machine)) rows.set(machine, []);
    rows.get(machine)?.push([scale.x(plan.start[op]) - 1, Number(number)]);
  }
  const { context, colours, words } = view;
  context.font = BOLD;
  context.textAlign = "center";
  for (const [machine, places] of rows) {
    const y = view.y(view.layout.placeOf[machine]) + 3;
    for (const { x, text } of numbered(places)) {
      const wide = Math.max(16, words.width(text, BOLD) + 9);
      for (const [fill, more] of /** @type {[string, number][]} */ ([[colours.paper, 1.5], [colours.ink, 0]])) {
        context.fillStyle = fill;
        context.beginPath();
        context.roundRect(x - 8 - more, y - 8 - more, wide + 2 * more, 16 + 2 * more, 8 + more);
        context.fill();
      }
      context.fillStyle = colours.paper;
      context.fillText(text, x - 8 + wide / 2, y + 0.5);
    }
  }
  context.textAlign = "left";
}

/** The material that all waits for, in amber. @param {BoardView} view */
function drawCause(view) {
  const { context, colours, shown: plan, scale, cause, words } = view;
  if (!cause) return;
  const place = view.layout.placeOf[plan.machine[cause.op]];
  if (place.kind !== "machine" || place.h < 16) return;
  const x = snap(scale.x(cause.time), view.ratio);
  const wide = words.width(cause.text, MEDIUM) + 14;
  const y = view.y(place);
  context.fillStyle = colours.flag;
  context.fillRect(x - 0.75, y - 2, 1.5, place.h + 4);
  context.beginPath();
  context.roundRect(x - wide - 14, y + 3, wide, 18, 4);
  context.fill();
  context.fillStyle = colours.onState;
  context.font = MEDIUM;
  context.fillText(cause.text, x - wide - 7, y + 12.5);
}

/** The chosen order's promises, from the lane of flags down. @param {BoardView} view */
export function drawDue(view) {
  const { context, colours, shown: plan, scale, zone, words, chosen, width, bottom } = view;
  if (!chosen || view.drag) return;
  /** @type {Map<number, { risk: number, promised: number | null | undefined }>} */
  const dues = new Map();
  for (const op of chosen) {
    const due = plan.due[op];
    if (due === null || due === undefined) continue;
    dues.set(due, { risk: Math.max(dues.get(due)?.risk ?? 0, plan.risk[op]), promised: plan.promised?.[op] });
  }
  for (const [due, { risk, promised }] of dues) {
    const x = snap(scale.x(due), view.ratio);
    if (x < scale.left || x > width) continue;
    const colour = risk === RISK.late ? colours.late : colours.brand;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash([5, 3]);
    context.beginPath();
    context.moveTo(x + 0.75, TOP);
    context.lineTo(x + 0.75, bottom);
    context.stroke();
    context.setLineDash([]);
    const text = promise(due, promised, view.say, zone);
    const wide = words.width(text, MEDIUM) + 16;
    const left = Math.min(x + 6, width - wide - 6);
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(left, 52, wide, 19, 4);
    context.fill();
    context.fillStyle = risk === RISK.late ? colours.bars.late[2] : colours.onBrand;
    context.font = MEDIUM;
    context.fillText(text, left + 8, 62);
  }
}
