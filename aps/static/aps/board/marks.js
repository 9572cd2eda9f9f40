// Draws what is marked on the lanes: machines that stand, material that arrives, places where work was.
import { cut, pieces } from "./plan.js";
import { snap } from "./scale.js";
import { MEDIUM } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {import("./types.js").Place} Place */
/** @typedef {import("./types.js").Found} Found */

const TIGHT_MIN = 90;
const WORDS_PX = 54;

/** @param {BoardView} view @param {Place[]} machines */
export function drawBlocks(view, machines) {
  const { context, colours, shown: plan, scale, ratio, words, patterns } = view;
  const hair = 1 / ratio;
  for (const place of machines) {
    for (const hole of plan.machines[place.machine].blocks) {
      const x1 = snap(Math.max(scale.left - 10, scale.x(hole.start)), ratio);
      const x2 = snap(Math.min(view.width + 10, scale.x(hole.end)), ratio);
      if (x2 - x1 < 1 || place.h < 10) continue;
      const isDown = hole.cause === undefined || hole.cause === "down" || Boolean(hole.is_open);
      const pad = place.h < 16 ? 1.5 : 3;
      const y = snap(view.y(place) + pad, ratio);
      const tall = snap(view.y(place) + place.h - pad, ratio) - y;
      const colour = isDown ? colours.late : colours.third;
      context.fillStyle = colours.paper;
      context.fillRect(x1, y, x2 - x1, tall);
      context.fillStyle = isDown ? patterns.hole : patterns.service;
      context.fillRect(x1, y, x2 - x1, tall);
      context.strokeStyle = colour;
      context.lineWidth = hair;
      context.strokeRect(x1 + hair / 2, y + hair / 2, x2 - x1 - hair, tall - hair);
      const from = Math.max(scale.left, x1);
      if (x2 - from < WORDS_PX || tall < 14) continue;
      const text = words.fit(view.holeWord(hole), x2 - from - 16, MEDIUM);
      if (!text) continue;
      context.fillStyle = colours.paper;
      context.fillRect(from + 4, y + 1, words.width(text, MEDIUM) + 8, tall - 2);
      context.fillStyle = colour;
      context.font = MEDIUM;
      context.fillText(text, from + 8, y + tall / 2 + 0.5);
    }
  }
}

/** A diamond on the floor of the lane where the material is there; red when work would begin before. @param {BoardView} view @param {Found} found */
export function drawDiamonds(view, found) {
  const { context, colours, shown: plan, scale, ratio, level } = view;
  for (const { op, y } of found.diamonds) {
    const ready = plan.ready[op];
    if (ready === null || ready <= plan.now) continue;
    const x = scale.x(ready);
    if (x < scale.left || x > view.width) continue;
    const spare = plan.start[op] - ready;
    const colour = spare < -1 ? colours.late : spare < TIGHT_MIN ? colours.flag : colours.brand;
    const until = scale.x(plan.start[op]);
    if (level.material === "line" && spare >= TIGHT_MIN && until - x > 8) {
      context.fillStyle = colour;
      context.fillRect(x + 4, snap(y, ratio), Math.min(until - x - 5, 40), 1 / ratio);
    }
    for (const [fill, size] of /** @type {[string, number][]} */ ([[colours.paper, 5], [colour, 3.6]])) {
      context.fillStyle = fill;
      context.beginPath();
      context.moveTo(x, y - size);
      context.lineTo(x + size, y);
      context.lineTo(x, y + size);
      context.lineTo(x - size, y);
      context.fill();
    }
  }
}

/** Where the published plan had what has moved: dashed, and an arrow to another machine. @param {BoardView} view */
export function drawGhosts(view) {
  const { context, colours, ghosts, drag, shown: plan, scale } = view;
  if (!ghosts || drag) return;
  context.lineWidth = 1;
  for (const [op, was] of ghosts) {
    context.strokeStyle = colours.third;
    context.fillStyle = colours.paper;
    context.setLineDash([3, 2]);
    for (const [from, to] of cut(plan.machines[was.machine].windows, was.start, was.end)) {
      const old = view.box(was.machine, from, to);
      if (!old) continue;
      context.globalAlpha = 0.55;
      if (was.machine !== plan.machine[op]) context.fillRect(old.x, old.y, old.w, old.h);
      context.globalAlpha = 1;
      context.strokeRect(old.x + 0.5, old.y + 0.5, Math.max(2, old.w - 1), old.h - 1);
    }
    context.setLineDash([]);
  }
  context.lineWidth = 1.5;
  context.strokeStyle = context.fillStyle = colours.brand;
  for (const [op, was] of ghosts) {
    for (const [from, to] of pieces(plan, op)) {
      const part = view.box(plan.machine[op], from, to);
      if (!part) continue;
      context.beginPath();
      context.roundRect(part.x - 0.25, part.y - 0.25, Math.max(3, part.w) + 0.5, part.h + 0.5, 3.5);
      context.stroke();
    }
    const is = view.box(plan.machine[op], plan.start[op], plan.end[op]);
    if (!is) continue;
    const from = view.layout.placeOf[was.machine];
    if (was.machine === plan.machine[op] || from?.kind !== "machine") continue;
    const y = view.y(from) + from.h / 2;
    const down = is.y > y ? 1 : -1;
    const tip = down > 0 ? is.y - 1 : is.y + is.h + 1;
    const x = Math.max(is.x + 6, Math.min(is.x + is.w - 6, scale.x(was.start) + 6));
    context.beginPath();
    context.moveTo(x, y + down * 9);
    context.lineTo(x, tip - down * 2);
    context.stroke();
    context.beginPath();
    context.moveTo(x, tip);
    context.lineTo(x - 4, tip - down * 6);
    context.lineTo(x + 4, tip - down * 6);
    context.fill();
  }
}
