// Draws the left column: plants, people, work centres and machines with their state and the load of what one looks at.
import { TOP } from "./layout.js";
import { filled, several } from "./say.js";
import { snap } from "./scale.js";
import { average, tenths } from "./hours.js";
import { BOLD, MEDIUM, PLAIN } from "./words.js";
import { duration } from "./zone.js";

/** @typedef {import("./view.js").BoardView} BoardView */
/** @typedef {import("./types.js").Place} Place */

const FULL = 0.965;
const RIGHT_PX = 12;
const CODE_PX = 40;
const NAME_PX = 100;
const LOAD_PX = 36;

/** @param {number | null} share */
const shareWords = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);

/** @param {BoardView} view @param {Place[]} rows */
export function drawLeft(view, rows) {
  const { context, colours, scale, ratio, bottom, width } = view;
  const hair = 1 / ratio;
  context.fillStyle = colours.paper;
  context.fillRect(0, TOP, scale.left, bottom - TOP);
  context.save();
  context.beginPath();
  context.rect(0, TOP, width, bottom - TOP);
  context.clip();
  for (const place of rows) {
    const y = view.y(place);
    if (place.kind === "machine") drawMachine(view, place, y);
    else if (place.kind === "plant") drawPlant(view, place, y);
    else drawHead(view, place, y);
    context.fillStyle = place.kind === "machine" ? colours.lane : colours.line;
    const from = place.kind === "machine" ? 24 : 0;
    context.fillRect(from, snap(y + place.h, ratio) - hair, (place.kind === "plant" ? width : scale.left) - from, hair);
  }
  context.restore();
  context.fillStyle = colours.strong;
  context.fillRect(scale.left - hair, 0, hair, bottom);
}

/** @param {BoardView} view @param {Place} place @param {number} y */
function drawPlant(view, place, y) {
  const { context, colours, ratio, scale, words, layout } = view;
  const middle = y + place.h / 2 + 0.5;
  context.fillStyle = colours.plant;
  context.fillRect(0, snap(y, ratio), scale.left, snap(y + place.h, ratio) - snap(y, ratio));
  chevron(view, place.isFolded, 12, middle);
  context.font = BOLD;
  context.fillStyle = colours.ink;
  const name = words.fit(layout.plants[place.plant].name, Math.min(120, scale.left - 36), BOLD);
  context.fillText(name, 28, middle);
  context.font = PLAIN;
  context.fillStyle = colours.second;
  const count = several(view.say, "machines", place.machines.length);
  const from = 36 + words.width(name, BOLD);
  if (from + words.width(count, PLAIN) < scale.left) context.fillText(count, from, middle);
}

/** @param {BoardView} view @param {boolean} isFolded @param {number} x @param {number} y */
function chevron(view, isFolded, x, y) {
  const { context, colours } = view;
  context.strokeStyle = colours.second;
  context.lineWidth = 1.5;
  context.beginPath();
  const points = isFolded ? [[2, -4], [6, 0], [2, 4]] : [[0, -2], [4, 2], [8, -2]];
  for (const [at, [dx, dy]] of points.entries()) at ? context.lineTo(x + dx, y + dy) : context.moveTo(x + dx, y + dy);
  context.stroke();
}

/** A work centre, or the people of a plant. @param {BoardView} view @param {Place} place @param {number} y */
function drawHead(view, place, y) {
  const { context, colours, ratio, scale, words, level } = view;
  const tall = snap(y + place.h, ratio) - snap(y, ratio);
  const { name, count, share, second } = headOf(view, place);
  const isTight = !level.isWeek && place.kind === "people" && second !== "" && words.width(second, PLAIN) < scale.left - 36;
  const middle = level.isWeek ? y + 17 : isTight ? y + 10 : y + place.h / 2 + 0.5;
  context.fillStyle = colours.centre;
  context.fillRect(0, snap(y, ratio), scale.left, tall);
  if (place.key !== "") chevron(view, place.isFolded, 12, middle);
  context.font = place.key === "" ? MEDIUM : BOLD;
  context.fillStyle = colours.ink;
  const room = scale.left - 28 - RIGHT_PX - words.width(shareWords(share), BOLD) - 6;
  const shown = words.fit(name, Math.min(128, room), BOLD);
  context.fillText(shown, 28, middle);
  context.font = PLAIN;
  context.fillStyle = colours.third;
  if (count && 7 + words.width(`${shown}${count}`, BOLD) <= room) context.fillText(String(count), 35 + words.width(shown, BOLD), middle);
  if (level.isWeek || isTight) context.fillText(words.fit(second, scale.left - 34, PLAIN), 28, level.isWeek ? y + 35 : y + 23);
  percent(view, share, middle, BOLD);
  context.fillStyle = colours.line;
  context.fillRect(0, snap(y, ratio), scale.left, 1 / ratio);
}

