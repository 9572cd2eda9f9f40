// Draws what lies under the bars: closed time, lines of time, rows, frozen time, lanes that work in the hand may go to.
import { TOP } from "./layout.js";
import { shiftsOf } from "./load.js";
import { cut } from "./plan.js";
import { snap } from "./scale.js";

/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {import("./types.js").Place} Place */

/** @param {BoardView} view @param {Place[]} rows */
export function drawGround(view, rows) {
  const { context, colours, ratio, scale, width, height } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  drawClosed(view, rows);
  drawLines(view);
  context.fillStyle = colours.lane;
  for (const place of rows) {
    if (place.kind === "machine") context.fillRect(scale.left, snap(view.y(place) + place.h, ratio) - hair, width, hair);
  }
  context.fillStyle = colours.plant;
  for (const place of rows) {
    if (place.kind !== "plant") continue;
    const y = snap(view.y(place), ratio);
    context.fillRect(scale.left, y, width, snap(view.y(place) + place.h, ratio) - y);
  }
}

/** One rectangle per run of rows with one calendar. @param {BoardView} view @param {Place[]} rows */
function drawClosed(view, rows) {
  const { context, colours, ratio, scale, shown: plan, width } = view;
  context.fillStyle = colours.closed;
  let index = 0;
  while (index < rows.length) {
    const windows = calendarOf(plan, rows[index]);
    let next = index + 1;
    while (next < rows.length && calendarOf(plan, rows[next]) === windows) next++;
    if (windows) {
      const y = snap(view.y(rows[index]), ratio);
      const tall = snap(view.y(rows[next - 1]) + rows[next - 1].h, ratio) - y;
      let from = scale.from;
      for (const [start, end] of [...cut(windows, scale.from, scale.until), [scale.until, 0]]) {
        const x1 = snap(Math.max(scale.left, scale.x(from)), ratio);
        const x2 = snap(Math.min(width, scale.x(start)), ratio);
        if (x2 - x1 >= 1) context.fillRect(x1, y, x2 - x1, tall);
        from = end;
      }
    }
    index = next;
  }
}

/** @param {import("./types.js").Plan} plan @param {Place} place */
function calendarOf(plan, place) {
  const machine = place.kind === "machine" ? place.machine : place.kind === "centre" ? place.machines[0] : undefined;
  return machine === undefined ? null : plan.machines[machine].windows;
}

/** @param {BoardView} view */
function drawLines(view) {
  const { context, colours, ratio, scale, level, width, bottom } = view;
  const hair = 1 / ratio;
  const line = (/** @type {number} */ time) => {
    const x = snap(scale.x(time), ratio);
    if (x > scale.left && x < width) context.fillRect(x, TOP, hair, bottom - TOP);
  };
  const { days } = view;
  if (level.axis === "hours") {
    context.fillStyle = colours.lane;
    for (const day of days) for (let at = 60; at < 1440; at += 60) line(day + at);
  }
  if (scale.perHour >= 14) {
    context.fillStyle = colours.line;
    for (const [start, end] of shiftsOf(view.usual, scale.from, scale.until)) {
      line(start);
      line(end);
    }
  }
  context.fillStyle = level.isWeek ? colours.line : colours.strong;
  for (const day of days) line(day);
}

/** From now until where the plan no longer moves by itself; a plant's own rows only. @param {BoardView} view @param {Place[]} rows */
export function drawFrozen(view, rows) {
  const { context, colours, ratio, scale, width } = view;
  context.fillStyle = colours.frozen;
  for (const place of rows) {
    const until = view.frozenUntil(place.plant);
    if (until === null || place.kind === "plant") continue;
    const x1 = Math.max(scale.left, scale.x(view.plan.now));
    const x2 = Math.min(width, scale.x(until));
    const y = snap(view.y(place), ratio);
    if (x2 > x1) context.fillRect(x1, y, x2 - x1, snap(view.y(place) + place.h, ratio) - y);
  }
}

/** @param {BoardView} view @param {Place[]} rows */
export function drawLanes(view, rows) {
  const { context, colours, drag, scale, width, marked } = view;
  const found = marked === null ? undefined : rows.find((place) => place.machine === marked);
  context.fillStyle = colours.soft;
  if (found) context.fillRect(scale.left, view.y(found), width, found.h);
  if (!drag) return;
  for (const place of rows) {
    if (place.kind !== "machine" || !view.isLegal(place.machine)) continue;
    context.fillStyle = colours.softer;
    if (place.machine === drag.machine) context.fillStyle = colours.soft;
    context.fillRect(scale.left, view.y(place), width, place.h);
  }
}

/** Lanes that cannot take the work in the hand step back. @param {BoardView} view @param {Place[]} rows */
export function drawVeil(view, rows) {
  const { context, colours, drag, scale, shown: plan, width } = view;
  if (!drag) return;
  const centre = plan.machines[plan.machine[drag.ops[0]]].work_centre;
  context.fillStyle = colours.veil;
  for (const place of rows) {
    if (place.kind === "plant" || (place.kind === "machine" && view.isLegal(place.machine))) continue;
    if (place.kind === "centre" && place.centre?.id === centre) continue;
    context.fillRect(scale.left, view.y(place), width, place.h);
  }
}
