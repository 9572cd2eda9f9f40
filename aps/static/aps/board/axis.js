// Draws the axis of time, the lane of promises with its flags, frozen time above the lanes, and now.
import { AXIS, TOP } from "./layout.js";
import { shiftsOf } from "./load.js";
import { drawGlyph } from "./paint.js";
import { RISK } from "./plan.js";
import { hasZones } from "./plants.js";
import { flags } from "./promises.js";
import { filled } from "./say.js";
import { snap } from "./scale.js";
import { BOLD, MEDIUM, PLAIN } from "./words.js";

/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {import("./promises.js").Flag} Flag */

const DAY_Y = 14;
const HOUR_Y = 36;
const FLAG_Y = 53;

/** @param {BoardView} view */
export function drawAxis(view) {
  const { context, colours, scale, ratio, width, say } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, TOP);
  context.save();
  context.beginPath();
  context.rect(scale.left, 0, width, TOP);
  context.clip();
  const { days } = view;
  for (let index = 0; index + 1 < days.length; index++) drawDay(view, days[index], days[index + 1]);
  if (view.level.axis === "shifts") drawShifts(view);
  drawFrozenBand(view);
  context.restore();
  context.font = MEDIUM;
  context.fillStyle = colours.second;
  if (view.words.width(say.machines, MEDIUM) + view.words.width(say.load, MEDIUM) + 32 <= scale.left) context.fillText(say.machines, 12, HOUR_Y);
  if (hasZones(view.plan.plants ?? [])) {
    context.fillText(view.words.fit(filled(say.timesOf, { zone: view.zone.name }), scale.left - 24, MEDIUM), 12, DAY_Y);
  }
  context.textAlign = "right";
  context.fillText(say.load, scale.left - 12, HOUR_Y);
  context.textAlign = "left";
  context.fillStyle = colours.strong;
  context.fillRect(scale.left - hair, 0, hair, TOP);
}

/** @param {BoardView} view @param {number} day @param {number} next */
function drawDay(view, day, next) {
  const { context, colours, scale, zone, ratio, words, plan, level } = view;
  const x = scale.x(day);
  const wide = scale.x(next) - x;
  context.fillStyle = colours.strong;
  context.fillRect(snap(x, ratio), 0, 1 / ratio, level.axis === "shifts" ? 26 : AXIS);
  const today = zone.midnight(plan.now);
  const isToday = day === today;
  const whole = zone.day(day + 60);
  const name = wide > 84 ? whole : wide > 46 ? whole.slice(0, 6) : whole.replace(/\D/g, "");
  const at = Math.min(Math.max(x, scale.left) + 8, x + wide - words.width(name, BOLD) - 8);
  context.font = isToday ? BOLD : MEDIUM;
  context.fillStyle = isToday ? colours.ink : colours.second;
  if (at > scale.left + 2 || x >= scale.left) {
    context.fillText(name, at, DAY_Y);
    const beside = isToday ? view.say.today : day === zone.midnight(today + 1800) ? view.say.tomorrow : "";
    if (beside && x + wide - at > 150) {
      context.font = PLAIN;
      context.fillStyle = colours.third;
      context.fillText(beside, at + words.width(name, isToday ? BOLD : MEDIUM) + 8, DAY_Y);
    }
  }
  drawHours(view, day, next, wide);
}

/** @param {BoardView} view @param {number} day @param {number} next @param {number} wide */
function drawHours(view, day, next, wide) {
  const { context, colours, scale, zone, ratio, level } = view;
  context.font = PLAIN;
  if (level.axis === "hours") {
    for (let time = day; time < next; time += 60) {
      context.fillStyle = colours.line;
      context.fillRect(snap(scale.x(time), ratio), 28, 1 / ratio, 20);
      context.fillStyle = colours.third;
      context.fillText(zone.clock(time), scale.x(time) + 5, HOUR_Y);
    }
  } else if (level.axis === "quarters") {
    for (let hour = 6; hour < 24; hour += 6) {
      const x = scale.x(day + hour * 60);
      context.fillStyle = colours.line;
      context.fillRect(snap(x, ratio), 40, 1 / ratio, 8);
      context.fillStyle = colours.third;
      context.textAlign = "center";
      if (x > scale.left + 10) context.fillText(String(hour).padStart(2, "0"), x, 35);
      context.textAlign = "left";
    }
  } else if (level.axis === "days" && wide > 40) {
    const week = zone.week(day + 60);
    if (!week.isMonday) return;
    context.fillStyle = colours.third;
    context.fillText(`${view.say.week} ${week.no}`, Math.max(scale.x(day), scale.left) + 8, 35);
  }
}

/** The shifts of the calendar that most machines follow, with their names and times. @param {BoardView} view */
function drawShifts(view) {
  const { context, colours, scale, zone, ratio, words } = view;
  for (const [start, end, name] of shiftsOf(view.usual, scale.from, scale.until)) {
    const x = scale.x(start);
    const times = `${zone.clock(start)}–${zone.clock(end)}`;
    const both = name ? `${name} ${times}` : times;
    const text = scale.x(end) - x < words.width(both, MEDIUM) + 14 ? times : both;
    const wide = words.width(text, MEDIUM);
    context.fillStyle = colours.line;
    context.fillRect(snap(x, ratio), 28, 1 / ratio, 20);
    context.fillRect(snap(scale.x(end), ratio), 28, 1 / ratio, 20);
    if (scale.x(end) - x < wide + 14) continue;
    context.font = MEDIUM;
    context.fillStyle = colours.second;
    context.fillText(text, Math.min(Math.max(x, scale.left) + 8, scale.x(end) - wide - 6), HOUR_Y);
  }
}

