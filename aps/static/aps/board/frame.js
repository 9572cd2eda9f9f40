// Draws what stands around the bars: closed time, lines of time, rows, holes, the left column, the axis, the now line.
import { TOP } from "./layout.js";
import { anchored } from "./palette.js";
import { cut } from "./plan.js";
import { snap } from "./scale.js";
import { BOLD, MEDIUM, PLAIN, SMALL } from "./words.js";

export function drawGround(view, rows) {
  const { context, colours, plan, scale, ratio, width, height } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  for (const place of rows) {
    const y = snap(view.y(place), ratio);
    const tall = snap(view.y(place) + place.h, ratio) - y;
    if (place.kind === "machine") {
      context.fillStyle = colours.closed;
      let from = scale.from;
      for (const [start, end] of [...cut(plan.machines[place.machine].windows, scale.from, scale.until), [scale.until, 0]]) {
        if (start > from) context.fillRect(scale.x(from), y, scale.x(start) - scale.x(from), tall);
        from = end;
      }
    } else {
      context.fillStyle = colours.centre;
      context.fillRect(scale.left, y, width, tall);
    }
  }
  const days = view.zone.midnights(scale.from, scale.until);
  if (scale.perHour >= 14) {
    context.fillStyle = colours.lane;
    const step = scale.perHour >= 60 ? 60 : 240;
    for (const day of days) for (let minute = step; minute < 1440; minute += step) context.fillRect(snap(scale.x(day + minute), ratio), TOP, hair, height);
  }
  context.fillStyle = scale.isWeek ? colours.line : colours.day;
  for (const day of days) context.fillRect(snap(scale.x(day), ratio), TOP, hair, height);
  context.fillStyle = colours.lane;
  for (const place of rows) context.fillRect(scale.left, snap(view.y(place) + place.h, ratio) - hair, width, hair);
}

export function drawHoles(view, rows) {
  const { context, colours, plan, scale, ratio, words } = view;
  for (const place of rows) {
    for (const hole of plan.machines[place.machine].blocks) {
      const x1 = Math.max(scale.left - 4, scale.x(hole.start));
      const x2 = Math.min(view.width + 4, scale.x(hole.end));
      if (x2 - x1 < 1 || place.h < 10) continue;
      const y = snap(view.y(place) + 2, ratio);
      const tall = snap(view.y(place) + place.h - 2, ratio) - y;
      context.fillStyle = colours.holeBack;
      context.fillRect(x1, y, x2 - x1, tall);
      context.fillStyle = anchored(view.patterns.hole, ratio, -scale.from * scale.perMinute, -view.top);
      context.fillRect(x1, y, x2 - x1, tall);
      context.strokeStyle = colours.late;
      context.lineWidth = 1;
      context.strokeRect(x1 + 0.5, y + 0.5, x2 - x1 - 1, tall - 1);
      const text = words.fit(view.say.down, x2 - x1 - 16, BOLD);
      if (text && tall >= 14) {
        context.fillStyle = colours.holeBack;
        context.fillRect(x1 + 5, y + 2, words.width(text, BOLD) + 6, tall - 4);
        context.fillStyle = colours.late;
        context.font = BOLD;
        context.fillText(text, x1 + 8, y + tall / 2 + 0.5);
      }
    }
  }
}

export function drawLeft(view, rows) {
  const { context, colours, plan, scale, ratio, height } = view;
  const right = scale.left;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, TOP, right, height);
  context.textBaseline = "middle";
  for (const place of rows) {
    const y = view.y(place);
    const middle = y + place.h / 2 + 0.5;
    if (place.kind === "centre") drawCentre(view, place, y, middle);
    else if (place.h >= 12) drawMachine(view, place.machine, middle, place.h);
    context.fillStyle = colours.lane;
    context.fillRect(0, snap(y + place.h, ratio) - hair, right, hair);
  }
  context.fillStyle = colours.strong;
  context.fillRect(right - hair, 0, hair, height);
}

function drawCentre(view, place, y, middle) {
  const { context, colours, scale } = view;
  context.fillStyle = colours.centre;
  context.fillRect(0, y, scale.left, place.h);
  context.strokeStyle = colours.second;
  context.lineWidth = 1.5;
  context.beginPath();
  if (place.isFolded) context.moveTo(13, middle - 4), context.lineTo(17, middle), context.lineTo(13, middle + 4);
  else context.moveTo(11, middle - 2), context.lineTo(15, middle + 2), context.lineTo(19, middle - 2);
  context.stroke();
  context.font = BOLD;
  context.fillStyle = colours.ink;
  const name = view.words.fit(place.centre.name, 150, BOLD);
  context.fillText(name, 26, middle);
  context.font = PLAIN;
  context.fillStyle = colours.third;
  context.fillText(String(place.machines.length), 32 + view.words.width(name, BOLD), middle);
  const loads = place.machines.map((machine) => view.load(machine)).filter((share) => share !== null);
  percent(view, loads.length ? loads.reduce((a, b) => a + b, 0) / loads.length : null, middle, BOLD);
}

