// Draws what floats: the links of a chosen order, names beside its bars, its due date, the ring under the pointer.
import { RISK } from "./plan.js";
import { snap } from "./scale.js";
import { MEDIUM, BOLD } from "./words.js";

export function drawChain(view) {
  const { context, colours, plan, scale } = view;
  const middle = (op) => {
    const place = view.layout.placeOf[plan.machine[op]];
    return snap(view.y(place) + place.h / 2, view.ratio);
  };
  const heads = [];
  context.strokeStyle = colours.brand;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const op of view.chosen) {
    for (const before of plan.preds[op]) {
      if (!view.chosen.has(before)) continue;
      const x2 = scale.x(plan.start[op]);
      link(context, scale.x(plan.end[before]), middle(before), x2, middle(op));
      heads.push(x2, middle(op));
    }
  }
  context.stroke();
  context.fillStyle = colours.brand;
  context.beginPath();
  for (let i = 0; i < heads.length; i += 2) {
    context.moveTo(heads[i], heads[i + 1]);
    context.lineTo(heads[i] - 6, heads[i + 1] - 3.5);
    context.lineTo(heads[i] - 6, heads[i + 1] + 3.5);
  }
  context.fill();
  names(view, middle);
}

function link(context, x1, y1, x2, y2) {
  const turn = x2 - x1 > 14 ? x2 - 9 : x1 + 6;
  context.moveTo(x1, y1);
  if (Math.abs(y1 - y2) < 1) {
    context.lineTo(x2, y2);
    return;
  }
  const bend = Math.min(5, Math.abs(y2 - y1) / 2);
  const down = y2 > y1 ? 1 : -1;
  context.lineTo(turn - bend, y1);
  context.arcTo(turn, y1, turn, y1 + down * bend, bend);
  context.lineTo(turn, y2 - down * bend);
  context.arcTo(turn, y2, turn + (turn < x2 ? bend : -bend), y2, bend);
  context.lineTo(x2, y2);
}

// Bars too short for words carry the operation's name to the right, where no other chosen bar is.
function names(view, middle) {
  const { context, colours, plan, scale, words } = view;
  if (scale.perHour < 8) return;
  context.font = MEDIUM;
  const taken = [];
  for (const op of view.chosen) taken.push([plan.machine[op], scale.x(plan.start[op]), scale.x(plan.end[op])]);
  for (const op of view.chosen) {
    const place = view.layout.placeOf[plan.machine[op]];
    const right = scale.x(plan.end[op]);
    if (place.kind !== "machine" || place.h < 16 || right - scale.x(plan.start[op]) > 90 || right < scale.left) continue;
    const text = plan.name[op];
    const wide = words.width(text, MEDIUM) + 10;
    if (taken.some(([machine, from, to]) => machine === plan.machine[op] && from < right + wide && to > right + 1)) continue;
    taken.push([plan.machine[op], right + 2, right + 2 + wide]);
    context.fillStyle = colours.paper;
    context.fillRect(right + 3, middle(op) - 9, wide - 2, 18);
    context.fillStyle = plan.risk[op] === RISK.late ? colours.late : colours.brand;
    context.fillText(text, right + 7, middle(op) + 0.5);
  }
}

export function drawDue(view) {
  const { context, colours, plan, scale, zone, words } = view;
  const dues = new Map();
  for (const op of view.chosen) if (plan.due[op] !== null) dues.set(plan.due[op], Math.max(dues.get(plan.due[op]) || 0, plan.risk[op]));
  for (const [due, risk] of dues) {
    const x = snap(scale.x(due), view.ratio);
    if (x < scale.left || x > view.width) continue;
    const colour = risk === RISK.late ? colours.late : colours.brand;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(x, 52);
    context.lineTo(x, view.height);
    context.stroke();
    context.setLineDash([]);
    const text = `${view.say.due} ${zone.when(due)}`;
    const wide = words.width(text, BOLD) + 14;
    const left = Math.max(scale.left + 2, Math.min(view.width - wide - 4, x - wide / 2));
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(left, 28, wide, 20, 4);
    context.fill();
    context.fillStyle = colours.paper;
    context.font = BOLD;
    context.fillText(text, left + 7, 38.5);
  }
}

export function drawRing(view, op, colour) {
  const { context, plan, scale, layout } = view;
  const place = layout.placeOf[plan.machine[op]];
  if (place.kind !== "machine") return;
  const x1 = Math.max(scale.left - 2, scale.x(plan.start[op]));
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(x1 - 1, view.y(place) + 2, Math.max(4, scale.x(plan.end[op]) - x1 + 1), place.h - 4, 4);
  context.stroke();
}