/** @param {BoardView} view @param {Place} place @returns {{ name: string, count: number, share: number | null, second: string }} */
function headOf(view, place) {
  const { scale, loads, layout, say } = view;
  if (place.kind === "centre") {
    const sums = loads.group(place.key, place.machines);
    const open = loads.within(sums.open, scale.from, scale.until);
    const setup = open < 1 ? 0 : loads.within(sums.setup, scale.from, scale.until) / open;
    return {
      name: place.centre?.name ?? "", count: place.machines.length, share: loads.share(sums, scale.from, scale.until),
      second: `${say.setup} ${Math.round(setup * 100)} %`,
    };
  }
  const groups = layout.people.get(layout.plants[place.plant]?.id ?? 0)?.groups ?? [];
  const group = groups[place.group ?? 0];
  if (!group) return { name: say.people, count: 0, share: null, second: "" };
  const { need, there } = average(group, scale.from, scale.until);
  const isAll = place.group === 0;
  // People are counted for the published plan, not for a draft over it.
  const people = view.isDraft ? say.peoplePublished : say.people;
  return { name: isAll ? people : group.name, count: isAll ? groups.length - 1 : 0, share: there ? need / there : null, second: filled(say.headsBoth, { need: tenths(need), there: tenths(there) }) };
}

/** @param {BoardView} view @param {Place} place @param {number} y */
function drawMachine(view, place, y) {
  const { context, colours, shown: plan, scale, ratio, drag, words } = view;
  if (place.h < 11) return;
  const machine = plan.machines[place.machine];
  const middle = y + place.h / 2 + 0.5;
  const isLegal = drag !== null && view.isLegal(place.machine);
  if (isLegal || view.marked === place.machine) {
    context.fillStyle = colours.soft;
    context.fillRect(0, y, scale.left, place.h);
    context.fillStyle = colours.brand;
    context.fillRect(0, snap(y, ratio), 3, snap(y + place.h, ratio) - snap(y, ratio));
  }
  context.globalAlpha = (drag && !isLegal) || view.isBeside(place.machine) ? 0.45 : 1;
  const hole = machine.blocks.find((one) => one.start <= plan.now && one.end > plan.now);
  if (place.h < 16) {
    context.font = PLAIN;
    context.fillStyle = hole ? colours.late : colours.second;
    context.fillText(machine.code, 28, middle);
    percent(view, view.load(place.machine), middle, PLAIN);
  } else {
    drawState(view, place.machine, Boolean(hole), middle);
    context.font = MEDIUM;
    context.fillStyle = colours.ink;
    context.fillText(machine.code, CODE_PX, middle);
    const from = Math.max(NAME_PX, CODE_PX + words.width(machine.code, MEDIUM) + 8);
    const share = view.load(place.machine);
    const room = scale.left - from - RIGHT_PX - (hole ? 0 : Math.max(LOAD_PX, words.width(shareWords(share), PLAIN) + 8));
    const text = hole ? standing(view, hole, room) : machine.name;
    context.font = PLAIN;
    context.fillStyle = hole ? colours.late : colours.third;
    context.fillText(words.fit(text, room, PLAIN), from, middle);
    if (!hole) percent(view, share, middle, PLAIN);
  }
  context.globalAlpha = 1;
}

/** Down and since when, where there is room for both; what is closed by plan says why. @param {BoardView} view @param {import("./types.js").Hole} hole @param {number} room */
function standing(view, hole, room) {
  if (hole.is_open === false) return view.holeWord(hole);
  const long = `${view.say.down} ${duration(view.plan.now - hole.start)}`;
  return view.words.width(long, PLAIN) <= room ? long : view.say.down;
}

/** A triangle runs, a square stands, a circle waits. @param {BoardView} view @param {number} machine @param {boolean} isDown @param {number} y */
function drawState(view, machine, isDown, y) {
  const { context, colours } = view;
  const x = 28;
  context.beginPath();
  if (isDown) {
    context.fillStyle = colours.late;
    context.rect(x - 4, y - 4, 8, 8);
    context.fill();
  } else if (view.runs(machine)) {
    context.fillStyle = colours.running;
    context.moveTo(x - 3, y - 4);
    context.lineTo(x + 4, y);
    context.lineTo(x - 3, y + 4);
    context.fill();
  } else {
    context.strokeStyle = colours.third;
    context.lineWidth = 1.5;
    context.arc(x, y, 3.2, 0, 7);
    context.stroke();
  }
}

/** @param {BoardView} view @param {number | null} share @param {number} middle @param {string} font */
function percent(view, share, middle, font) {
  const { context, colours, scale } = view;
  context.font = font;
  context.textAlign = "right";
  context.fillStyle = font === BOLD ? (share !== null && share > FULL ? colours.risk : colours.ink) : colours.second;
  context.fillText(shareWords(share), scale.left - RIGHT_PX, middle);
  context.textAlign = "left";
}