function drawMachine(view, machine, middle, tall) {
  const { context, colours, plan, scale } = view;
  const one = plan.machines[machine];
  const isDown = one.blocks.some((hole) => hole.start <= plan.now && hole.end > plan.now);
  const runs = plan.rows[machine].some((op) => plan.state[op] === "running");
  context.fillStyle = isDown ? colours.late : runs ? colours.running : colours.third;
  context.beginPath();
  if (isDown) context.rect(26, middle - 4, 8, 8);
  else if (runs) context.moveTo(26, middle - 4.5), context.lineTo(34, middle), context.lineTo(26, middle + 4.5);
  else context.arc(30, middle, 2.5, 0, 7);
  context.fill();
  if (tall < 16) {
    context.font = SMALL;
    context.fillStyle = colours.second;
    context.fillText(one.code, 42, middle);
    return;
  }
  context.font = MEDIUM;
  context.fillStyle = colours.ink;
  context.fillText(one.code, 42, middle);
  const used = 50 + Math.max(56, view.words.width(one.code, MEDIUM));
  context.font = PLAIN;
  context.fillStyle = isDown ? colours.late : colours.third;
  context.fillText(view.words.fit(isDown ? view.say.down : one.name, scale.left - used - 48, PLAIN), used, middle);
  percent(view, view.load(machine), middle, PLAIN);
}

function percent(view, share, middle, font) {
  const { context, colours, scale } = view;
  if (share === null) return;
  context.font = font;
  context.textAlign = "right";
  context.fillStyle = share > 0.965 ? colours.risk : colours.second;
  context.fillText(`${Math.round(share * 100)} %`, scale.left - 10, middle);
  context.textAlign = "left";
}

export function drawAxis(view) {
  const { context, colours, scale, zone, ratio, width, words, plan } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, TOP);
  context.save();
  context.beginPath();
  context.rect(scale.left, 0, width, TOP);
  context.clip();
  const days = zone.midnights(scale.from, scale.until);
  const today = zone.midnight(plan.now);
  for (let index = 0; index + 1 < days.length; index++) {
    const x = scale.x(days[index]);
    const end = scale.x(days[index + 1]);
    context.fillStyle = colours.strong;
    context.fillRect(snap(x, ratio), 0, hair, TOP);
    const isToday = days[index] === today;
    const name = end - x > 84 ? zone.day(days[index] + 60) : zone.day(days[index] + 60).slice(0, end - x > 44 ? 6 : 3);
    const at = Math.min(Math.max(x, scale.left) + 8, end - words.width(name, BOLD) - 6);
    context.font = isToday ? BOLD : MEDIUM;
    context.fillStyle = isToday ? colours.ink : colours.second;
    context.fillText(name, at, 16);
    if (isToday && end - at > 150) {
      context.font = PLAIN;
      context.fillStyle = colours.third;
      context.fillText(view.say.today, at + words.width(name, BOLD) + 8, 16);
    }
    hours(view, days[index], days[index + 1]);
  }
  context.restore();
  context.font = MEDIUM;
  context.fillStyle = colours.second;
  context.fillText(view.say.machines, 12, 38);
  context.textAlign = "right";
  context.fillText(view.say.load, scale.left - 10, 38);
  context.textAlign = "left";
  context.fillStyle = colours.strong;
  context.fillRect(0, TOP - hair, width, hair);
}

function hours(view, day, next) {
  const { context, colours, scale, zone, ratio } = view;
  const step = scale.perHour >= 44 ? 60 : scale.perHour >= 22 ? 120 : scale.perHour >= 11 ? 240 : scale.perHour >= 7 ? 360 : 0;
  if (!step) return;
  context.font = PLAIN;
  for (let time = day + step; time < next; time += step) {
    const x = scale.x(time);
    context.fillStyle = colours.line;
    context.fillRect(snap(x, ratio), 44, 1 / ratio, TOP - 44);
    if (x < scale.left + 18 || Math.abs(x - scale.x(view.plan.now)) < 40) continue;
    context.fillStyle = colours.third;
    context.textAlign = "center";
    context.fillText(zone.clock(time), x, 36);
    context.textAlign = "left";
  }
}

export function drawNow(view) {
  const { context, colours, scale, plan, words, zone, height, width } = view;
  const x = scale.x(plan.now);
  if (x < scale.left || x > width) return;
  const text = zone.clock(plan.now);
  const wide = words.width(text, BOLD) + 12;
  context.fillStyle = colours.ink;
  context.fillRect(x - 0.75, TOP - 6, 1.5, height);
  context.beginPath();
  context.roundRect(Math.max(scale.left + 2, x - wide / 2), 27, wide, 18, 4);
  context.fill();
  context.fillStyle = colours.paper;
  context.font = BOLD;
  context.fillText(text, Math.max(scale.left + 2, x - wide / 2) + 6, 36.5);
}