/** @param {BoardView} view */
function drawFrozenBand(view) {
  const { context, colours, scale, zone, words, width, say, plan } = view;
  const until = view.frozenUntil(0);
  if (until === null) return;
  const x1 = Math.max(scale.left, scale.x(plan.now));
  const x2 = scale.x(until);
  if (x2 <= x1 || x1 > width) return;
  context.fillStyle = colours.violet;
  context.fillRect(x1, 45, x2 - x1, 3);
  const text = `${say.frozenUntil} ${zone.clock(until)}`;
  const wide = words.width(text, MEDIUM);
  if (x2 - x1 < wide + 60 || view.level.isWeek) return;
  context.fillStyle = colours.paper;
  context.fillRect(x2 - wide - 26, 29, wide + 24, 15);
  drawGlyph(context, "held", colours.violet, x2 - wide - 21, HOUR_Y);
  context.font = MEDIUM;
  context.fillStyle = colours.violet;
  context.fillText(text, x2 - wide - 8, HOUR_Y + 0.5);
}

/** @param {BoardView} view */
export function drawPromises(view) {
  const { context, colours, scale, ratio, width, say, words } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, AXIS, width, TOP - AXIS);
  context.save();
  context.beginPath();
  context.rect(scale.left, AXIS, width, TOP - AXIS);
  context.clip();
  view.flags = flags(view.promises, scale, scale.time(scale.left - 12), scale.until);
  for (const [at, flag] of view.flags.entries()) drawFlag(view, flag, view.flags[at + 1]?.x ?? Infinity);
  context.restore();
  context.font = MEDIUM;
  context.fillStyle = colours.ink;
  const { late, tight } = view.promised;
  const risky = `${tight} ${say.countAtRisk}`;
  const isRoom = words.width(`${say.promises}${late} ${say.countLate}${risky}`, MEDIUM) + 44 <= scale.left;
  if (isRoom) context.fillText(say.promises, 12, 61.5);
  context.textAlign = "right";
  context.fillStyle = tight ? colours.risk : colours.third;
  context.fillText(risky, scale.left - 12, 61.5);
  context.fillStyle = late ? colours.late : colours.third;
  context.fillText(`${late} ${say.countLate}`, scale.left - 22 - words.width(risky, MEDIUM), 61.5);
  context.textAlign = "left";
  context.fillStyle = colours.line;
  context.fillRect(0, AXIS, width, hair);
  context.fillStyle = colours.strong;
  context.fillRect(0, TOP - hair, width, hair);
  context.fillRect(scale.left - hair, AXIS, hair, TOP - AXIS);
}

/** Hollow: kept. @param {BoardView} view @param {Flag} flag @param {number} next where the next flag stands */
function drawFlag(view, flag, next) {
  const { context, colours, ratio, words, shown: plan } = view;
  const chosen = view.chosenOrder();
  const isHot = chosen !== null && flag.orders.includes(chosen);
  const of = flag.risk === RISK.late ? colours.late : flag.risk === RISK.tight ? colours.flag : colours.third;
  const colour = isHot ? colours.brand : of;
  const x = snap(flag.x, ratio);
  context.globalAlpha = chosen !== null && !isHot ? 0.35 : 1;
  context.fillStyle = context.strokeStyle = colour;
  context.fillRect(x, FLAG_Y, 1.5, 16);
  context.beginPath();
  for (const [at, [dx, dy]] of [[1, 0], [10, 0], [7.5, 3.8], [10, 7.5], [1, 7.5]].entries()) {
    if (at) context.lineTo(x + dx, FLAG_Y + dy);
    else context.moveTo(x + dx, FLAG_Y + dy);
  }
  context.closePath();
  context.lineWidth = 1;
  if (flag.risk || isHot) context.fill();
  else context.stroke();
  const font = flag.risk ? BOLD : PLAIN;
  const count = flag.risk ? flag.hot.length : flag.orders.length;
  const room = next - flag.x - 16;
  const number = count === 1 ? plan.orders[flag.hot[0]].number.slice(-4) : String(count);
  const text = words.width(number, font) <= room ? number : count > 1 && words.width(String(count), font) <= room ? String(count) : "";
  if (text) {
    context.font = font;
    context.fillStyle = flag.risk || isHot ? colour : colours.second;
    context.fillText(text, x + 13, 62.5);
  }
  context.globalAlpha = 1;
}

/** @param {BoardView} view */
export function drawNow(view) {
  const { context, colours, scale, plan, words, zone, ratio, width, bottom } = view;
  const x = snap(scale.x(plan.now), ratio);
  if (x < scale.left || x > width) return;
  const text = zone.clock(plan.now);
  const wide = words.width(text, BOLD) + 12;
  const left = Math.max(scale.left + 1, x - wide / 2);
  context.fillStyle = colours.now;
  context.fillRect(x - 0.75, 45, 1.5, bottom - 45);
  context.beginPath();
  context.roundRect(left, 27, wide, 18, 4);
  context.fill();
  context.fillStyle = colours.paper;
  context.font = BOLD;
  context.fillText(text, left + 6, 36.5);
}
