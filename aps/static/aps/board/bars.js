// Draws the operations: bars by style, what crosses closed time joined by a line, setup hatched, labels in the bars.
import { firstAfter } from "./hit.js";
import { anchored } from "./palette.js";
import { RISK, pieces } from "./plan.js";
import { snap } from "./scale.js";
import { BOLD, PLAIN } from "./words.js";

const STICK_PX = 2.5;

export function styleOf(plan, op, chosen) {
  if (chosen) {
    if (chosen.has(op)) return plan.risk[op] === RISK.late ? "late" : "chosen";
    return ["dim", "dimRisk", "dimLate"][plan.risk[op]];
  }
  if (plan.risk[op] === RISK.late) return "late";
  if (plan.state[op] === "running") return "running";
  return plan.risk[op] === RISK.tight ? "risk" : "calm";
}

// Everything to draw in the visible rows, collected by style so that each colour is set once.
export function collect(view, rows) {
  const { plan, scale, ratio, width } = view;
  const found = { bars: new Map(), sticks: new Map(), joins: new Map(), setups: [], labels: [], count: 0 };
  const into = (map, key, ...values) => {
    let list = map.get(key);
    if (!list) map.set(key, (list = []));
    list.push(...values);
  };
  const until = scale.until;
  for (const place of rows) {
    const pad = place.h < 10 ? 1 : place.h < 16 ? 1.5 : 3;
    const y = snap(view.y(place) + pad, ratio);
    const height = snap(view.y(place) + place.h - pad, ratio) - y;
    const row = plan.rows[place.machine];
    let drawn = -1;
    let before = "";
    for (let index = firstAfter(row, plan.end, scale.from); index < row.length && plan.start[row[index]] <= until; index++) {
      const op = row[index];
      const style = styleOf(plan, op, view.chosen);
      const left = scale.x(plan.start[op]);
      const right = scale.x(plan.end[op]);
      found.count++;
      if (right - left < STICK_PX) {
        const x = snap(left, ratio);
        if (x <= drawn && style === before) continue;
        drawn = Math.max(snap(right, ratio), x + 1.5 / ratio);
        before = style;
        into(found.sticks, style, x, y, drawn - x, height);
        continue;
      }
      place.h >= 10 ? bar(view, op, style, y, height, found, into, width) : into(found.bars, style, snap(left, ratio), y, right - left, height);
    }
  }
  return found;
}

function bar(view, op, style, y, height, found, into, width) {
  const { plan, scale, ratio } = view;
  const gap = scale.perHour > 3.4 ? 1 : 1 / ratio;
  let room = null;
  let last = null;
  for (const [from, to] of pieces(plan, op)) {
    const x1 = snap(Math.max(scale.left - 8, scale.x(from)), ratio);
    const x2 = snap(Math.min(width + 8, scale.x(to)), ratio) - gap;
    if (last !== null && scale.x(from) > scale.left && last < width) into(found.joins, style, last, y + height / 2, Math.max(x1, last) - last);
    last = x2 + gap;
    if (x2 <= scale.left - 8 || x1 >= width + 8 || x2 <= x1) continue;
    into(found.bars, style, x1, y, x2 - x1, height);
    const setupEnd = Math.min(scale.x(plan.run[op]), x2);
    if (plan.run[op] > from && scale.perHour >= 8 && setupEnd - x1 >= 2) found.setups.push(style, x1, y, setupEnd - x1, height);
    const start = Math.max(x1, plan.run[op] > from ? setupEnd : x1, scale.left) + 6;
    if (!room || x2 - start > room.width) room = { x: start, width: x2 - start - 5 };
  }
  if (room && height >= 14 && scale.perHour >= 8 && room.width > 18) found.labels.push({ op, style, y: y + height / 2 + 0.5, ...room });
}

export function drawBars(view, found) {
  const { context, colours, ratio } = view;
  const round = view.scale.perHour > 9 ? 3 : 1;
  for (const [style, list] of found.joins) {
    context.fillStyle = colours.bars[style][1];
    for (let i = 0; i < list.length; i += 3) context.fillRect(list[i], snap(list[i + 1] - 1, ratio), list[i + 2], view.scale.isWeek ? 1 / ratio : 2);
  }
  for (const [style, list] of found.bars) {
    const [fill, border] = colours.bars[style];
    for (const [colour, edge] of [[border, 0], [fill, 1 / ratio]]) {
      context.fillStyle = colour;
      context.beginPath();
      for (let i = 0; i < list.length; i += 4) {
        const width = list[i + 2] - 2 * edge;
        if (width <= 0) continue;
        if (width > 7) context.roundRect(list[i] + edge, list[i + 1] + edge, width, list[i + 3] - 2 * edge, Math.max(0, round - edge));
        else context.rect(list[i] + edge, list[i + 1] + edge, width, list[i + 3] - 2 * edge);
      }
      context.fill();
    }
  }
  for (const [style, list] of found.sticks) {
    context.fillStyle = colours.bars[style][1];
    for (let i = 0; i < list.length; i += 4) context.fillRect(list[i], list[i + 1], list[i + 2], list[i + 3]);
  }
  drawSetups(view, found.setups);
  drawLabels(view, found.labels);
}

function drawSetups(view, list) {
  const { context, ratio, scale } = view;
  for (let i = 0; i < list.length; i += 5) {
    const isSolid = list[i] === "late" || list[i] === "chosen";
    context.fillStyle = anchored(isSolid ? view.patterns.solid : view.patterns.setup, ratio, -scale.from * scale.perMinute, -view.top);
    context.fillRect(list[i + 1] + 1, list[i + 2] + 1, list[i + 3] - 1, list[i + 4] - 2);
  }
}

// The order's last four digits, then what is made. All bold text first: changing the font is slow.
function drawLabels(view, labels) {
  const { context, colours, plan, words } = view;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = BOLD;
  const rest = [];
  for (const label of labels) {
    const order = plan.orders[plan.order[label.op]];
    const number = order.number ? order.number.slice(-4) : view.say.stock;
    const width = words.width(number, BOLD);
    if (width > label.width) continue;
    context.fillStyle = colours.bars[label.style][2];
    context.fillText(number, label.x, label.y);
    if (label.width - width > 34) rest.push([label, width + 6]);
  }
  context.font = PLAIN;
  for (const [label, used] of rest) {
    const text = words.fit(`${plan.title[label.op]}, ${plan.quantity[label.op]}`, label.width - used, PLAIN);
    if (!text) continue;
    context.fillStyle = colours.bars[label.style][3];
    context.fillText(text, label.x + used, label.y);
  }
}
